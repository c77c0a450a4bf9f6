"""Chooses the index and its partitions for a request; a filter of DynamoDB does the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from ._records import ACTIVE_STATUSES, INDEXES, JOB_STATUSES
from ._request import Question, SortBy
from .errors import TrackerError, bad_request, one_line

_FINAL_STATUSES = tuple(status for status in JOB_STATUSES if status not in ACTIVE_STATUSES)


class Expression:
    """Placeholders for names and values: attributes may be reserved words, and keys of tags any text."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def name(self, attribute: str) -> str:
        return self._names.setdefault(attribute, f"#n{len(self._names)}")

    def value(self, text: str) -> str:
        return self._values.setdefault(text, f":v{len(self._values)}")

    def one_of(self, attribute: str, values: Sequence[str]) -> str:
        return f"{self.name(attribute)} IN ({', '.join(map(self.value, values))})"

    def exists(self, attribute: str) -> str:
        return f"attribute_exists({self.name(attribute)})"

    def absent(self, attribute: str) -> str:
        return f"attribute_not_exists({self.name(attribute)})"

    def contains(self, attribute: str, text: str) -> str:
        return f"contains({self.name(attribute)}, {self.value(text)})"

    def within(self, attribute: str, first: str | None, last: str | None) -> str:
        """Includes both ends."""
        if first is not None and last is not None:
            return f"{self.name(attribute)} BETWEEN {self.value(first)} AND {self.value(last)}"
        operator, bound = (">=", first) if first is not None else ("<=", last or "")
        return f"{self.name(attribute)} {operator} {self.value(bound)}"

    def parameters(self) -> dict[str, dict[str, object]]:
        names = {placeholder: name for name, placeholder in self._names.items()}
        values = {placeholder: {"S": text} for text, placeholder in self._values.items()}
        return {
            **({"ExpressionAttributeNames": dict(names)} if names else {}),
            **({"ExpressionAttributeValues": dict(values)} if values else {}),
        }


@dataclass(frozen=True)
class Plan:
    """How a question is answered."""

    question: Question
    index: str
    """`table` for a scan."""
    partitions: tuple[str, ...]
    """Keys of the index, merged by its sort key; one empty one for a scan."""
    models: tuple[str, ...]
    """ARNs of the base model that is asked for."""

    @property
    def sorted_by(self) -> SortBy | None:
        return None if self.index == "table" else cast(SortBy, INDEXES[self.index][1])

    @property
    def range(self) -> tuple[str | None, str | None]:
        """Of the sort key."""
        return (self.question.modified_from, None) if self.index == "by-status" else self.question.created

    def filter(self, key: str, e: Expression) -> str:
        """What the keys of the index do not answer; empty if they answer everything."""
        q, index = self.question, self.index
        parts: list[str] = []
        if index in ("by-status", "table") and q.created != (None, None):
            parts.append(e.within("creation_time", *q.created))
        if index not in ("active", "by-scope"):
            parts += [
                e.one_of(name, [text]) for name, text in (("account_id", q.account), ("region", q.region)) if text
            ]
        if index != "by-base-model" and self.models:
            parts.append(e.one_of("base_model_arn", self.models))
        if index != "by-status":
            parts += [e.within("last_modified_time", q.modified_from, None)] if q.modified_from else []
            parts += [e.one_of("status", q.statuses)] if q.statuses else []
        if q.customization_type:
            parts.append(e.one_of("customization_type", [q.customization_type]))
        for tag, text in q.tags:
            path = f"{e.name('tags')}.{e.name(tag)}"
            parts.append(f"attribute_exists({path})" if text is None else f"{path} = {e.value(text)}")
        if q.name_contains:
            parts.append(e.contains("job_name", q.name_contains))
        if q.search:
            parts.append(f"({e.contains('job_name', q.search)} OR {e.contains('output_model_name', q.search)})")
        if q.active is not None and index != "active":
            parts += _activity(q.active, key if index == "by-status" else None, e)
        return " AND ".join(parts)


