"""Reads the partitions of a plan in one order, no further than it must."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ._plan import Expressions, Plan
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
        capacity = answer.get("ConsumedCapacity", {})
        # A batch has one for each table.
        each = capacity if isinstance(capacity, list) else [capacity]
        self.read_units += sum(one.get("CapacityUnits", 0) for one in each)
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
    item: Any
    """The summary of a record."""


# Where to continue in a partition: at its beginning (0), at its end (1), or after an entry.
Position = int | tuple[str, str]
BEGINNING, END = 0, 1


def _digest(table: str, plan: Plan, positions: str) -> bytes:
    """Of the request without its limits, so that no cursor continues another request, and of the positions."""
    return hashlib.sha256(json.dumps([table, repr(plan), positions]).encode()).digest()[:8]


def encode_cursor(table: str, plan: Plan, positions: Sequence[Position]) -> str:
    text = json.dumps(positions, separators=(",", ":"))
    return base64.urlsafe_b64encode(_digest(table, plan, text) + text.encode()).decode().rstrip("=")


def decode_cursor(table: str, plan: Plan, cursor: str) -> list[Position]:
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        text = data[8:].decode()
    except ValueError:
        data, text = b"", ""
    # Detects damage; it does not protect a secret.
    if data[:8] != _digest(table, plan, text):
        why = "is damaged, or of another request: only limit and max_read_units may change between pages"
        raise TrackerError("BAD_CURSOR", f"The cursor {why}. Leave it out to begin at the first page.")
    return [tuple(position) if isinstance(position, list) else position for position in json.loads(text)]


@dataclass
class _Stream:
    """One partition."""

    key: str
    at: Position
    """After the last entry taken."""
    next: Position
    """After the last entry read."""
    waiting: deque[Entry] = field(default_factory=deque)
    reads: int = 0


class Merge:
    """Merges the partitions of a plan by their sort key, and reads no further than it must.

    A page can end anywhere: positions are after what was taken.
    """

    def __init__(
        self,
        dynamodb: Any,
        table: str,
        plan: Plan,
        positions: Sequence[Position] | None = None,
        *,
        most: float,
        reads_of: int | None = None,
        max_read_units: float = math.inf,
    ) -> None:
        """most: ends after this many entries. reads_of: how many to read at first; default, all that are still wanted."""
        self.spent = Spent()
        self._dynamodb, self._table, self.plan = dynamodb, table, plan
        self._left, self._reads_of, self._max_read_units = most, reads_of, max_read_units
        starts = positions or [BEGINNING] * len(plan.partitions)
        self._streams = [_Stream(key, at, at) for key, at in zip(plan.partitions, starts, strict=True)]

    @property
    def positions(self) -> list[Position]:
        return [stream.at for stream in self._streams]

    def __iter__(self) -> Iterator[Any]:
        """Ends early if the next entry depends on a read that the units do not allow."""
        while self._left > 0 and self._fill() and (stream := self._foremost()):
            entry = stream.waiting.popleft()
            stream.at = (entry.sort, entry.arn) if stream.waiting else stream.next
            yield entry.item
            self._left -= 1

    def _fill(self) -> bool:
        """Reads until the next entry is known; False if that is not allowed."""
        while unread := self._unread():
            # The first read of each partition is always made, as otherwise no later call would get further.
            allowed = [s for s in unread if s.reads == 0 or self.spent.read_units < self._max_read_units]
            if not allowed:
                return False
            still_open = sum(stream.at != END for stream in self._streams)
            for start in range(0, len(allowed), _AT_ONCE):
                self._refill(allowed[start : start + _AT_ONCE], still_open)
        return True

    def _foremost(self) -> _Stream | None:
        # Of equal sort keys the first ARN, in both orders.
        ready = sorted((s for s in self._streams if s.waiting), key=lambda stream: stream.waiting[0].arn)
        foremost = max if self.plan.question.newest_first else min
        return foremost(ready, key=lambda stream: stream.waiting[0].sort, default=None)

    def _unread(self) -> list[_Stream]:
        """The partitions in which an entry may come before all that were read."""
        empty = [stream for stream in self._streams if not stream.waiting and stream.at != END]
        first = self._foremost() if empty else None
        if first is None:
            return empty
        sort = first.waiting[0].sort
        newest_first = self.plan.question.newest_first
        return [s for s in empty if isinstance(s.at, int) or (s.at[0] >= sort if newest_first else s.at[0] <= sort)]

    def _refill(self, streams: Sequence[_Stream], still_open: int) -> None:
        requests = [self._request(stream, still_open) for stream in streams]
        send = self._dynamodb.scan if self.plan.index == "table" else self._dynamodb.query
        if len(requests) == 1:
            answers = [send(**requests[0])]
        else:
            with ThreadPoolExecutor(max_workers=10) as pool:
                answers = list(pool.map(lambda request: send(**request), requests))
        for stream, answer in zip(streams, answers, strict=True):
            items = [plain_item(item) for item in self.spent.count(answer).get("Items", [])]
            stream.waiting = deque(self._entry(item) for item in items)
            last = answer.get("LastEvaluatedKey")
            stream.next = self._entry(plain_item(last))[:2] if last else END
            stream.reads += 1
            if not items:
                stream.at = stream.next

    def _entry(self, item: dict[str, Any]) -> Entry:
        sort = "" if self.plan.sorted_by is None else item[self.plan.sorted_by]
        # The same attributes, whichever index or record they come from.
        table = self.plan.table
        return Entry(sort, item[table.key], {name: item[name] for name in table.summary if name in item})

    def _size(self, stream: _Stream, is_filtered: bool, still_open: int) -> int:
        """A bit more than the partition's share, doubled with each read of it; with a filter four times as many."""
        wanted = self._left if self._reads_of is None else self._reads_of
        share = wanted if still_open == 1 else math.ceil(1.5 * wanted / still_open)
        if not is_filtered:
            return int(max(1, min(share * 2**stream.reads, self._left, _MOST_ENTRIES)))
        units = self._max_read_units - self.spent.read_units
        per_unit = _RECORDS_PER_UNIT if self.plan.index == "table" else _ENTRIES_PER_UNIT
        affordable = _MOST_ENTRIES if units == math.inf else math.ceil(units * per_unit / still_open)
        return int(max(1, min(max(share, _FEWEST_FILTERED) * 4**stream.reads, affordable, _MOST_ENTRIES)))

    def _request(self, stream: _Stream, still_open: int) -> dict[str, Any]:
        plan, e = self.plan, Expressions()
        request: dict[str, Any] = {"TableName": self._table, "ReturnConsumedCapacity": "TOTAL"}
        passes = plan.filter(stream.key, e)
        start = {}
        if plan.index == "table":
            # An index carries only the summary; the table has more.
            reads = ", ".join(f"#{name}" for name in plan.table.summary)
            request["ProjectionExpression"] = reads
        else:
            partition_key, sort_key = plan.table.indexes[plan.index]
            reads = f"#{partition_key} = {e.value(stream.key)}"
            if plan.range != (None, None):
                reads += f" AND {e.within(sort_key, *plan.range)}"
            request |= {"IndexName": plan.index, "KeyConditionExpression": reads}
            request["ScanIndexForward"] = not plan.question.newest_first
            start = {partition_key: stream.key}
        if passes:
            request["FilterExpression"] = passes
        if not isinstance(stream.at, int):
            sort, arn = stream.at
            start |= {plan.table.key: arn} | ({sort_key: sort} if start else {})
            request["ExclusiveStartKey"] = {name: {"S": text} for name, text in start.items()}
        return request | {"Limit": self._size(stream, bool(passes), still_open)} | e.parameters(reads, passes)
