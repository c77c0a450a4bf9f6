import { describe, expect, it } from '@jest/globals';
import { Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  ENV,
  MODEL_TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_EVENT_SOURCE,
} from '../../lib/contract.ts';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import type { TransitionFilter } from '../../lib/infra/transitions.ts';
import { iamStatements, type Statement } from './permissions.ts';
import {
  defaultTemplate,
  listOf,
  makeApp,
  makeStack,
  readable,
  resourceOf,
  resourcesOf,
  stubs,
  synthesize,
  toTemplate,
  variablesOf,
} from './support.ts';

const HOME = { account: '111122223333', region: 'us-west-2' };
const busArn = ({ account, region }: typeof HOME): string => `arn:aws:events:${region}:${account}:event-bus/team`;
const OTHER_ACCOUNT = { ...HOME, account: '444455556666' };
const OTHER_REGION = { ...HOME, region: 'eu-west-1' };
const OWN_STATUS = { task: [{ exists: false }] };
const FROM_NOW_ON = { via: [{ 'anything-but': ['backfill'] }] };

describe('publish-transitions', () => {
  it('can only put transitions on the bus: it cannot pass for another source', () => {
    const [statement, ...others] = iamStatements(defaultTemplate())
      .map((entry) => entry.statement)
      .filter(({ Action }) => listOf(Action).includes('events:PutEvents'));
    expect(others).toEqual([]);
    expect(statement?.Condition).toEqual({
      'ForAllValues:StringEquals': {
        'events:source': [TRANSITION_EVENT_SOURCE],
        'events:detail-type': [TRANSITION_DETAIL_TYPE, MODEL_TRANSITION_DETAIL_TYPE],
      },
      Null: { 'events:source': 'false', 'events:detail-type': 'false' },
    });
  });

  it('redacts failure messages where the prop asks for it', () => {
    const redacting = variablesOf(synthesize({ redactFailureMessages: true }), 'PublishTransitions');
    expect(redacting).toHaveProperty(ENV.redactFailureMessages, 'true');
    expect(variablesOf(defaultTemplate(), 'PublishTransitions')).not.toHaveProperty(ENV.redactFailureMessages);
  });

  it.each([
    ['FunctionStream', 'JobsTable'],
    ['FunctionModelStream', 'ModelsTable'],
  ])('follows the stream by %s of the %s from its beginning, and gives up into the queue', (mapping, table) => {
    const { Properties } = resourceOf(defaultTemplate(), 'AWS::Lambda::EventSourceMapping', mapping);
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      ParallelizationFactor: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      // Half of the stream's 24 hours, so that what it gave up on can still be read.
      MaximumRecordAgeInSeconds: 43_200,
    });
    const { EventSourceArn, FunctionName, DestinationConfig } = Properties as {
      EventSourceArn: unknown;
      FunctionName: unknown;
      DestinationConfig: { OnFailure: { Destination: unknown } };
    };
    expect([EventSourceArn, FunctionName, DestinationConfig.OnFailure.Destination].map(readable)).toEqual([
      `<Tracker${table}.StreamArn>`,
      '<TrackerPublishTransitionsFunction>',
      '<TrackerPublishTransitionsFailedQueue.Arn>',
    ]);
  });
});

