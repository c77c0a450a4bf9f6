"""Errors that the reader can name. DynamoDB's errors are passed on as botocore raises them."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

ErrorCode = Literal[
    "AMBIGUOUS_JOB",
    "AMBIGUOUS_MODEL",
    "BAD_CONFIGURATION",
    "BAD_CURSOR",
    "BAD_REQUEST",
    "JOB_NOT_FOUND",
    "MODEL_NOT_FOUND",
    "NOT_A_TRANSITION",
    "SCAN_NEEDED",
    "TRACKER_NOT_FOUND",
    "WAIT_TIMED_OUT",
]
_LONGEST = 20_000


def _printable(text: str) -> str:
    """Messages quote external text and end in logs and terminals."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join("\ufffd" if unicodedata.category(c) in hidden and c != "\n" else c for c in text[:_LONGEST])


def one_line(text: str, most: int = 200) -> str:
    """External text on one line of at most this many characters."""
    line = re.sub(r"\s+", " ", text[: 4 * most]).strip()
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[: most - 1]}…"


class TrackerError(Exception):
    """An error with a code for programs and a sentence for people. Codes do not change their meaning."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(_printable(message))
        self.code: ErrorCode = code

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later without anybody acting."""
        return self.code == "WAIT_TIMED_OUT"

    def __reduce__(self) -> tuple[type[TrackerError], tuple[str, str]]:
        return type(self), (self.code, str(self))


def bad_request(problems: list[str]) -> TrackerError:
    return TrackerError("BAD_REQUEST", f"Invalid request: {'; '.join(problems)}.")