def _activity(active: bool, status: str | None, e: Expression) -> list[str]:
    """Active records have `active_scope`, but only one index carries it. An unknown status is final once the job ended.

    The status is named if it is the key of the index, as filters may not name keys.
    """
    if status in _FINAL_STATUSES:
        return []
    followed = [e.absent("missing_since"), e.absent("untracked_since")]
    lost = f"{e.exists('missing_since')} OR {e.exists('untracked_since')}"
    if status in ACTIVE_STATUSES:
        return followed if active else [f"({lost})"]
    if status is not None:
        return [e.absent("end_time"), *followed] if active else [f"({e.exists('end_time')} OR {lost})"]
    if active:
        unknown = f"{e.absent('end_time')} AND NOT {e.one_of('status', _FINAL_STATUSES)}"
        return [f"({e.one_of('status', ACTIVE_STATUSES)} OR {unknown})", *followed]
    unknown = f"{e.exists('end_time')} AND NOT {e.one_of('status', ACTIVE_STATUSES)}"
    return [f"({e.one_of('status', _FINAL_STATUSES)} OR {unknown} OR {lost})"]


def _foundation_model_arn(model: str, region: str) -> str:
    other = re.match(r"(cn|us-gov)-", region)
    return f"arn:aws{f'-{other[1]}' if other else ''}:bedrock:{region}::foundation-model/{model}"


def _scopes(q: Question, known: Sequence[str]) -> list[str]:
    """The known scopes that match the request."""
    if q.account and q.region:
        return [f"{q.account}#{q.region}"]
    pairs = [scope.split("#") for scope in known]
    return [f"{a}#{r}" for a, r in pairs if q.account in (None, a) and q.region in (None, r)]


def _models(q: Question, scopes: Sequence[str]) -> list[str]:
    """The ARN of a base model, or for the id of a foundation model one in each Region."""
    if q.base_model is None or q.base_model.startswith("arn:"):
        return [q.base_model] if q.base_model else []
    regions = [q.region] if q.region else sorted({scope.split("#")[1] for scope in scopes})
    if regions:
        return [_foundation_model_arn(q.base_model, region) for region in regions]
    arn = _foundation_model_arn(one_line(q.base_model, 100), "<Region>")
    raise bad_request(
        [
            "base_model is the id of a foundation model, which has an ARN in each Region, but no Region is known; "
            f"name the region, give the client its scopes, or give the ARN ({arn})"
        ]
    )


def plan_list(q: Question, known: Sequence[str], allow_scan: bool) -> Plan:
    """Raises SCAN_NEEDED if no index answers and a scan is not allowed."""
    scopes = _scopes(q, known)
    models = _models(q, scopes)

    def plan(index: str, partitions: Sequence[str]) -> Plan:
        return Plan(q, index, tuple(sorted(set(partitions))), tuple(models))

    by_creation = q.sort_by != "last_modified_time"
    if q.active and by_creation and scopes:
        return plan("active", scopes)
    if models and by_creation and not (q.active and q.sort_by is None):
        return plan("by-base-model", models)
    is_by_status = q.active is not None or bool(q.statuses) or q.modified_from is not None
    is_scope_better = (
        bool(scopes)
        and q.modified_from is None
        and (q.created != (None, None) or (q.active is False and not q.statuses))
    )
    if not by_creation or (q.sort_by is None and is_by_status and not is_scope_better):
        statuses = q.statuses or (ACTIVE_STATUSES if q.active else JOB_STATUSES)
        return plan("by-status", [s for s in statuses if not (q.active and s in _FINAL_STATUSES)])
    if scopes:
        return plan("by-scope", scopes)
    if allow_scan:
        return plan("table", [""])
    named = " in ".join(text for text in (q.account, q.region) if text)
    why = (
        f"No tracked scope matches {named}."
        if known and named
        else "No index answers this without the accounts and Regions."
    )
    others = "base_model" if q.sort_by else "active, status, modified_after or base_model"
    raise TrackerError(
        "SCAN_NEEDED",
        f"{why} Name account and region, give the client its scopes, name {others}, "
        "or read the whole table with allow_scan=True.",
    )
