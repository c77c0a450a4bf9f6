"""What docs/table.md tells of a deployment or throughput, as a service in Python reads it. Takes the names of the models
and the jobs table, and an ARN; prints the model, the job, and how many reads that took."""

import json
import sys
from decimal import Decimal

import boto3

models_table, jobs_table, serving_arn = sys.argv[1:]
dynamodb = boto3.resource("dynamodb")
pointer = dynamodb.Table(models_table).get_item(Key={"model_arn": serving_arn})["Item"]
found = dynamodb.batch_get_item(
    RequestItems={
        models_table: {"Keys": [{"model_arn": pointer["serves_model_arn"]}]},
        jobs_table: {"Keys": [{"job_arn": pointer["made_by_job_arn"]}]},
    }
)["Responses"]


def plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


print(json.dumps({"model": found[models_table][0], "job": found[jobs_table][0]}, default=plain))
