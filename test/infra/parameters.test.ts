import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { PARAMETER, VERSION } from '../../lib/contract.ts';
import { DEFAULT_SCHEDULES, parseSettings } from '../../lib/operator/tracker-settings.ts';
import { parseScope } from '../../lib/domain/identity.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { defaultTemplate, fullTemplate, readable, resourcesOf, synthesize, type CfnTemplate } from './support.ts';

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Tier?: string;
  readonly Value: unknown;
}
const parametersOf = (template: CfnTemplate): Parameter[] =>
  resourcesOf(template, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties as Parameter);
const valuesOf = (template: CfnTemplate): Record<string, string> =>
  Object.fromEntries(parametersOf(template).map(({ Name, Value }) => [Name, readable(Value)]));

const QUEUES = [
  '<TrackerJobEventsDeadLetterQueue>',
  '<TrackerJobEventsUndeliveredQueue>',
  '<TrackerReconcileJobsUndeliveredQueue>',
  '<TrackerPublishTransitionsFailedQueue>',
];

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const STANDARD_TIER = 4096;

const HOME = { account: '111122223333', region: 'us-east-1' };
const accounts = Array.from({ length: 100 }, (_, n) => (100_000_000_000 + n).toString());
const hub = (props: BedrockJobTrackerStackProps) =>
  synthesize({ env: HOME, spokeExternalId: 'bedrock-7f3a', ...props });
const scopesOf = (template: CfnTemplate): string => valuesOf(template)[PARAMETER.trackedScopes] ?? '';

describe('the SSM parameters', () => {
  it('are those of the contract, and no other', () => {
    const { [PARAMETER.settings]: settings, ...others } = valuesOf(defaultTemplate());
    expect(settings).toBeDefined();
    expect(others).toEqual({
      [PARAMETER.jobsTableName]: '<TrackerJobsTable>',
      [PARAMETER.jobsTableArn]: '<TrackerJobsTable.Arn>',
      [PARAMETER.jobEventsDeadLetterQueueArn]: '<TrackerJobEventsDeadLetterQueue.Arn>',
      [PARAMETER.trackedScopes]: '<AWS::AccountId>#<AWS::Region>',
      [PARAMETER.sweepsTableName]: '<TrackerSweepsTable>',
      [PARAMETER.watchedQueueUrls]: QUEUES.join(','),
      [PARAMETER.reconcileJobsFunctionName]: '<TrackerReconcileJobsFunction>',
      [PARAMETER.transitionsBusArn]: 'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default',
    });
  });

  it('name the queue of undelivered notifications too, where people are told', () => {
    const urls = valuesOf(synthesize({ notifications: {} }))[PARAMETER.watchedQueueUrls];
    expect(urls?.split(',')).toEqual([...QUEUES, '<TrackerNotificationsUndeliveredQueue>']);
  });

  it('are lists where they hold several values, so that a stack can take one of them', () => {
    const lists = parametersOf(defaultTemplate()).filter(({ Type }) => Type === 'StringList');
    expect(lists.map(({ Name }) => Name).sort()).toEqual([PARAMETER.trackedScopes, PARAMETER.watchedQueueUrls]);
  });

  it('hold a hundred scopes in the free tier, and in the form in which readers parse them', () => {
    // Longer than the name of any Region that there is.
    const longest = 'a'.repeat(19);
    const template = hub({ scopes: [{ accounts, regions: [longest] }], knownRegions: [longest] });
    const scopes = scopesOf(template).split(',');
    expect(scopes).toHaveLength(100);
    expect(scopes.map(parseScope)).toEqual(accounts.map((accountId) => ({ accountId, region: longest })));
    expect(scopesOf(template).length).toBeLessThanOrEqual(STANDARD_TIER);
    expect(parametersOf(template).map(({ Tier }) => Tier)).toEqual(Object.keys(PARAMETER).map(() => undefined));
  });

  it('hold the URLs of all queues, however long CloudFormation makes their names', () => {
    const url = `https://sqs.${'a'.repeat(20)}.amazonaws.com.cn/${HOME.account}/${'n'.repeat(80)}`;
    const urls = valuesOf(hub({ notifications: {} }))[PARAMETER.watchedQueueUrls]?.split(',') ?? [];
    expect(urls).toHaveLength(5);
    expect(urls.map(() => url).join(',').length).toBeLessThanOrEqual(STANDARD_TIER);
  });
});

