"""What the checks share. Each check prints one line: `ok <what>` or `FAILED <what>: <why>`."""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config

_failed = 0


def check(name, function):
    """Runs a check, and prints what it returns, if anything."""
    global _failed
    try:
        told = function()
        print(f"ok {name}" if told is None else f"ok {name}: {told}")
    except Exception as error:  # A check that breaks is a check that failed.
        _failed += 1
        print(f"FAILED {name}: {type(error).__name__}: {error}")


def end():
    sys.exit(1 if _failed else 0)


def client_of(service, url, account, region="eu-central-1", **config):
    """A client that tries once. The simulator takes the access key for the account."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def job_request(account, name, **more):
    return {
        "jobName": name,
        "customModelName": name,
        "roleArn": f"arn:aws:iam::{account}:role/BedrockCustomizationRole",
        "baseModelIdentifier": "amazon.nova-lite-v1:0:300k",
        "trainingDataConfig": {"s3Uri": "s3://acme-training/train.jsonl"},
        "outputDataConfig": {"s3Uri": "s3://acme-output/"},
        **more,
    }


INVOCATION_LOGS = {
    "invocationLogsConfig": {
        "usePromptResponse": True,
        "invocationLogSource": {"s3Uri": "s3://acme-logs/prod"},
        "requestMetadataFilters": {"andAll": [{"equals": {"project": "faq"}}, {"notEquals": {"env": "dev"}}]},
    }
}
DISTILLATION = {
    "distillationConfig": {
        "teacherModelConfig": {
            "teacherModelIdentifier": "amazon.nova-premier-v1:0",
            "maxResponseLengthForInference": 1000,
        }
    }
}


def steer(url, path, method, body):
    """Steers the simulator."""
    request = urllib.request.Request(f"{url}/_simulator/{path}", data=json.dumps(body).encode(), method=method)
    urllib.request.urlopen(request).close()
