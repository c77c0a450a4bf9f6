"""Holds the records of a local run to what moto answers, leaf by leaf, while jobs are created, stopped and tagged.

Prints one line `ok <what>` or `FAILED <what>: <why>` a check.

    python check_moto.py <moto's url> <the local run's DynamoDB>
"""

import json
import re
import sys
import time
import urllib.request

from boto3.dynamodb.types import TypeDeserializer

from checks import check, client_of, end, job_request

moto, dynamo_db = sys.argv[1:]
ACCOUNT, REGION = "123456789012", "us-east-1"
DEADLINE = 20
# What the tracker adds: docs/table.md. All the rest has to be moto's.
OWN = "_key fetched_at observed_via first_seen_at revision transitions".split()
MAPS = {"hyper_parameters"}


bedrock = client_of("bedrock", moto, "testing", REGION)
table = client_of("dynamodb", dynamo_db, "testing", REGION)
bodies = []
bedrock.meta.events.register("before-parse", lambda response_dict, **_: bodies.append(response_dict["body"]))


def answer(call, **arguments):
    """What was said on the wire: botocore would make dates of times."""
    call(**arguments)
    return json.loads(bodies[-1])


def in_snake_case(name):
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", spaced).lower()


def renamed(value):
    if isinstance(value, list):
        return [renamed(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = {in_snake_case(name): item for name, item in value.items()}
    return {name: item if name in MAPS else renamed(item) for name, item in names.items()}


def leaves(value, path=""):
    if isinstance(value, (dict, list)) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {leaf: item for name, part in items for leaf, item in leaves(part, f"{path}.{name}").items()}
    return {path: value}


def records():
    pages = table.get_paginator("scan").paginate(TableName="bedrock-jobs", ConsistentRead=True)
    plain = TypeDeserializer().deserialize
    items = [{name: plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]
    return {item["job_arn"]: item for item in items}


def expected_of(arn):
    job = answer(bedrock.get_model_customization_job, jobIdentifier=arn)
    tags = answer(bedrock.list_tags_for_resource, resourceARN=arn)["tags"]
    active = {"active_scope": f"{ACCOUNT}#{REGION}"} if job["status"] == "InProgress" else {}
    return {
        **renamed(job),
        # The one key that records leave out: docs/architecture.md.
        "tags": {tag["key"]: tag["value"] for tag in tags if tag["key"] != "__proto__"},
        "account_id": ACCOUNT,
        "region": REGION,
        "scope": f"{ACCOUNT}#{REGION}",
        "job_id": arn[-12:],
        **active,
    }


def compare(arns):
    """The number of leaves, and those that differ."""
    found, count, wrong = records(), 0, []
    if set(found) != set(arns):
        wrong.append(f"{len(found)} records of {len(arns)} jobs")
    for arn in arns:
        expected = expected_of(arn)
        record = found.get(arn, {})
        told = {name: value for name, value in record.items() if name not in OWN}
        wanted, had = leaves(expected), leaves(told)
        count += len(wanted)
        for path in sorted(wanted.keys() | had.keys()):
            if (value := had.get(path)) != wanted.get(path):
                wrong.append(f"{arn}{path}: {value!r} is not {wanted.get(path)!r}")
        history = [step["to"] for step in record.get("transitions", []) if "task" not in step]
        if history[-1:] != [expected["status"]]:
            wrong.append(f"{arn}: the history {history} ends otherwise than {expected['status']}")
    return count, wrong


def settled(arns):
    """Waits until the records say what moto does: the sweeps of a local run come each second."""
    deadline = time.monotonic() + DEADLINE
    while True:
        count, wrong = compare(arns)
        if not wrong:
            return f"{count} leaves of {len(arns)} jobs"
        assert time.monotonic() < deadline, "; ".join(wrong[:5])
        time.sleep(0.3)


def request(name, **more):
    # A name of a hyperparameter keeps its case.
    parameters = {"epochCount": "2", "CamelCase": "1"}
    return job_request(ACCOUNT, name, **{"hyperParameters": parameters, **more})


KINDS = [
    {"customizationType": "FINE_TUNING"},
    {"jobTags": [{"key": "Team", "value": "ml"}, {"key": "__proto__", "value": ""}, {"key": "constructor", "value": ""}]},
    {"validationDataConfig": {"validators": [{"s3Uri": "s3://acme-training/v.jsonl"}]}, "clientRequestToken": "token"},
    {"vpcConfig": {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}},
    {"customizationType": "CONTINUED_PRE_TRAINING", "baseModelIdentifier": "meta.llama3-3-70b-instruct-v1:0:128k"},
]
arns = []


def created():
    for number, more in enumerate(KINDS * 3):
        arns.append(bedrock.create_model_customization_job(**request(f"moto-{number}", **more))["jobArn"])
    return settled(arns)


def changed():
    for arn in arns[:4]:
        bedrock.stop_model_customization_job(jobIdentifier=arn)
    bedrock.tag_resource(resourceARN=arns[5], tags=[{"key": "stage", "value": "prod"}])
    bedrock.untag_resource(resourceARN=arns[1], tagKeys=["Team"])
    return settled(arns)


def forgotten():
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST")).close()
    deadline = time.monotonic() + DEADLINE
    while not all("missing_since" in record for record in records().values()):
        assert time.monotonic() < deadline, "not all jobs are marked as missing"
        time.sleep(0.3)
    return f"{len(records())} jobs"


check("moto: jobs are recorded", created)
check("moto: jobs that are stopped or tagged", changed)
check("moto: jobs that are gone are marked as missing", forgotten)
end()
