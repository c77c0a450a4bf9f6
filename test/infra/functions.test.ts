import { describe, expect, it } from '@jest/globals';
import { ENV, METRIC_NAMESPACE } from '../../lib/contract.ts';
import { MissingBundleError } from '../../lib/infra/tracker-function.ts';
import { defaultTemplate, emptyFolder, readable, resourceOf, resourcesOf, synthesize } from './support.ts';

interface FunctionProperties {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}
const fn = (name: string) =>
  resourceOf(defaultTemplate(), 'AWS::Lambda::Function', name).Properties as FunctionProperties;
const variables = (name: string) =>
  Object.fromEntries(Object.entries(fn(name).Environment.Variables).map(([key, value]) => [key, readable(value)]));

const common = {
  POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
  POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  POWERTOOLS_LOG_LEVEL: 'INFO',
  [ENV.jobsTable]: '<TrackerJobsTable>',
  [ENV.scopes]: '<AWS::AccountId>#<AWS::Region>',
};

describe('track-job', () => {
  it('knows its table and scope, and no more', () => {
    expect(variables('TrackJob')).toEqual(common);
  });

  it('has a minute, and the memory that a quick cold start takes', () => {
    expect(fn('TrackJob')).toMatchObject({ Timeout: 60, MemorySize: 512, Handler: 'index.handler' });
  });

  it('reads ten messages at a time, returns those that failed alone, and runs five times at once', () => {
    const { Properties } = resourceOf(defaultTemplate(), 'AWS::Lambda::EventSourceMapping', 'TrackJob');
    expect(Properties).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });
});

describe('reconcile-jobs', () => {
  it('knows its tables, its scope, how long tags are compared, and what Lambda reads', () => {
    expect(variables('ReconcileJobs')).toEqual({
      ...common,
      [ENV.sweepsTable]: '<TrackerSweepsTable>',
      [ENV.tagRefreshDays]: '30',
      [ENV.eventSources]: expect.stringMatching(
        /^job-events=<TrackerTrackJob.+>,transitions=<TrackerPublishTransitions.+>$/,
      ),
    });
  });

  it('has all the time that Lambda gives', () => {
    expect(fn('ReconcileJobs')).toMatchObject({ Timeout: 900, MemorySize: 512, Handler: 'index.handler' });
  });

  it('is not retried by Lambda: a retry would run beside the next sweep', () => {
    const [config] = resourcesOf(defaultTemplate(), 'AWS::Lambda::EventInvokeConfig');
    expect(config?.[1].Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 3600 });
    expect(readable((config?.[1].Properties as { FunctionName: unknown }).FunctionName)).toBe(
      '<TrackerReconcileJobsFunction>',
    );
  });

  it('is started by schedules of a group of its own, which CloudFormation makes before them', () => {
    const [group, ...others] = resourcesOf(defaultTemplate(), 'AWS::Scheduler::ScheduleGroup');
    expect(others).toEqual([]);
    const { Name } = group?.[1].Properties as { Name: string };
    for (const [, schedule] of resourcesOf(defaultTemplate(), 'AWS::Scheduler::Schedule')) {
      expect(schedule.Properties).toMatchObject({ GroupName: Name });
      expect(schedule.DependsOn).toEqual([group?.[0]]);
    }
  });

  it.each([
    ['ActiveSweep', 'rate(5 minutes)', '{"sweep":"active"}', 300],
    ['FullSweep', 'rate(1 day)', '{"sweep":"full"}', 86_400],
  ])('%s starts at %s with %s, and is given up when the next is due', (name, rate, input, age) => {
    const schedule = resourceOf(defaultTemplate(), 'AWS::Scheduler::Schedule', name).Properties as {
      Target: { Arn: unknown; RoleArn: unknown; DeadLetterConfig: { Arn: unknown } };
    };
    expect(schedule).toMatchObject({
      ScheduleExpression: rate,
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Input: input, RetryPolicy: { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: 185 } },
    });
    expect(readable(schedule.Target.Arn)).toBe('<TrackerReconcileJobsFunction.Arn>');
    expect(readable(schedule.Target.RoleArn)).toBe('<TrackerReconcileJobsSchedulerRole.Arn>');
    expect(readable(schedule.Target.DeadLetterConfig.Arn)).toBe('<TrackerReconcileJobsUndeliveredQueue.Arn>');
  });
});

describe('a function that is not bundled', () => {
  it('stops the synthesis with what to do about it', () => {
    const codeDirectory = emptyFolder();
    const attempt = () => synthesize({ codeDirectory });
    expect(attempt).toThrow(MissingBundleError);
    expect(attempt).toThrow(/track-job is not bundled: .*track-job has no index\.js\. Run "npm run build" first\./);
  });
});
