import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TrackerAlarms, type TrackerAlarmsProps } from '../../lib/infra/operations/alarms.ts';
import { heartbeat } from '../../lib/infra/operations/tracking-alarms.ts';
import { STANDARD, makeWatchedStack, watchedParts } from './watched-support.ts';
import { readable } from './support.ts';

interface AlarmProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Statistic: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly Threshold: number;
  readonly TreatMissingData: string;
  readonly AlarmDescription: string;
  readonly AlarmActions?: unknown[];
  readonly OKActions?: unknown[];
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly MetricStat?: {
      readonly Period: number;
      readonly Metric: { readonly MetricName: string; readonly Dimensions: AlarmProperties['Dimensions'] };
    };
  }[];
}

/** The alarms by the id that they were given. */
const synthesized = (
  propsOf: (parts: ReturnType<typeof watchedParts>) => Partial<TrackerAlarmsProps> = () => ({}),
): Record<string, AlarmProperties> => {
  const stack = makeWatchedStack();
  const parts = watchedParts(stack);
  new TrackerAlarms(stack, 'Alarms', { ...parts, ...STANDARD, ...propsOf(parts) });
  const found = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm');
  return Object.fromEntries(
    Object.entries(found).map(([id, { Properties }]) => [
      id.replace(/^Alarms(.+?)[0-9A-F]{8}$/, '$1'),
      Properties as AlarmProperties,
    ]),
  );
};

const standard = synthesized();
const alarm = (id: string): AlarmProperties => {
  const found = standard[id];
  if (!found) throw new Error(`There is no alarm ${id}, but ${Object.keys(standard).join(', ')}`);
  return found;
};
const dimensions = (id: string): Record<string, unknown> =>
  Object.fromEntries(alarm(id).Dimensions.map(({ Name, Value }) => [Name, Value]));

const MISSING: Readonly<Record<string, string>> = {
  JobEventsDeadLettersNotEmpty: 'ignore',
  UndeliveredEventsNotEmpty: 'ignore',
  UndeliveredSweepsNotEmpty: 'ignore',
  UndeliveredTransitionsNotEmpty: 'ignore',
  UndeliveredNotificationsNotEmpty: 'ignore',
  JobEventsWaiting: 'notBreaching',
  EventsLost: 'notBreaching',
  TrackJobErrors: 'notBreaching',
  TrackJobThrottles: 'notBreaching',
  ReconcileJobsThrottles: 'notBreaching',
  PublishTransitionsErrors: 'notBreaching',
  PublishTransitionsThrottles: 'notBreaching',
  NotifyTransitionThrottles: 'notBreaching',
  ActiveSweepMissing: 'breaching',
  ActiveSweepIncomplete: 'ignore',
  FullSweepMissing: 'breaching',
  FullSweepIncomplete: 'ignore',
  JobRunsLong: 'ignore',
  StateChangesMissed: 'notBreaching',
  CreationsMissed: 'notBreaching',
  JobEventsNotRead: 'ignore',
  TransitionsNotRead: 'ignore',
  JobsTableThrottled: 'notBreaching',
};
/** Of what AWS reports no count of zero, and no alarm could end without a sum that fills the gaps. */
const SUMS = ['EventsLost', 'JobsTableThrottled'];

describe('the alarms of a tracker', () => {
  it('are these, and say what a period without data means', () => {
    expect(
      Object.fromEntries(Object.entries(standard).map(([id, { TreatMissingData }]) => [id, TreatMissingData])),
    ).toEqual(MISSING);
  });

  it.each(Object.keys(MISSING))('%s: its description says what happened and names its paragraph', (id) => {
    expect(alarm(id).AlarmDescription).toMatch(
      /^[A-Z].+\. See docs\/runbook\.md#[a-z-]+$|^[a-z]+-[a-z]+ .+\. See docs\/runbook\.md#[a-z-]+$/,
    );
  });

  it.each(Object.keys(MISSING))('%s: looks back no further than CloudWatch allows', (id) => {
    const { Metrics, EvaluationPeriods } = alarm(id);
    const Period = Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period ?? alarm(id).Period;
    expect(Period % 60).toBe(0);
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3600 ? 86_400 : 604_800);
  });

  it('have one metric each or a sum, and no unit', () => {
    for (const [id, properties] of Object.entries(standard)) {
      expect([id, 'Metrics' in properties, 'MetricName' in properties]).toEqual([
        id,
        SUMS.includes(id),
        !SUMS.includes(id),
      ]);
      expect(properties).not.toHaveProperty('Unit');
    }
  });

  it('have no physical name, so that two trackers fit into one account', () => {
    for (const properties of Object.values(standard)) expect(properties).not.toHaveProperty('AlarmName');
  });

  it('leave out what only a prop brings: transitions, notifications', () => {
    const fewer = synthesized(({ queues, functions }) => ({
      queues: { ...queues, undeliveredTransitions: undefined, undeliveredNotifications: undefined },
      functions: { trackJob: functions.trackJob, reconcileJobs: functions.reconcileJobs },
      rules: {},
    }));
    const left = Object.keys(MISSING).filter((id) => id === 'TransitionsNotRead' || !/Transition|Notif|Lost/.test(id));
    expect(Object.keys(fewer)).toEqual(left);
  });
});

