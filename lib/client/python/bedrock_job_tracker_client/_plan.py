"""Chooses the index and its partitions for a request; a filter of DynamoDB does the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from ._records import (
    ACTIVE_STATUSES,
    INDEXES,
    JOB_STATUSES,
    MODEL_INDEXES,
    SWEEPS_INDEXES,
    CustomModelSummary,
    JobSummary,
)
from ._request import Question, SortBy
from .errors import TrackerError, bad_request, one_line


class Table(NamedTuple):
    """A table as readers know it."""

    key: str
    name: str
    """The attribute that names a record."""
    indexes: Mapping[str, tuple[str, str]]
    """Partition key and sort key of each index."""
    summary: tuple[str, ...]
    """What the indexes carry, except those that carry only their keys."""


JOBS = Table("job_arn", "job_name", INDEXES, tuple(JobSummary.__annotations__))
MODELS = Table("model_arn", "model_name", MODEL_INDEXES, tuple(CustomModelSummary.__annotations__))
SWEEPS = Table("scope", "scope", SWEEPS_INDEXES, ())

_FINAL_STATUSES = tuple(status for status in JOB_STATUSES if status not in ACTIVE_STATUSES)

_FOLLOWED = "attribute_not_exists(#missing_since) AND attribute_not_exists(#untracked_since)"
_LOST = "attribute_exists(#missing_since) OR attribute_exists(#untracked_since)"
_GOES_ON = "attribute_not_exists(#end_time)"
_ENDED = "attribute_exists(#end_time)"


class Expressions:
    """Placeholders for one request: `#name` for an attribute, as it may be a reserved word, and others for tags and values.

    Not boto3.dynamodb.conditions: it splits names at dots, which keys of tags may have.
    """

    def __init__(self) -> None:
        self._tags: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def value(self, text: str) -> str:
        return self._values.setdefault(text, f":v{len(self._values)}")

    def tag(self, key: str) -> str:
        return "#tags." + self._tags.setdefault(key, f"#tag{len(self._tags)}")

    def one_of(self, attribute: str, values: Sequence[str]) -> str:
        return f"#{attribute} IN ({', '.join(map(self.value, values))})"

    def within(self, attribute: str, first: str | None, last: str | None = None) -> str:
        """Includes both ends."""
        if first is not None and last is not None:
            return f"#{attribute} BETWEEN {self.value(first)} AND {self.value(last)}"
        if first is not None:
            return f"#{attribute} >= {self.value(first)}"
        return f"#{attribute} <= {self.value(last or '')}"

    def parameters(self, *expressions: str) -> dict[str, Any]:
        """The names and values of a request with these expressions."""
        tags = {placeholder: key for key, placeholder in self._tags.items()}
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", " ".join(expressions))} | tags
        values = {placeholder: {"S": text} for text, placeholder in self._values.items()}
        return {"ExpressionAttributeNames": names} | ({"ExpressionAttributeValues": values} if values else {})


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
    table: Table = JOBS

    @property
    def sorted_by(self) -> SortBy | None:
        return None if self.index == "table" else cast(SortBy, self.table.indexes[self.index][1])

    @property
    def range(self) -> tuple[str | None, str | None]:
        """Of the sort key."""
        return (self.question.modified_from, None) if self.index == "by-status" else self.question.created

    def filter(self, key: str, e: Expressions) -> str:
        """What the keys of the index do not answer; empty if they answer everything."""
        q, index = self.question, self.index
        parts: list[str] = []
        if index in ("by-status", "table") and q.created != (None, None):
            parts.append(e.within("creation_time", *q.created))
        if index not in ("active", "by-scope", "serving"):
            parts += [
                f"#{name} = {e.value(text)}" for name, text in (("account_id", q.account), ("region", q.region)) if text
            ]
        if index != "by-base-model" and self.models:
            parts.append(e.one_of("base_model_arn", self.models))
        if index != "by-status" and q.modified_from:
            parts.append(e.within("last_modified_time", q.modified_from))
        if index != "by-status" and q.statuses:
            parts.append(e.one_of("status", q.statuses))
        if q.customization_type:
            parts.append(f"#customization_type = {e.value(q.customization_type)}")
        for tag, text in q.tags:
            parts.append(f"attribute_exists({e.tag(tag)})" if text is None else f"{e.tag(tag)} = {e.value(text)}")
        if q.name_contains:
            parts.append(f"contains(#{self.table.name}, {e.value(q.name_contains)})")
        if q.search:
            text = e.value(q.search)
            parts.append(f"(contains(#job_name, {text}) OR contains(#output_model_name, {text}))")
        if q.active is not None and index != "active":
            parts.append(_activity(q.active, key if index == "by-status" else None, e))
        if q.removed is not None:
            parts.append(_has("missing_since", q.removed))
        if q.serving is not None and index != "serving":
            parts.append(_has("serving_scope", q.serving))
        if self.table is MODELS and index == "table":
            # The table also has pointers from what serves to its model. They have no scope.
            parts.append(_has("scope", True))
        return " AND ".join(filter(None, parts))


def _has(attribute: str, wanted: bool) -> str:
    return f"attribute_{'exists' if wanted else 'not_exists'}(#{attribute})"


def _activity(active: bool, status: str | None, e: Expressions) -> str:
    """Active records have `active_scope`, but only one index carries it. An unknown status is final once the job ended.

    The status is named if it is the key of the index, as filters may not name keys.
    """
    if status in _FINAL_STATUSES:
        return ""
    if status in ACTIVE_STATUSES:
        return _FOLLOWED if active else f"({_LOST})"
    if status is not None:
        return f"{_GOES_ON} AND {_FOLLOWED}" if active else f"({_ENDED} OR {_LOST})"
    is_active, is_final = e.one_of("status", ACTIVE_STATUSES), e.one_of("status", _FINAL_STATUSES)
    if active:
        return f"({is_active} OR {_GOES_ON} AND NOT {is_final}) AND {_FOLLOWED}"
    return f"({is_final} OR {_ENDED} AND NOT {is_active} OR {_LOST})"


def _foundation_model_arn(model: str, region: str) -> str:
    other = re.match(r"(cn|us-gov)-", region)
    return f"arn:aws{f'-{other[1]}' if other else ''}:bedrock:{region}::foundation-model/{model}"


def _scopes(q: Question, known: Sequence[str]) -> list[str]:
    """The known scopes that match the request."""
    if q.account and q.region:
        return [f"{q.account}#{q.region}"]
    pairs = [scope.split("#") for scope in known]
    return [f"{a}#{r}" for a, r in pairs if q.account in (None, a) and q.region in (None, r)]


def _models(q: Question, scopes: Sequence[str], registered: bool) -> list[str]:
    """The ARN of a base model, or for the id of a foundation model one in each Region, as far as these are registered."""
    if q.base_model is None or q.base_model.startswith("arn:"):
        return [q.base_model] if q.base_model else []
    regions = [q.region] if q.region else sorted({scope.split("#")[1] for scope in scopes})
    if regions or registered:
        return [_foundation_model_arn(q.base_model, region) for region in regions]
    arn = _foundation_model_arn(one_line(q.base_model, 100), "<Region>")
    raise bad_request(
        [
            "base_model is the id of a foundation model, which has an ARN in each Region, but no Region is known; "
            f"name the region, give the client its scopes, or give the ARN ({arn})"
        ]
    )


def plan_list(q: Question, known: Sequence[str], allow_scan: bool, registered: bool = False) -> Plan:
    """registered: whether the scopes are the registered ones, maybe thousands: a plan then prefers an index of few partitions.

    Raises SCAN_NEEDED if no index answers and a scan is not allowed.
    """
    scopes = _scopes(q, known)
    models = _models(q, scopes, registered)

    def plan(index: str, partitions: Sequence[str]) -> Plan:
        return Plan(q, index, tuple(sorted(set(partitions))), tuple(models))

    by_creation = q.sort_by != "last_modified_time"
    are_known = registered or bool(scopes)
    are_few = not registered or q.account is not None
    if q.active and are_known and (q.sort_by == "creation_time" or (by_creation and are_few)):
        return plan("active", scopes)
    if q.base_model and by_creation and not (q.active and q.sort_by is None):
        return plan("by-base-model", models)
    is_by_status = q.active is not None or bool(q.statuses) or q.modified_from is not None
    is_span = not q.active and q.created != (None, None)
    is_scope_better = (
        are_known and q.modified_from is None and (is_span or (are_few and q.active is False and not q.statuses))
    )
    if not by_creation or (q.sort_by is None and is_by_status and not is_scope_better):
        statuses = q.statuses or (ACTIVE_STATUSES if q.active else JOB_STATUSES)
        is_nowhere = q.base_model is not None and not models
        return plan("by-status", [s for s in statuses if not is_nowhere and not (q.active and s in _FINAL_STATUSES)])
    if are_known:
        return plan("by-scope", scopes)
    if allow_scan:
        return plan("table", [""])
    raise _scan_needed(q, known, "base_model" if q.sort_by else "active, status, modified_after or base_model")


def plan_models(q: Question, known: Sequence[str], allow_scan: bool, registered: bool = False) -> Plan:
    """The same for models."""
    scopes = _scopes(q, known)
    models = _models(q, scopes, registered)
    are_known = registered or bool(scopes)
    if q.job_arn:
        index, partitions = "by-job", [q.job_arn] if models or not q.base_model else []
    elif q.serving and are_known:
        index, partitions = "serving", scopes
    elif q.base_model:
        index, partitions = "by-base-model", models
    elif are_known:
        index, partitions = "by-scope", scopes
    elif allow_scan:
        index, partitions = "table", [""]
    else:
        raise _scan_needed(q, known, "job_arn or base_model")
    return Plan(q, index, tuple(sorted(set(partitions))), tuple(models), MODELS)


def _scan_needed(q: Question, known: Sequence[str], others: str) -> TrackerError:
    named = " in ".join(text for text in (q.account, q.region) if text)
    why = (
        f"No tracked scope matches {named}."
        if known and named
        else "No index answers this without the accounts and Regions."
    )
    return TrackerError(
        "SCAN_NEEDED",
        f"{why} Name account and region, give the client its scopes, name {others}, "
        "or read the whole table with allow_scan=True.",
    )
