"""Runs MiniStack as this test needs it, until standard input ends; then nothing that it started is left."""

import hashlib
import os
import re
import signal
import sys
import threading

import ministack.services.eventbridge as eventbridge
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import cloudformation, lambda_svc
from ministack.services.cloudformation import helpers, provisioners

# As test/stack/support/spokes.ts has them.
ORGANIZATION, OUTSIDER = "o-a1b2c3d4e5", "999999999999"


def end_with_input():
    """Whoever started this holds the other end, and lets go of it even when killed."""
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def put_events_as_bedrock(data, allow_aws_source=True):
    """EventBridge takes events of aws.* from AWS's services alone. Here the test stands for Amazon Bedrock."""
    return put_events(data, allow_aws_source=True)


def dispatch_to_event_bus(bus, event, rule, event_path, target_input_payload=None):
    """A rule's target may be a bus of another account or Region, and the event keeps where it came from."""
    here = responses.get_account_id(), responses.get_region()
    if (bus.account_id, bus.region) == here:
        return forward(bus, event, rule, event_path, target_input_payload)
    responses.set_request_account_id(bus.account_id)
    responses.set_request_region(bus.region)
    try:
        name = bus.resource.split("/", 1)[1]
        if name not in eventbridge._event_buses:
            raise LookupError(f"There is no event bus {name} in {bus.account_id}, {bus.region}.")
        eventbridge._dispatch_event({**event, "EventBusName": name})
    finally:
        responses.set_request_account_id(here[0])
        responses.set_request_region(here[1])


def condition_value(key, request):
    """aws:PrincipalArn is the role of whoever has taken one, not the session. All accounts but one are an organization's."""
    if key.lower() == "aws:resourceorgid":
        account = request.resource_arn.split(":")[4]
        return None if account == OUTSIDER else ORGANIZATION
    session = re.fullmatch(r"arn:(\S+?):sts::(\d+):assumed-role/([^/]+)/.*", request.principal_arn)
    if key.lower() != "aws:principalarn" or session is None:
        return context_value(key, request)
    partition, account, role = session.groups()
    return f"arn:{partition}:iam::{account}:role/{role}"


def physical_name(stack_name, logical_id, **options):
    """The end of a generated name is new with each creation of a stack, so that a table it left behind stays apart."""
    name = name_of(stack_name, logical_id, **options)
    stack = cloudformation._stacks.get(stack_name, {})
    end = hashlib.sha256(f"{name} {stack.get('StackId')}".encode()).hexdigest()[:13]
    return name[:-13] + (end if options.get("lowercase") else end.upper())


def iam_action(*request, **more):
    """SQS asks for the permission to send one message also where a request sends ten."""
    action = action_of(*request, **more)
    return "sqs:SendMessage" if action == "sqs:SendMessageBatch" else action


def alarm_record(name, properties):
    """An alarm on a sum or a query of metrics, which MiniStack does not evaluate: it stands there as one on the first."""
    summands = [entry["MetricStat"] for entry in properties.get("Metrics") or [] if "MetricStat" in entry]
    for entry in properties.get("Metrics") or []:
        query = re.match(r'SELECT (\w+)\((\w+)\) FROM (?:SCHEMA\()?"?(\w+)', entry.get("Expression") or "")
        if query is not None:
            stat, metric, namespace = query.groups()
            single = {"MetricName": metric, "Namespace": namespace, "Statistic": "Maximum" if stat == "MAX" else stat}
            return record_of(name, {**properties, **single, "Period": entry["Period"], "Metrics": None})
    if not summands:
        return record_of(name, properties)
    first = summands[0]
    single = {**first["Metric"], "Period": first["Period"], "Statistic": first["Stat"]}
    return record_of(name, {**properties, **single, "Metrics": None})


def sqs_concurrency(mapping, *others):
    """A parameter of the type Number is text where a template refers to it; the API takes a number."""
    scaling = mapping.get("ScalingConfig") or {}
    if "MaximumConcurrency" in scaling:
        scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
    return concurrency_of(mapping, *others)


def document_at(params, body_key, url_key, label):
    """The bucket of a TemplateURL may be named in its host, as in most of S3's own addresses."""
    url = re.fullmatch(r"https://([^/]+)\.(s3[.-][^/]+)/(.+)", (params.get(url_key) or [""])[0])
    if url is not None:
        bucket, host, key = url.groups()
        params = {**params, url_key: [f"https://{host}/{bucket}/{key}"]}
    return document_of(params, body_key, url_key, label)


if os.getpgrp() != os.getpid():
    sys.exit("Start this in a process group of its own: at the end it kills its group.")
put_events = eventbridge._put_events
eventbridge._put_events = put_events_as_bedrock
forward = eventbridge._dispatch_to_event_bus
eventbridge._dispatch_to_event_bus = dispatch_to_event_bus
name_of = provisioners._physical_name
provisioners._physical_name = physical_name
record_of = provisioners._cw_metric_alarm_record
provisioners._cw_metric_alarm_record = alarm_record
concurrency_of = lambda_svc._sqs_esm_concurrency
lambda_svc._sqs_esm_concurrency = sqs_concurrency
document_of = helpers._resolve_document
helpers._resolve_document = document_at
action_of = iam_actions.extract_iam_action
iam_actions.extract_iam_action = iam_action
context_value = iam_evaluator._resolve_condition_key
iam_evaluator._resolve_condition_key = condition_value
# With TLS it would also listen on port 443, and so disturb another run.
app._port_is_bindable = lambda *_: False
threading.Thread(target=end_with_input, daemon=True).start()
sys.argv[1:] = []
app.main()