describe('the bus of transitions', () => {
  const bus = (template: ReturnType<typeof synthesize>) => variablesOf(template, 'Publish')[ENV.transitionsBus];

  it('is the default bus of the account and Region', () => {
    expect(bus(defaultTemplate())).toMatch(/:event-bus\/default$/);
    expect(makeStack().tracker.transitionsBus.eventBusName).toBe('default');
  });

  it('can be one that is made elsewhere, by its ARN or as a construct', () => {
    const template = synthesize({ env: HOME, transitionsBusArn: busArn(HOME), notifications: {} });
    expect(bus(template)).toBe(busArn(HOME));
    expect(resourceOf(template, 'AWS::Events::Rule', 'Notifications').Properties).toMatchObject({
      EventBusName: 'team',
    });
    const own = makeStack({ transitionsBus: EventBus.fromEventBusArn(makeStack(), 'Bus', busArn(HOME)) });
    expect(own.tracker.transitionsBus.eventBusArn).toBe(busArn(HOME));
  });

  it('can be in another account, but not in another Region, which PutEvents does not reach', () => {
    expect(bus(synthesize({ env: HOME, transitionsBusArn: busArn(OTHER_ACCOUNT) }))).toBe(busArn(OTHER_ACCOUNT));
    expect(() => synthesize({ env: HOME, transitionsBusArn: busArn(OTHER_REGION) })).toThrow(
      /^Bedrock job tracker: .*\n {2}- transitionsBusArn is in eu-west-1: .* other Regions than us-west-2 .*addTransitionTarget/,
    );
  });

  const rules: [string, (place: typeof HOME, env?: typeof HOME) => unknown][] = [
    [
      'notifications by its ARN',
      (place, env) => synthesize({ ...(env && { env }), transitionsBusArn: busArn(place), notifications: {} }),
    ],
    [
      'notifications by the bus itself',
      (place, env) => {
        const elsewhere = new Stack(makeApp(), 'Elsewhere', { env: place });
        const transitionsBus = EventBus.fromEventBusArn(elsewhere, 'Bus', busArn(place));
        return synthesize({ ...(env && { env }), transitionsBus, notifications: {} });
      },
    ],
    [
      'a target',
      (place, env) => {
        const stack = makeStack({ ...(env && { env }), transitionsBusArn: busArn(place) });
        return stack.tracker.addTransitionTarget(stack, 'Team', {
          target: new SqsQueue(new Queue(stack, 'TeamQueue')),
        });
      },
    ],
  ];

  it.each(rules)('takes %s where the stack is, and nowhere else', (_way, make) => {
    expect(() => make(HOME, HOME)).not.toThrow();
    // It would listen to a bus of the same name at home.
    expect(() => make(OTHER_ACCOUNT, HOME)).toThrow(
      /transitionsBus(Arn)? is in 444455556666 in us-west-2, where no rule of this stack can listen/,
    );
    expect(() => make(HOME)).toThrow(/which may not be the stack's own account and Region/);
  });
});

describe('a target of transitions', () => {
  it.each<[string, TransitionFilter, unknown]>([
    ["gets each transition of a job's own status from now on", {}, { ...OWN_STATUS, ...FROM_NOW_ON }],
    [
      'gets those into chosen statuses, each once named',
      { statuses: ['Failed', 'Stopped', 'Failed'] },
      { to: ['Failed', 'Stopped'], ...OWN_STATUS, ...FROM_NOW_ON },
    ],
    [
      'gets those into statuses that only CloudFormation knows',
      { statuses: Token.asList({ Ref: 'Statuses' }) },
      { to: { Ref: 'Statuses' }, ...OWN_STATUS, ...FROM_NOW_ON },
    ],
    ['gets those of sub-tasks too where it wants them', { subTasks: true }, FROM_NOW_ON],
    ['gets those of the backfill too where it wants them', { backfill: true }, OWN_STATUS],
    ['gets everything where it wants everything', { subTasks: true, backfill: true }, undefined],
    [
      'gets those of models in place of those of jobs',
      { models: true, statuses: ['Idle'] },
      { to: ['Idle'], ...FROM_NOW_ON },
    ],
  ])('%s', (_case, filter, detail) => {
    const stack = makeStack();
    stack.tracker.addTransitionTarget(stack, 'Team', {
      target: new SqsQueue(new Queue(stack, 'TeamQueue')),
      ...filter,
    });
    const rule = resourceOf(toTemplate(Template.fromStack(stack)), 'AWS::Events::Rule', 'Team');
    expect((rule.Properties as { EventPattern: unknown }).EventPattern).toEqual({
      source: [TRANSITION_EVENT_SOURCE],
      'detail-type': [filter.models === true ? MODEL_TRANSITION_DETAIL_TYPE : TRANSITION_DETAIL_TYPE],
      ...(detail !== undefined && { detail }),
    });
  });
});

it.each([
  [[], 'statuses is empty: leave it out for every status'],
  [['Failed', 'in progress'], 'statuses has "in progress": a status is a word'],
])('a target of transitions is refused with the statuses %j, which no job comes into', (statuses, message) => {
  const stack = makeStack();
  const target = new SqsQueue(new Queue(stack, 'TeamQueue'));
  expect(() => stack.tracker.addTransitionTarget(stack, 'Team', { target, statuses })).toThrow(message);
});

describe('a target in another stack', () => {
  const twoStacks = (props: BedrockJobTrackerStackProps = {}, env?: typeof HOME) => {
    const app = makeApp();
    const stack = makeStack(props, app);
    const other = new Stack(app, 'Other', { ...(env && { env }) });
    const add = () => {
      const target = new SqsQueue(new Queue(other, 'TeamQueue'));
      return stack.tracker.addTransitionTarget(other, 'Team', { target });
    };
    return { app, stack, other, add };
  };

  it('lies in that stack with its rule, and neither stack waits for the other', () => {
    const { app, stack, other, add } = twoStacks();
    add();
    app.synth();
    expect([stack.dependencies, other.dependencies]).toEqual([[], []]);
    const rule = resourceOf(toTemplate(Template.fromStack(other)), 'AWS::Events::Rule', 'Team').Properties;
    expect(rule).toMatchObject({ EventBusName: 'default' });
  });

  it('waits for the stack that makes the bus, which waits for nothing', () => {
    const app = makeApp();
    const producer = new Stack(app, 'Producer');
    const transitionsBus = new EventBus(producer, 'Bus') as IEventBus;
    const tracker = new BedrockJobTracker(producer, 'Tracker', { _codeDirectory: stubs, transitionsBus });
    const other = new Stack(app, 'Other');
    tracker.addTransitionTarget(other, 'Team', { target: new SqsQueue(new Queue(other, 'TeamQueue')) });
    app.synth();
    expect(producer.dependencies).toEqual([]);
    expect(other.dependencies).toEqual([producer]);
    const rule = resourceOf(toTemplate(Template.fromStack(other)), 'AWS::Events::Rule', 'Team').Properties;
    expect(readable((rule as { EventBusName: unknown }).EventBusName)).toMatch(/^<Producer:.*Bus/);
  });

  it('can be in the scope of the tracker itself, where it was before 0.2.0', () => {
    const { stack } = twoStacks();
    const target = new SqsQueue(new Queue(stack, 'TeamQueue'));
    stack.tracker.addTransitionTarget(stack.tracker, 'Team', { target });
    const rules = resourcesOf(toTemplate(Template.fromStack(stack)), 'AWS::Events::Rule').map(([id]) => id);
    expect(rules).toContainEqual(expect.stringMatching(/^TrackerTeam/));
  });

  it.each([OTHER_ACCOUNT, OTHER_REGION])('must be where transitions are published, not in %o', (place) => {
    expect(() => twoStacks({ env: HOME }, place).add()).toThrow(
      `the scope of addTransitionTarget is in ${place.account} in ${place.region}, but transitions are published in ` +
        '111122223333 in us-west-2',
    );
  });
});

describe('notifications', () => {
  const emails = ['ml@example.com', 'ops@example.com', 'ml@example.com'];
  const template = synthesize({ notifications: { statuses: ['Failed', 'Completed', 'Failed'], emails } });
  const queue = '<TrackerNotificationsUndeliveredQueue.Arn>';
  const RULE = /^<TrackerNotificationsRule.*\.Arn>$/;
  const statementsOf = (type: string): Statement[] =>
    resourcesOf(template, type)
      .filter(([id]) => id.includes('Notifications'))
      .flatMap(
        ([, { Properties }]) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement,
      );

  it('come of jobs in the chosen statuses: no sub-tasks, and nothing that a backfill found', () => {
    const { EventPattern, Targets } = resourceOf(template, 'AWS::Events::Rule', 'Notifications').Properties as {
      EventPattern: { detail: unknown };
      Targets: { Arn: unknown }[];
    };
    expect(EventPattern.detail).toEqual({ to: ['Failed', 'Completed'], ...OWN_STATUS, ...FROM_NOW_ON });
    expect(Targets.map(({ Arn }) => readable(Arn))).toEqual(['<TrackerNotificationsFunction.Arn>']);
    expect(variablesOf(template, 'Notifications')[ENV.notificationsTopic]).toBe('<TrackerNotificationsTopic>');
  });

  it('come of idle deployments and throughputs too where the prop asks for it, those of the first look included', () => {
    const idle = synthesize({ notifications: { idleModels: true } });
    const { EventPattern, Targets } = resourceOf(idle, 'AWS::Events::Rule', 'NotificationsIdleRule').Properties as {
      EventPattern: unknown;
      Targets: { Arn: unknown }[];
    };
    expect(EventPattern).toEqual({
      source: [TRANSITION_EVENT_SOURCE],
      'detail-type': [MODEL_TRANSITION_DETAIL_TYPE],
      detail: { to: ['Idle'] },
    });
    expect(Targets.map(({ Arn }) => readable(Arn))).toEqual(['<TrackerNotificationsFunction.Arn>']);
    expect(JSON.stringify(template)).not.toContain('IdleRule');
  });

  it('are tried three times within six hours, and then kept', () => {
    const { Properties } = resourceOf(template, 'AWS::Lambda::EventInvokeConfig', 'Notifications');
    expect(Properties).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 });
    const { DestinationConfig } = Properties as { DestinationConfig: { OnFailure: { Destination: unknown } } };
    expect(readable(DestinationConfig.OnFailure.Destination)).toBe(queue);
  });

  it('come from the rule alone, which invokes the function, and with the topic puts into the queue', () => {
    const [permission, ...others] = resourcesOf(template, 'AWS::Lambda::Permission');
    expect(others).toEqual([]);
    expect(permission?.[1].Properties).toMatchObject({ Principal: 'events.amazonaws.com' });
    expect(readable((permission?.[1].Properties as { SourceArn: unknown }).SourceArn)).toMatch(RULE);
    const allowed = statementsOf('AWS::SQS::QueuePolicy').filter(({ Effect }) => Effect === 'Allow');
    const senders = allowed.map(({ Action, Principal, Condition }) => [
      Action,
      Principal?.['Service'],
      readable((Condition as { ArnEquals: Record<string, unknown> }).ArnEquals['aws:SourceArn']),
    ]);
    expect(senders).toEqual([
      ['sqs:SendMessage', 'sns.amazonaws.com', '<TrackerNotificationsTopic>'],
      ['sqs:SendMessage', 'events.amazonaws.com', expect.stringMatching(RULE)],
    ]);
  });

  it('go through an encrypted topic that refuses publishers without TLS', () => {
    const { KmsMasterKeyId } = resourceOf(template, 'AWS::SNS::Topic', '').Properties as { KmsMasterKeyId: unknown };
    expect(readable(KmsMasterKeyId)).toMatch(/alias\/aws\/sns$/);
    expect(statementsOf('AWS::SNS::TopicPolicy')).toMatchObject([
      {
        Effect: 'Deny',
        Action: 'sns:Publish',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('are sent to each address once, and kept if they cannot be sent', () => {
    const subscriptions = resourcesOf(template, 'AWS::SNS::Subscription').map(([, { Properties }]) => {
      const { RedrivePolicy, ...others } = Properties as { RedrivePolicy: { deadLetterTargetArn: unknown } };
      return { ...others, deadLetters: readable(RedrivePolicy.deadLetterTargetArn) };
    });
    expect(subscriptions).toMatchObject([
      { Protocol: 'email', Endpoint: 'ml@example.com', deadLetters: queue },
      { Protocol: 'email', Endpoint: 'ops@example.com', deadLetters: queue },
    ]);
  });
});
