import { describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { RUNBOOK_URL } from '../../lib/contract.ts';
import { heartbeat } from '../../lib/infra/operations/alarm-rules.ts';
import { FULL_PROPS, fullTemplate, readable, resourcesOf, synthesize, type CfnTemplate } from './support.ts';

interface MetricProperties {
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}
interface AlarmProperties extends MetricProperties {
  readonly Statistic: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
  readonly AlarmDescription: string;
  /** Of an alarm on a sum: an expression, and the metrics in it. Of one on a query: the query, and its period. */
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly Period?: number;
    readonly MetricStat?: { readonly Period: number; readonly Stat: string; readonly Metric: MetricProperties };
  }[];
}

/** The alarms by the middle of their names. */
const alarmsOf = (template: CfnTemplate): Record<string, AlarmProperties> =>
  Object.fromEntries(
    resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => [
      id.replace(/^TrackerAlarms(.+?)[0-9A-F]{8}$/, '$1'),
      Properties as AlarmProperties,
    ]),
  );

const alarms = alarmsOf(fullTemplate());
const alarm = (id: string): AlarmProperties => {
  const found = alarms[id];
  if (!found) throw new Error(`There is no alarm ${id}`);
  return found;
};
const dimensions = ({ Dimensions }: MetricProperties) => Dimensions.map(({ Name, Value }) => [Name, readable(Value)]);

const COMPARISONS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '>=',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
};
/** When an alarm rings, in one line: which statistic, compared with what, in how many periods, and what no data means. */
const periodOf = ({ Metrics = [], Period }: AlarmProperties): number =>
  Metrics.flatMap((one) => one.MetricStat?.Period ?? one.Period ?? [])[0] ?? Period;
const ruleOf = (properties: AlarmProperties): string => {
  const stats = properties.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? [];
  const names = stats.map(({ Metric }) => Metric.MetricName);
  const [query] = properties.Metrics?.flatMap(({ Expression = '' }) => /MAX\(\w+\)/.exec(Expression)?.[0] ?? []) ?? [];
  const single = query === undefined ? `${properties.Statistic} ${properties.MetricName}` : `${query} by scope`;
  const what = stats[0] === undefined ? single : `sum of ${[...new Set(names)].join(', ')}`;
  const { EvaluationPeriods: periods, DatapointsToAlarm: breaching = periods, ComparisonOperator } = properties;
  const period = periodOf(properties);
  return `${what} ${COMPARISONS[ComparisonOperator] ?? ''} ${properties.Threshold} in ${breaching}/${periods} of ${period / 60} min, none: ${properties.TreatMissingData}`;
};

const WAITS_FOR_A_PERSON = 'Maximum ApproximateNumberOfMessagesVisible >= 1 in 1/1 of 1 min, none: ignore';
const FAILED_TWICE = 'Sum Errors >= 2 in 1/1 of 15 min, none: notBreaching';
const THROTTLED = 'Sum Throttles >= 1 in 3/3 of 5 min, none: notBreaching';
const MOSTLY_MISSED = 'Average EventsMissed > 0.5 in 2/24 of 60 min, none: notBreaching';
const NOT_READ = 'Maximum EventSourceEnabled < 1 in 2/2 of 5 min, none: ignore';

