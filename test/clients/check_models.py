"""Drives the operations on models and what serves them with boto3, holds each answer to botocore's shapes, and compares
custom models with moto's. Prints one line `ok <what>` or `FAILED <what>: <why>` a check.

    python check_models.py <simulator's url> <moto's url>
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError
from checks import check, client_of, end, job_request, steer
from shapes import Shapes

url, moto_url = sys.argv[1:]
ACCOUNT = "444444444444"
REGION = "us-east-1"
shapes, operations = Shapes(), set()


def hold(response_dict, operation_model, **_):
    name, status = operation_model.name, response_dict["status_code"]
    if status < 300:
        operations.add(name)
        assert status == operation_model.http.get("responseCode", 200), (name, status)
        # CloudWatch's JSON has times as numbers: botocore reads them itself.
        if operation_model.service_model.service_name == "bedrock":
            body = response_dict["body"]
            shapes.check(operation_model.output_shape, json.loads(body), name)
        return
    code = response_dict["headers"]["x-amzn-errortype"]
    modelled = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in operation_model.error_shapes}
    if modelled.get(code) != status:
        shapes.deviations[f"{name}: {code} with the status {status} is not in the model"] += 1


bedrock = client_of("bedrock", url, ACCOUNT, REGION)
bedrock.meta.events.register("before-parse.bedrock", hold)
cloudwatch = client_of("cloudwatch", url, ACCOUNT, REGION)
moto = client_of("bedrock", moto_url, "testing", REGION)
models = []


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return
    raise AssertionError(f"expected {code}")


def until(status, get, **arguments):
    deadline = time.monotonic() + 30
    while (found := get(**arguments))["status"] != status and found["status"] != "Failed":
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found["status"] == status


def lasting(create, get, ready, name, delete, **request):
    """Some fail: then another one is made."""
    for number in range(20):
        (identifier,) = [value for key, value in create(f"{name}-{number}").items() if key.endswith("Arn")]
        if until(ready, get, **{request["by"]: identifier}):
            return identifier
        delete(**{request["by"]: identifier})
    raise AssertionError("all failed")


def made():
    for number in range(4):
        name = f"made-{number}"
        bedrock.create_model_customization_job(
            **job_request(ACCOUNT, name, customModelTags=[{"key": "a", "value": "b"}])
        )
        steer(url, f"jobs/{name}", "POST", {"status": "Completed"})
        models.append(bedrock.get_custom_model(modelIdentifier=name)["modelArn"])
    assert bedrock.list_tags_for_resource(resourceARN=models[0])["tags"] == [{"key": "a", "value": "b"}]
    source = {"s3DataSource": {"s3Uri": "s3://acme-models/one/"}}
    bedrock.create_custom_model(modelName="imported", modelSourceConfig=source, clientRequestToken="one")
    pages = bedrock.get_paginator("list_custom_models").paginate(nameContains="made", PaginationConfig={"PageSize": 3})
    found = [[model["modelName"] for model in page["modelSummaries"]] for page in pages]
    assert found == [["made-3", "made-2", "made-1"], ["made-0"]], found
    foundation = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k"
    assert len(bedrock.list_custom_models(foundationModelArnEquals=foundation, isOwned=True)["modelSummaries"]) == 5
    assert bedrock.list_custom_models(isOwned=False)["modelSummaries"] == []
    refused("ValidationException", bedrock.create_custom_model, modelName="made-0", modelSourceConfig=source)
    other = {"s3DataSource": {"s3Uri": "s3://acme-models/two/"}}
    refused(
        "ConflictException",
        bedrock.create_custom_model,
        modelName="imported",
        modelSourceConfig=other,
        clientRequestToken="one",
    )


def deployed():
    def create(name):
        return bedrock.create_custom_model_deployment(
            modelDeploymentName=name, modelArn=models[0], tags=[{"key": "team", "value": "ml"}], clientRequestToken=name
        )

    get, delete = bedrock.get_custom_model_deployment, bedrock.delete_custom_model_deployment
    by = "customModelDeploymentIdentifier"
    arn = lasting(create, get, "Active", "live", delete, by=by)
    refused("ConflictException", bedrock.delete_custom_model, modelIdentifier=models[0])
    bedrock.update_custom_model_deployment(customModelDeploymentIdentifier=arn, modelArn=models[1])
    deadline = time.monotonic() + 30
    while (details := get(**{by: arn}).get("updateDetails", {})).get("updateStatus") == "Updating":
        assert time.monotonic() < deadline
    behind = models[1] if details["updateStatus"] == "UpdateCompleted" else models[0]
    listed = bedrock.list_custom_model_deployments(modelArnEquals=behind, createdAfter=datetime(2020, 1, 1))
    assert [each["customModelDeploymentArn"] for each in listed["modelDeploymentSummaries"]] == [arn]
    taken = {"modelDeploymentName": get(**{by: arn})["modelDeploymentName"], "modelArn": models[2]}
    refused("ValidationException", bedrock.create_custom_model_deployment, **taken)
    delete(**{by: arn})
    refused("ResourceNotFoundException", get, **{by: arn})


def provisioned():
    def create(name):
        return bedrock.create_provisioned_model_throughput(provisionedModelName=name, modelId="made-2", modelUnits=2)

    get, delete = bedrock.get_provisioned_model_throughput, bedrock.delete_provisioned_model_throughput
    arn = lasting(create, get, "InService", "units", delete, by="provisionedModelId")
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "team", "value": "ml"}])
    bedrock.update_provisioned_model_throughput(
        provisionedModelId=arn, desiredProvisionedModelName="renamed", desiredModelId=models[3]
    )
    assert get(provisionedModelId="renamed")["desiredModelArn"] in (models[3], models[2])
    assert until("InService", get, provisionedModelId="renamed")
    listed = bedrock.list_provisioned_model_throughputs(statusEquals="InService", nameContains="renamed")
    assert [each["provisionedModelArn"] for each in listed["provisionedModelSummaries"]] == [arn]
    committed = {"modelUnits": 1, "modelId": "made-2", "commitmentDuration": "SixMonths"}
    name = bedrock.create_provisioned_model_throughput(provisionedModelName="committed", **committed)
    identifier = {"provisionedModelId": name["provisionedModelArn"]}
    if until("InService", get, **identifier):
        refused("ConflictException", delete, **identifier)


def measured():
    now = datetime.now(UTC)
    arn = bedrock.get_provisioned_model_throughput(provisionedModelId="renamed")["provisionedModelArn"]
    for hours in (1, 1, 30):
        at = (now - timedelta(hours=hours)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        steer(url, "use", "POST", {"arn": arn, "invocations": 2, "inputTokens": 50, "at": at})
    metric = {"Namespace": "AWS/Bedrock", "Dimensions": [{"Name": "ModelId", "Value": arn}]}
    stats = [{"Metric": {**metric, "MetricName": name}, "Period": 3600, "Stat": "Sum"} for name in METRICS]
    queries = [{"Id": f"m{number}", "MetricStat": stat} for number, stat in enumerate(stats)]
    span = {"StartTime": now - timedelta(days=30), "EndTime": now}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, PaginationConfig={"PageSize": 3}, **span
    )
    sums = {"m0": 0, "m1": 0}
    for page in pages:
        for result in page["MetricDataResults"]:
            assert len(result["Timestamps"]) == len(result["Values"])
            sums[result["Id"]] += sum(result["Values"])
    assert sums == {"m0": 6, "m1": 150}, sums
    refused("ValidationException", cloudwatch.get_metric_data, MetricDataQueries=queries * 2, **span)


METRICS = ("Invocations", "InputTokenCount")
# What moto does not have.
NEWER = {"modelStatus", "ownerAccountId"}
SAME = ["modelName", "jobName", "customizationType", "hyperParameters", "trainingDataConfig", "outputDataConfig"]


def compared():
    """Both make the same model of the same job, but for ids, times, metrics and how a base model is called."""
    more = {
        "customizationType": "FINE_TUNING",
        "hyperParameters": {"epochCount": "2", "batchSize": "1", "learningRate": "1.0E-4"},
    }
    for client in (bedrock, moto):
        client.create_model_customization_job(**job_request(ACCOUNT, "compared", **more))
    steer(url, "jobs/compared", "POST", {"status": "Completed"})
    ours, theirs = [client.get_custom_model(modelIdentifier="compared") for client in (bedrock, moto)]
    for name in SAME:
        assert ours[name] == theirs[name], (name, ours[name], theirs[name])
    # moto leaves empty members out, and makes up a key.
    differ = (set(ours) ^ set(theirs)) - NEWER - {"validationMetrics", "trainingMetrics", "modelKmsKeyArn"}
    assert not differ, differ
    [listed], [known] = [
        client.list_custom_models(nameContains="compared")["modelSummaries"] for client in (bedrock, moto)
    ]
    assert set(listed) - NEWER == set(known), set(listed) ^ set(known)
    for client in (bedrock, moto):
        client.delete_custom_model(modelIdentifier="compared")
        refused("ResourceNotFoundException", client.get_custom_model, modelIdentifier="compared")


def retired():
    bedrock.delete_provisioned_model_throughput(provisionedModelId="renamed")
    refused("ResourceNotFoundException", bedrock.get_provisioned_model_throughput, provisionedModelId="renamed")


def as_modelled():
    assert not shapes.deviations, dict(shapes.deviations)
    missing = {name for name in bedrock.meta.service_model.operation_names if is_ours(name)} - operations
    assert not missing, missing
    return f"{shapes.leaves} leaves of {len(operations)} operations"


def is_ours(name):
    kinds = ("CustomModel", "CustomModels", "CustomModelDeployment", "CustomModelDeployments")
    kinds += ("ProvisionedModelThroughput", "ProvisionedModelThroughputs")
    return any(name == verb + kind for verb in ("Create", "Get", "List", "Update", "Delete") for kind in kinds)


for step in (made, deployed, provisioned, measured, retired, compared, as_modelled):
    check(f"boto3, models: {step.__name__}", step)
end()
