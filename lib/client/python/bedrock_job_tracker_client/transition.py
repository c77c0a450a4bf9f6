"""Reads events about transitions, as EventBridge delivers them."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints, is_typeddict

from ._records import (
    MODEL_TRANSITION_DETAIL_TYPE,
    TRANSITION_DETAIL_TYPE,
    TRANSITION_DETAIL_VERSION,
    TRANSITION_EVENT_SOURCE,
    ModelTransitionEvent,
    TransitionEvent,
)
from .errors import TrackerError, one_line

_MOST_PROBLEMS = 30


def _problems(value: object, hint: Any, path: str) -> list[str]:
    """What is wrong with a value, by its type. Unknown members may be there."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        if not isinstance(value, dict):
            return [f"{path}: expected an object"]
        at = "" if path == "the event" else f"{path}."
        missing = [f"{at}{name}: is missing" for name in sorted(hint.__required_keys__) if name not in value]
        members = [(name, member) for name, member in get_type_hints(hint).items() if name in value]
        return missing + [each for name, member in members for each in _problems(value[name], member, at + name)]
    if origin is UnionType:
        return min((_problems(value, one, path) for one in arguments), key=len)
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{path}: expected an object"]
        return [
            each
            for name, one in value.items()
            for each in _problems(one, arguments[1], f"{path}.{one_line(str(name), 50)}")
        ]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: expected a list"]
        return [each for at, one in enumerate(value) for each in _problems(one, arguments[0], f"{path}.{at}")]
    if origin is Literal:
        if value in arguments:
            return []
        if path == "detail.version":
            return [
                f"{path}: it is {one_line(repr(value), 50)}, but this parser reads version "
                f'"{TRANSITION_DETAIL_VERSION}": use the client of the deployed tracker'
            ]
        return [f'{path}: expected "{arguments[0]}"']
    is_it = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
    return [] if is_it else [f"{path}: expected {hint.__name__}"]


def _parse(event: object, hint: Any, about: str) -> object:
    problems = _problems(event, hint, "the event")
    if not problems:
        return event
    more = [f"and {len(problems) - _MOST_PROBLEMS} more"] if len(problems) > _MOST_PROBLEMS else []
    listed = "; ".join(problems[:_MOST_PROBLEMS] + more)
    raise TrackerError("NOT_A_TRANSITION", f"Not an event about a transition of a {about}: {listed}.")


def parse_transition(event: object) -> TransitionEvent:
    """The event itself, not its JSON text, once it was found to be one. Keeps unknown fields.

    Raises TrackerError NOT_A_TRANSITION with up to 30 problems, among them another version of the detail.
    """
    return cast(TransitionEvent, _parse(event, TransitionEvent, "model customization job"))


def parse_model_transition(event: object) -> ModelTransitionEvent:
    """The same for an event about a custom model, or about what serves it."""
    return cast(ModelTransitionEvent, _parse(event, ModelTransitionEvent, "custom model"))


def _is_event(event: object, detail_type: str) -> bool:
    return (
        isinstance(event, dict)
        and event.get("source") == TRANSITION_EVENT_SOURCE
        and event.get("detail-type") == detail_type
    )


def is_transition_event(event: object) -> bool:
    """True for transition events about jobs, of any version. For rules with several sources."""
    return _is_event(event, TRANSITION_DETAIL_TYPE)


def is_model_transition_event(event: object) -> bool:
    """True for transition events about models, of any version."""
    return _is_event(event, MODEL_TRANSITION_DETAIL_TYPE)
