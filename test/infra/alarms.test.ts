import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TrackerAlarms, type TrackerAlarmsProps } from '../../lib/infra/operations/alarms.ts';
import { heartbeat } from '../../lib/infra/operations/alarms/heartbeat.ts';
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
  StateChangeRuleFailed: 'notBreaching',
  NotifyRuleFailed: 'notBreaching',
  SchedulesFailing: 'notBreaching',
  SchedulesDropped: 'notBreaching',
  UndeliveredSweepsLost: 'notBreaching',
  TrackJobErrors: 'notBreaching',
  TrackJobThrottles: 'notBreaching',
  ReconcileJobsErrors: 'notBreaching',
  ReconcileJobsThrottles: 'notBreaching',
  PublishTransitionsErrors: 'notBreaching',
  PublishTransitionsThrottles: 'notBreaching',
  NotifyTransitionErrors: 'notBreaching',
  NotifyTransitionThrottles: 'notBreaching',
  PublishTransitionsBehind: 'notBreaching',
  ActiveSweepMissing: 'breaching',
  FullSweepMissing: 'breaching',
  JobRunsLong: 'ignore',
  EventsMissed: 'notBreaching',
};

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
    const { Period, EvaluationPeriods } = alarm(id);
    expect(Period % 60).toBe(0);
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3600 ? 86_400 : 604_800);
  });

  it('have one metric each, without math and without a unit', () => {
    for (const properties of Object.values(standard)) {
      expect(properties).toHaveProperty('MetricName');
      expect(properties).not.toHaveProperty('Metrics');
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
    const left = Object.keys(MISSING).filter((id) => !/Transition|Notif|Rule/.test(id));
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

  it('a rule of the default bus by its name, one of another bus by both names: other series do not exist', () => {
    expect(alarm('StateChangeRuleFailed')).toMatchObject({ Namespace: 'AWS/Events', MetricName: 'FailedInvocations' });
    expect(Object.keys(dimensions('StateChangeRuleFailed'))).toEqual(['RuleName']);
    const { EventBusName, RuleName } = dimensions('NotifyRuleFailed');
    expect(EventBusName).toBe('transitions');
    expect(RuleName).toEqual({
      'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [expect.any(String), 'Arn'] }] }],
    });
  });

  it.each([
    ['SchedulesFailing', 'TargetErrorCount', 3],
    ['SchedulesDropped', 'InvocationDroppedCount', 1],
    ['UndeliveredSweepsLost', 'InvocationsFailedToBeSentToDeadLetterCount', 1],
  ])('%s: %s of the tracker’s own group of schedules', (id, MetricName, Threshold) => {
    expect(alarm(id)).toMatchObject({ Namespace: 'AWS/Scheduler', MetricName, Threshold });
    expect(dimensions(id)).toEqual({ ScheduleGroup: 'sweeps' });
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

  it('sweeps that fail: over three of them, however seldom they are', () => {
    expect(synthesized(() => ({ activeSweepEvery: Duration.hours(2) }))['ReconcileJobsErrors']).toMatchObject({
      Period: 21_600,
    });
    expect(synthesized(() => ({ activeSweepEvery: Duration.hours(12) }))['ReconcileJobsErrors']).toMatchObject({
      Period: 86_400,
    });
  });

  it('the reader of the stream: 15 minutes behind', () => {
    expect(alarm('PublishTransitionsBehind')).toMatchObject({
      MetricName: 'IteratorAge',
      Statistic: 'Maximum',
      Threshold: 900_000,
    });
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

  it('missed events: more corrections within an hour than are allowed', () => {
    expect(synthesized(() => ({ maxCorrectionsPerHour: 4 }))['EventsMissed']).toMatchObject({
      MetricName: 'JobsCorrectedBySweep',
      Threshold: 4,
      Period: 3600,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  it('the heartbeat: no completed sweep three times, or for a full sweep twice', () => {
    expect(alarm('ActiveSweepMissing')).toMatchObject({
      MetricName: 'SweepsCompleted',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      AlarmDescription: expect.stringContaining('for 15 minutes'),
    });
    expect(alarm('FullSweepMissing')).toMatchObject({ Period: 86_400, EvaluationPeriods: 2 });
    expect(dimensions('FullSweepMissing')).toEqual({ service: 'bedrock-job-tracker', sweep: 'full' });
  });

  it('no heartbeat where sweeps are too seldom for CloudWatch: it would ring while all is well', () => {
    const seldom = synthesized(() => ({ fullSweepEvery: Duration.days(7) }));
    expect(Object.keys(seldom)).toEqual(Object.keys(MISSING).filter((id) => id !== 'FullSweepMissing'));
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
