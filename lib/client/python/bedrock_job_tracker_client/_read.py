"""Reads the partitions of a plan in one order, no further than it must."""

from __future__ import annotations

import base64
import hashlib
import heapq
import json
import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ._plan import Expressions, Plan
from .errors import TrackerError

# An entry of an index has about 1 KB, a record 3 KB; a unit reads 8 KB.
_ENTRIES_PER_UNIT = 8
_RECORDS_PER_UNIT = 3
_MOST_ENTRIES = 1000
_FEWEST_FILTERED = 25
# Of more partitions than are read at a time: what half a unit gives.
_FEWEST_OF_MANY = 4
# What all partitions together may hold in memory.
_MOST_HELD = 20_000
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


# Where to continue in a partition: at its beginning, at its end, from a sort key on, or after an entry (sort key and ARN).
Position = tuple[str, ...]
BEGINNING: Position = ()
END: Position = ("", "")
# Positions that a cursor has besides those that it needs.
_MOST_KEPT = 100


def _digest(table: str, plan: Plan, text: str) -> bytes:
    """Of the request without its limits, so that no cursor continues another request, and of where to continue.

    The scopes are not part of it: they come and go between pages.
    """
    question = replace(plan.question, statuses=tuple(sorted(set(plan.question.statuses))))
    return hashlib.sha256(json.dumps([table, plan.index, repr(question), text]).encode()).digest()[:8]


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
    reached, kept = json.loads(text)
    return [tuple(kept.get(key, [reached])) for key in plan.partitions]


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