describe('where alarms go', () => {
  it('to the topic, when they begin and when they end', () => {
    const stack = makeWatchedStack();
    new TrackerAlarms(stack, 'Alarms', { ...watchedParts(stack), ...STANDARD, topic: new Topic(stack, 'Operators') });
    const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(Object.keys(MISSING).length);
    for (const { Properties } of alarms) {
      const { AlarmActions = [], OKActions = [] } = Properties as AlarmProperties;
      expect([AlarmActions.map(readable), OKActions.map(readable)]).toEqual([['<Operators>'], ['<Operators>']]);
    }
  });

  it('nowhere without a topic', () => {
    for (const properties of Object.values(standard)) {
      expect(properties).not.toHaveProperty('AlarmActions');
      expect(properties).not.toHaveProperty('OKActions');
    }
  });
});

describe('what alarms measure', () => {
  it('a queue: one message that waits for a person', () => {
    expect(alarm('JobEventsDeadLettersNotEmpty')).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
    expect(
      readable(dimensions('JobEventsDeadLettersNotEmpty')['QueueName'] as { 'Fn::GetAtt': [string, string] }),
    ).toBe('<DeadLetters.QueueName>');
  });

  it('the events that all rules lost: of the default bus by its name, of another bus by both names', () => {
    const { Metrics = [] } = alarm('EventsLost');
    const metrics = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
    expect(metrics.map(({ MetricName }) => MetricName)).toEqual(Array(2).fill('InvocationsFailedToBeSentToDlq'));
    const [stateChange = [], notify = []] = metrics.map(({ Dimensions }) => Dimensions);
    expect(stateChange.map(({ Name }) => Name)).toEqual(['RuleName']);
    expect(notify).toEqual([
      { Name: 'EventBusName', Value: 'transitions' },
      {
        Name: 'RuleName',
        Value: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [expect.any(String), 'Arn'] }] }] },
      },
    ]);
    expect(Metrics.flatMap(({ Expression }) => Expression ?? [])).toEqual(['FILL(stateChange, 0) + FILL(notify, 0)']);
  });

  it('the throttles of the jobs table, which AWS does not count as zero', () => {
    const { Metrics = [], EvaluationPeriods, Threshold } = alarm('JobsTableThrottled');
    expect(Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? [])).toEqual([
      'WriteThrottleEvents',
      'ReadThrottleEvents',
    ]);
    expect([EvaluationPeriods, Threshold]).toEqual([3, 1]);
  });

  it('how long events wait: longer than a message that fails is tried', () => {
    expect(alarm('JobEventsWaiting')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Threshold: 2700,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  it('a function: the second error within 15 minutes, and 15 minutes of throttles', () => {
    expect(alarm('TrackJobErrors')).toMatchObject({
      MetricName: 'Errors',
      Period: 900,
      EvaluationPeriods: 1,
      Threshold: 2,
    });
    expect(alarm('TrackJobThrottles')).toMatchObject({ MetricName: 'Throttles', Period: 300, EvaluationPeriods: 3 });
  });

  it('a job that runs long: its age in seconds, over a period that has a sweep', () => {
    const { JobRunsLong } = synthesized(() => ({
      longRunningAfter: Duration.hours(36),
      activeSweepEvery: Duration.minutes(90),
    }));
    expect(JobRunsLong).toMatchObject({
      MetricName: 'OldestActiveJobAge',
      Threshold: 129_600,
      Period: 5400,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmDescription: expect.stringContaining('more than 1 day 12 hours'),
    });
  });

  it.each([
    ['StateChangesMissed', 'state-change'],
    ['CreationsMissed', 'creation'],
  ])('%s: more than half of an hour twice a day, so that a single lost event is no alarm', (id, event) => {
    expect(alarm(id)).toMatchObject({
      MetricName: 'EventsMissed',
      Statistic: 'Average',
      Threshold: 0.5,
      Period: 3600,
      EvaluationPeriods: 24,
      DatapointsToAlarm: 2,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    expect(dimensions(id)).toEqual({ service: 'bedrock-job-tracker', event });
  });

  it.each([
    ['JobEventsNotRead', 'job-events'],
    ['TransitionsNotRead', 'transitions'],
  ])('%s: found so by two sweeps', (id, source) => {
    expect(alarm(id)).toMatchObject({ MetricName: 'EventSourceEnabled', Statistic: 'Maximum', EvaluationPeriods: 2 });
    expect(dimensions(id)).toEqual({ service: 'bedrock-job-tracker', source });
  });

  it('the heartbeat: no run that ended three times, or of a full sweep twice', () => {
    expect(alarm('ActiveSweepMissing')).toMatchObject({
      MetricName: 'SweepCompleteness',
      Statistic: 'SampleCount',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      AlarmDescription: expect.stringContaining('for 15 minutes'),
    });
    expect(alarm('FullSweepMissing')).toMatchObject({ Period: 86_400, EvaluationPeriods: 2 });
    expect(dimensions('FullSweepMissing')).toEqual({ service: 'bedrock-job-tracker', sweep: 'full' });
  });

  it('completeness, apart from the heartbeat: one scope or job that cannot be swept does not hide that sweeps stop', () => {
    expect(alarm('ActiveSweepIncomplete')).toMatchObject({
      MetricName: 'SweepCompleteness',
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 100,
      ComparisonOperator: 'LessThanThreshold',
    });
    expect(alarm('FullSweepIncomplete')).toMatchObject({ Period: 86_400, EvaluationPeriods: 2, Threshold: 100 });
  });

  it('no heartbeat where sweeps are too seldom for CloudWatch: it would ring while all is well', () => {
    const seldom = synthesized(() => ({ fullSweepEvery: Duration.days(7) }));
    expect(Object.keys(seldom)).toEqual(Object.keys(MISSING).filter((id) => !id.startsWith('FullSweep')));
  });
});

describe('heartbeat', () => {
  const minutes = (every: Duration, misses: number): [period: number, periods: number] | undefined => {
    const beat = heartbeat(every, misses);
    return beat && [beat.period.toMinutes(), beat.periods];
  };

  it.each<[string, Duration, number, [number, number]]>([
    ['never shorter than 5 minutes', Duration.minutes(1), 3, [5, 3]],
    ['periods of the interval itself', Duration.minutes(7), 3, [7, 3]],
    ['just under an hour: within a day', Duration.minutes(59), 3, [59, 3]],
    ['over an hour: within a week', Duration.hours(30), 3, [1440, 4]],
    ['a day, twice', Duration.days(1), 2, [1440, 2]],
    ['two days, thrice', Duration.days(2), 3, [1440, 6]],
    ['cut at a week: two misses of four days do not fit, one does', Duration.days(4), 2, [1440, 7]],
    ['six days is the longest that can be watched', Duration.days(6), 2, [1440, 7]],
  ])('%s', (_case, every, misses, expected) => {
    expect(minutes(every, misses)).toEqual(expected);
  });

  it.each([Duration.minutes(6 * 24 * 60 + 1), Duration.days(7), Duration.days(30)])('none for %s', (every) => {
    expect(heartbeat(every, 2)).toBeUndefined();
  });

  it('always leaves room for a whole interval beside the period that has just begun, within CloudWatch’s limits', () => {
    for (let every = 1; every <= 6 * 24 * 60; every += 7) {
      const [period, periods] = minutes(Duration.minutes(every), 3) ?? [0, 0];
      expect((periods - 1) * period).toBeGreaterThanOrEqual(every);
      expect(period * periods).toBeLessThanOrEqual(period < 60 ? 1440 : 10_080);
    }
  });
});
