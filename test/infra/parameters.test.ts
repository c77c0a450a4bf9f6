import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { OUTPUT, PARAMETER, REGISTERED_SCOPES, REPOSITORY, RUNBOOK_URL, VERSION } from '../../lib/contract.ts';
import { DEFAULT_SCHEDULES, parseSettings } from '../../lib/operator/tracker-settings.ts';
import { parseScope } from '../../lib/domain/identity.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import {
  defaultTemplate,
  FULL_PROPS,
  fullTemplate,
  makeApp,
  readable,
  resourcesOf,
  stubs,
  synthesize,
  toTemplate,
  type CfnTemplate,
} from './support.ts';

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
    const { [PARAMETER.settings]: settings, [PARAMETER.outputs]: outputs, ...others } = valuesOf(defaultTemplate());
    expect([settings, outputs]).not.toContain(undefined);
    expect(others).toEqual({
      [PARAMETER.jobsTableName]: '<TrackerJobsTable>',
      [PARAMETER.jobsTableArn]: '<TrackerJobsTable.Arn>',
      [PARAMETER.modelsTableName]: '<TrackerModelsTable>',
      [PARAMETER.modelsTableArn]: '<TrackerModelsTable.Arn>',
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

  it('send the readers of a hub to the sweeps table, whose scopes nobody knows here', () => {
    const template = hub({ organizationId: 'o-a1b2c3d4e5', scopes: [{}, { accounts: [accounts[0] ?? ''] }] });
    expect(scopesOf(template)).toBe(REGISTERED_SCOPES);
    expect(parseScope(scopesOf(synthesize({ env: HOME })))).toEqual({ accountId: HOME.account, region: HOME.region });
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
      modelSweepMinutes: 60,
      idleAfterDays: 14,
      longRunningMinutes: 2880,
      functionNames: {
        trackJob: '<TrackerTrackJobFunction>',
        publishTransitions: '<TrackerPublishTransitionsFunction>',
      },
      eventSourceMappings: {
        jobEvents: expect.stringMatching(/^<TrackerTrackJobFunctionSqsEventSource.*>$/) as unknown,
        transitions: '<TrackerPublishTransitionsFunctionStream>',
        modelTransitions: '<TrackerPublishTransitionsFunctionModelStream>',
      },
      jobEventsQueueUrl: '<TrackerJobEventsQueue>',
      ruleArns: ['StateChange', 'ApiCall'].map((name) => `<TrackerJobEvents${name}Rule.Arn>`),
      scheduleGroupName: '<TrackerReconcileJobsSweepsGroup>',
      transitionsBusArn: expect.stringMatching(/:event-bus\/default$/) as unknown,
      runbookUrl: RUNBOOK_URL,
    });
  });

  it('have the rules of the hub, and how people are told', () => {
    expect(JSON.parse(settingsOf(fullTemplate()))).toMatchObject({
      idleSweepMinutes: 60,
      emptySweepMinutes: 1440,
      releaseAfterHours: 24,
      functionNames: { notifyTransition: '<TrackerNotificationsFunction>' },
      ruleArns: [
        '<TrackerJobEventsStateChangeRule.Arn>',
        '<TrackerJobEventsApiCallRule.Arn>',
        '<TrackerJobEventsSpokeStateChangeRule.Arn>',
        '<TrackerJobEventsSpokeApiCallRule.Arn>',
        '<TrackerJobEventsSpokeHeartbeatRule.Arn>',
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
    const { tagRefreshDays: _, ...others } = DEFAULT_SCHEDULES;
    expect(schedules).toMatchObject(others);
  });

  it('fit the free tier with the longest names', () => {
    // CloudFormation's physical names have 64 characters at most, of queues 80; names of buses and topics 256.
    const arn = (resource: string) => `arn:aws-us-gov:events:us-gov-west-1:111122223333:${resource}`;
    const name = 'n'.repeat(64);
    const most: Readonly<Record<string, string>> = {
      version: '10.10.10',
      ...Object.fromEntries(['jobEvents', 'transitions', 'modelTransitions'].map((id) => [id, 'u'.repeat(36)])),
      runbookUrl: `https://wiki.example.com/${'r'.repeat(425)}`,
      stackName: 's'.repeat(128),
      jobEventsQueueUrl: `https://sqs.us-gov-west-1.amazonaws.com/111122223333/${'q'.repeat(80)}`,
      transitionsBusArn: arn(`event-bus/${'b'.repeat(256)}`),
      notificationsTopicArn: arn('t'.repeat(256)),
    };
    const grown = (key: string, value: unknown): unknown => {
      if (typeof value !== 'string') return value;
      if (!value.endsWith('Rule.Arn>')) return most[key] ?? name;
      // Only rules of the default bus have no bus in their ARN.
      return arn(/Spoke|Notifications/.test(value) ? `rule/${'b'.repeat(256)}/${name}` : `rule/${name}`);
    };
    const template = hub({ scopes: [{ accounts, regions: ['us-east-1'] }], notifications: { idleModels: true } });
    const longest = JSON.stringify(JSON.parse(settingsOf(template), grown));
    expect(longest).not.toContain('<');
    expect(parseSettings(longest, PARAMETER.settings)).not.toHaveProperty('problem');
    expect(longest.length).toBeLessThanOrEqual(STANDARD_TIER);
  });

  it('name the version and the repository of the package', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as unknown;
    expect(manifest).toMatchObject({ version: VERSION, repository: { url: `git+${REPOSITORY}.git` } });
    expect(RUNBOOK_URL).toBe(`${REPOSITORY}/blob/v${VERSION}/docs/runbook.md`);
  });
});

