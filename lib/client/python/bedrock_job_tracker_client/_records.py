"""Made by `node scripts/write-schema.ts` from the JSON schemas and the names that all readers share."""

from typing import Literal, TypedDict

JOBS_TABLE_VARIABLE = "JOBS_TABLE_NAME"
SCOPES_VARIABLE = "TRACKED_SCOPES"
PARAMETER_PREFIX = "/bedrock-job-tracker"
JOBS_TABLE_PARAMETER = "jobs-table-name"
SCOPES_PARAMETER = "tracked-scopes"
TRANSITION_EVENT_SOURCE = "bedrock-job-tracker"
TRANSITION_DETAIL_TYPE = "Model Customization Job Transitioned"
MODEL_TRANSITION_DETAIL_TYPE = "Custom Model Transitioned"
TRANSITION_DETAIL_VERSION = "1"
JOB_STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped")
ACTIVE_STATUSES = ("InProgress", "Stopping")
# Partition key and sort key of each index.
INDEXES: dict[str, tuple[str, str]] = {
    "by-status": ("status", "last_modified_time"),
    "active": ("active_scope", "creation_time"),
    "by-scope": ("scope", "creation_time"),
    "by-base-model": ("base_model_arn", "creation_time"),
    "by-output-model": ("output_model_arn", "creation_time"),
    "by-job-name": ("job_name", "creation_time"),
    "by-job-id": ("job_id", "creation_time"),
}
# What the indexes carry, except those that carry only their keys.
SUMMARY = (
    "job_arn",
    "account_id",
    "region",
    "job_name",
    "status",
    "status_details",
    "creation_time",
    "last_modified_time",
    "end_time",
    "base_model_arn",
    "output_model_name",
    "output_model_arn",
    "customization_type",
    "failure_message",
    "training_metrics",
    "validation_metrics",
    "missing_since",
    "untracked_since",
    "tags",
)


class SubTaskDetails(TypedDict, total=False):
    """How one phase of a job is doing. Timestamps are ISO-8601 UTC."""

    status: str
    """A status of a job, NotStarted, or one that AWS adds."""
    creation_time: str
    last_modified_time: str


class StatusDetails(TypedDict, total=False):
    """How each phase of a job is doing."""

    validation_details: SubTaskDetails
    data_processing_details: SubTaskDetails
    training_details: SubTaskDetails


class InvocationLogSource(TypedDict, total=False):
    s3_uri: str


class RequestMetadataFilter(TypedDict, total=False):
    """Which invocation logs are taken as training data, by the metadata of their requests. Keys are the user's own words."""

    equals: dict[str, str]
    not_equals: dict[str, str]


class RequestMetadataFilters(TypedDict, total=False):
    """Such a filter, or several of which all or any must hold."""

    equals: dict[str, str]
    not_equals: dict[str, str]
    and_all: list[RequestMetadataFilter]
    or_all: list[RequestMetadataFilter]


class InvocationLogsConfig(TypedDict, total=False):
    use_prompt_response: bool
    invocation_log_source: InvocationLogSource
    request_metadata_filters: RequestMetadataFilters


class TrainingDataConfig(TypedDict, total=False):
    """Where the training data lies: files in S3, or invocation logs."""

    s3_uri: str
    invocation_logs_config: InvocationLogsConfig


class Validator(TypedDict, total=False):
    s3_uri: str


class ValidationDataConfig(TypedDict, total=False):
    """Where the validation data lies."""

    validators: list[Validator]


class OutputDataConfig(TypedDict, total=False):
    """The S3 folder that the job writes to."""

    s3_uri: str


class TrainingMetrics(TypedDict, total=False):
    """The result of the training."""

    training_loss: float | str


class ValidationMetric(TypedDict, total=False):
    validation_loss: float | str


class VpcConfig(TypedDict, total=False):
    """The VPC that the job works in."""

    subnet_ids: list[str]
    security_group_ids: list[str]


class TeacherModelConfig(TypedDict, total=False):
    teacher_model_identifier: str
    max_response_length_for_inference: int


