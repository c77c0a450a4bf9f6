import { describe, expect, it } from '@jest/globals';
import { Function, type CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV, METRIC_NAMESPACE } from '../../lib/contract.ts';
import { MissingBundleError } from '../../lib/infra/tracker-function.ts';
import {
  defaultTemplate,
  emptyFolder,
  fullTemplate,
  makeStack,
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

const HUB = { account: '111122223333', region: 'ap-southeast-1' };
const accounts = Array.from({ length: 100 }, (_, n) => (100_000_000_000 + n).toString());
/** A hub that names a hundred scopes, in the Region with the longest name. */
const hub = (externalIdLength: number) => ({
  env: HUB,
  scopes: [{ accounts, regions: ['ap-southeast-1'] }],
  spokeExternalId: 'x'.repeat(externalIdLength),
});

describe("the variables of a hub's functions", () => {
  it('fit for a hundred scopes and an external id as long as a UUID', () => {
    expect(variablesOf(synthesize(hub(36)), 'ReconcileJobs')[ENV.scopes]?.split(',')).toHaveLength(100);
  });

  it('are refused at synthesis, not by Lambda in the middle of a deployment, where they do not; the error says what to do', () => {
    expect(() => synthesize(hub(1224))).toThrow(
      /ReconcileJobs\/Function\] The function's environment variables take about \d{4} bytes, and Lambda takes 4096: 2799 are the names of the scopes, 1224 the external id\. Shorten spokeExternalId .* or leave accounts out of scopes and name their organizationId or the spokeAccounts: their spokes register themselves\./s,
    );
  });

  it('count as Lambda counts them: as JSON, in bytes', () => {
    const problemsWith = (more: number): string[] => {
      const { trackJobFunction } = makeStack().tracker;
      if (!(trackJobFunction instanceof Function)) throw new Error('The tracker made no function.');
      const { environment } = trackJobFunction.node.defaultChild as CfnFunction;
      const { variables } = trackJobFunction.stack.resolve(environment) as { variables: Record<string, string> };
      const known = Object.entries(variables).filter(([, value]) => typeof value === 'string');
      expect(known.length).toBeGreaterThan(2);
      // What is not known yet counts as what it may become: a table's name 128.
      const size = JSON.stringify(Object.fromEntries(known)).length;
      const unknown = [ENV.jobsTable, ENV.modelsTable, ENV.sweepsTable].reduce(
        (sum, name) => sum + name.length + 6,
        3 * 128,
      );
      const rest = 'é'.repeat((4096 - size - unknown - 'MORE'.length - 6) / 2 + more);
      if (!(trackJobFunction instanceof Function)) throw new Error('It is imported');
      trackJobFunction.addEnvironment('MORE', rest);
      return trackJobFunction.node.validate();
    };
    expect(problemsWith(-1)).toEqual([]);
    expect(problemsWith(1)).toHaveLength(1);
  });
});
