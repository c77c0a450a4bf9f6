import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { GetEventSourceMappingCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import type { Connection } from '../../../../lib/cli/context.ts';
import { gather, openClients } from '../../../../lib/cli/doctor/evidence.ts';
import { DEPLOYMENT_CHECKS, ruleOf } from '../../../../lib/cli/doctor/checks/deployment.ts';
import { examine } from '../../../../lib/cli/doctor/examine.ts';
import type { TrackerSettings } from '../../../../lib/contract.ts';
import { trackerSettings } from '../../../support/tracker-settings.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:topic';
const events = mockClient(EventBridgeClient);
const lambda = mockClient(LambdaClient);
const scheduler = mockClient(SchedulerClient);
const sns = mockClient(SNSClient);
const sqs = mockClient(SQSClient);

/** All that the stack deployed is well. */
beforeEach(() => {
  for (const mock of [events, lambda, scheduler, sns, sqs]) mock.reset();
  events.on(DescribeRuleCommand).resolves({ State: 'ENABLED' });
  events
    .on(ListTargetsByRuleCommand)
    .resolves({ Targets: [{ Id: '1', Arn: 'arn:q', DeadLetterConfig: { Arn: 'arn:d' } }] });
  events.on(DescribeEventBusCommand).resolves({ Name: 'default' });
  lambda.on(GetFunctionConfigurationCommand).resolves({ State: 'Active', LastUpdateStatus: 'Successful' });
  lambda.on(GetEventSourceMappingCommand).resolves({ State: 'Enabled', LastProcessingResult: 'OK' });
  scheduler.on(ListSchedulesCommand).resolves({ Schedules: [{ State: 'ENABLED' }, { State: 'ENABLED' }] });
  sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions: [{ SubscriptionArn: `${TOPIC}:1` }] });
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '2' } });
});

const examined = async (change: Partial<TrackerSettings> = {}) => {
  const connection = {
    isLocal: false,
    parameter: () => Promise.resolve('reconcile-jobs'),
  } as Partial<Connection> as Connection;
  const clients = openClients('us-east-1', false, (client) => client);
  const settings = trackerSettings({ notificationsTopicArn: TOPIC, ...change });
  const patient = { clients, evidence: gather(clients, 'us-east-1', undefined), now: new Date() };
  return examine(patient, { connection, settings: { schedules: settings, settings } }, DEPLOYMENT_CHECKS);
};
const failing = async (change?: Partial<TrackerSettings>) =>
  (await examined(change)).filter(({ outcome }) => outcome !== 'holds');