class DistillationConfig(TypedDict, total=False):
    teacher_model_config: TeacherModelConfig


class LambdaGrader(TypedDict, total=False):
    lambda_arn: str


class GraderConfig(TypedDict, total=False):
    lambda_grader: LambdaGrader


class HyperParameters(TypedDict, total=False):
    epoch_count: int
    batch_size: int
    learning_rate: float | str
    max_prompt_length: int
    training_sample_per_prompt: int
    inference_max_tokens: int
    reasoning_effort: str
    eval_interval: int


class RftConfig(TypedDict, total=False):
    grader_config: GraderConfig
    hyper_parameters: HyperParameters


class CustomizationConfig(TypedDict, total=False):
    """Settings of distillation or of reinforcement fine-tuning."""

    distillation_config: DistillationConfig
    rft_config: RftConfig


_TransitionKeys = TypedDict(
    "_TransitionKeys",
    {
        "from": str | None,
    },
)


class _TransitionRequired(TypedDict):
    to: str
    """The status that began."""
    at: str
    """When it happened, by Bedrock's own timestamps."""
    observed_at: str
    """When the tracker saw it."""
    via: Literal["event", "sweep", "backfill"]
    """How it was noticed."""


class Transition(_TransitionKeys, _TransitionRequired, total=False):
    """One change of a status. No API keeps these; they are what was observed, in the order in which it happened."""

    task: str
    """The phase whose status changed; absent for the job's own status."""
    final: bool
    """Of a status that is not known: the job had ended when it was seen."""


class _JobRecordRequired(TypedDict):
    job_arn: str
    """The job's full ARN: the key of the table."""
    _key: str
    """Opaque and unique: the catalog's key."""
    account_id: str
    """The account of the job: 12 digits."""
    region: str
    """The Region of the job."""
    scope: str
    """`<account id>#<region>`."""
    job_id: str
    """The last 12 characters of the ARN."""
    tags: dict[str, str]
    """The job's tags by key; may be empty."""
    fetched_at: str
    """When Bedrock first said what the record holds."""
    observed_via: Literal["event", "sweep", "backfill"]
    """What led to that look."""
    transitions: list[Transition]
    """What was observed, oldest first, at most 100."""
    first_seen_at: str
    """The earliest look at the job."""
    revision: int
    """Grows by one with every write: the writer's compare-and-swap token."""


class JobRecord(_JobRecordRequired, total=False):
    """One item of the jobs table: the newest snapshot of a job, its history, and what the tracker keeps beside them."""

    job_name: str
    """Unique in an account and Region."""
    output_model_name: str
    """The name of the custom model that the job makes."""
    output_model_arn: str
    """The custom model, once there is one."""
    client_request_token: str
    """The idempotency token of the create call."""
    role_arn: str
    """The role by which Bedrock reads and writes S3."""
    status: str
    """InProgress, Completed, Failed, Stopping, Stopped, or one that AWS adds."""
    status_details: StatusDetails
    """The status of each sub-task."""
    failure_message: str
    """Bedrock's words about why the job failed, up to 2,048 characters."""
    creation_time: str
    """When the job was created."""
    last_modified_time: str
    """Moves while the job runs, but not when its tags change."""
    end_time: str
    """When the job ended."""
    base_model_arn: str
    """The foundation or custom model that the job starts from."""
    hyper_parameters: dict[str, str | None]
    """Text or null by the user's own keys."""
    training_data_config: TrainingDataConfig
    """Where the training data lies: files in S3, or invocation logs."""
    validation_data_config: ValidationDataConfig
    """Where the validation data lies."""
    output_data_config: OutputDataConfig
    """The S3 folder that the job writes to."""
    customization_type: str
    """FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION, REINFORCEMENT_FINE_TUNING, IMPORTED, or one that AWS adds."""
    output_model_kms_key_arn: str
    """The key that encrypts the custom model."""
    training_metrics: TrainingMetrics
    """The result of the training."""
    validation_metrics: list[ValidationMetric]
    """The result of each validator; empty until the end."""
    vpc_config: VpcConfig
    """The VPC that the job works in."""
    customization_config: CustomizationConfig
    """Settings of distillation or of reinforcement fine-tuning."""
    transitions_folded: int
    """How many older transitions were folded away; absent where none."""
    missing_since: str
    """Bedrock no longer knows the job since then; the record stays."""
    untracked_since: str
    """The tracker no longer follows the job's scope since then; the record stays as it was."""
    listed_as: str
    """How Bedrock listed the ended job when a look at it changed nothing: while it lists it so, sweeps do not look again."""
    active_scope: str
    """`<account id>#<region>` while the job is not terminal: the key of the sparse index of active jobs."""


