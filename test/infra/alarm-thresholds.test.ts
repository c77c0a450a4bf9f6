import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Duration, Lazy } from 'aws-cdk-lib';
import { propsFromContext } from '../../lib/infra/props/context.ts';
import type { AlarmThresholds } from '../../lib/infra/props/alarm-thresholds.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { problemsOf } from '../../lib/infra/props/validate-props.ts';
import { ANYWHERE, FULL_PROPS, fullTemplate, makeApp, resourcesOf, synthesize, type CfnTemplate } from './support.ts';

interface AlarmProperties {
  readonly Threshold: number;
  readonly Period?: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly AlarmDescription: string;
  readonly Metrics?: readonly { readonly Period?: number; readonly MetricStat?: { readonly Period: number } }[];
}

/** The alarms by the name of their prop. */
const alarmsOf = (template: CfnTemplate): Record<string, AlarmProperties> =>
  Object.fromEntries(
    resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => [
      id.replace(
        /^TrackerAlarms(.)(.+?)[0-9A-F]{8}$/,
        (_all, first: string, rest: string) => first.toLowerCase() + rest,
      ),
      Properties as AlarmProperties,
    ]),
  );
const alarmsWith = (alarmThresholds: AlarmThresholds, props: BedrockJobTrackerStackProps = {}) =>
  alarmsOf(synthesize({ notifications: {}, ...props, alarmThresholds }));
/** Alarms of a hub on queries look back three hours. */
const BY_SCOPE = ['scopesFailing', 'scopesReleased'];

/** The names of the props, with whether they take a threshold. */
const propNames = (): [name: string, hasThreshold: boolean][] => {
  const source = readFileSync(path.join(import.meta.dirname, '../../lib/infra/props/alarm-thresholds.ts'), 'utf8');
  const [, body = ''] = source.split('export interface AlarmThresholds {');
  return [...body.matchAll(/readonly (\w+)\?: (AlarmThreshold|AlarmPeriods);/g)].map(([, name = '', type]) => [
    name,
    type === 'AlarmThreshold',
  ]);
};

