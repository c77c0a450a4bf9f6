"""The reader of the jobs table, and what it shares with that of models."""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import TIMEOUT_MAX
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from ._find import Finder
from ._plan import SWEEPS, Plan, plan_list
from ._read import Merge, Spent, decode_cursor
from ._records import (
    ACTIVE_STATUSES,
    BY_STATE_INDEX,
    JOB_STATUSES,
    JOBS_TABLE_PARAMETER,
    JOBS_TABLE_VARIABLE,
    PARAMETER_PREFIX,
    REGISTERED_SCOPES,
    REGISTERED_SHARDS,
    SCOPES_PARAMETER,
    SCOPES_VARIABLE,
    SWEEPS_TABLE_PARAMETER,
    SWEEPS_TABLE_VARIABLE,
    JobRecord,
    JobSummary,
    Transition,
)
from ._request import ListRequest, SortBy, parse_request
from .errors import TrackerError, bad_request, one_line

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

_SCOPE = re.compile(r"[0-9]{12}#[a-z0-9-]{1,20}")
# Seconds that registered scopes are kept.
_KEPT_FOR = 300
# Polls in a row that may be throttled, each after botocore's own retries.
_MOST_THROTTLED = 3
_THROTTLES = ("ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException")


@dataclass(frozen=True)
class ReadCost:
    """The cost of a call, in the units that DynamoDB bills."""

    read_units: float
    requests: int


@dataclass(frozen=True)
class JobAnswer(ReadCost):
    job: JobRecord | None
    """None if the table has no such job."""


@dataclass(frozen=True)
class WaitAnswer(ReadCost):
    job: JobRecord
    """The record at the end of the wait."""


@dataclass(frozen=True)
class TransitionsAnswer(ReadCost):
    """A job's history, oldest first; None if the table has no such job."""

    transitions: list[Transition] | None
    folded: int
    """The number of older transitions that were dropped."""


@dataclass(frozen=True)
class Page(ReadCost):
    """How a page of a list was read."""

    cursor: str | None
    """For the next page; None at the end. A short or empty page may have one."""
    index: str
    """The index that answered, or `table` for a scan."""
    sorted_by: SortBy | None
    """None for a scan."""


@dataclass(frozen=True)
class JobsPage(Page):
    """One page of jobs."""

    jobs: list[JobSummary]


def is_terminal(job: JobRecord | JobSummary) -> bool:
    """True once the job can no longer change its status. A status that AWS adds is final when the job has ended."""
    status = job.get("status")
    if status in JOB_STATUSES:
        return status not in ACTIVE_STATUSES
    return "end_time" in job


def _has_ended(job: JobRecord) -> bool:
    """The job is final, or the tracker no longer sees it."""
    return is_terminal(job) or "missing_since" in job or "untracked_since" in job


def _parse_scopes(scopes: str | Iterable[str], name: str) -> tuple[str, ...]:
    """Of a list, or of a text with commas."""
    several = scopes.split(",") if isinstance(scopes, str) else scopes
    entries = tuple(dict.fromkeys(filter(None, (str(entry).strip() for entry in several))))
    wrong = [f'"{one_line(entry, 100)}"' for entry in entries if not _SCOPE.fullmatch(entry)]
    if wrong:
        form = "must name scopes as <account id of 12 digits>#<Region>"
        raise TrackerError("BAD_CONFIGURATION", f"{name} {form}; these are not scopes: {', '.join(wrong)}.")
    return entries


