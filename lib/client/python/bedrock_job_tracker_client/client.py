"""The reader of the jobs table."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import ClientError

from ._plan import plan_list
from ._read import BEGINNING, END, Demand, Merge, Spent, decode_cursor, encode_cursor, plain_item
from ._records import ACTIVE_STATUSES, INDEXES, JOB_STATUSES, PARAMETER_PREFIX, JobRecord, JobSummary, Transition
from ._request import ListRequest, SortBy, parse_request
from ._source import from_environment, from_parameters
from .errors import TrackerError, bad_request, one_line

if TYPE_CHECKING:
    from typing_extensions import Unpack

_ID = re.compile(r"[a-z0-9]{12}")
# The form of Bedrock's documented events, without the base model. No record has it as its key.
_SHORT_ARN = re.compile(r"arn:[^/]*:model-customization-job/([a-z0-9]{12})")
_JOB_ARN = re.compile(r"arn:[^:]*:bedrock:[^:]*:[^:]*:model-customization-job/.*", re.DOTALL)
_MODEL_ARN = re.compile(r"arn:[^:]+:bedrock:[^:]*:[^:]*:(?:custom|imported)-model/.+")
_LONGEST_ARN = 1011
_MOST_LISTED = 10
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
    """A record; None if the table has no such job."""

    job: JobRecord | None


@dataclass(frozen=True)
class WaitAnswer(ReadCost):
    """The record at the end of the wait."""

    job: JobRecord


@dataclass(frozen=True)
class TransitionsAnswer(ReadCost):
    """A job's history, oldest first; None if the table has no such job."""

    transitions: list[Transition] | None
    folded: int
    """The number of older transitions that were dropped."""


@dataclass(frozen=True)
class JobsPage(ReadCost):
    """One page of jobs."""

    jobs: list[JobSummary]
    cursor: str | None
    """For the next page; None at the end. A short or empty page may have one."""
    index: str
    """The index that answered, or `table` for a scan."""
    sorted_by: SortBy | None
    """None for a scan."""


def is_terminal(job: JobRecord | JobSummary) -> bool:
    """True once the job can no longer change its status. A status that AWS adds is final when the job has ended."""
    status = job.get("status")
    if status in JOB_STATUSES:
        return status not in ACTIVE_STATUSES
    return "end_time" in job


def _has_ended(job: JobRecord) -> bool:
    """The job is final, or the tracker no longer sees it."""
    return is_terminal(job) or "missing_since" in job or "untracked_since" in job


def _is_at(arn: str, account: str | None, region: str | None) -> bool:
    parts = arn.split(":")
    return account in (None, parts[4]) and region in (None, parts[3])


