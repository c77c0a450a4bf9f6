"""Reads the partitions of a plan in one order, no further than it must."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from ._plan import Expression, Plan
from ._records import INDEXES, SUMMARY, JobSummary
from .errors import TrackerError

# An entry of an index has about 1 KB, a record 3 KB; a unit reads 8 KB.
_ENTRIES_PER_UNIT = 8
_RECORDS_PER_UNIT = 3
_MOST_ENTRIES = 1000
_FEWEST_FILTERED = 25
# Requests at a time; botocore has ten connections, and the others wait.
_AT_ONCE = 20


@dataclass
class Spent:
    """The cost of one call, in the units that DynamoDB bills."""

    read_units: float = 0
    requests: int = 0

    def count(self, answer: Any) -> Any:
        self.read_units += answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        self.requests += 1
        return answer


def plain(attribute: dict[str, Any]) -> Any:
    """A value of DynamoDB in Python's own types: numbers are int or float, not Decimal."""
    [(kind, value)] = attribute.items()
    if kind == "N":
        return float(value) if any(c in value for c in ".eE") else int(value)
    if kind == "M":
        return {name: plain(member) for name, member in value.items()}
    if kind == "L":
        return [plain(member) for member in value]
    return None if kind == "NULL" else value


def plain_item(item: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(attribute) for name, attribute in item.items()}


class Entry(NamedTuple):
    sort: str
    """The sort key; empty for a scan."""
    arn: str
    job: JobSummary


# Where to continue in a partition: at its beginning (0), at its end (1), or after an entry.
Position = int | tuple[str, str]
BEGINNING, END = 0, 1


def _digest(table: str, plan: Plan, positions: str) -> bytes:
    """Of the request without its limits, so that no cursor continues another request, and of the positions."""
    question = json.dumps([table, plan.index, plan.partitions, repr(plan.question), positions])
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).digest()[:8]


def encode_cursor(table: str, plan: Plan, positions: Sequence[Position]) -> str:
    text = json.dumps(positions, separators=(",", ":"))
    return base64.urlsafe_b64encode(_digest(table, plan, text) + text.encode()).decode().rstrip("=")


def decode_cursor(table: str, plan: Plan, cursor: str) -> list[Position]:
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        text = data[8:].decode()
    except ValueError:
        data, text = b"", ""
    # Damage and forgery end here: the text is one that encode_cursor made.
    if data[:8] != _digest(table, plan, text):
        why = "is damaged, or of another request: only limit and max_read_units may change between pages"
        raise TrackerError("BAD_CURSOR", f"The cursor {why}. Leave it out to begin at the first page.")
    return [tuple(position) if isinstance(position, list) else position for position in json.loads(text)]


@dataclass
class _Stream:
    partition: str
    at: Position
    """After the last entry taken."""
    next: Position
    """After the last entry read."""
    waiting: deque[Entry] = field(default_factory=deque)
    reads: int = 0


class Demand(NamedTuple):
    entries: Callable[[], float]
    """Entries wanted next."""
    at_most: Callable[[], float]
    """Entries of use at most."""
    units: Callable[[], float]
    """Read units left."""