const linesOf = (template: CfnTemplate): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (valuesOf(template)[PARAMETER.outputs] ?? '').split('\n').map((line) => {
      const [name = '', value = ''] = line.split(/=(.*)/);
      return [name, value];
    }),
  );
/** It would be more than 4 KB with the ARN of the models table, which has a parameter of its own. */
const LINES = Object.values(OUTPUT).filter((name) => name !== OUTPUT.modelsTableArn);
const valuesOfOutputs = ({ Outputs }: CfnTemplate) =>
  Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, readable(Value)]));

it('have another prefix for each tracker of a stack', () => {
  const stack = new Stack(makeApp(), 'Platform');
  const make = (id: string, parameterPrefix?: string) =>
    new BedrockJobTracker(stack, id, {
      _codeDirectory: stubs,
      ...(parameterPrefix !== undefined && { parameterPrefix }),
    });
  make('Jobs');
  make('Sandbox', '/sandbox');
  expect(() => make('Twin')).toThrow(
    'parameterPrefix is "/bedrock-job-tracker", which Platform/Jobs has too: give each tracker its own',
  );
});

describe('the parameter of the outputs', () => {
  it.each([
    ['a tracker', defaultTemplate()],
    ['a hub that tells people', fullTemplate()],
  ])('has each output of the stack of %s as a line, but for the ARN of the models table', (_, template) => {
    const { [OUTPUT.modelsTableArn]: arn, ...lines } = valuesOfOutputs(template);
    expect(arn).toBe('<TrackerModelsTable.Arn>');
    expect(linesOf(template)).toEqual(lines);
  });

  it('is there for a construct in a stack of its own, which has no outputs', () => {
    const stack = new Stack(makeApp(), 'Platform', { env: HOME });
    new BedrockJobTracker(stack, 'Jobs', { ...FULL_PROPS, _codeDirectory: stubs });
    const template = toTemplate(Template.fromStack(stack));
    expect(template).not.toHaveProperty('Outputs');
    expect(Object.keys(linesOf(template)).sort()).toEqual(LINES.toSorted());
    expect(linesOf(template)[OUTPUT.alarmNamePrefix]).toBe('<AWS::StackName>-JobsAlarms');
  });

  it('has no prefix of alarms where there are none', () => {
    expect(linesOf(synthesize({ alarms: false }))).not.toHaveProperty(OUTPUT.alarmNamePrefix);
  });

  it('fits the free tier with the longest names', () => {
    const arn = (service: string, resource: string) =>
      `arn:aws-us-gov:${service}:us-gov-west-1:111122223333:${resource}`;
    const longest = (name: string): string => {
      if (name.endsWith('Url')) return `https://sqs.us-gov-west-1.amazonaws.com/111122223333/${'q'.repeat(80)}`;
      if (name === OUTPUT.hubId || name === OUTPUT.hubAccountId) return '111122223333';
      if (name === OUTPUT.hubRoleArns) return [1, 2].map(() => arn('iam', `role/${'r'.repeat(64)}`)).join(',');
      if (name.endsWith('Arn')) return arn('dynamodb', `event-bus/${'b'.repeat(256)}`);
      return 'n'.repeat(name.endsWith('FunctionName') || name === OUTPUT.scheduleGroupName ? 64 : 255);
    };
    const lines = LINES.map((name) => `${name}=${longest(name)}`);
    expect(lines.join('\n').length).toBeLessThanOrEqual(STANDARD_TIER);
  });
});