describe('alarmThresholds', () => {
  it('has a member for each alarm', () => {
    expect(
      propNames()
        .map(([name]) => name)
        .sort(),
    ).toEqual(Object.keys(alarmsOf(fullTemplate())).sort());
  });

  it('sets the periods of each alarm, and its threshold where it has one', () => {
    const periods = { period: Duration.hours(2), periods: 60, breachingPeriods: 59 };
    // Only shares and percentages take a part of one.
    const thresholdOf = (name: string) => (/Missed|Incomplete/.test(name) ? 0.75 : 7);
    const names = propNames().filter(([name]) => !BY_SCOPE.includes(name));
    const own = names.map(([name, hasThreshold]) => [
      name,
      { ...periods, ...(hasThreshold && { threshold: thresholdOf(name) }) },
    ]);
    const byScope = BY_SCOPE.map((name) => [name, { period: Duration.hours(1), periods: 3, breachingPeriods: 2 }]);
    const alarms = alarmsWith(Object.fromEntries([...own, ...byScope]) as AlarmThresholds, FULL_PROPS);
    for (const name of BY_SCOPE) {
      expect(alarms[name]).toMatchObject({ Metrics: [{ Period: 3600 }], EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    }
    for (const [name, hasThreshold] of names) {
      const { Threshold, Period, Metrics = [], EvaluationPeriods, DatapointsToAlarm } = alarms[name] ?? {};
      const period = Period ?? Metrics.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;
      expect([name, period, EvaluationPeriods, DatapointsToAlarm]).toEqual([name, 7200, 60, 59]);
      if (hasThreshold) expect([name, Threshold]).toEqual([name, thresholdOf(name)]);
    }
  });

  it('leaves alarms out, all or one', () => {
    const all = propNames().map(([name]) => [name, { enabled: false }]);
    expect(alarmsWith(Object.fromEntries(all) as AlarmThresholds, FULL_PROPS)).toEqual({});
    const names = Object.keys(alarmsOf(fullTemplate()));
    expect(Object.keys(alarmsWith({ creationsMissed: { enabled: false } }, FULL_PROPS))).toEqual(
      names.filter((name) => name !== 'creationsMissed'),
    );
  });

  it.each<[AlarmThresholds, string]>([
    [
      { trackJobErrors: { threshold: 5, period: Duration.minutes(30) } },
      'track-job failed 5 times or more within 30 minutes.',
    ],
    [
      { trackJobErrors: { threshold: 1, periods: 2 } },
      'track-job failed once or more within 15 minutes, for 30 minutes.',
    ],
    [
      { trackJobThrottles: { periods: 4, breachingPeriods: 2 } },
      "Lambda has refused to run track-job in 2 of 4 periods of 5 minutes: the account or the function's reservation has " +
        'no concurrency left.',
    ],
    [{ jobEventsWaiting: { threshold: 7200 } }, 'An event about a job has waited in the queue for more than 2 hours.'],
    [{ activeSweepMissing: { periods: 6 } }, 'No active sweep has finished for 30 minutes.'],
    [{ fullSweepIncomplete: { threshold: 90 } }, 'No full sweep has covered every job for 2 days.'],
    [
      { creationsMissed: { threshold: 0.9 } },
      'Too many creations of jobs came without an event in 2 of 24 periods of 1 hour, although there is a trail.',
    ],
    [
      { jobsTableThrottled: { period: Duration.minutes(1), periods: 10 } },
      'DynamoDB has throttled requests to the jobs or models table for 10 minutes.',
    ],
  ])('%j: the description says "%s"', (own, sentence) => {
    const [name = ''] = Object.keys(own);
    expect(alarmsWith(own)[name]?.AlarmDescription.split(' See ')[0]).toBe(sentence);
  });

  it('can be a threshold that only CloudFormation knows', () => {
    const threshold = Lazy.number({ produce: () => 9 });
    const { trackJobErrors, jobEventsWaiting } = alarmsWith({
      trackJobErrors: { threshold },
      jobEventsWaiting: { threshold },
    });
    expect([trackJobErrors?.Threshold, jobEventsWaiting?.Threshold]).toEqual([9, 9]);
    expect(trackJobErrors?.AlarmDescription).toMatch(/^track-job failed 9 times or more/);
    expect(jobEventsWaiting?.AlarmDescription).toMatch(/more than 9 seconds\. /);
  });

  it('misses no sweeps while the schedules are off', () => {
    const names = Object.keys(alarmsWith({}, { schedulesEnabled: false }));
    expect(names).not.toContain('activeSweepMissing');
    expect(names).not.toContain('fullSweepIncomplete');
    expect(names).not.toContain('modelsSweepIncomplete');
    expect(names).toContain('activeSweepIncomplete');
  });
});

describe('wrong alarmThresholds are refused with a sentence', () => {
  it.each<[object, string]>([
    [
      { trackJobErors: {} },
      'alarmThresholds names "trackJobErors", which is not an alarm: docs/configuration.md lists them',
    ],
    [{ toString: {} }, 'alarmThresholds names "toString", which is not an alarm: docs/configuration.md lists them'],
    [
      { trackJobErrors: { threshold: 0 } },
      'alarmThresholds.trackJobErrors.threshold is 0: it takes a whole number of at least 1',
    ],
    [
      { eventsLost: { threshold: Number.NaN } },
      'alarmThresholds.eventsLost.threshold is NaN: it takes a whole number of at least 1',
    ],
    [
      { stateChangesMissed: { threshold: 50 } },
      'alarmThresholds.stateChangesMissed.threshold is 50: it takes a share from 0 to less than 1',
    ],
    [
      { activeSweepIncomplete: { threshold: 101 } },
      'alarmThresholds.activeSweepIncomplete.threshold is 101: it takes a percentage above 0, at most 100',
    ],
    [{ jobRunsLong: { threshold: 5 } }, 'alarmThresholds.jobRunsLong has no threshold: set longRunningAfter instead'],
    [
      { transitionsNotRead: { threshold: 1 } },
      'alarmThresholds.transitionsNotRead has no threshold: it counts periods, so set period, periods and ' +
        'breachingPeriods instead',
    ],
    [
      { trackJobErrors: { period: Duration.seconds(30) } },
      'alarmThresholds.trackJobErrors.period is 30 seconds: CloudWatch takes whole minutes, 1 minute to 1 day',
    ],
    [
      { trackJobErrors: { period: Duration.days(2) } },
      'alarmThresholds.trackJobErrors.period is 2 days: CloudWatch takes whole minutes, 1 minute to 1 day',
    ],
    [
      { trackJobErrors: { periods: 1.5 } },
      'alarmThresholds.trackJobErrors.periods is 1.5: CloudWatch takes a whole number of at least 1',
    ],
    [
      { trackJobErrors: { breachingPeriods: 2 } },
      'alarmThresholds.trackJobErrors.breachingPeriods is 2: it takes at most periods, which is 1',
    ],
    [
      { scopesFailing: { period: Duration.hours(1), periods: 4 } },
      'alarmThresholds.scopesFailing looks back 4 hours: CloudWatch looks back 3 hours at most with periods of 1 hour',
    ],
    [
      { trackJobErrors: { periods: 200 } },
      'alarmThresholds.trackJobErrors looks back 2 days 2 hours: CloudWatch looks back 1 day at most with periods of 15 ' +
        'minutes',
    ],
    [
      { activeSweepMissing: { periods: 1 } },
      'alarmThresholds.activeSweepMissing would ring while all is well: a sweep comes every 5 minutes, so it takes at ' +
        'least 2 breaching periods of 5 minutes',
    ],
    [
      { modelsSweepIncomplete: { periods: 1 } },
      'alarmThresholds.modelsSweepIncomplete would ring while all is well: a sweep comes every 1 hour, so it takes at ' +
        'least 2 breaching periods of 1 hour',
    ],
    [
      { fullSweepIncomplete: { period: Duration.hours(1), periods: 12 } },
      'alarmThresholds.fullSweepIncomplete would ring while all is well: a sweep comes every 1 day, so it takes at least 25 ' +
        'breaching periods of 1 hour',
    ],
    [
      { fullSweepIncomplete: { period: Duration.hours(1), periods: 72, breachingPeriods: 25 } },
      'alarmThresholds.fullSweepIncomplete would ring while all is well: a sweep comes every 1 day, so it takes at least 71 ' +
        'breaching periods of 1 hour',
    ],
    [
      { eventsLost: { periods: Lazy.number({ produce: () => 2 }) } },
      'the periods of alarmThresholds.eventsLost must be known at synthesis: its description names them',
    ],
  ])('%j: %s', (alarmThresholds, problem) => {
    expect(problemsOf({ alarmThresholds: alarmThresholds }, ANYWHERE)).toEqual([problem]);
  });

  it('but not one long period, in which several sweeps end', () => {
    const activeSweepMissing = { period: Duration.minutes(10), periods: 1 };
    expect(problemsOf({ alarmThresholds: { activeSweepMissing } }, ANYWHERE)).toEqual([]);
  });

  it('also where they come from the context', () => {
    const read = (alarmThresholds: string) => propsFromContext(makeApp({ alarmThresholds }).node, ANYWHERE);
    expect(() => read('trackJobErrors=many')).toThrow(
      'alarmThresholds is "trackJobErrors=many": it takes alarms with a number each, such as ' +
        'trackJobErrors=5,activeSweepIncomplete=90',
    );
    expect(() => read('trackJobErrors=0.5,trackJobErors=1')).toThrow(
      'alarmThresholds.trackJobErrors.threshold is 0.5: it takes a whole number of at least 1\n' +
        '  - alarmThresholds names "trackJobErors"',
    );
  });
});
