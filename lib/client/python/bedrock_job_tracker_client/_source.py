"""Finds the jobs table and the tracked accounts and Regions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ._records import JOBS_TABLE_PARAMETER, JOBS_TABLE_VARIABLE, SCOPES_PARAMETER, SCOPES_VARIABLE
from .errors import TrackerError, one_line

_SCOPE = re.compile(r"[0-9]{12}#[a-z0-9-]{1,20}")


@dataclass(frozen=True)
class Source:
    table_name: str
    scopes: tuple[str, ...]
    """`<account id>#<Region>`; empty if unknown."""


def read_scopes(scopes: Iterable[str], name: str) -> tuple[str, ...]:
    entries = tuple(dict.fromkeys(entry.strip() for entry in scopes if entry.strip()))
    wrong = [f'"{one_line(entry, 100)}"' for entry in entries if not _SCOPE.fullmatch(entry)]
    if wrong:
        form = "must name scopes as <account id of 12 digits>#<Region>"
        raise TrackerError("BAD_CONFIGURATION", f"{name} {form}; these are not scopes: {', '.join(wrong)}.")
    return entries


def from_environment(table_name: str | None, scopes: Iterable[str] | None) -> Source:
    table = table_name or os.environ.get(JOBS_TABLE_VARIABLE, "")
    if not table:
        raise TrackerError(
            "BAD_CONFIGURATION",
            f"No jobs table is named: give table_name, set the variable {JOBS_TABLE_VARIABLE}, or use JobsClient.from_parameters().",
        )
    if scopes is not None:
        return Source(table, read_scopes([scopes] if isinstance(scopes, str) else scopes, "scopes"))
    variable = os.environ.get(SCOPES_VARIABLE, "")
    return Source(table, read_scopes(variable.split(","), f"The variable {SCOPES_VARIABLE}"))


def from_parameters(ssm: Any, prefix: str) -> Source:
    """The table and scopes that a deployed tracker publishes: one GetParameters."""
    names = {suffix: f"{prefix.rstrip('/')}/{suffix}" for suffix in (JOBS_TABLE_PARAMETER, SCOPES_PARAMETER)}
    answer = ssm.get_parameters(Names=list(names.values()))
    values = {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}
    table, scopes = (values.get(name, "") for name in names.values())
    if not table:
        raise TrackerError(
            "TRACKER_NOT_FOUND",
            f"SSM has no parameter {names[JOBS_TABLE_PARAMETER]}. Check the Region, the account and the prefix that the tracker was deployed with.",
        )
    return Source(table, read_scopes(scopes.split(","), f"The SSM parameter {names[SCOPES_PARAMETER]}"))
