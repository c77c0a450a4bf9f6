"""Holds every answer of the simulator to the output shapes of botocore, and real recorded answers too.

Prints one line `ok <what>` or `FAILED <what>: <why>` a check.

    python check_shapes.py <simulator's url> [<folder of recordings>]
"""

import json
import pathlib
import sys
import time

from botocore.exceptions import ClientError

from checks import DISTILLATION, INVOCATION_LOGS, check, client_of, end, job_request, steer
from shapes import Shapes, from_xml, header_members, parse_xml

url, *recordings = sys.argv[1:]
ACCOUNT = "333333333333"
JOBS = 24
# The model requires it, and neither the simulator nor the recordings have it for a job without validators.
ALLOWED = {"GetModelCustomizationJob.validationDataConfig: is missing"}

answers, errors, s3_answers = Shapes(), Shapes(), Shapes()
operations, refusals = set(), set()


def hold_bedrock(response_dict, operation_model, **_):
    name = operation_model.name
    if response_dict["status_code"] < 300:
        operations.add(name)
        answers.check(operation_model.output_shape, json.loads(response_dict["body"]), name)
        return
    code = response_dict["headers"]["x-amzn-errortype"]
    refusals.add((name, code))
    modelled = {shape.name: shape for shape in operation_model.error_shapes}
    if code not in modelled:
        errors.deviations[f"{name}: {code} is not an error of the model"] += 1
        return
    if modelled[code].metadata["error"]["httpStatusCode"] != response_dict["status_code"]:
        errors.deviations[f"{name}: {code} has the status {response_dict['status_code']}"] += 1
    errors.check(modelled[code], json.loads(response_dict["body"]), f"{name}.{code}")


def hold_s3(response_dict, operation_model, **_):
    if response_dict["status_code"] >= 300:
        return
    operations.add(operation_model.name)
    shape = operation_model.output_shape
    value = header_members(shape, response_dict["headers"])
    if response_dict["headers"].get("content-type") == "application/xml":
        value |= from_xml(shape, parse_xml(response_dict["body"]))
    s3_answers.check(shape, value, operation_model.name)


bedrock = client_of("bedrock", url, ACCOUNT, parameter_validation=False)
bedrock.meta.events.register("before-parse", hold_bedrock)
s3 = client_of("s3", url, ACCOUNT)
s3.meta.events.register("before-parse", hold_s3)