describe('the alarms of a hub', () => {
  it('ring by these rules', () => {
    expect(Object.fromEntries(Object.entries(alarms).map(([id, properties]) => [id, ruleOf(properties)]))).toEqual({
      JobEventsDeadLettersNotEmpty: WAITS_FOR_A_PERSON,
      UndeliveredEventsNotEmpty: WAITS_FOR_A_PERSON,
      UndeliveredSweepsNotEmpty: WAITS_FOR_A_PERSON,
      UndeliveredTransitionsNotEmpty: WAITS_FOR_A_PERSON,
      UndeliveredNotificationsNotEmpty: WAITS_FOR_A_PERSON,
      // Longer than a message that fails is tried.
      JobEventsWaiting: 'Maximum ApproximateAgeOfOldestMessage > 2700 in 1/1 of 5 min, none: notBreaching',
      // Longer than a sweep is tried, and shorter than its message is kept.
      SweepsWaiting: 'Maximum ApproximateAgeOfOldestMessage > 3000 in 1/1 of 5 min, none: notBreaching',
      EventsLost: 'sum of InvocationsFailedToBeSentToDlq >= 1 in 1/1 of 5 min, none: notBreaching',
      TrackJobErrors: FAILED_TWICE,
      TrackJobThrottles: THROTTLED,
      ReconcileJobsThrottles: THROTTLED,
      PublishTransitionsErrors: FAILED_TWICE,
      PublishTransitionsThrottles: THROTTLED,
      NotifyTransitionThrottles: THROTTLED,
      ActiveSweepMissing: 'SampleCount SweepCompleteness < 1 in 3/3 of 5 min, none: breaching',
      // Apart from the heartbeat: a scope that cannot be swept does not hide that sweeps stop.
      ActiveSweepIncomplete: 'Maximum SweepCompleteness < 100 in 3/3 of 5 min, none: ignore',
      FullSweepIncomplete: 'Average SweepCompleteness < 99 in 2/2 of 1440 min, none: ignore',
      ModelsSweepIncomplete: 'Average SweepCompleteness < 99 in 3/3 of 60 min, none: ignore',
      UsageSweepIncomplete: 'Average SweepCompleteness < 99 in 2/2 of 1440 min, none: ignore',
      ScopesFailing: 'MAX(ScopesFailing) by scope >= 1 in 3/3 of 5 min, none: notBreaching',
      ScopesReleased: 'MAX(ScopesReleased) by scope >= 1 in 1/1 of 60 min, none: notBreaching',
      JobRunsLong: 'Maximum OldestActiveJobAge > 172800 in 1/1 of 5 min, none: ignore',
      StateChangesMissed: MOSTLY_MISSED,
      CreationsMissed: MOSTLY_MISSED,
      JobEventsNotRead: NOT_READ,
      TransitionsNotRead: NOT_READ,
      JobsTableThrottled: 'sum of WriteThrottleEvents, ReadThrottleEvents >= 1 in 3/3 of 5 min, none: notBreaching',
    });
  });

  it('are, in a tracker of its own scope, those that need no hub, and each sweep is all or none', () => {
    const single = alarmsOf(synthesize());
    const ofHub = [
      'SweepsWaiting',
      'ScopesFailing',
      'ScopesReleased',
      'UndeliveredNotificationsNotEmpty',
      'NotifyTransitionThrottles',
    ];
    expect(Object.keys(single)).toEqual(Object.keys(alarms).filter((id) => !ofHub.includes(id)));
    const sweeps = Object.entries(single).filter(([id]) => id.endsWith('SweepIncomplete'));
    expect(Object.fromEntries(sweeps.map(([id, properties]) => [id, ruleOf(properties)]))).toEqual({
      ActiveSweepIncomplete: 'Maximum SweepCompleteness < 100 in 3/3 of 5 min, none: ignore',
      FullSweepIncomplete: 'Maximum SweepCompleteness < 99 in 2/2 of 1440 min, none: breaching',
      ModelsSweepIncomplete: 'Maximum SweepCompleteness < 99 in 3/3 of 60 min, none: breaching',
      UsageSweepIncomplete: 'Maximum SweepCompleteness < 99 in 2/2 of 1440 min, none: breaching',
    });
  });

  it.each(['ScopesFailing', 'ScopesReleased'])(
    '%s has a state for each scope of this tracker, and its description leads to all of them',
    (id) => {
      const { Metrics = [], AlarmDescription } = alarm(id);
      expect(Metrics).toEqual([
        {
          Id: 'expr_1',
          ReturnData: true,
          Period: periodOf(alarm(id)),
          Expression: `SELECT MAX(${id}) FROM SCHEMA("BedrockJobTracker", service, scope) WHERE service = 'bedrock-job-tracker' GROUP BY scope ORDER BY MAX() DESC`,
        },
      ]);
      expect(AlarmDescription).toMatch(/Each notification names one\. All of them: bedrock-jobs scopes --\w+/);
    },
  );

  it.each(Object.entries(alarms))(
    '%s says what happened and names its paragraph, has no unit and no physical name, and looks back as far as CloudWatch can',
    (_id, properties) => {
      const { AlarmDescription, EvaluationPeriods } = properties;
      expect(AlarmDescription).toMatch(/^(?:[A-Z]|[a-z]+-[a-z]+ ).+\. See https:\/\/\S+\/docs\/runbook\.md#[a-z-]+$/);
      expect(AlarmDescription).toContain(`See ${RUNBOOK_URL}#`);
      // A unit other than the functions emit would silence the alarm; a name would keep out a second tracker.
      expect(properties).not.toHaveProperty('Unit');
      expect(properties).not.toHaveProperty('AlarmName');
      const period = periodOf(properties);
      expect(period % 60).toBe(0);
      expect(period * EvaluationPeriods).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
    },
  );

  it.each([
    ['StateChangesMissed', { event: 'state-change' }],
    ['CreationsMissed', { event: 'creation' }],
    ['JobEventsNotRead', { source: 'job-events' }],
    ['TransitionsNotRead', { source: 'transitions' }],
    ['ActiveSweepMissing', { sweep: 'active' }],
    ['FullSweepIncomplete', { sweep: 'full' }],
    ['ModelsSweepIncomplete', { sweep: 'models' }],
    ['JobRunsLong', {}],
  ])('%s measures this tracker, by the one dimension that it needs', (id, own) => {
    expect(Object.fromEntries(dimensions(alarm(id)))).toEqual({ service: 'bedrock-job-tracker', ...own });
  });

  it('measure each queue, function and table by its own name', () => {
    const measured = Object.entries(alarms).flatMap(([id, { Dimensions = [] }]) =>
      Dimensions.filter(({ Name }) => /^(Queue|Function)Name$/.test(Name)).map(({ Value }) => [id, readable(Value)]),
    );
    expect(Object.fromEntries(measured)).toEqual({
      JobEventsDeadLettersNotEmpty: '<TrackerJobEventsDeadLetterQueue.QueueName>',
      UndeliveredEventsNotEmpty: '<TrackerJobEventsUndeliveredQueue.QueueName>',
      UndeliveredSweepsNotEmpty: '<TrackerReconcileJobsUndeliveredQueue.QueueName>',
      UndeliveredTransitionsNotEmpty: '<TrackerPublishTransitionsFailedQueue.QueueName>',
      UndeliveredNotificationsNotEmpty: '<TrackerNotificationsUndeliveredQueue.QueueName>',
      JobEventsWaiting: '<TrackerJobEventsQueue.QueueName>',
      SweepsWaiting: '<TrackerReconcileJobsQueue.QueueName>',
      TrackJobErrors: '<TrackerTrackJobFunction>',
      TrackJobThrottles: '<TrackerTrackJobFunction>',
      ReconcileJobsThrottles: '<TrackerReconcileJobsFunction>',
      PublishTransitionsErrors: '<TrackerPublishTransitionsFunction>',
      PublishTransitionsThrottles: '<TrackerPublishTransitionsFunction>',
      NotifyTransitionThrottles: '<TrackerNotificationsFunction>',
    });
    const { Metrics = [] } = alarm('JobsTableThrottled');
    const tables = Metrics.flatMap(({ MetricStat }) => (MetricStat ? dimensions(MetricStat.Metric) : []));
    expect(tables).toEqual(['Jobs', 'Jobs', 'Models', 'Models'].map((kind) => ['TableName', `<Tracker${kind}Table>`]));
  });

  it('add up the events that all rules lost: on the default bus by name, on another bus by both names', () => {
    const { Metrics = [] } = alarm('EventsLost');
    // AWS reports no count of zero, so the sum fills the gaps.
    expect(Metrics[0]?.Expression).toBe(
      ['stateChange', 'apiCall', 'spokeStateChange', 'spokeApiCall', 'spokeHeartbeat', 'notification']
        .map((rule) => `FILL(${rule}, 0)`)
        .join(' + '),
    );
    const [ofDefault, , , ofHub] = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
    expect(ofDefault?.Dimensions.map(({ Name }) => Name)).toEqual(['RuleName']);
    expect(ofHub?.Dimensions).toEqual([
      { Name: 'EventBusName', Value: { Ref: expect.any(String) } },
      {
        Name: 'RuleName',
        Value: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [expect.any(String), 'Arn'] }] }] },
      },
    ]);
  });

  it('go to the topic when they begin and when they end, and nowhere without one', () => {
    const topic = 'arn:aws:sns:us-east-1:111122223333:operators';
    const env = { account: '111122223333', region: 'us-east-1' };
    for (const properties of Object.values(alarmsOf(synthesize({ env, alarmTopicArn: topic })))) {
      expect(properties).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
    }
    for (const properties of Object.values(alarms)) expect(properties).not.toHaveProperty('AlarmActions');
  });

  it('link to the runbook of the props, within the 1,024 characters of a description', () => {
    const runbookUrl = `https://wiki.example.com/${'r'.repeat(425)}`;
    for (const { AlarmDescription } of Object.values(alarmsOf(synthesize({ ...FULL_PROPS, runbookUrl })))) {
      expect(AlarmDescription).toContain(`See ${runbookUrl}#`);
      expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
    }
  });

  it('follow the props: a job that runs long by its age, over a period that has a sweep', () => {
    const props = { longRunningAfter: Duration.hours(36), activeSweepEvery: Duration.minutes(90) };
    const { JobRunsLong } = alarmsOf(synthesize(props));
    expect(JobRunsLong).toMatchObject({
      Threshold: 129_600,
      Period: 5400,
      AlarmDescription: expect.stringContaining('more than 1 day 12 hours'),
    });
  });

  it('leave out the heartbeat of sweeps that are too rare for CloudWatch: it would ring while all is well', () => {
    const rare = alarmsOf(synthesize({ fullSweepEvery: Duration.days(7), models: false }));
    expect(Object.keys(rare).filter((id) => id.includes('Sweep'))).toEqual([
      'UndeliveredSweepsNotEmpty',
      'ActiveSweepMissing',
      'ActiveSweepIncomplete',
    ]);
  });
});