class _Newest(str):
    """A sort key of which the last comes first."""

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


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
        spent: Spent | None = None,
    ) -> None:
        """most: ends after this many entries. reads_of: how many to read at first; default, all that are still wanted."""
        self.spent = spent or Spent()
        self._dynamodb, self._table, self.plan = dynamodb, table, plan
        self._left, self._reads_of, self._max_read_units = most, reads_of, max_read_units
        starts = positions or [BEGINNING] * len(plan.partitions)
        self._streams = [_Stream(key, at, at) for key, at in zip(plan.partitions, starts, strict=True)]
        self._order: type[str] = _Newest if plan.question.newest_first else str
        self._ready: list[tuple[str, str, str, _Stream]] = []
        """A heap of those with entries. Of equal sort keys the first ARN comes first, in both orders."""
        self._empty = {stream.key: stream for stream in self._streams if stream.at != END}
        """Those that must be read on before they have any."""

    def cursor(self) -> str | None:
        """Where to continue; None at the end. It has the sort key that was reached: of the next entry, or where the
        partition behind has come to. Each partition that is further has a position of its own: after an entry of that sort
        key, or where few entries matched. Of the last ones a hundred; the others are then read again.
        """
        if not self._ready and not self._empty:
            return None
        order = self._order
        behind = [order(stream.at[0]) for stream in self._empty.values()]
        reached = str(min([sort for sort, *_ in self._ready[:1]] + behind))
        ends = [(stream.key, stream.at) for stream in self._streams]
        exact = {key: at for key, at in ends if len(at) == 2 and at[0] == reached}
        further = [(key, at) for key, at in ends if at == END or (len(at) == 2 and order(reached) < order(at[0]))]
        text = json.dumps([reached, exact | dict(further[:_MOST_KEPT])], separators=(",", ":"))
        data = _digest(self._table, self.plan, text) + text.encode()
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def __iter__(self) -> Iterator[Any]:
        """Ends early if the next entry depends on a read that the units do not allow."""
        while self._left > 0 and self._fill() and self._ready:
            *_, stream = heapq.heappop(self._ready)
            entry = stream.waiting.popleft()
            stream.at = (entry.sort, entry.arn)
            self._put(stream)
            yield entry.item
            self._left -= 1

    def _put(self, stream: _Stream) -> None:
        if stream.waiting:
            sort, arn, _ = stream.waiting[0]
            heapq.heappush(self._ready, (self._order(sort), arn, stream.key, stream))
        else:
            stream.at = stream.next
        if stream.waiting or stream.at == END:
            self._empty.pop(stream.key, None)
        else:
            self._empty[stream.key] = stream

    def _fill(self) -> bool:
        """Reads until the next entry is known; False if that is not allowed."""
        while unread := self._unread():
            # The first read of each partition is always made, as otherwise no later call would get further.
            allowed = [s for s in unread if s.reads == 0 or self.spent.read_units < self._max_read_units]
            if not allowed:
                return False
            still_open = len(self._ready) + len(self._empty)
            for start in range(0, len(allowed), _AT_ONCE):
                self._refill(allowed[start : start + _AT_ONCE], still_open)
        return True

    def _unread(self) -> list[_Stream]:
        """The partitions in which an entry may come before all that were read."""
        if not self._ready:
            return list(self._empty.values())
        first = self._ready[0][0]
        return [s for s in self._empty.values() if s.at == BEGINNING or not first < self._order(s.at[0])]

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
            self._put(stream)

    def _entry(self, item: dict[str, Any]) -> Entry:
        sort = "" if self.plan.sorted_by is None else item[self.plan.sorted_by]
        # The same attributes, whichever index or record they come from.
        table = self.plan.table
        return Entry(sort, item[table.key], {name: item[name] for name in table.summary if name in item})

    def _size(self, stream: _Stream, is_filtered: bool, still_open: int) -> int:
        """A bit more than the partition's share, doubled with each read of it; with a filter four times as many."""
        wanted = self._left if self._reads_of is None else self._reads_of
        most = min(_MOST_ENTRIES, math.ceil(_MOST_HELD / still_open))
        fewest = _FEWEST_OF_MANY if still_open > _AT_ONCE else 1
        share = wanted if still_open == 1 else max(fewest, math.ceil(1.5 * wanted / still_open))
        if not is_filtered:
            return int(max(1, min(share * 2**stream.reads, self._left, most)))
        units = self._max_read_units - self.spent.read_units
        per_unit = _RECORDS_PER_UNIT if self.plan.index == "table" else _ENTRIES_PER_UNIT
        affordable = _MOST_ENTRIES if units == math.inf else math.ceil(units * per_unit / still_open)
        return int(max(1, min(max(share, _FEWEST_FILTERED) * 4**stream.reads, affordable, most)))

    def _request(self, stream: _Stream, still_open: int) -> dict[str, Any]:
        plan, e = self.plan, Expressions()
        request: dict[str, Any] = {"TableName": self._table, "ReturnConsumedCapacity": "TOTAL"}
        passes = plan.filter(stream.key, e)
        start: dict[str, str] = {}
        at = stream.at
        if plan.index == "table":
            # An index carries only the summary; the table has more.
            reads = ", ".join(f"#{name}" for name in plan.table.summary)
            request["ProjectionExpression"] = reads
        else:
            partition_key, sort_key = plan.table.indexes[plan.index]
            reads = f"#{partition_key} = {e.value(stream.key)}"
            first, last = plan.range
            if len(at) == 1:
                first, last = (first, at[0]) if plan.question.newest_first else (at[0], last)
            if (first, last) != (None, None):
                reads += f" AND {e.within(sort_key, first, last)}"
            request |= {"IndexName": plan.index, "KeyConditionExpression": reads}
            request["ScanIndexForward"] = not plan.question.newest_first
            start = {partition_key: stream.key}
        if passes:
            request["FilterExpression"] = passes
        if len(at) == 2:
            sort, arn = at
            start |= {plan.table.key: arn} | ({sort_key: sort} if start else {})
            request["ExclusiveStartKey"] = {name: {"S": text} for name, text in start.items()}
        return request | {"Limit": self._size(stream, bool(passes), still_open)} | e.parameters(reads, passes)
