"""Reads the table as a service in Python does. Takes the table's name and a JSON list of reads; prints their items."""

import json
import sys
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb").Table(sys.argv[1])


def read(what):
    key, value = what["key"], what["value"]
    if what["index"] is None:
        return [table.get_item(Key={key: value})["Item"]]
    query = table.query(IndexName=what["index"], KeyConditionExpression=Key(key).eq(value))
    assert "LastEvaluatedKey" not in query, "more than a page"
    return query["Items"]


def plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


print(json.dumps([read(what) for what in json.loads(sys.argv[2])], default=plain))