class Merge:
    """Merges the partitions of a plan by their sort key. A page can end anywhere: positions are after what was taken."""

    def __init__(
        self, dynamodb: Any, table: str, plan: Plan, positions: Sequence[Position], demand: Demand, spent: Spent
    ) -> None:
        self._dynamodb, self._table, self._plan, self._demand, self._spent = dynamodb, table, plan, demand, spent
        self._streams = [_Stream(key, at, at) for key, at in zip(plan.partitions, positions, strict=True)]

    @property
    def positions(self) -> list[Position]:
        return [stream.at for stream in self._streams]

    def take(self, may_read: Callable[[], bool] = lambda: True) -> JobSummary | None:
        """The next entry; None at the end, or if it depends on a read that is not allowed.

        The first read of each partition is always made, as otherwise no later call would get further.
        """
        while unread := self._unread():
            allowed = [stream for stream in unread if stream.reads == 0 or may_read()]
            if not allowed:
                return None
            still_open = sum(stream.at != END for stream in self._streams)
            for start in range(0, len(allowed), _AT_ONCE):
                self._refill(allowed[start : start + _AT_ONCE], still_open)
        stream = self._foremost()
        if stream is None:
            return None
        entry = stream.waiting.popleft()
        stream.at = (entry.sort, entry.arn) if stream.waiting else stream.next
        return entry.job

    def _foremost(self) -> _Stream | None:
        ready = [stream for stream in self._streams if stream.waiting]
        if not ready:
            return None
        sort = (max if self._plan.question.newest_first else min)(stream.waiting[0].sort for stream in ready)
        return min((s for s in ready if s.waiting[0].sort == sort), key=lambda stream: stream.waiting[0].arn)

    def _unread(self) -> list[_Stream]:
        """The partitions in which an entry may come before all that were read."""
        empty = [stream for stream in self._streams if not stream.waiting and stream.at != END]
        first = self._foremost() if empty else None
        if first is None:
            return empty
        sort = first.waiting[0].sort
        newest_first = self._plan.question.newest_first
        return [
            stream
            for stream in empty
            if isinstance(stream.at, int) or (stream.at[0] >= sort if newest_first else stream.at[0] <= sort)
        ]

    def _refill(self, streams: Sequence[_Stream], still_open: int) -> None:
        requests = [self._request(stream, still_open) for stream in streams]
        send = self._dynamodb.scan if self._plan.index == "table" else self._dynamodb.query
        if len(requests) == 1:
            answers = [send(**requests[0])]
        else:
            with ThreadPoolExecutor(max_workers=10) as pool:
                answers = list(pool.map(lambda request: send(**request), requests))
        for stream, answer in zip(streams, answers, strict=True):
            items = [plain_item(item) for item in self._spent.count(answer).get("Items", [])]
            stream.waiting = deque(self._entry(item) for item in items)
            last = answer.get("LastEvaluatedKey")
            stream.next = self._entry(plain_item(last))[:2] if last else END
            stream.reads += 1
            if not items:
                stream.at = stream.next

    def _entry(self, item: dict[str, Any]) -> Entry:
        sort = "" if self._plan.sorted_by is None else item[self._plan.sorted_by]
        # The same attributes, whichever index or record they come from.
        summary = {name: item[name] for name in SUMMARY if name in item}
        return Entry(sort, item["job_arn"], cast(JobSummary, summary))

    def _size(self, stream: _Stream, is_filtered: bool, still_open: int) -> int:
        """A bit more than the partition's share, doubled with each read of it; with a filter four times as many."""
        entries, at_most, units = (demand() for demand in self._demand)
        share = entries if still_open == 1 else math.ceil(1.5 * entries / still_open)
        if not is_filtered:
            return int(max(1, min(share * 2**stream.reads, at_most, _MOST_ENTRIES)))
        per_unit = _RECORDS_PER_UNIT if self._plan.index == "table" else _ENTRIES_PER_UNIT
        affordable = _MOST_ENTRIES if units == math.inf else math.ceil(units * per_unit / still_open)
        return int(max(1, min(max(share, _FEWEST_FILTERED) * 4**stream.reads, affordable, _MOST_ENTRIES)))

    def _request(self, stream: _Stream, still_open: int) -> dict[str, Any]:
        plan, e = self._plan, Expression()
        request: dict[str, Any] = {"TableName": self._table, "ReturnConsumedCapacity": "TOTAL"}
        start: dict[str, str] = {}
        if plan.index == "table":
            # An index carries only the summary; the table has more.
            request["ProjectionExpression"] = ", ".join(map(e.name, SUMMARY))
        else:
            partition_key, sort_key = INDEXES[plan.index]
            condition = f"{e.name(partition_key)} = {e.value(stream.partition)}"
            if plan.range != (None, None):
                condition += f" AND {e.within(sort_key, *plan.range)}"
            request |= {"IndexName": plan.index, "KeyConditionExpression": condition}
            request["ScanIndexForward"] = not plan.question.newest_first
            start = {partition_key: stream.partition}
        if passes := plan.filter(stream.partition, e):
            request["FilterExpression"] = passes
        if not isinstance(stream.at, int):
            sort, arn = stream.at
            start |= {"job_arn": arn} | ({sort_key: sort} if start else {})
            request["ExclusiveStartKey"] = {name: {"S": text} for name, text in start.items()}
        return request | {"Limit": self._size(stream, bool(passes), still_open)} | e.parameters()