const settingsOf = (template: CfnTemplate): string => valuesOf(template)[PARAMETER.settings] ?? '';

describe('the published settings', () => {
  it('say what no other parameter says', () => {
    expect(JSON.parse(settingsOf(defaultTemplate()))).toEqual({
      version: VERSION,
      stackName: '<AWS::StackName>',
      activeSweepMinutes: 5,
      fullSweepMinutes: 1440,
      tagRefreshDays: 30,
      longRunningMinutes: 2880,
      functionNames: {
        trackJob: '<TrackerTrackJobFunction>',
        publishTransitions: '<TrackerPublishTransitionsFunction>',
      },
      eventSourceMappings: {
        jobEvents: expect.stringMatching(/^<TrackerTrackJobFunctionSqsEventSource.*>$/) as unknown,
        transitions: '<TrackerPublishTransitionsFunctionStream>',
      },
      jobEventsQueueUrl: '<TrackerJobEventsQueue>',
      ruleArns: ['<TrackerJobEventsStateChangeRule.Arn>', '<TrackerJobEventsApiCallRule.Arn>'],
      scheduleGroupName: '<TrackerReconcileJobsSchedules>',
      transitionsBusArn: expect.stringMatching(/:event-bus\/default$/) as unknown,
    });
  });

  it('have the rules of the hub, and how people are told', () => {
    expect(JSON.parse(settingsOf(fullTemplate()))).toMatchObject({
      functionNames: { notifyTransition: '<TrackerNotificationsFunction>' },
      ruleArns: [
        '<TrackerJobEventsStateChangeRule.Arn>',
        '<TrackerJobEventsApiCallRule.Arn>',
        '<TrackerJobEventsSpokeStateChangeRule.Arn>',
        '<TrackerJobEventsSpokeApiCallRule.Arn>',
        '<TrackerNotificationsRule.Arn>',
      ],
      notificationsTopicArn: '<TrackerNotificationsTopic>',
    });
  });

  it('are what the readers parse, with the schedules of the props', () => {
    const template = synthesize({
      activeSweepEvery: Duration.minutes(30),
      fullSweepEvery: Duration.days(2),
      tagRefreshWindow: Duration.days(7),
    });
    const { schedules, settings, problem } = parseSettings(settingsOf(template), PARAMETER.settings);
    expect(problem).toBeUndefined();
    expect(schedules).toMatchObject({ activeSweepMinutes: 30, fullSweepMinutes: 2880, tagRefreshDays: 7 });
    expect(settings).toMatchObject({ stackName: '<AWS::StackName>' });
  });

  it('have the defaults that readers assume of a stack that publishes none', () => {
    const { schedules } = parseSettings(settingsOf(defaultTemplate()), PARAMETER.settings);
    expect(schedules).toMatchObject(DEFAULT_SCHEDULES);
  });

  it('fit the free tier with the longest names and a hundred scopes', () => {
    // CloudFormation's physical names have 64 characters at most, of queues 80; names of buses and topics 256.
    const arn = (resource: string) => `arn:aws-us-gov:events:us-gov-west-1:111122223333:${resource}`;
    const name = 'n'.repeat(64);
    const most: Readonly<Record<string, string>> = {
      stackName: 's'.repeat(128),
      jobEventsQueueUrl: `https://sqs.us-gov-west-1.amazonaws.com/111122223333/${'q'.repeat(80)}`,
      transitionsBusArn: arn(`event-bus/${'b'.repeat(256)}`),
      notificationsTopicArn: arn('t'.repeat(256)),
    };
    const grown = (key: string, value: unknown): unknown => {
      if (typeof value !== 'string') return value;
      return most[key] ?? (value.endsWith('Rule.Arn>') ? arn(`rule/${'b'.repeat(256)}/${name}`) : name);
    };
    const template = hub({ scopes: [{ accounts, regions: ['us-east-1'] }], notifications: {} });
    const longest = JSON.stringify(JSON.parse(settingsOf(template), grown));
    expect(longest).not.toContain('<');
    expect(parseSettings(longest, PARAMETER.settings)).not.toHaveProperty('problem');
    expect(longest.length).toBeLessThanOrEqual(STANDARD_TIER);
  });

  it('name the version of the package', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as unknown;
    expect(manifest).toMatchObject({ version: VERSION });
  });
});
