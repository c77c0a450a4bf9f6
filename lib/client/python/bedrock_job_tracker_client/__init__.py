"""Reads the tables of bedrock-job-tracker: jobs, models, lists, histories, lineage, waiting, transition events."""

from ._records import (
    PARAMETER_PREFIX,
    Calls,
    CustomModelSummary,
    Deployment,
    JobRecord,
    JobSummary,
    ModelRecord,
    ModelTransition,
    ModelTransitionDetail,
    ModelTransitionEvent,
    ProvisionedThroughput,
    Transition,
    TransitionDetail,
    TransitionEvent,
    Usage,
)
from ._request import ListModelsRequest, ListRequest
from .client import JobAnswer, JobsClient, JobsPage, ReadCost, TransitionsAnswer, WaitAnswer, is_terminal
from .errors import ErrorCode, TrackerError
from .models import Lineage, LineageAnswer, ModelAnswer, ModelsClient, ModelsPage
from .transition import (
    is_model_transition_event,
    is_transition_event,
    parse_model_transition,
    parse_transition,
)

__all__ = [
    "PARAMETER_PREFIX",
    "Calls",
    "CustomModelSummary",
    "Deployment",
    "ErrorCode",
    "JobAnswer",
    "JobRecord",
    "JobSummary",
    "JobsClient",
    "JobsPage",
    "Lineage",
    "LineageAnswer",
    "ListModelsRequest",
    "ListRequest",
    "ModelAnswer",
    "ModelRecord",
    "ModelTransition",
    "ModelTransitionDetail",
    "ModelTransitionEvent",
    "ModelsClient",
    "ModelsPage",
    "ProvisionedThroughput",
    "ReadCost",
    "TrackerError",
    "Transition",
    "TransitionDetail",
    "TransitionEvent",
    "TransitionsAnswer",
    "Usage",
    "WaitAnswer",
    "is_model_transition_event",
    "is_terminal",
    "is_transition_event",
    "parse_model_transition",
    "parse_transition",
]