class _JobSummaryRequired(TypedDict):
    job_arn: str
    account_id: str
    region: str
    tags: dict[str, str]


class JobSummary(_JobSummaryRequired, total=False):
    """The part of a record that these indexes carry, besides their keys: by-status (status, last_modified_time), active (active_scope, creation_time), by-scope (scope, creation_time), by-base-model (base_model_arn, creation_time), by-output-model (output_model_arn, creation_time), by-job-name (job_name, creation_time). by-job-id (job_id, creation_time) carries job_arn and its keys alone."""

    job_name: str
    status: str
    status_details: StatusDetails
    creation_time: str
    last_modified_time: str
    end_time: str
    base_model_arn: str
    output_model_name: str
    output_model_arn: str
    customization_type: str
    failure_message: str
    training_metrics: TrainingMetrics
    validation_metrics: list[ValidationMetric]
    missing_since: str
    untracked_since: str


_TransitionDetailKeys = TypedDict(
    "_TransitionDetailKeys",
    {
        "from": str | None,
    },
)


class _TransitionDetailRequired(TypedDict):
    version: Literal["1"]
    """Version of this detail. Grows when a reading could break; new fields alone do not change it."""
    transition_id: str
    """The same for every delivery of this transition, and for no other: drop what was seen before."""
    account_id: str
    """The account of the job."""
    region: str
    """The Region of the job."""
    at: str
    """When it happened, by Bedrock's own timestamps. ISO-8601, UTC, with milliseconds."""
    observed_at: str
    """When the tracker saw it. ISO-8601, UTC, with milliseconds."""
    via: str
    """How it was noticed: event, sweep, or backfill (the first sweep of an account and Region)."""
    tags: dict[str, str]
    """The job's tags by key."""
    job_arn: str
    """The job: the key of its record in the jobs table."""
    job_id: str
    """The last 12 characters of the ARN."""
    to: str
    """The status that began: InProgress, Completed, Failed, Stopping, Stopped, or one that AWS adds."""


class TransitionDetail(_TransitionDetailKeys, _TransitionDetailRequired, total=False):
    customization_type: str
    """FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION and so on; AWS may add some."""
    creation_time: str
    """When the job was created. ISO-8601, UTC, with milliseconds."""
    failure_message: str
    """Bedrock's words about why it failed, cut at 2,048 characters; or a sentence that says that they are redacted."""
    base_model_arn: str
    """The model that the job starts from."""
    tags_left_out: int
    """How many tags did not fit into the event."""
    job_name: str
    """The name of the job."""
    task: str
    """The sub-task whose status changed: validation, data_processing or training. Absent for the job's own status."""
    status: str
    """The job's own status after the change; differs from `to` for a sub-task and for a late event."""
    end_time: str
    """When the job ended. ISO-8601, UTC, with milliseconds."""
    output_model_name: str
    """The name of the custom model that the job makes."""
    output_model_arn: str
    """The custom model, once there is one."""


_TransitionEventKeys = TypedDict(
    "_TransitionEventKeys",
    {
        "detail-type": Literal["Model Customization Job Transitioned"],
    },
)


class _TransitionEventRequired(TypedDict):
    version: str
    """Version of EventBridge's envelope, not of the detail."""
    id: str
    """EventBridge's id of this event. A repetition has another one."""
    source: Literal["bedrock-job-tracker"]
    account: str
    """The account of the tracker."""
    time: str
    """When the event was published."""
    region: str
    """The Region of the tracker."""
    resources: list[str]
    """The job's ARN, and that of the custom model where there is one."""
    detail: TransitionDetail


