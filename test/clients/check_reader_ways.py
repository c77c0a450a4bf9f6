"""What the Python reader does in ways of its own: where it finds the table, datetimes, numbers, throttling, hostile text.

Prints one line `ok <what>` or `FAILED <what>: <why>` a check. The environment leads to the table of docs/querying.md.

    python check_reader_ways.py
"""

import contextlib
import copy
import io
import json
import os
import pickle
import re
from datetime import datetime, timedelta, timezone

import boto3
import checks
from bedrock_job_tracker_client import JobsClient, ModelsClient, TrackerError, is_transition_event, parse_transition
from botocore.exceptions import ClientError

TABLE, SCOPES = "bedrock-jobs", ["111122223333#us-east-1", "111122223333#us-west-2"]
NAME = "my-first-job"
jobs = JobsClient(TABLE, SCOPES)


def refused(code, call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except TrackerError as error:
        assert error.code == code, f"{error.code} is not {code}: {error}"
        return str(error)
    raise AssertionError(f"it is not refused with {code}")


def finds_the_table():
    assert refused("BAD_CONFIGURATION", JobsClient)
    os.environ |= {"JOBS_TABLE_NAME": TABLE, "TRACKED_SCOPES": f" {SCOPES[0]} , {SCOPES[1]},{SCOPES[0]}"}
    client = JobsClient()
    assert (client.table_name, client.scopes) == (TABLE, tuple(SCOPES))
    assert JobsClient(scopes=[]).scopes == ()
    os.environ["TRACKED_SCOPES"] = "us-east-1"
    assert JobsClient(TABLE, ",".join(SCOPES)).scopes == tuple(SCOPES)
    assert '"us-east-1"' in refused("BAD_CONFIGURATION", JobsClient)
    for wrong in ("111122223333/us-east-1", 5):
        assert f'"{wrong}"' in refused("BAD_CONFIGURATION", JobsClient, TABLE, [wrong])
    assert "a client" in refused("BAD_CONFIGURATION", JobsClient, TABLE, [], dynamodb=boto3.resource("dynamodb"))
    del os.environ["JOBS_TABLE_NAME"], os.environ["TRACKED_SCOPES"]
    deployed = JobsClient.from_parameters(session=boto3.Session(region_name="us-east-1"))
    assert (deployed.table_name, deployed.scopes) == (TABLE, tuple(SCOPES))
    models = ModelsClient.from_parameters(session=boto3.Session(region_name="us-east-1"))
    assert (models.table_name, models.jobs_table_name) == ("bedrock-models", TABLE)
    assert "whether it tracks models" not in refused("TRACKER_NOT_FOUND", ModelsClient.from_parameters, "/nobody/")
    assert "No jobs table is named" in refused("BAD_CONFIGURATION", ModelsClient("models").lineage, "x")
    assert "/nobody/jobs-table-name" in refused("TRACKER_NOT_FOUND", JobsClient.from_parameters, "/nobody/")


def takes_datetimes():
    since = datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=1)))
    text = jobs.list_jobs(created_after="2026-01-02T00:00:00Z", limit=1000).jobs
    assert jobs.list_jobs(created_after=since, limit=1000).jobs == text
    assert text
    for wrong in (datetime(2026, 1, 1), datetime.min.replace(tzinfo=timezone.utc), 5, "now"):
        assert "created_after" in refused("BAD_REQUEST", jobs.list_jobs, created_after=wrong)


def has_plain_numbers():
    losses = [job["training_metrics"]["training_loss"] for job in jobs.iterate_jobs(status="Completed")]
    assert {type(loss) for loss in losses} <= {int, float, str}
    assert float in map(type, losses)
    record = jobs.get_job(NAME).job
    assert type(record["revision"]) is int
    json.dumps(record)


def refuses_misspelt_keywords():
    message = refused("BAD_REQUEST", jobs.list_jobs, stauts="Failed", order="random")
    assert "stauts" in message
    assert "order must be newest or oldest, not 'random'" in message
    assert "sort_by" in refused("BAD_REQUEST", lambda: next(jobs.iterate_jobs(sort_by="end_time")))


