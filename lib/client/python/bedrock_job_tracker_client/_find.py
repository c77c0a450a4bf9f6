"""Finds one record by ARN, name, id or output model."""

from __future__ import annotations

import re
from typing import Any

from ._plan import JOBS, Table
from ._read import Spent, plain_item
from .errors import ErrorCode, TrackerError, bad_request, one_line

_ID = re.compile(r"[a-z0-9]{12}")
# The form of Bedrock's documented events, without the base model. No record has it as its key.
_SHORT_ARN = re.compile(r"arn:[^/]*:model-customization-job/([a-z0-9]{12})")
_JOB_ARN = re.compile(r"arn:[^:]*:bedrock:[^:]*:[^:]*:model-customization-job/.*", re.DOTALL)
MODEL_ARN = re.compile(r"arn:[^:]+:bedrock:[^:]*:[^:]*:(?:custom|imported)-model/.+", re.DOTALL)
# The longest ARN of Bedrock. DynamoDB's partition keys have at most 2,048 bytes.
LONGEST = 1011
_MOST_LISTED = 10


def is_at(arn: str, account: str | None, region: str | None) -> bool:
    parts = arn.split(":")
    return account in (None, parts[4]) and region in (None, parts[3])


def ambiguous(code: ErrorCode, what: str, name: str, arns: list[str]) -> TrackerError:
    listed = ", ".join(sorted(arns)[:_MOST_LISTED])
    more = f" and {len(arns) - _MOST_LISTED} more" if len(arns) > _MOST_LISTED else ""
    are_called = f"{len(arns)} {what} are called {one_line(name)}"
    return TrackerError(code, f"{are_called}. Give the account and region, or the ARN. They are {listed}{more}.")


class Finder:
    """Reads a table for one call. Its requests share one cost."""

    def __init__(self, dynamodb: Any, table_name: str, table: Table = JOBS, spent: Spent | None = None) -> None:
        self.spent = spent or Spent()
        self.table_name, self.table = table_name, table
        self._dynamodb = dynamodb

    def read(self, arn: str | None, consistent: bool = True) -> Any:
        """The record with this key; None if there is none."""
        if arn is None:
            return None
        answer = self._dynamodb.get_item(
            TableName=self.table_name,
            Key={self.table.key: {"S": arn}},
            ConsistentRead=consistent,
            ReturnConsumedCapacity="TOTAL",
        )
        item = self.spent.count(answer).get("Item")
        return None if item is None else plain_item(item)

    def look_up(self, index: str, value: str) -> list[str]:
        """The ARNs of the records with this value, newest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self.table_name,
            IndexName=index,
            KeyConditionExpression="#key = :value",
            ProjectionExpression="#of",
            ExpressionAttributeNames={"#key": self.table.indexes[index][0], "#of": self.table.key},
            ExpressionAttributeValues={":value": {"S": value}},
            ScanIndexForward=False,
            ReturnConsumedCapacity="TOTAL",
        )
        return [item[self.table.key]["S"] for page in pages for item in self.spent.count(page)["Items"]]

    def arn_of(self, name: str, account: str | None = None, region: str | None = None) -> str | None:
        """The full ARN of the job with an ARN, name or id; None if the table has none."""
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
            raise bad_request(["name a job by its ARN, its name or the 12 characters of its id"])
        is_arn = name.startswith("arn:")
        if is_arn and not _JOB_ARN.fullmatch(name):
            raise bad_request([f"{one_line(name)} is not the ARN of a model customization job"])
        if short := _SHORT_ARN.fullmatch(name):
            _, _, _, its_region, its_account, *_ = name.split(":")
            arns = [arn for arn in self.look_up("by-job-id", short[1]) if is_at(arn, its_account, its_region)]
        elif is_arn:
            return name
        else:
            # A name can look like an id.
            indexes = ["by-job-id", "by-job-name"] if _ID.fullmatch(name) else ["by-job-name"]
            arns = [arn for index in indexes for arn in self.look_up(index, name)]
        arns = [arn for arn in dict.fromkeys(arns) if is_at(arn, account, region)]
        if len(arns) > 1:
            raise ambiguous("AMBIGUOUS_JOB", "jobs", name, arns)
        return arns[0] if arns else None

    def arn_by_model(self, model: str) -> str | None:
        """The ARN of the job that made a custom model. Of several the newest counts, though a model is made only once."""
        if not isinstance(model, str) or len(model) > LONGEST or not MODEL_ARN.fullmatch(model):
            raise bad_request(["name a custom model by its ARN, arn:aws:bedrock:<Region>:<account>:custom-model/…"])
        return next(iter(self.look_up("by-output-model", model)), None)