RFT = {"rftConfig": {"graderConfig": {"lambdaGrader": {"lambdaArn": "arn:aws:lambda:eu-central-1:333333333333:function:f"}}}}
KINDS = [
    {"customizationType": "FINE_TUNING", "hyperParameters": {"epochCount": "1"}},
    {"baseModelIdentifier": "meta.llama3-3-70b-instruct-v1:0:128k"},
    {"validationDataConfig": {"validators": [{"s3Uri": f"s3://acme-training/v{n}.jsonl"} for n in range(3)]}},
    {"validationDataConfig": {"validators": []}},
    {"customizationType": "DISTILLATION", "customizationConfig": DISTILLATION, "trainingDataConfig": INVOCATION_LOGS},
    {"customizationConfig": RFT},
    {"customizationType": "CONTINUED_PRE_TRAINING", "vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}},
    {"customizationType": "IMPORTED", "customModelKmsKeyId": "alias/mine"},
]


def request(name, **more):
    output = {"s3Uri": "s3://shapes-output/"}
    return job_request(ACCOUNT, name, **{"jobTags": [{"key": "team", "value": "ml"}], "outputDataConfig": output, **more})


def expect(shapes, allowed=frozenset()):
    found = set(shapes.deviations)
    assert shapes.leaves > 0, "nothing was checked"
    assert found == set(allowed), f"deviations {sorted(found ^ set(allowed))}"
    return f"{shapes.leaves} leaves"


def look(arns):
    """Asks for everything once, and tells the statuses."""
    statuses = []
    for arn in arns:
        statuses.append(bedrock.get_model_customization_job(jobIdentifier=arn)["status"])
        bedrock.list_tags_for_resource(resourceARN=arn)
    for _ in bedrock.get_paginator("list_model_customization_jobs").paginate(PaginationConfig={"PageSize": 7}):
        pass
    return statuses


def jobs():
    arns, seen = [], set()
    for number in range(JOBS):
        create = request(f"shape-{number}", clientRequestToken=f"token-{number}", **KINDS[number % len(KINDS)])
        arns.append(bedrock.create_model_customization_job(**create)["jobArn"])
        if number < 3:
            # At once: lives are short, and a busy machine is slow.
            bedrock.stop_model_customization_job(jobIdentifier=arns[-1])
            seen.update(look(arns[-1:]))
    seen.update(look(arns))
    bedrock.tag_resource(resourceARN=arns[0], tags=[{"key": "env", "value": ""}])
    bedrock.untag_resource(resourceARN=arns[0], tagKeys=["team"])
    deadline = time.monotonic() + 40
    while True:
        statuses = look(arns)
        seen.update(statuses)
        if not {"InProgress", "Stopping"} & set(statuses) or time.monotonic() > deadline:
            break
    assert seen == {"InProgress", "Stopping", "Stopped", "Completed", "Failed"}, seen
    assert len(operations) == 7, operations
    return f"{expect(answers, ALLOWED)} of {len(operations)} operations; only validationDataConfig deviates"


def every_call(identifier):
    tagged = {"resourceARN": identifier}
    return [
        lambda: bedrock.create_model_customization_job(**request("another")),
        lambda: bedrock.get_model_customization_job(jobIdentifier=identifier),
        lambda: bedrock.list_model_customization_jobs(),
        lambda: bedrock.stop_model_customization_job(jobIdentifier=identifier),
        lambda: bedrock.list_tags_for_resource(**tagged),
        lambda: bedrock.tag_resource(**tagged, tags=[]),
        lambda: bedrock.untag_resource(**tagged, tagKeys=[]),
    ]


def refuse(calls):
    for call in calls:
        try:
            call()
        except ClientError:
            continue
        raise AssertionError("a call succeeded that should have been refused")


def refused():
    arn = bedrock.get_model_customization_job(jobIdentifier="shape-0")["jobArn"]
    names = sorted(operations & {operation for operation in bedrock.meta.service_model.operation_names})
    for faults in (
        {"throttle": {"ratePerSecond": 0, "burst": 0}},
        {"failProbability": 1},
        {"accessDenied": names},
    ):
        steer(url, "faults", "PUT", faults)
        refuse(every_call(arn))
    steer(url, "faults", "PUT", {})
    many = [{"key": f"k{number}", "value": ""} for number in range(51)]
    unknown = f"{arn[:-12]}aaaaaaaaaaaa"
    create = bedrock.create_model_customization_job
    refuse(
        [
            lambda: create(**request("no spaces")),
            lambda: create(**request("tags", jobTags=many)),
            lambda: create(**request("token", clientRequestToken="token-0")),
            lambda: bedrock.list_model_customization_jobs(nextToken="nonsense"),
            lambda: bedrock.stop_model_customization_job(jobIdentifier="shape-0"),
            lambda: bedrock.tag_resource(resourceARN=arn, tags=many),
            *[call for number, call in enumerate(every_call("x")) if number in (1, 3)],
            *[call for number, call in enumerate(every_call(unknown)) if number not in (0, 2)],
            *[call for number, call in enumerate(every_call("bad name")) if number not in (0, 2)],
        ]
    )
    for number in range(200):
        try:
            create(**request(f"quota-{number}"))
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ServiceQuotaExceededException", error
            break
    else:
        raise AssertionError("the quota was not met")
    return f"{expect(errors)} of {len(refusals)} kinds"


def written():
    bucket = {"Bucket": "shapes-output"}
    keys = []
    for page in s3.get_paginator("list_objects_v2").paginate(**bucket, PaginationConfig={"PageSize": 3}):
        keys += [item["Key"] for item in page["Contents"]]
    s3.list_objects_v2(**bucket, Delimiter="/", EncodingType="url", StartAfter="a")
    s3.head_bucket(**bucket)
    for key in keys:
        s3.head_object(**bucket, Key=key)
        s3.get_object(**bucket, Key=key, Range="bytes=0-9")
    return expect(s3_answers)


def as_on_the_wire(value):
    if isinstance(value, list):
        return [as_on_the_wire(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("__class__") == "datetime":
        date = "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microsecond:06}Z"
        return date.format(**value)
    return {name: as_on_the_wire(item) for name, item in value.items() if name != "ResponseMetadata"}


def recorded():
    shapes = Shapes()
    for file in pathlib.Path(recordings[0]).glob("*/bedrock.*_*.json"):
        recording = json.loads(file.read_text())
        operation = bedrock.meta.service_model.operation_model(file.name.split(".")[1].rsplit("_", 1)[0])
        if recording["status_code"] < 300:
            shapes.check(operation.output_shape, as_on_the_wire(recording["data"]), operation.name)
    return f"{expect(shapes, ALLOWED)}; the same deviates"


check("shapes: Bedrock", jobs)
check("shapes: Bedrock's errors", refused)
check("shapes: S3", written)
if recordings:
    check("shapes: real recordings", recorded)
end()
