"""Drives every operation of the simulator with boto3, and reads what jobs write to S3. Prints one line `ok <what>` or `FAILED <what>: <why>` a check."""

import sys
import time

from botocore.exceptions import ClientError

from checks import DISTILLATION, INVOCATION_LOGS, check, client_of, end, job_request, steer

ACCOUNT = "222222222222"


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        assert error.response["Error"]["Message"], error.response
        return error
    raise AssertionError(f"expected {code}")


url = sys.argv[1]
bedrock = client_of("bedrock", url, ACCOUNT)
s3 = client_of("s3", url, ACCOUNT)

request = job_request(
    ACCOUNT,
    "boto-job-0",
    clientRequestToken="boto-token",
    customizationType="DISTILLATION",
    customModelKmsKeyId="arn:aws:kms:eu-central-1:222222222222:key/0f8fad5b-d9cb-469f-a165-70867728950e",
    jobTags=[{"key": "team", "value": "ml"}],
    customModelTags=[],
    trainingDataConfig=INVOCATION_LOGS,
    validationDataConfig={"validators": [{"s3Uri": "s3://acme-training/validation.jsonl"}]},
    hyperParameters={"epochCount": "2"},
    vpcConfig={"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
    customizationConfig=DISTILLATION,
)
arn = ""


def create():
    global arn
    answer = bedrock.create_model_customization_job(**request)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    arn = answer["jobArn"]
    start = "arn:aws:bedrock:eu-central-1:222222222222:model-customization-job/amazon.nova-lite-v1:0:300k/"
    assert arn.startswith(start), arn
    assert bedrock.create_model_customization_job(**request)["jobArn"] == arn


def get():
    for identifier in (arn, "boto-job-0"):
        job = bedrock.get_model_customization_job(jobIdentifier=identifier)
        assert job["jobArn"] == arn and job["status"] == "InProgress"
        assert job["outputModelName"] == request["customModelName"]
        assert job["outputModelKmsKeyArn"] == request["customModelKmsKeyId"]
        assert job["creationTime"].tzinfo is not None
        assert job["validationMetrics"] == [] and "endTime" not in job
        assert set(job["statusDetails"]) == {"validationDetails", "dataProcessingDetails", "trainingDetails"}
        for same in (
            "roleArn clientRequestToken customizationType trainingDataConfig validationDataConfig "
            "outputDataConfig hyperParameters vpcConfig customizationConfig"
        ).split():
            assert job[same] == request[same], same


def paginate():
    for number in range(1, 8):
        more = {"jobName": f"boto-job-{number}", "customModelName": f"boto-model-{number}"}
        bedrock.create_model_customization_job(**{**request, **more, "clientRequestToken": f"boto-token-{number}"})
    pages = bedrock.get_paginator("list_model_customization_jobs").paginate(
        sortOrder="Ascending",
        sortBy="CreationTime",
        nameContains="boto-job",
        creationTimeAfter=1_600_000_000,
        PaginationConfig={"PageSize": 3},
    )
    names = [[job["jobName"] for job in page["modelCustomizationJobSummaries"]] for page in pages]
    assert [len(page) for page in names] == [3, 3, 2], names
    assert sorted(sum(names, [])) == [f"boto-job-{number}" for number in range(8)], names


def tags():
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "env", "value": "prod"}, {"key": "team", "value": "other"}])
    bedrock.untag_resource(resourceARN=arn, tagKeys=["env", "unknown"])
    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "other"}]
    many = [{"key": f"k{number}", "value": ""} for number in range(50)]
    refused("TooManyTagsException", 400, bedrock.tag_resource, resourceARN=arn, tags=many)


def stop():
    bedrock.stop_model_customization_job(jobIdentifier=arn)
    job = bedrock.get_model_customization_job(jobIdentifier="boto-job-0")
    assert job["status"] in ("Stopping", "Stopped")
    refused("ConflictException", 400, bedrock.stop_model_customization_job, jobIdentifier="boto-job-0")
    deadline = time.monotonic() + 30
    while job["status"] != "Stopped" and time.monotonic() < deadline:
        job = bedrock.get_model_customization_job(jobIdentifier="boto-job-0")
    assert job["status"] == "Stopped" and job["endTime"] >= job["creationTime"]
    listed = bedrock.list_model_customization_jobs(statusEquals="Stopped")["modelCustomizationJobSummaries"]
    assert [item["jobArn"] for item in listed] == [arn]


def errors():
    get_job = bedrock.get_model_customization_job
    refused("ResourceNotFoundException", 404, get_job, jobIdentifier="nobody")
    refused("AccessDeniedException", 403, get_job, jobIdentifier=arn.replace("222222222222", "333333333333"))
    error = refused(
        "ValidationException",
        400,
        bedrock.create_model_customization_job,
        **{**request, "jobName": "no spaces", "roleArn": "someone"},
    )
    assert "2 validation errors detected" in str(error), error
    refused("ConflictException", 400, bedrock.create_model_customization_job, **{**request, "jobName": "other"})
    taken = {**request, "clientRequestToken": "another"}
    error = refused("ValidationException", 400, bedrock.create_model_customization_job, **taken)
    assert "The provided job name is currently in use." in str(error), error
    refused("ValidationException", 400, bedrock.list_model_customization_jobs, nextToken="nonsense")


def output():
    more = {"jobName": "boto-output", "customModelName": "boto-output", "clientRequestToken": "boto-output"}
    location = {"outputDataConfig": {"s3Uri": "s3://boto-output/some/folder/"}}
    job = bedrock.create_model_customization_job(**{**request, **more, **location})["jobArn"]
    steer(url, "jobs/boto-output", "POST", {"status": "Completed"})
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="boto-output", PaginationConfig={"PageSize": 1})
    keys = [item["Key"] for page in pages for item in page["Contents"]]
    folder = f"some/folder/model-customization-job-{job[-12:]}"
    assert keys[0] == f"{folder}/training_artifacts/step_wise_training_metrics.csv", keys
    assert len(keys) == 2 and keys[1].endswith("/validation_metrics.csv"), keys
    lines = s3.get_object(Bucket="boto-output", Key=keys[0])["Body"].read().decode().splitlines()
    assert lines[0] == "step_number,epoch_number,training_loss", lines[0]
    loss = bedrock.get_model_customization_job(jobIdentifier=job)["trainingMetrics"]["trainingLoss"]
    assert abs(float(lines[-1].split(",")[2]) - loss) < 1e-6, (lines[-1], loss)
    refused("NoSuchBucket", 404, s3.list_objects_v2, Bucket="nobodys-bucket")
    refused("NoSuchKey", 404, s3.get_object, Bucket="boto-output", Key="nothing")


for step in (create, get, paginate, tags, stop, errors, output):
    check(f"boto3: {step.__name__}", step)
end()
