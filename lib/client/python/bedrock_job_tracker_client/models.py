"""The reader of the models table."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

from ._find import LONGEST, MODEL_ARN, Finder, ambiguous, is_at
from ._plan import MODELS, plan_models
from ._read import plain_item
from ._records import (
    JOBS_TABLE_VARIABLE,
    MODELS_TABLE_PARAMETER,
    MODELS_TABLE_VARIABLE,
    PARAMETER_PREFIX,
    RESOURCE_KINDS,
    CustomModelSummary,
    Deployment,
    JobRecord,
    Making,
    ModelRecord,
    ProvisionedThroughput,
)
from ._request import ListModelsRequest
from .client import Client, JobsClient, Page, ReadCost
from .errors import TrackerError, bad_request, one_line

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

Kind = Literal["job", "model", "deployment", "throughput"]
_RESOURCE = re.compile(r"arn:[^:]+:bedrock:[^:]*:[^:]*:([a-z-]+)/.")


@dataclass(frozen=True)
class ModelAnswer(ReadCost):
    model: ModelRecord | None
    """None if the table has no such model."""


@dataclass(frozen=True)
class ModelsPage(Page):
    """One page of models, sorted by creation."""

    models: list[CustomModelSummary]


class _Named(TypedDict):
    kind: Kind
    """What was asked for."""
    arn: str
    serving: list[Deployment | ProvisionedThroughput]
    """What serves the model, or is about to."""


class Lineage(_Named, Making, total=False):
    """Where a model comes from, and what became of it. How it was made is from the job's record, else from the model's."""

    model_arn: str
    job_arn: str
    """Absent where no job made the model: imported and copied ones."""
    parent_model_arn: str
    """If `base_model_arn` is a custom model too: its ARN. Its own lineage is the next link of the chain."""
    model: ModelRecord
    """Absent where the table has no such record, as is `job`."""
    job: JobRecord


@dataclass(frozen=True)
class LineageAnswer(ReadCost):
    lineage: Lineage


def _kind_of(arn: str) -> str | None:
    match = _RESOURCE.match(arn)
    return RESOURCE_KINDS.get(match[1]) if match else None


def _check(name: str) -> str | None:
    """The kind of an ARN that leads to a model; None for a name."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
        raise bad_request(["name a model, deployment, provisioned throughput or job by its ARN or name"])
    kind = _kind_of(name)
    if kind == "foundation-model":
        why = "is a foundation model, which no job made; list_models finds the models made from it by base_model"
    elif kind is None and name.startswith("arn:"):
        why = "is not the ARN of a job, custom model, deployment or provisioned throughput of Bedrock"
    else:
        return kind
    raise bad_request([f"{one_line(name)} {why}"])


def _arn_called(finder: Finder, name: str, account: str | None, region: str | None) -> str | None:
    """Of the newest model, else of the newest deployment or throughput, as a name comes back after a deletion."""
    arns = [arn for arn in finder.look_up("by-model-name", name) if is_at(arn, account, region)]
    models = [arn for arn in arns if _kind_of(arn) == "model"]
    found = list({tuple(arn.split(":")[:5]): arn for arn in reversed(models + arns)}.values())
    if len(found) > 1:
        raise ambiguous("AMBIGUOUS_MODEL", "models", name, found)
    return found[0] if found else None


def _lineage(kind: Kind, arn: str, model: ModelRecord | None, job: JobRecord | None, **arns: str | None) -> Lineage:
    made: dict[str, Any] = {**(model or {}), **(job or {})}
    base = made.get("base_model_arn", "")
    members = {
        **arns,
        "parent_model_arn": base if MODEL_ARN.fullmatch(base) else None,
        "model": model,
        "job": job,
        **{name: made.get(name) for name in Making.__annotations__},
    }
    entries = [] if model is None else [*model["provisioned_throughputs"], *model["deployments"]]
    serving = [entry for entry in entries if entry["status"] not in ("Removed", "Failed")]
    known = {name: value for name, value in members.items() if value is not None}
    return cast(Lineage, {"kind": kind, "arn": arn, **known, "serving": serving})