describe('the deployment', () => {
  it('holds where each part is as deployed', async () => {
    expect(await failing()).toEqual([]);
  });

  it.each<[string, () => unknown, Partial<TrackerSettings>, RegExp]>([
    [
      'versions',
      () => undefined,
      { version: '0.0.9' },
      /^The stack BedrockJobTracker has version 0\.0\.9, this command/,
    ],
    [
      'functions',
      () =>
        lambda
          .on(GetFunctionConfigurationCommand, { FunctionName: 'track-job' })
          .resolves({ State: 'Failed', StateReason: 'no key' }),
      {},
      /^track-job cannot start \(no key\)\.$/,
    ],
    [
      'functions',
      () =>
        lambda
          .on(GetFunctionConfigurationCommand, { FunctionName: 'reconcile-jobs' })
          .resolves({ LastUpdateStatus: 'Failed' }),
      {},
      /^reconcile-jobs cannot start/,
    ],
    [
      'rules',
      () => events.on(DescribeRuleCommand).resolves({ State: 'DISABLED' }),
      {},
      /^The rule state-change is disabled: aws events enable-rule --name state-change$/,
    ],
    [
      'rules',
      () => events.on(DescribeRuleCommand).resolves({ State: 'DISABLED' }),
      { ruleArns: ['arn:aws:events:us-east-1:111122223333:rule/hub/bus/spoke'] },
      /enable-rule --name spoke --event-bus-name hub\/bus$/,
    ],
    [
      'rules',
      () => events.on(ListTargetsByRuleCommand).resolves({}),
      {},
      /^The rule state-change has no target\. Revert it: see https:.*#revert-manual-changes$/,
    ],
    [
      'rules',
      () => events.on(ListTargetsByRuleCommand).resolves({ Targets: [{ Id: '1', Arn: 'arn:q' }] }),
      {},
      /has no dead-letter queue/,
    ],
    [
      'mappings',
      () => lambda.on(GetEventSourceMappingCommand).resolves({ State: 'Disabled' }),
      {},
      /^The mapping of jobEvents is Disabled: aws lambda update-event-source-mapping --enabled --uuid 14e0/,
    ],
    [
      'mappings',
      () =>
        lambda
          .on(GetEventSourceMappingCommand)
          .resolves({ State: 'Enabled', LastProcessingResult: 'PROBLEM: Function call failed' }),
      {},
      /reports "PROBLEM: Function call failed"/,
    ],
    [
      'schedules',
      () => scheduler.on(ListSchedulesCommand).resolves({ Schedules: [{ Name: 'full', State: 'DISABLED' }] }),
      {},
      /^Disabled in the group schedules: full\./,
    ],
    [
      'schedules',
      () => scheduler.on(ListSchedulesCommand).resolves({ Schedules: [{ Name: 'full', State: 'DISABLED' }] }),
      { schedulesEnabled: false },
      /^Switched off: deploy the stack without schedulesEnabled=false/,
    ],
    ['schedules', () => scheduler.on(ListSchedulesCommand).resolves({ Schedules: [] }), {}, /has no schedule\./],
    [
      'queue',
      () => sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '5000' } }),
      {},
      /^5000 messages waiting, 0 being tracked: track-job is behind/,
    ],
    [
      'notifications',
      () =>
        sns
          .on(ListSubscriptionsByTopicCommand)
          .resolves({ Subscriptions: [{ SubscriptionArn: 'PendingConfirmation' }] }),
      {},
      /^None of 1 subscription is confirmed/,
    ],
  ])('%s: does not hold, and says what to do', async (id, arrange, change, detail) => {
    arrange();
    expect(await failing(change)).toEqual([
      expect.objectContaining({ id, outcome: 'does not hold', detail: expect.stringMatching(detail) as unknown }),
    ]);
  });

  it.each([
    ['arn:aws:events:us-east-1:123456789012:event-bus/team', 'team'],
    ['arn:aws:events:us-east-1:444455556666:event-bus/team', 'arn:aws:events:us-east-1:444455556666:event-bus/team'],
  ])('asks for the bus %s as %s', async (transitionsBusArn, Name) => {
    await examined({ transitionsBusArn });
    expect(events.commandCalls(DescribeEventBusCommand)[0]?.args[0].input).toEqual({ Name });
  });

  it('does not hold where AWS does not know a part', async () => {
    const missing = Object.assign(new Error('No.'), { name: 'ResourceNotFoundException', $metadata: {} });
    events.on(DescribeRuleCommand).rejects(missing);
    expect(await failing()).toEqual([expect.objectContaining({ id: 'rules', outcome: 'does not hold' })]);
  });

  it('could not be checked where a call is denied, and says which', async () => {
    const message = 'User: x is not authorized to perform: scheduler:ListSchedules on resource: y';
    scheduler
      .on(ListSchedulesCommand)
      .rejects(Object.assign(new Error(message), { name: 'AccessDeniedException', $metadata: {} }));
    expect(await failing()).toEqual([
      expect.objectContaining({
        id: 'schedules',
        outcome: 'could not be checked',
        detail: expect.stringMatching(/^You may not use scheduler:ListSchedules on y/) as unknown,
      }),
    ]);
  });

  it.each([
    ['arn:aws:events:us-east-1:123456789012:rule/name', { Name: 'name' }],
    ['arn:aws:events:us-east-1:123456789012:rule/bus/name', { EventBusName: 'bus', Name: 'name' }],
  ])('knows the bus and name of %s', (arn, rule) => {
    expect(ruleOf(arn)).toEqual(rule);
  });
});