class TransitionEvent(_TransitionEventKeys, _TransitionEventRequired, total=False):
    """One change of the status of an Amazon Bedrock model customization job, or of one of its sub-tasks."""


_ModelTransitionDetailKeys = TypedDict(
    "_ModelTransitionDetailKeys",
    {
        "from": str | None,
    },
)


class _ModelTransitionDetailRequired(TypedDict):
    version: Literal["1"]
    """Version of this detail. Grows when a reading could break; new fields alone do not change it."""
    transition_id: str
    """The same for every delivery of this transition, and for no other: drop what was seen before."""
    account_id: str
    """The account of the model."""
    region: str
    """The Region of the model."""
    at: str
    """When it happened, by Bedrock's own timestamps. ISO-8601, UTC, with milliseconds."""
    observed_at: str
    """When the tracker saw it. ISO-8601, UTC, with milliseconds."""
    via: str
    """How it was noticed: event, sweep, or backfill (the first sweep of an account and Region)."""
    tags: dict[str, str]
    """The model's tags by key."""
    model_arn: str
    """The model: the key of its record in the models table."""
    model_id: str
    """The last 12 characters of the ARN."""
    kind: str
    """What changed: model, deployment or throughput."""
    to: str
    """What began: a status of Bedrock, Removed (Bedrock no longer shows it here), Idle, Used, or one that AWS adds."""


class ModelTransitionDetail(_ModelTransitionDetailKeys, _ModelTransitionDetailRequired, total=False):
    customization_type: str
    """FINE_TUNING, CONTINUED_PRE_TRAINING, DISTILLATION and so on; AWS may add some."""
    creation_time: str
    """When the model was created. ISO-8601, UTC, with milliseconds."""
    failure_message: str
    """Bedrock's words about why it failed, cut at 2,048 characters; or a sentence that says that they are redacted."""
    base_model_arn: str
    """The model that the model starts from."""
    tags_left_out: int
    """How many tags did not fit into the event."""
    model_name: str
    """The name of the model."""
    job_arn: str
    """The job that made the model; absent for imported and copied models."""
    resource: str
    """ARN of the deployment or throughput; absent for the model itself, as are the fields named below."""
    resource_name: str
    """Its name."""
    resource_status: str
    """Its status after the change."""
    resource_creation_time: str
    """When it was created. ISO-8601, UTC, with milliseconds."""
    task: str
    """`use` for a change between Used and Idle; absent for a status."""
    status: str
    """The model's own status after the change."""
    unused_since: str
    """Of Idle: since when nothing used it. ISO-8601, UTC, with milliseconds."""
    unit_hours_a_day: int
    """Of Idle: the model units of the throughput times 24 hours, used or not."""
    model_units: int
    """Model units of the throughput."""
    commitment_duration: str
    """OneMonth or SixMonths; absent without a commitment."""
    commitment_expiration_time: str
    """When the commitment ends: before, the throughput cannot be deleted. ISO-8601, UTC, with milliseconds."""


_ModelTransitionEventKeys = TypedDict(
    "_ModelTransitionEventKeys",
    {
        "detail-type": Literal["Custom Model Transitioned"],
    },
)


class _ModelTransitionEventRequired(TypedDict):
    version: str
    """Version of EventBridge's envelope, not of the detail."""
    id: str
    """EventBridge's id of this event. A repetition has another one."""
    source: Literal["bedrock-job-tracker"]
    account: str
    """The account of the tracker."""
    time: str
    """When the event was published."""
    region: str
    """The Region of the tracker."""
    resources: list[str]
    """The model's ARN, that of the deployment or throughput, and that of the job that made the model."""
    detail: ModelTransitionDetail


class ModelTransitionEvent(_ModelTransitionEventKeys, _ModelTransitionEventRequired, total=False):
    """One change of an Amazon Bedrock custom model, or of a deployment or provisioned throughput that serves it."""
