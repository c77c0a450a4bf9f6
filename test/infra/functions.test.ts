import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { ENV, METRIC_NAMESPACE } from '../../lib/contract.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { MissingBundleError } from '../../lib/infra/tracker-function.ts';
import {
  defaultTemplate,
  emptyFolder,
  fullTemplate,
  readable,
  resourceOf,
  resourcesOf,
  synthesize,
  variablesOf,
} from './support.ts';

const common = {
  POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
  POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  POWERTOOLS_LOG_LEVEL: 'INFO',
  [ENV.jobsTable]: '<TrackerJobsTable>',
  [ENV.modelsTable]: '<TrackerModelsTable>',
  [ENV.sweepsTable]: '<TrackerSweepsTable>',
  [ENV.sweepMinutes]: 'active=5,idle=5,empty=5,full=1440,models=60,usage=1440',
  [ENV.releaseAfterHours]: '24',
};

describe('the functions', () => {
  it.each([
    ['TrackJob', 60],
    ['ReconcileJobs', 900],
    ['PublishTransitions', 60],
    ['Notifications', 30],
  ])('%s runs by a role of its own that Lambda alone may take, for at most %d seconds', (name, seconds) => {
    const fn = resourceOf(fullTemplate(), 'AWS::Lambda::Function', name).Properties as { Role: unknown };
    expect(fn).toMatchObject({ Handler: 'index.handler', MemorySize: 512, Timeout: seconds });
    expect(readable(fn.Role)).toBe(`<Tracker${name}Role.Arn>`);
    const role = resourcesOf(fullTemplate(), 'AWS::IAM::Role').find(([id]) => id.startsWith(`Tracker${name}Role`));
    expect(role?.[1].Properties).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
    });
  });
});

describe('track-job', () => {
  it('knows its tables, and when a scope is due that an event tells of', () => {
    expect(variablesOf(defaultTemplate(), 'TrackJob')).toEqual(common);
  });

  it('reads ten messages at a time, returns those that failed alone, and runs five times at once', () => {
    const { Properties } = resourceOf(defaultTemplate(), 'AWS::Lambda::EventSourceMapping', 'TrackJob');
    const { EventSourceArn, FunctionName } = Properties as { EventSourceArn: unknown; FunctionName: unknown };
    expect([EventSourceArn, FunctionName].map(readable)).toEqual([
      '<TrackerJobEventsQueue.Arn>',
      '<TrackerTrackJobFunction>',
    ]);
    expect(Properties).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });
});

describe('reconcile-jobs', () => {
  it('knows its tables, its scope, when sweeps are due, and what Lambda reads', () => {
    expect(variablesOf(defaultTemplate(), 'ReconcileJobs')).toEqual({
      ...common,
      [ENV.scopes]: '<AWS::AccountId>#<AWS::Region>',
      [ENV.idleAfterDays]: '14',
      [ENV.eventSources]: expect.stringMatching(
        /^job-events=<TrackerTrackJob.+>,transitions=<TrackerPublish[^,]+>\+<TrackerPublish[^,]+>$/,
      ),
    });
  });

  it('is not retried by Lambda: a retry would run beside the next sweep', () => {
    const [config] = resourcesOf(defaultTemplate(), 'AWS::Lambda::EventInvokeConfig');
    expect(config?.[1].Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 3600 });
    expect(readable((config?.[1].Properties as { FunctionName: unknown }).FunctionName)).toBe(
      '<TrackerReconcileJobsFunction>',
    );
  });

  it('is started by a schedule of a group of its own, which CloudFormation names', () => {
    const [group, ...others] = resourcesOf(defaultTemplate(), 'AWS::Scheduler::ScheduleGroup');
    expect(others).toEqual([]);
    expect(group?.[1].Properties).not.toHaveProperty('Name');
    for (const [, schedule] of resourcesOf(defaultTemplate(), 'AWS::Scheduler::Schedule')) {
      expect(schedule.Properties).toMatchObject({ GroupName: { Ref: group?.[0] } });
    }
  });

  it.each([
    ['a tracker', defaultTemplate],
    ['a hub', fullTemplate],
  ])('has one schedule in %s, for all sweeps, and a start is given up when the next is due', (_, templateOf) => {
    expect(resourcesOf(templateOf(), 'AWS::Scheduler::Schedule')).toHaveLength(1);
    const schedule = resourceOf(templateOf(), 'AWS::Scheduler::Schedule', 'SweepsActive').Properties as {
      Target: { Arn: unknown; RoleArn: unknown; DeadLetterConfig: { Arn: unknown } };
    };
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Input: '{"sweep":"due"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 185 },
      },
    });
    expect(readable(schedule.Target.Arn)).toBe('<TrackerReconcileJobsFunction.Arn>');
    expect(readable(schedule.Target.RoleArn)).toBe('<TrackerReconcileJobsSweepsSchedulerRole.Arn>');
    expect(readable(schedule.Target.DeadLetterConfig.Arn)).toBe('<TrackerReconcileJobsUndeliveredQueue.Arn>');
  });
});

describe('publish-transitions', () => {
  it('knows its bus, and no table', () => {
    const { [ENV.transitionsBus]: bus, ...others } = variablesOf(defaultTemplate(), 'PublishTransitions');
    expect(bus).toMatch(/:event-bus\/default$/);
    expect(others).toEqual({
      POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
      POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
      POWERTOOLS_LOG_LEVEL: 'INFO',
    });
  });
});

describe('a function that is not bundled', () => {
  it('stops the synthesis with what to do about it', () => {
    const _codeDirectory = emptyFolder();
    const attempt = () => synthesize({ _codeDirectory });
    expect(attempt).toThrow(MissingBundleError);
    expect(attempt).toThrow(/track-job is not bundled: .*track-job has no index\.js\. Run "npm run build" first\./);
  });
});

describe("the variables of a hub's functions", () => {
  const env = { account: '111122223333', region: 'ap-southeast-1' };
  /** With names of tables and queues as long as CloudFormation makes them, and everything that adds a variable. */
  const longest = (props: BedrockJobTrackerStackProps): number => {
    const template = synthesize({ env, tagRefreshWindow: Duration.days(30), ...props });
    const variables = Object.entries(variablesOf(template, 'ReconcileJobs')).map(([name, value]) => {
      const uuids = value.replaceAll(/<Tracker(TrackJob|Publish)\w+>/g, 'u'.repeat(36));
      return [name, uuids.replaceAll('<AWS::Partition>', 'aws-us-gov').replaceAll(/<\w+>/g, 'n'.repeat(128))];
    });
    return Buffer.byteLength(JSON.stringify(Object.fromEntries(variables)));
  };
  const scopes = (count: number) => [
    {
      accounts: Array.from({ length: count }, (_, n) => (100_000_000_000 + n).toString()),
      regions: ['ap-southeast-1'],
    },
  ];

  it('fit for a hundred named scopes and an external id as long as a UUID', () => {
    expect(longest({ scopes: scopes(100), spokeExternalId: 'x'.repeat(36) })).toBeLessThanOrEqual(4096);
  });

  it('fit where the props are accepted, and are refused before anything is deployed where they are not', () => {
    const most = { scopes: scopes(100), spokeExternalId: 'x'.repeat(41) };
    expect(longest(most)).toBeLessThanOrEqual(4096);
    expect(() => synthesize({ env, ...most, spokeExternalId: 'x'.repeat(42) })).toThrow(
      /scopes, spokeExternalId and parameterPrefix take 2861 characters: Lambda's variables hold 2860\. Leave accounts out of scopes and name their organizationId, or spokeAccounts: their spokes register themselves/,
    );
  });
});
