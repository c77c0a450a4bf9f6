"""Checks the request for a list of jobs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, TypedDict, get_args

from .errors import bad_request, one_line

Order = Literal["newest", "oldest"]
SortBy = Literal["creation_time", "last_modified_time"]


class _Request(TypedDict, total=False):
    status: str | Sequence[str] | None
    """One status or up to 50, also ones that AWS adds."""
    account: str | None
    """Twelve digits."""
    region: str | None
    base_model: str | None
    """ARN of the model that it starts from, or the id of a foundation model if the Regions are known."""
    customization_type: str | None
    """FINE_TUNING, DISTILLATION and so on."""
    tags: Mapping[str, str | None] | None
    """Tags that must all be present; None stands for any value."""
    name_contains: str | None
    """Part of the name, case-sensitive."""
    created_after: str | datetime | None
    """Created at this time or later."""
    created_before: str | datetime | None
    """Created before this time."""
    order: Order | None
    """Default: newest."""
    allow_scan: bool | None
    """Allows reading the whole table, unsorted, if no index answers. Needs dynamodb:Scan."""


class ListRequest(_Request, total=False):
    """Filters, which must all match, and the order. Times are aware datetimes, or ISO-8601 with an offset or `Z`."""

    active: bool | None
    """True for active jobs (not finished, missing or untracked), False for all others."""
    search: str | None
    """Part of the job's name or of the name of the model that it makes, case-sensitive."""
    modified_after: str | datetime | None
    """Changed at this time or later."""
    sort_by: SortBy | None
    """Default: the sort key of the cheapest index."""


class ListModelsRequest(_Request, total=False):
    """The same for models, which are sorted by creation."""

    serving: bool | None
    """Whether a deployment or provisioned throughput serves the model, or is about to."""
    removed: bool | None
    """Whether Bedrock no longer shows the model."""
    job_arn: str | None
    """The job that made the model."""


@dataclass(frozen=True)
class Question:
    """A valid request. Times are ISO-8601 UTC with milliseconds; ranges include both ends."""

    statuses: tuple[str, ...]
    tags: tuple[tuple[str, str | None], ...]
    created: tuple[str | None, str | None]
    modified_from: str | None
    newest_first: bool
    active: bool | None = None
    account: str | None = None
    region: str | None = None
    base_model: str | None = None
    customization_type: str | None = None
    name_contains: str | None = None
    search: str | None = None
    sort_by: SortBy | None = None
    serving: bool | None = None
    removed: bool | None = None
    job_arn: str | None = None


_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:\.([0-9]+))?)?(?:(Z)|([+-][0-9]{2}):?([0-9]{2}))",
    re.I,
)


def _time(value: object) -> datetime | None:
    """The time in UTC, cut to milliseconds; None if the value is not a time."""
    try:
        # Python 3.10 reads only the form that it writes.
        if isinstance(value, str) and (match := _ISO.fullmatch(value)):
            minute, second, fraction, utc, hours, minutes = match.groups("")
            offset = "+00:00" if utc else f"{hours}:{minutes}"
            value = datetime.fromisoformat(f"{minute}{second or ':00'}.{fraction[:3]:0<3}{offset}")
        if not isinstance(value, datetime) or value.utcoffset() is None:
            return None
        time = value.astimezone(timezone.utc)
        # A range can end a millisecond before the time.
        return time.replace(microsecond=time.microsecond // 1000 * 1000) if time.year > 1 else None
    except (ValueError, OverflowError):
        return None


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_text(value: object, longest: int, shortest: int = 1) -> bool:
    return isinstance(value, str) and shortest <= len(value) <= longest


def _are_statuses(value: object) -> bool:
    several = [value] if isinstance(value, str) else value
    return isinstance(several, Sequence) and 1 <= len(several) <= 50 and all(_is_text(one, 100) for one in several)


def _are_tags(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) <= 50
        and all(_is_text(key, 128) and (tag is None or _is_text(tag, 256, 0)) for key, tag in value.items())
    )


_Member = tuple[str, Callable[[Any], bool]]


def _text(longest: int) -> _Member:
    return f"a text of 1 to {longest} characters", lambda value: _is_text(value, longest)


def _form(what: str, pattern: str) -> _Member:
    return what, lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _one_of(literal: Any) -> _Member:
    return " or ".join(get_args(literal)), lambda value: value in get_args(literal)


_TRUTH: _Member = ("True or False", lambda value: isinstance(value, bool))
_A_TIME: _Member = (
    "a time such as 2026-11-21T04:36:24Z, with Z or an offset, or an aware datetime",
    lambda value: _time(value) is not None,
)
_MEMBERS: Mapping[str, _Member] = {
    "status": ("a status of 1 to 100 characters, or a list of 1 to 50 of them", _are_statuses),
    "active": _TRUTH,
    "serving": _TRUTH,
    "removed": _TRUTH,
    "job_arn": _form("the ARN of a job", r"(?s)(?=.{1,1011}$)arn:[^:]*:bedrock:[^:]*:[^:]*:model-customization-job/.*"),
    "account": _form("12 digits", "[0-9]{12}"),
    "region": _form("a Region such as us-east-1", "[a-z0-9-]{1,20}"),
    "base_model": _text(1011),
    "customization_type": _text(100),
    "tags": ("at most 50 tags by key, each a text or None for any value", _are_tags),
    "name_contains": _text(63),
    "search": _text(63),
    "created_after": _A_TIME,
    "created_before": _A_TIME,
    "modified_after": _A_TIME,
    "order": _one_of(Order),
    "sort_by": _one_of(SortBy),
    "limit": ("a whole number from 1 to 1000", lambda value: type(value) is int and 1 <= value <= 1000),
    "cursor": ("the cursor of an earlier answer", lambda value: value is None or isinstance(value, str)),
    "max_read_units": ("a number above 0", lambda value: type(value) in (int, float) and value > 0),
    "most": ("a number of at least 1", lambda value: type(value) in (int, float) and value >= 1),
    "allow_scan": _TRUTH,
}


def parse_request(request: Mapping[str, Any], kind: type = ListRequest, **limits: object) -> Question:
    """Raises one BAD_REQUEST that names every problem. A misspelt filter would filter nothing, so it is one."""
    given = {name: value for name, value in request.items() if value is not None} | limits
    problems = [
        f"{name} must be {what}, not {one_line(repr(given[name]), 50)}"
        for name, (what, fits) in _MEMBERS.items()
        if name in given and not fits(given[name])
    ]
    if unknown := [one_line(name, 50) for name in request if name not in kind.__annotations__]:
        problems.append(f"unknown members {', '.join(unknown[:5])}; the members are {', '.join(kind.__annotations__)}")
    after, before, modified = (_time(given.get(name)) for name in ("created_after", "created_before", "modified_after"))
    if after is not None and before is not None and before <= after:
        problems.append("created_before must be later than created_after")
    if problems:
        raise bad_request(problems)
    status = given.get("status", ())
    return Question(
        statuses=(status,) if isinstance(status, str) else tuple(status),
        tags=tuple(given.get("tags", {}).items()),
        # The records' times have milliseconds, so this excludes the end.
        created=(_iso(after), _iso(before and before - timedelta(milliseconds=1))),
        modified_from=_iso(modified),
        newest_first=given.get("order") != "oldest",
        **{name: value for name, value in given.items() if name in Question.__annotations__ and name != "tags"},
    )
