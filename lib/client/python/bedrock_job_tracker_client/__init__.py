"""Reads the jobs table of bedrock-job-tracker: one record, lists, histories, waiting for a job, transition events."""

from ._records import (
    PARAMETER_PREFIX,
    JobRecord,
    JobSummary,
    ModelTransitionDetail,
    ModelTransitionEvent,
    Transition,
    TransitionDetail,
    TransitionEvent,
)
from ._request import ListRequest
from .client import JobAnswer, JobsClient, JobsPage, ReadCost, TransitionsAnswer, WaitAnswer, is_terminal
from .errors import ErrorCode, TrackerError
from .transition import (
    is_model_transition_event,
    is_transition_event,
    parse_model_transition,
    parse_transition,
)

__all__ = [
    "PARAMETER_PREFIX",
    "ErrorCode",
    "JobAnswer",
    "JobRecord",
    "JobSummary",
    "JobsClient",
    "JobsPage",
    "ListRequest",
    "ModelTransitionDetail",
    "ModelTransitionEvent",
    "ReadCost",
    "TrackerError",
    "Transition",
    "TransitionDetail",
    "TransitionEvent",
    "TransitionsAnswer",
    "WaitAnswer",
    "is_model_transition_event",
    "is_terminal",
    "is_transition_event",
    "parse_model_transition",
    "parse_transition",
]