class ModelsClient(Client):
    """The reader of the models table."""

    _WHAT = "models"
    _VARIABLE = MODELS_TABLE_VARIABLE
    _PARAMETER = MODELS_TABLE_PARAMETER
    _REQUEST = ListModelsRequest
    _plan_of = staticmethod(plan_models)

    def __init__(
        self,
        table_name: str | None = None,
        scopes: str | Iterable[str] | None = None,
        *,
        jobs_table_name: str | None = None,
        sweeps_table_name: str | None = None,
        dynamodb: Any = None,
    ) -> None:
        """As `JobsClient`. jobs_table_name: for `lineage`; default, the variable JOBS_TABLE_NAME."""
        super().__init__(table_name, scopes, sweeps_table_name=sweeps_table_name, dynamodb=dynamodb)
        self.jobs_table_name = jobs_table_name or os.environ.get(JOBS_TABLE_VARIABLE, "")

    @classmethod
    def from_parameters(cls, prefix: str = PARAMETER_PREFIX, *, session: Any = None) -> Self:
        """As `JobsClient`, by an ssm:GetParameters more."""
        client = super().from_parameters(prefix, session=session)
        client.jobs_table_name = JobsClient.from_parameters(prefix, session=session).table_name
        return client

    def get_model(
        self, name: str, *, account: str | None = None, region: str | None = None, consistent: bool = True
    ) -> ModelAnswer:
        """One record with its transitions: by the ARN of the model (one GetItem), or of a deployment or provisioned
        throughput that serves it (two), or by the name of any of them (an index more). The newest model counts.

        Raises TrackerError AMBIGUOUS_MODEL if several accounts or Regions have the name; BAD_REQUEST.
        """
        finder = Finder(self._dynamodb, self.table_name, MODELS)
        kind = _check(name)
        if kind == "job":
            raise bad_request([f"{one_line(name)} is the ARN of a job: lineage finds its model"])
        item = finder.read(name if kind else _arn_called(finder, name, account, region), consistent)
        model = finder.read(item["serves_model_arn"], consistent) if item and "serves_model_arn" in item else item
        return ModelAnswer(**vars(finder.spent), model=model)

    def list_models(
        self,
        *,
        limit: int = 100,
        cursor: str | None = None,
        max_read_units: float = 250,
        **request: Unpack[ListModelsRequest],
    ) -> ModelsPage:
        """A page of models. Filters and order are the members of `ListModelsRequest`; all else is as in `list_jobs`."""
        models, page = self._list(request, limit, cursor, max_read_units)
        return ModelsPage(**page, models=models)

    def iterate_models(
        self, *, limit: int = 100, most: float = math.inf, **request: Unpack[ListModelsRequest]
    ) -> Generator[CustomModelSummary, None, ReadCost]:
        """All models of a request, as `iterate_jobs`."""
        return self._iterate(request, limit, most)

    def lineage(
        self, name: str, *, account: str | None = None, region: str | None = None, consistent: bool = True
    ) -> LineageAnswer:
        """The model and its job, with data, hyperparameters, losses, base model and what serves it, in two reads: by the
        ARN of a job, a model, a deployment or a provisioned throughput. The name of a model, deployment or throughput costs
        a read more, and a job's name or id another one. A model without a record is looked for by the job that made it.

        Raises TrackerError MODEL_NOT_FOUND, JOB_NOT_FOUND, AMBIGUOUS_MODEL, AMBIGUOUS_JOB; BAD_REQUEST, also for a
        foundation model; BAD_CONFIGURATION if no jobs table is named.
        """
        if not self.jobs_table_name:
            how = f"give jobs_table_name, or set the variable {JOBS_TABLE_VARIABLE}"
            raise TrackerError("BAD_CONFIGURATION", f"No jobs table is named: {how}.")
        models = Finder(self._dynamodb, self.table_name, MODELS)
        jobs = Finder(self._dynamodb, self.jobs_table_name, spent=models.spent)
        kind = _check(name)
        arn = name if kind else _arn_called(models, name, account, region)
        if arn is None or kind == "job":
            # Also for the short form of a job's ARN, which is not a key.
            arn = jobs.arn_of(name, account, region)
        kind = kind if arn is None else _kind_of(arn)
        model_arn, job_arn = (None, arn) if kind == "job" else (arn, None)
        model: ModelRecord | None = None
        job: JobRecord | None = None
        if arn is not None and kind in ("deployment", "throughput"):
            pointer = models.read(arn, consistent) or {}
            model_arn, job_arn = pointer.get("serves_model_arn"), pointer.get("made_by_job_arn")
        if model_arn is not None and job_arn is not None:
            model, job = self._read_both(models, model_arn, jobs, job_arn, consistent)
        elif model_arn is not None:
            model = models.read(model_arn, consistent)
            # The record of a new model can come hours after that of its job.
            job_arn = model.get("job_arn") if model else next(iter(jobs.look_up("by-output-model", model_arn)), None)
            job = jobs.read(job_arn, consistent)
        elif job_arn is not None:
            job = jobs.read(job_arn, consistent)
            model_arn = job.get("output_model_arn") if job else None
            model = models.read(model_arn, consistent)
        if arn is None or (model is None and job is None):
            raise TrackerError(
                "JOB_NOT_FOUND" if kind == "job" else "MODEL_NOT_FOUND",
                f"No record leads from {one_line(name)} to a model or job. Check it, and whether its account and Region are "
                "tracked. What is new has a record after the next sweep of models. Foundation models have none.",
            )
        lineage = _lineage(cast(Kind, kind), arn, model, job, model_arn=model_arn, job_arn=job_arn)
        return LineageAnswer(**vars(models.spent), lineage=lineage)

    def _read_both(self, models: Finder, model_arn: str, jobs: Finder, job_arn: str, consistent: bool) -> list[Any]:
        """In one request unless DynamoDB is throttled."""
        wanted = [(models, model_arn), (jobs, job_arn)]
        answer = self._dynamodb.batch_get_item(
            RequestItems={
                finder.table_name: {"Keys": [{finder.table.key: {"S": arn}}], "ConsistentRead": consistent}
                for finder, arn in wanted
            },
            ReturnConsumedCapacity="TOTAL",
        )
        models.spent.count(answer)
        found = []
        for finder, arn in wanted:
            items = answer["Responses"].get(finder.table_name)
            # botocore repeats what failed as a whole, and not what DynamoDB left of it.
            is_left = items is None or finder.table_name in answer.get("UnprocessedKeys", {})
            found.append(finder.read(arn, consistent) if is_left else plain_item(items[0]) if items else None)
        return found
