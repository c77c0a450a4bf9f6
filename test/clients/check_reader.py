"""Asks the Python reader the questions of read-vectors.json, and compares its answers with those of the file and, to the
last attribute, with those of the TypeScript client.

Prints one line `ok <what>` or `FAILED <what>: <why>` a question.

    python check_reader.py read-vectors.json <address of DynamoDB> answers.json
"""

import dataclasses
import json
import re
import sys

import boto3
import checks
from bedrock_job_tracker_client import (
    JobsClient,
    ModelsClient,
    TrackerError,
    parse_model_transition,
    parse_transition,
)

vectors_file, url, answers_file = sys.argv[1:]
with open(vectors_file, encoding="utf-8") as file:
    vectors = json.load(file)
with open(answers_file, encoding="utf-8") as file:
    typescript = json.load(file)
dynamodb = boto3.client("dynamodb", endpoint_url=url)
SECONDS = ("timeout", "interval", "appears_within")


def snake(name):
    return re.sub("([A-Z])", r"_\1", name).lower()


def camel(name):
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def arguments(members):
    """The members of a request as the keywords of a call."""
    given = {snake(name): value for name, value in members.items()}
    if "tag" in given:
        tags = given.pop("tag")
        given["tags"] = {tag["key"]: tag.get("value") for tag in (tags if isinstance(tags, list) else [tags])}
    return {
        name: value / 1000 if name in SECONDS and isinstance(value, (int, float)) else value
        for name, value in given.items()
    }


def told(answer, **more):
    """An answer under the names of TypeScript, without what is None."""
    return {
        camel(name): value for name, value in {**dataclasses.asdict(answer), **more}.items() if value is not None
    }


def page_of(list_page, request):
    page = list_page(**arguments(request))
    return page.cursor, told(dataclasses.replace(page, cursor=None), more=page.cursor is not None)


def pages_of(list_page, request):
    cursor = None
    while True:
        cursor, page = page_of(list_page, {**request, "cursor": cursor})
        yield page
        if cursor is None:
            return


def iterate(name, all_of_them):
    found = []
    while True:
        try:
            found.append(next(all_of_them))
        except StopIteration as end:
            return {name: found, **told(end.value)}


def update(job, change):
    names = list(change)
    values = [{"N": str(value)} if isinstance(value, int) else {"S": value} for value in change.values()]
    dynamodb.update_item(
        TableName=vectors["table"],
        Key={"job_arn": {"S": job["job_arn"]}},
        UpdateExpression=f"SET {', '.join(f'#n{n} = :v{n}' for n in range(len(names)))} REMOVE active_scope",
        ExpressionAttributeNames={f"#n{n}": name for n, name in enumerate(names)},
        ExpressionAttributeValues={f":v{n}": value for n, value in enumerate(values)},
    )


def wait(jobs, vector):
    seen, change = [], vector.get("update")

    def on_change(job):
        seen.append(job["status"])
        if len(seen) == 1 and change is not None:
            update(job, change)

    answer = jobs.wait_for_job(vector["job"], **arguments(vector["options"]), on_change=on_change)
    return told(answer, seen=seen) if change is None else {"job": answer.job, "seen": seen}


def ask(vector):
    where = {
        "scopes": vector.get("scopes", vectors["scopes"]),
        "sweeps_table_name": vector.get("sweepsTable", vectors["sweepsTable"]),
        "dynamodb": dynamodb,
    }
    jobs = JobsClient(vectors["table"], **where)
    models = ModelsClient(vectors["modelsTable"], **where, jobs_table_name=vectors["table"])
    options = arguments(vector.get("options", {}))
    match vector["call"]:
        case "getJob":
            return told(jobs.get_job(vector["job"], **options))
        case "transitions":
            return told(jobs.transitions(vector["job"], **options))
        case "jobThatMade":
            return told(jobs.job_that_made(vector["job"]))
        case "getModel":
            return told(models.get_model(vector["model"], **options))
        case "lineage":
            return told(models.lineage(vector["model"], **options))
        case "listModels":
            return page_of(models.list_models, vector["request"])[1]
        case "allPagesOfModels":
            return {"pages": list(pages_of(models.list_models, vector["request"]))}
        case "iterateModels":
            return iterate("models", models.iterate_models(**arguments(vector["request"])))
        case "listJobs":
            return page_of(jobs.list_jobs, vector["request"])[1]
        case "otherCursor":
            cursor, _page = page_of(jobs.list_jobs, vector["cursorOf"])
            return page_of(jobs.list_jobs, {**vector["request"], "cursor": cursor})[1]
        case "allPages":
            return {"pages": list(pages_of(jobs.list_jobs, vector["request"]))}
        case "iterateJobs":
            return iterate("jobs", jobs.iterate_jobs(**arguments(vector["request"])))
        case "waitForJob":
            return wait(jobs, vector)
        case "parseTransition" | "parseModelTransition" as call:
            event = vectors["event"]
            changed = {**event, "detail": {**event["detail"], **vector["detail"]}, **vector["change"]}
            parse = parse_transition if call == "parseTransition" else parse_model_transition
            return {"transition_id": parse(changed)["detail"]["transition_id"]}


def brief(value):
    """An answer as the file has it: a job, a model or what serves it by its id, a transition by the status that began."""
    if isinstance(value, list):
        return [brief(one) for one in value]
    if not isinstance(value, dict):
        return value
    # A lineage names all of them.
    arns = [] if "kind" in value else [value[name] for name in ("model_arn", "job_arn", "arn") if name in value]
    if arns:
        return arns[0][-12:]
    return value["to"] if "to" in value else {name: brief(member) for name, member in value.items()}


def check(vector):
    try:
        answer = ask(vector)
    except TrackerError as error:
        answer = {"error": error.code}
    # As JSON: DynamoDB's Decimal would not be.
    answer = json.loads(json.dumps(answer))
    assert brief(answer) == vector["expected"], f"{brief(answer)} is not {vector['expected']}"
    assert answer == typescript[vector["name"]], "it is not what the TypeScript client answers"


for vector in vectors["vectors"]:
    checks.check(f"reader: {vector['name']}", lambda vector=vector: check(vector))
checks.end()