def refuses_numbers_that_are_not_given():
    for name in ("limit", "max_read_units"):
        assert name in refused("BAD_REQUEST", jobs.list_jobs, **{name: None})
    assert "most" in refused("BAD_REQUEST", lambda: next(jobs.iterate_jobs(most=None)))
    for seconds in (float("nan"), float("inf"), True, None):
        assert "interval" in refused("BAD_REQUEST", jobs.wait_for_job, NAME, interval=seconds)


def refuses_changed_cursors():
    cursor = jobs.list_jobs(limit=3).cursor
    for at, character in enumerate(cursor):
        other = "A" if character != "A" else "B"
        refused("BAD_CURSOR", jobs.list_jobs, limit=3, cursor=cursor[:at] + other + cursor[at + 1 :])
        refused("BAD_CURSOR", jobs.list_jobs, limit=3, cursor=cursor[:at])


class Throttled:
    """A DynamoDB that refuses its first reads of records."""

    def __init__(self, times, code="ThrottlingException"):
        self.left, self.code, self.dynamodb = times, code, boto3.client("dynamodb")

    def __getattr__(self, name):
        return getattr(self.dynamodb, name)

    def get_item(self, **request):
        self.left -= 1
        if self.left >= 0:
            raise ClientError({"Error": {"Code": self.code, "Message": "Slow down"}}, "GetItem")
        return self.dynamodb.get_item(**request)


def waits_through_throttling():
    def wait(*throttled):
        return JobsClient(TABLE, dynamodb=Throttled(*throttled)).wait_for_job(NAME, interval=0.01)

    assert wait(2).job["job_name"] == NAME
    for throttled in ((3,), (1, "ResourceNotFoundException")):
        try:
            wait(*throttled)
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("ThrottlingException", "ResourceNotFoundException")
        else:
            raise AssertionError(f"{throttled} is not raised")


def ends_a_wait_by_an_exception():
    def cancel(_job):
        raise KeyboardInterrupt

    try:
        jobs.wait_for_job(NAME, on_change=cancel)
    except KeyboardInterrupt:
        return
    raise AssertionError("the wait went on")


def survives_hostile_text():
    hostile = "x\x1b[2J\u202e\ud800\n" * 20
    assert jobs.get_job(hostile).job is None
    assert jobs.list_jobs(name_contains=hostile[:63], account="111122223333", region="us-east-1").jobs == []
    message = refused("BAD_REQUEST", jobs.get_job, f"arn:{hostile}")
    assert message.isprintable(), message
    for event in (hostile, [], {"detail": {"tags": {hostile: 1}}}, {"resources": [1] * 500}):
        assert len(refused("NOT_A_TRANSITION", parse_transition, event)) < 10_000
    assert not is_transition_event({"source": "aws.bedrock"})


def handles_the_event_of_the_page():
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "events.md"), encoding="utf-8") as file:
        page = file.read()
    event = json.loads(re.search(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[1])
    names = {}
    exec(re.search(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[1], names)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        names["handler"](event, None)
    assert printed.getvalue().startswith("marketing-copy-ft-3 InProgress Failed"), printed.getvalue()


def has_errors_that_travel():
    error = TrackerError("WAIT_TIMED_OUT", "Wait longer.")
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (other.code, str(other), other.retryable) == ("WAIT_TIMED_OUT", "Wait longer.", True)
    assert not TrackerError("BAD_REQUEST", "Correct it.").retryable


for function in (
    *(finds_the_table, takes_datetimes, has_plain_numbers, refuses_misspelt_keywords),
    *(refuses_numbers_that_are_not_given, refuses_changed_cursors),
    *(waits_through_throttling, ends_a_wait_by_an_exception, survives_hostile_text),
    *(handles_the_event_of_the_page, has_errors_that_travel),
):
    checks.check(f"reader: {function.__name__.replace('_', ' ')}", function)
checks.end()