class Client:
    """A table and the tracked scopes, by arguments, variables or the parameters of a deployed tracker."""

    _WHAT = "jobs"
    _VARIABLE = JOBS_TABLE_VARIABLE
    _PARAMETER = JOBS_TABLE_PARAMETER
    _REQUEST: type = ListRequest
    _plan_of = staticmethod(plan_list)

    def __init__(
        self,
        table_name: str | None = None,
        scopes: str | Iterable[str] | None = None,
        *,
        sweeps_table_name: str | None = None,
        dynamodb: Any = None,
    ) -> None:
        """Without arguments it reads the variables that `grantReadJobs` or `grantReadModels` sets on a function.

        table_name: default, the variable JOBS_TABLE_NAME or MODELS_TABLE_NAME.
        scopes: the tracked accounts and Regions, `<account id>#<Region>`; default, the variable TRACKED_SCOPES, else none.
            `*` stands for those that are registered and have jobs, which are read from the sweeps table and kept for five
            minutes.
        sweeps_table_name: if the scopes are `*`; default, the variable SWEEPS_TABLE_NAME.
        dynamodb: a client of boto3 (not a resource); default, `boto3.client("dynamodb")`.

        Raises TrackerError BAD_CONFIGURATION if no table is named, a scope is not one, or `dynamodb` is not a client.
        """
        self.table_name = table_name or os.environ.get(self._VARIABLE, "")
        if not self.table_name:
            raise TrackerError(
                "BAD_CONFIGURATION",
                f"No {self._WHAT} table is named: give table_name, set the variable {self._VARIABLE}, "
                f"or use {type(self).__name__}.from_parameters().",
            )
        named = os.environ.get(SCOPES_VARIABLE, "") if scopes is None else scopes
        self._are_registered = isinstance(named, str) and named.strip() == REGISTERED_SCOPES
        self._kept_until = -math.inf
        source = f"The variable {SCOPES_VARIABLE}" if scopes is None else "scopes"
        self.scopes = () if self._are_registered else _parse_scopes(named, source)
        self._dynamodb: Any = boto3.client("dynamodb") if dynamodb is None else dynamodb
        if not hasattr(self._dynamodb, "get_paginator"):
            raise TrackerError("BAD_CONFIGURATION", 'dynamodb must be a client, as boto3.client("dynamodb") gives.')
        self._sweeps_table = sweeps_table_name or os.environ.get(SWEEPS_TABLE_VARIABLE, "")
        if self._are_registered and not self._sweeps_table:
            raise TrackerError(
                "BAD_CONFIGURATION",
                f"The scopes are {REGISTERED_SCOPES}, but no sweeps table is named: give sweeps_table_name, or set the "
                f"variable {SWEEPS_TABLE_VARIABLE}. grantReadJobs and grantReadModels set it.",
            )

    @classmethod
    def from_parameters(cls, prefix: str = PARAMETER_PREFIX, *, session: Any = None) -> Self:
        """Finds the tracker by the SSM parameters under its prefix: one ssm:GetParameters.

        session: a `boto3.Session` with Region and credentials; default, boto3's own.

        Raises TrackerError TRACKER_NOT_FOUND if no tracker has this prefix, or it does not track models.
        """
        clients = session or boto3
        prefix = prefix.rstrip("/")
        names = [f"{prefix}/{name}" for name in (cls._PARAMETER, SCOPES_PARAMETER, SWEEPS_TABLE_PARAMETER)]
        answer = clients.client("ssm").get_parameters(Names=names)
        values = {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}
        table, scopes, sweeps_table = (values.get(name, "") for name in names)
        if not table:
            raise TrackerError(
                "TRACKER_NOT_FOUND",
                f"SSM has no parameter {names[0]}. Check the Region, the account and the prefix that the tracker was deployed with"
                f"{', and whether it tracks models' if scopes else ''}.",
            )
        return cls(table, scopes, sweeps_table_name=sweeps_table, dynamodb=clients.client("dynamodb"))

    def _plan(self, request: Mapping[str, Any], spent: Spent, **limits: object) -> Plan:
        question = parse_request(request, self._REQUEST, **limits)
        allow_scan, scopes = bool(request.get("allow_scan")), self.scopes
        if self._are_registered:
            # Without the registered scopes, a plan that depends on them has no partitions.
            scopes = () if self._plan_of(question, (), allow_scan, True).partitions else self._registered(spent)
        return self._plan_of(question, scopes, allow_scan, self._are_registered)

    def _registered(self, spent: Spent) -> tuple[str, ...]:
        """The registered scopes that have jobs, read now or at most five minutes ago."""
        now = time.monotonic()
        if now < self._kept_until:
            return self.scopes
        finder = Finder(self._dynamodb, self._sweeps_table, SWEEPS, spent)
        found = [scope for shard in REGISTERED_SHARDS for scope in finder.look_up(BY_STATE_INDEX, shard)]
        self.scopes, self._kept_until = tuple(dict.fromkeys(found)), now + _KEPT_FOR
        return self.scopes

    def _list(
        self, request: Mapping[str, Any], limit: int, cursor: str | None, max_read_units: float
    ) -> tuple[list[Any], dict[str, Any]]:
        spent = Spent()
        plan = self._plan(request, spent, limit=limit, cursor=cursor, max_read_units=max_read_units)
        start = None if cursor is None else decode_cursor(self.table_name, plan, cursor)
        # The first reads of thousands of partitions would leave nothing for a second one.
        units = max_read_units + (spent.read_units + len(plan.partitions) / 2 if self._are_registered else 0)
        merge = Merge(self._dynamodb, self.table_name, plan, start, most=limit, max_read_units=units, spent=spent)
        items = list(merge)
        return items, {**vars(spent), "cursor": merge.cursor(), "index": plan.index, "sorted_by": plan.sorted_by}

    def _iterate(self, request: Mapping[str, Any], limit: int, most: float) -> Generator[Any, None, ReadCost]:
        spent = Spent()
        plan = self._plan(request, spent, limit=limit, most=most)
        merge = Merge(self._dynamodb, self.table_name, plan, most=most, reads_of=limit, spent=spent)
        yield from merge
        return ReadCost(**vars(merge.spent))


