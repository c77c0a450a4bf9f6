# Every prop and method of the constructs. ../construct/everything.mjs is the same app, line by line.
from aws_cdk import App, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from bedrock_job_tracker import (
    AlarmThreshold,
    AlarmThresholds,
    BedrockJobTracker,
    BedrockJobTrackerSpoke,
    BedrockJobTrackerStack,
    FunctionOverrides,
    FunctionResources,
    NotificationProps,
    TrackedScopes,
    TrackerMetric,
)

app = App(analytics_reporting=False)
env = Environment(account="111122223333", region="us-east-1")

BedrockJobTracker(Stack(app, "Plain"), "Tracker")

stack = Stack(app, "Everything", env=env)
vpc = ec2.Vpc.from_vpc_attributes(
    stack,
    "Vpc",
    vpc_id="vpc-0a1b2c3d",
    availability_zones=["us-east-1a"],
    private_subnet_ids=["subnet-0a1b2c3d"],
)
tracker = BedrockJobTracker(
    stack,
    "Tracker",
    scopes=[TrackedScopes(), TrackedScopes(accounts=["444455556666"], regions=["us-west-2", "xx-new-1"])],
    spoke_external_id="bedrock-7f3a",
    organization_id="o-a1b2c3d4e5",
    spoke_accounts=["777788889999"],
    known_regions=["xx-new-1"],
    active_sweep_every=Duration.minutes(10),
    idle_sweep_every=Duration.minutes(30),
    empty_sweep_every=Duration.hours(6),
    full_sweep_every=Duration.hours(12),
    release_after=Duration.hours(48),
    sweep_concurrency=4,
    tag_refresh_window=Duration.days(7),
    models=True,
    model_sweep_every=Duration.hours(2),
    model_usage=True,
    idle_after=Duration.days(30),
    schedules_enabled=False,
    max_concurrency=4,
    transitions_bus=events.EventBus(stack, "Transitions"),
    redact_failure_messages=True,
    notifications=NotificationProps(statuses=["Failed"], emails=["ml-team@example.com"], idle_models=True),
    alarms=True,
    alarm_topic=sns.Topic(stack, "Alarms"),
    runbook_url="https://wiki.example.com/runbook",
    alarm_thresholds=AlarmThresholds(
        track_job_errors=AlarmThreshold(threshold=5, periods=2), creations_missed=AlarmThreshold(enabled=False)
    ),
    long_running_after=Duration.days(3),
    dashboard=True,
    memory_size=1024,
    reserved_concurrent_executions=6,
    functions=FunctionOverrides(
        track_job=FunctionResources(memory_size=512),
        notify_transition=FunctionResources(reserved_concurrent_executions=1),
    ),
    vpc=vpc,
    vpc_subnets=ec2.SubnetSelection(subnets=vpc.private_subnets),
    security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0a1b2c3d")],
    log_group=logs.LogGroup(stack, "Logs"),
    log_level="WARN",
    table_name="fine-tuning-jobs",
    removal_policy=RemovalPolicy.DESTROY,
    deletion_protection=False,
    point_in_time_recovery=False,
    tracing=True,
    encryption_key=kms.Key(stack, "Key"),
    parameter_prefix="/team/bedrock-job-tracker",
)
subscriber = lambda_.Function(
    stack,
    "Subscriber",
    runtime=lambda_.Runtime.PYTHON_3_12,
    handler="index.handler",
    code=lambda_.Code.from_inline("def handler(event, context): pass"),
)
tracker.grant_read_jobs(subscriber)
tracker.grant_read_models(subscriber)
tracker.add_transition_target(stack, "OnTransition", target=targets.LambdaFunction(subscriber))
tracker.metric(TrackerMetric.JOBS_TRACKED, outcome="failed", period=Duration.hours(1)).create_alarm(
    stack,
    "Failures",
    threshold=8,
    evaluation_periods=1,
    comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
)

# Another stack of the app.
consumer = Stack(app, "Consumer", env=env)
tracker.grant_read_jobs(iam.Role(consumer, "Reader", assumed_by=iam.AccountPrincipal("444455556666")))
tracker.add_transition_target(
    consumer,
    "OnFailure",
    target=targets.SqsQueue(sqs.Queue(consumer, "Failures")),
    statuses=["Failed"],
    sub_tasks=True,
    backfill=True,
)
tracker.add_transition_target(
    consumer, "OnModel", target=targets.SqsQueue(sqs.Queue(consumer, "Models")), models=True
)

# Another repository.
elsewhere = Stack(app, "Elsewhere", env=env)
found = BedrockJobTracker.from_parameter_prefix(
    elsewhere,
    "Tracker",
    parameter_prefix="/team/bedrock-job-tracker",
    encryption_key=kms.Key.from_key_arn(elsewhere, "Key", "arn:aws:kms:us-east-1:111122223333:key/a1b2"),
)
found.grant_read_jobs(iam.Role(elsewhere, "Reader", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com")))
found.add_transition_target(
    elsewhere, "OnTransition", target=targets.SqsQueue(sqs.Queue(elsewhere, "Transitions"))
)
found.metric(TrackerMetric.ACTIVE_JOBS).create_alarm(elsewhere, "Busy", threshold=8, evaluation_periods=1)

adopted = Stack(app, "Adopted", env=env)
BedrockJobTracker(
    adopted,
    "Tracker",
    log_retention=logs.RetentionDays.ONE_WEEK,
    jobs_table=dynamodb.Table.from_table_attributes(
        adopted,
        "OldJobsTable",
        table_arn="arn:aws:dynamodb:us-east-1:111122223333:table/Old",
        table_stream_arn="arn:aws:dynamodb:us-east-1:111122223333:table/Old/stream/2026-11-23T11:30:00.000",
    ),
    models_table=dynamodb.Table.from_table_attributes(
        adopted,
        "OldModelsTable",
        table_arn="arn:aws:dynamodb:us-east-1:111122223333:table/Old-models",
        table_stream_arn="arn:aws:dynamodb:us-east-1:111122223333:table/Old-models/stream/2026-11-23T11:30:00.000",
    ),
)

BedrockJobTrackerStack(
    app,
    "Ready",
    env=env,
    alarm_topic_arn="arn:aws:sns:us-east-1:111122223333:operations",
    transitions_bus_arn="arn:aws:events:us-east-1:111122223333:event-bus/transitions",
    encryption_key_arn="arn:aws:kms:us-east-1:111122223333:key/a1b2",
    vpc_id="vpc-0a1b2c3d",
    subnet_ids=["subnet-0a1b2c3d"],
    security_group_ids=["sg-0a1b2c3d"],
    log_group_name="/team/tracker",
    jobs_table_stream_arn="arn:aws:dynamodb:us-east-1:111122223333:table/Old/stream/2026-11-23T11:30:00.000",
    jobs_table_key_arn="arn:aws:kms:us-east-1:111122223333:key/c3d4",
)
BedrockJobTrackerSpoke(app)
app.synth()