class JobsClient:
    """Reads the records. Needs dynamodb:GetItem on the table and dynamodb:Query on its indexes.

    Safe to share between threads. Indexes lag behind the table by moments. Raises DynamoDB's errors as botocore does.
    """

    def __init__(
        self,
        table_name: str | None = None,
        scopes: Iterable[str] | None = None,
        *,
        dynamodb: Any = None,
    ) -> None:
        """Without arguments it reads the variables that `grantReadJobs` sets on a function.

        table_name: default, the variable JOBS_TABLE_NAME.
        scopes: the tracked accounts and Regions, `<account id>#<Region>`; default, the variable TRACKED_SCOPES, else none.
        dynamodb: a client of boto3 (not a resource); default, `boto3.client("dynamodb")`.

        Raises TrackerError BAD_CONFIGURATION if no table is named, or a scope is not one.
        """
        source = from_environment(table_name, scopes)
        self.table_name, self.scopes = source.table_name, source.scopes
        self._dynamodb: Any = boto3.client("dynamodb") if dynamodb is None else dynamodb

    @classmethod
    def from_parameters(cls, prefix: str = PARAMETER_PREFIX, *, session: Any = None) -> JobsClient:
        """Finds the tracker by the SSM parameters under its prefix: one ssm:GetParameters.

        session: a `boto3.Session` with Region and credentials; default, boto3's own.

        Raises TrackerError TRACKER_NOT_FOUND if no tracker has this prefix.
        """
        clients = session or boto3
        source = from_parameters(clients.client("ssm"), prefix)
        return cls(source.table_name, source.scopes, dynamodb=clients.client("dynamodb"))

    def get_job(
        self, name: str, *, account: str | None = None, region: str | None = None, consistent: bool = True
    ) -> JobAnswer:
        """One record with its transitions: by ARN (one GetItem), or by name or id (an index, then one GetItem).

        account, region: choose a job if the name is ambiguous.
        consistent: costs one read unit for each 4 KB, else a half.

        Raises TrackerError AMBIGUOUS_JOB if several accounts or Regions have the name; BAD_REQUEST.
        """
        spent = Spent()
        arn = self._find_arn(name, spent, account, region)
        job = None if arn is None else self._read(arn, consistent, spent)
        return JobAnswer(spent.read_units, spent.requests, job)

    def job_that_made(self, output_model_arn: str) -> JobAnswer:
        """The job that made a custom model: an index, then one GetItem. Raises TrackerError BAD_REQUEST."""
        if not isinstance(output_model_arn, str) or len(output_model_arn) > _LONGEST_ARN:
            output_model_arn = ""
        if not _MODEL_ARN.match(output_model_arn):
            raise bad_request(["name a custom model by its ARN, arn:aws:bedrock:<Region>:<account>:custom-model/…"])
        spent = Spent()
        arns = self._look_up("by-output-model", output_model_arn, spent)
        job = self._read(arns[0], True, spent) if arns else None
        return JobAnswer(spent.read_units, spent.requests, job)

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
        """A page of jobs.

        limit: at most this many jobs, 1 to 1000.
        cursor: of an earlier answer to the same request.
        max_read_units: ends a page early, as a filter that few jobs match could read the whole history.

        Raises TrackerError BAD_REQUEST naming every problem; SCAN_NEEDED if no index answers; BAD_CURSOR.
        """
        question = parse_request(request, limit=limit, cursor=cursor, max_read_units=max_read_units)
        plan = plan_list(question, self.scopes, bool(request.get("allow_scan")))
        positions = [BEGINNING for _ in plan.partitions]
        start = positions if cursor is None else decode_cursor(self.table_name, plan, cursor)
        jobs: list[JobSummary] = []
        spent = Spent()
        demand = Demand(
            entries=lambda: limit - len(jobs),
            at_most=lambda: limit - len(jobs),
            units=lambda: max_read_units - spent.read_units,
        )
        merge = Merge(self._dynamodb, self.table_name, plan, start, demand, spent)
        while len(jobs) < limit and (job := merge.take(lambda: demand.units() > 0)):
            jobs.append(job)
        at_end = all(position == END for position in merge.positions)
        more = None if at_end else encode_cursor(self.table_name, plan, merge.positions)
        return JobsPage(spent.read_units, spent.requests, jobs, more, plan.index, plan.sorted_by)

    def iterate_jobs(
        self, *, limit: int = 100, most: float = math.inf, **request: Unpack[ListRequest]
    ) -> Generator[JobSummary, None, ReadCost]:
        """All jobs of a request, none read twice. Returns what it cost; raises as `list_jobs` does, at the first job.

        limit: the size of the first reads.
        most: ends after this many jobs.
        """
        question = parse_request(request, limit=limit, most=most)
        plan = plan_list(question, self.scopes, bool(request.get("allow_scan")))
        spent, taken = Spent(), 0
        demand = Demand(entries=lambda: limit, at_most=lambda: most - taken, units=lambda: math.inf)
        beginning = [BEGINNING for _ in plan.partitions]
        merge = Merge(self._dynamodb, self.table_name, plan, beginning, demand, spent)
        while taken < most and (job := merge.take()):
            yield job
            taken += 1
        return ReadCost(spent.read_units, spent.requests)

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
        _check_wait(until, timeout, interval, appears_within)
        statuses = () if callable(until) else (until,) if isinstance(until, str) else tuple(until)
        spent, begun, throttled = Spent(), time.monotonic(), 0
        arn: str | None = None
        job: JobRecord | None = None
        while True:
            try:
                arn = arn or self._find_arn(name, spent)
                found = None if arn is None else self._read(arn, True, spent)
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
                    return WaitAnswer(spent.read_units, spent.requests, job)
            waited = time.monotonic() - begun
            if timeout is not None and waited >= timeout:
                now = "it has no record" if job is None else f"its status is {job.get('status', 'unknown')}"
                raise TrackerError(
                    "WAIT_TIMED_OUT",
                    f"{one_line(name)} did not reach the requested state within {timeout} s: {now}. "
                    "Wait longer, or check the job.",
                )
            if job is None and waited >= appears_within:
                raise TrackerError(
                    "JOB_NOT_FOUND",
                    f"No record of {one_line(name)} appeared in the table {self.table_name} within {appears_within} s. "
                    "Check the name, the table, and whether the account and Region are tracked.",
                )
            left = [interval, *([] if timeout is None else [timeout - waited])]
            time.sleep(min([*left, *([appears_within - waited] if job is None else [])]))

    def _read(self, arn: str, consistent: bool, spent: Spent) -> JobRecord | None:
        answer = self._dynamodb.get_item(
            TableName=self.table_name,
            Key={"job_arn": {"S": arn}},
            ConsistentRead=consistent,
            ReturnConsumedCapacity="TOTAL",
        )
        item = spent.count(answer).get("Item")
        return None if item is None else cast(JobRecord, plain_item(item))

    def _look_up(self, index: str, value: str, spent: Spent) -> list[str]:
        """The ARNs of the jobs with this id, name or output model, newest first."""
        request: dict[str, Any] = {
            "TableName": self.table_name,
            "IndexName": index,
            "KeyConditionExpression": "#key = :value",
            "ProjectionExpression": "job_arn",
            "ExpressionAttributeNames": {"#key": INDEXES[index][0]},
            "ExpressionAttributeValues": {":value": {"S": value}},
            "ScanIndexForward": False,
            "ReturnConsumedCapacity": "TOTAL",
        }
        arns: list[str] = []
        while True:
            answer = spent.count(self._dynamodb.query(**request))
            arns += [item["job_arn"]["S"] for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return arns
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _find_arn(self, name: str, spent: Spent, account: str | None = None, region: str | None = None) -> str | None:
        """The full ARN of the job with an ARN, name or id; None if the table has none."""
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_ARN:
            raise bad_request(["name a job by its ARN, its name or the 12 characters of its id"])
        if name.startswith("arn:") and not _JOB_ARN.fullmatch(name):
            raise bad_request([f"{one_line(name)} is not the ARN of a model customization job"])
        if short := _SHORT_ARN.fullmatch(name):
            _, _, _, its_region, its_account, *_ = name.split(":")
            arns = [arn for arn in self._look_up("by-job-id", short[1], spent) if _is_at(arn, its_account, its_region)]
        elif name.startswith("arn:"):
            return name
        else:
            # A name can look like an id.
            indexes = ["by-job-id", "by-job-name"] if _ID.fullmatch(name) else ["by-job-name"]
            arns = [arn for index in indexes for arn in self._look_up(index, name, spent)]
        arns = [arn for arn in dict.fromkeys(arns) if _is_at(arn, account, region)]
        if len(arns) > 1:
            listed = ", ".join(sorted(arns)[:_MOST_LISTED])
            more = f" and {len(arns) - _MOST_LISTED} more" if len(arns) > _MOST_LISTED else ""
            raise TrackerError(
                "AMBIGUOUS_JOB",
                f"{len(arns)} jobs are called {one_line(name)}. Give the account and region, or the ARN. They are {listed}{more}.",
            )
        return arns[0] if arns else None


def _check_wait(until: object, timeout: object, interval: object, appears_within: object) -> None:
    def is_status(value: object) -> bool:
        return isinstance(value, str) and value != ""

    def is_seconds(value: object, least: float) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= least

    several = isinstance(until, Sequence) and len(until) > 0 and all(map(is_status, until))
    problems = [
        *([] if callable(until) or several else ["until must be 'ended', a status, a list of them, or a function"]),
        *([] if timeout is None or is_seconds(timeout, 0) else ["timeout must be seconds from 0"]),
        *([] if is_seconds(interval, 0.001) else ["interval must be seconds from 0.001"]),
        *([] if is_seconds(appears_within, 0) else ["appears_within must be seconds from 0"]),
    ]
    if problems:
        raise bad_request(problems)