class JobsClient(Client):
    """The reader of the jobs table."""

    def get_job(
        self, name: str, *, account: str | None = None, region: str | None = None, consistent: bool = True
    ) -> JobAnswer:
        """One record with its transitions: by ARN (one GetItem), or by name or id (an index, then one GetItem).

        account, region: choose a job if the name is ambiguous.
        consistent: costs one read unit for each 4 KB, else a half.

        Raises TrackerError AMBIGUOUS_JOB if several accounts or Regions have the name; BAD_REQUEST.
        """
        finder = Finder(self._dynamodb, self.table_name)
        job = finder.read(finder.arn_of(name, account, region), consistent)
        return JobAnswer(**vars(finder.spent), job=job)

    def job_that_made(self, output_model_arn: str) -> JobAnswer:
        """The job that made a custom model: an index, then one GetItem. Raises TrackerError BAD_REQUEST."""
        finder = Finder(self._dynamodb, self.table_name)
        job = finder.read(finder.arn_by_model(output_model_arn))
        return JobAnswer(**vars(finder.spent), job=job)

    def transitions(self, name: str, *, account: str | None = None, region: str | None = None) -> TransitionsAnswer:
        """The history of a job, by ARN, name or id. Costs what `get_job` costs."""
        answer = self.get_job(name, account=account, region=region)
        history = None if answer.job is None else answer.job["transitions"]
        folded = 0 if answer.job is None else answer.job.get("transitions_folded", 0)
        return TransitionsAnswer(answer.read_units, answer.requests, history, folded)

    def list_jobs(
        self,
        *,
        limit: int = 100,
        cursor: str | None = None,
        max_read_units: float = 250,
        **request: Unpack[ListRequest],
    ) -> JobsPage:
        """A page of jobs. Filters and order are the members of `ListRequest`.

        limit: at most this many jobs, 1 to 1000.
        cursor: of an earlier answer to the same request.
        max_read_units: ends a page early, as a filter that few jobs match could read the whole history.

        Raises TrackerError BAD_REQUEST naming every problem; SCAN_NEEDED if no index answers; BAD_CURSOR.
        """
        jobs, page = self._list(request, limit, cursor, max_read_units)
        return JobsPage(**page, jobs=jobs)

    def iterate_jobs(
        self, *, limit: int = 100, most: float = math.inf, **request: Unpack[ListRequest]
    ) -> Generator[JobSummary, None, ReadCost]:
        """All jobs of a request, none read twice. Returns what it cost; raises as `list_jobs` does, at the first job.

        limit: the size of the first reads.
        most: ends after this many jobs.
        """
        return self._iterate(request, limit, most)

    def wait_for_job(
        self,
        name: str,
        until: str | Sequence[str] | Callable[[JobRecord], bool] = "ended",
        *,
        timeout: float | None = None,
        interval: float = 10,
        appears_within: float = 60,
        on_change: Callable[[JobRecord], object] | None = None,
    ) -> WaitAnswer:
        """Polls with consistent reads until the job is as requested, or has ended. Times are in seconds.

        until: `ended` (finished, missing or untracked), one or several statuses, or a test of the record. The end of the
            job also ends a wait for statuses, as they cannot come any more.
        timeout: gives up with WAIT_TIMED_OUT; default, never.
        appears_within: how long to wait for a record, as the tracker may not have seen the job.
        on_change: called with the first record, and with each change. What it raises ends the wait.

        Raises TrackerError WAIT_TIMED_OUT, JOB_NOT_FOUND, AMBIGUOUS_JOB or BAD_REQUEST.
        """
        _check_wait(until, timeout=timeout, interval=interval, appears_within=appears_within)
        statuses = () if callable(until) else (until,) if isinstance(until, str) else tuple(until)
        finder = Finder(self._dynamodb, self.table_name)
        begun, throttled = time.monotonic(), 0
        arn: str | None = None
        job: JobRecord | None = None
        while True:
            try:
                arn = arn or finder.arn_of(name)
                found = finder.read(arn)
                throttled = 0
            except ClientError as error:
                throttled += 1
                if error.response["Error"]["Code"] not in _THROTTLES or throttled == _MOST_THROTTLED:
                    raise
                found = None
            if found is not None:
                if on_change is not None and (job is None or found["revision"] != job["revision"]):
                    on_change(found)
                job = found
                if until(job) if callable(until) else _has_ended(job) or job.get("status") in statuses:
                    return WaitAnswer(**vars(finder.spent), job=job)
            waited = time.monotonic() - begun
            left = math.inf if timeout is None else timeout - waited
            left_to_appear = appears_within - waited if job is None else math.inf
            if left <= 0:
                now = "it has no record" if job is None else f"its status is {job.get('status', 'unknown')}"
                raise TrackerError(
                    "WAIT_TIMED_OUT",
                    f"{one_line(name)} did not reach the requested state within {timeout} s: {now}. "
                    "Wait longer, or check the job.",
                )
            if left_to_appear <= 0:
                raise TrackerError(
                    "JOB_NOT_FOUND",
                    f"No record of {one_line(name)} appeared in the table {self.table_name} within {appears_within} s. "
                    "Check the name, the table, and whether the account and Region are tracked.",
                )
            time.sleep(min(interval, left, left_to_appear))


def _check_wait(until: object, **seconds: Any) -> None:
    def is_status(value: object) -> bool:
        return isinstance(value, str) and value != ""

    several = isinstance(until, Sequence) and len(until) > 0 and all(map(is_status, until))
    problems = [] if callable(until) or several else ["until must be 'ended', a status, a list of them, or a function"]
    for name, value in seconds.items():
        least = 0.001 if name == "interval" else 0
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        # time.sleep has an error of its own for more.
        if not (name == "timeout" and value is None) and not (is_number and least <= value <= TIMEOUT_MAX):
            problems.append(f"{name} must be seconds from {least}, not {one_line(repr(value), 50)}")
    if problems:
        raise bad_request(problems)
