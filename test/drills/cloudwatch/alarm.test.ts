import { describe, expect, it } from '@jest/globals';
import {
  contributorsOf,
  historyOf,
  stateOf,
  type Alarm,
  type AlarmState,
  type Datapoint,
  type MissingData,
} from './alarm.ts';
import { MetricStore } from './metric-store.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const datapoints = (text: string): Datapoint[] => text.split(' ').map((one) => (one === '-' ? undefined : one === 'X'));
/** "Keep" stands for the state before. */
type Row = readonly [points: string, ...states: readonly (AlarmState | 'keep')[]];

/**
 * The two tables of "Configuring how CloudWatch alarms treat missing data", row by row.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
const THREE_OF_THREE: readonly Row[] = [
  ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 'INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK'],
  ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 'ALARM', 'keep', 'ALARM', 'OK'],
];
const TWO_OF_THREE: readonly Row[] = [
  ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 'ALARM', 'keep', 'ALARM', 'OK'],
];

describe.each([
  [3, THREE_OF_THREE],
  [2, TWO_OF_THREE],
] as const)('an alarm of %i out of 3 datapoints', (datapointsToAlarm, rows) => {
  it.each(rows)('%s: missing %s, ignore %s, breaching %s, notBreaching %s', (points, ...expected) => {
    for (const before of ['OK', 'ALARM'] as const) {
      const states = TREATMENTS.map((missing) =>
        stateOf(datapoints(points), { evaluationPeriods: 3, datapointsToAlarm, missing }, before),
      );
      expect(states).toEqual(expected.map((state) => (state === 'keep' ? before : state)));
    }
  });
});

describe('an alarm whose newest datapoint is its first', () => {
  it.each(['- - - - X', '- - - X -'])('does not ring yet where missing data is missing: %s', (points) => {
    const rule = { evaluationPeriods: 3, datapointsToAlarm: 3, missing: 'missing' } as const;
    expect(stateOf(datapoints(points), rule, 'OK')).toBe('OK');
  });
});

const series = { namespace: 'N', name: 'M', dimensions: { a: 'b' } };
const alarm = (change: Partial<Alarm>): Alarm => ({
  name: 'A',
  paragraph: '',
  metrics: [{ series, statistic: 'Sum' }],
  periodMs: 5 * MINUTE,
  fillsWithZero: false,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  missing: 'notBreaching',
  breaks: (value) => value >= 2,
  ...change,
});

describe('the history of an alarm', () => {
  const store = new MetricStore();
  for (const minute of [10.5, 13.5]) store.add(series, 1, minute * MINUTE);
  const range = { start: 0, end: 60 * MINUTE, extra: 0 };

  it('adds up what falls into one period that ends with the minute', () => {
    expect(historyOf(store, alarm({}), range)).toEqual([
      { at: 0, state: 'OK' },
      { at: 14 * MINUTE, state: 'ALARM' },
      { at: 16 * MINUTE, state: 'OK' },
    ]);
  });

  it.each([
    ['Average', 1],
    ['Maximum', 1],
    ['Minimum', 1],
    ['SampleCount', 2],
  ])('computes the %s', (statistic, expected) => {
    expect(store.statistic(series, statistic, 0, 60 * MINUTE)).toBe(expected);
  });

  it('rings for silence where missing data breaches', () => {
    const silent = alarm({
      missing: 'breaching',
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      breaks: (sum) => sum < 1,
    });
    expect(historyOf(store, silent, range).map(({ at, state }) => [at / MINUTE, state])).toEqual([
      [0, 'ALARM'],
      [11, 'OK'],
      [29, 'ALARM'],
    ]);
  });

  it('counts silence as 0 in a sum that says so', () => {
    const filled = alarm({ fillsWithZero: true, missing: 'ignore', breaks: (sum) => sum >= 1 });
    expect(historyOf(store, filled, range).at(-1)).toEqual({ at: 19 * MINUTE, state: 'OK' });
  });
});

describe('an alarm on a query', () => {
  const store = new MetricStore();
  const of = (dimensions: Readonly<Record<string, string>>) => ({ ...series, dimensions });
  const beats: readonly (readonly [scope: string | undefined, minute: number])[] = [
    ['one', 10.5],
    ['two', 20.5],
    [undefined, 30.5],
  ];
  for (const [scope, minute] of beats)
    store.add(of({ service: 's', ...(scope !== undefined && { scope }) }), 1, minute * MINUTE);
  store.add(of({ service: 'another', scope: 'three' }), 1, 10 * MINUTE);
  const query = alarm({
    by: 'scope',
    metrics: [{ series: of({ service: 's' }), statistic: 'Maximum' }],
    breaks: (max) => max >= 1,
  });

  it('has a state for each value of the dimension, of this service alone', () => {
    const rang = contributorsOf(store, query).map(({ alarm: own, contributor }) => [
      contributor,
      historyOf(store, own, { start: 0, end: 60 * MINUTE, extra: 0 }).find(({ state }) => state === 'ALARM')?.at,
    ]);
    expect(rang).toEqual([
      ['one', 11 * MINUTE],
      ['two', 21 * MINUTE],
    ]);
  });
});