describe('heartbeat', () => {
  const minutes = (every: Duration, misses: number): [period: number, periods: number] | undefined => {
    const beat = heartbeat(every, misses);
    return beat && [beat.period.toMinutes(), beat.periods];
  };

  it.each<[string, Duration, number, [number, number] | undefined]>([
    ['never shorter than 5 minutes', Duration.minutes(1), 3, [5, 3]],
    ['periods of the interval itself', Duration.minutes(7), 3, [7, 3]],
    ['just under an hour: within a day', Duration.minutes(59), 3, [59, 3]],
    ['over an hour: within a week', Duration.hours(30), 3, [1440, 4]],
    ['a day, twice', Duration.days(1), 2, [1440, 2]],
    ['two days, thrice', Duration.days(2), 3, [1440, 6]],
    ['cut at a week: two misses of four days do not fit, one does', Duration.days(4), 2, [1440, 7]],
    ['six days is the longest that can be watched', Duration.days(6), 2, [1440, 7]],
    ['a minute more cannot', Duration.minutes(6 * 24 * 60 + 1), 2, undefined],
    ['nor can a month', Duration.days(30), 2, undefined],
  ])('%s', (_case, every, misses, expected) => {
    expect(minutes(every, misses)).toEqual(expected);
  });

  it('always leaves room for a whole interval beside the period that has just begun, within CloudWatch’s limits', () => {
    for (let every = 1; every <= 6 * 24 * 60; every += 7) {
      const [period, periods] = minutes(Duration.minutes(every), 3) ?? [0, 0];
      expect((periods - 1) * period).toBeGreaterThanOrEqual(every);
      expect(period * periods).toBeLessThanOrEqual(period < 60 ? 1440 : 10_080);
    }
  });
});
