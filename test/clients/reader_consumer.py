"""A program with the types of the Python reader, for mypy --strict. It is not run."""

from datetime import datetime, timezone

from bedrock_job_tracker_client import JobRecord, JobsClient, JobSummary, TrackerError, Transition, parse_transition


def losses(jobs: JobsClient) -> dict[str, float]:
    """Finite losses: the others are text."""
    found: dict[str, float] = {}
    for job in jobs.iterate_jobs(status=["Completed"], created_after=datetime(2026, 1, 1, tzinfo=timezone.utc)):
        loss = job.get("training_metrics", {}).get("training_loss")
        if isinstance(loss, float):
            found[job["job_arn"]] = loss
    return found


def first(jobs: JobsClient) -> JobSummary | None:
    page = jobs.list_jobs(active=True, tags={"team": None}, order="oldest", limit=1)
    assert page.cursor is None or isinstance(page.read_units, float)
    return next(iter(page.jobs), None)


def history(jobs: JobsClient, name: str) -> list[Transition]:
    try:
        record: JobRecord = jobs.wait_for_job(name, lambda job: job["revision"] > 3, timeout=60).job
    except TrackerError as error:
        if error.code != "WAIT_TIMED_OUT":
            raise
        return []
    return [transition for transition in record["transitions"] if transition["from"] is None]


def handler(event: object, _context: object) -> str:
    return parse_transition(event)["detail"]["to"]


def refused(jobs: JobsClient) -> None:
    # mypy refuses what is misspelt: an unused "ignore" is an error of --strict.
    jobs.list_jobs(stauts="Failed")  # type: ignore[call-arg]
    jobs.list_jobs(order="random")  # type: ignore[arg-type]
    jobs.get_job("name").job["job_name"]  # type: ignore[index]
