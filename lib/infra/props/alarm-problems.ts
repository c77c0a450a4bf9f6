import { Duration, Token } from 'aws-cdk-lib';
import { SWEEPS } from '../../contract.ts';
import {
  alarmRules,
  isAlarm,
  longestRange,
  sweepPeriods,
  thresholdOf,
  type AlarmName,
  type AlarmRule,
  type AlarmSettings,
} from '../operations/alarm-rules.ts';
import type { AlarmThreshold } from './alarm-thresholds.ts';
import { rangeProblems } from './functions.ts';

/** What is wrong with `alarmThresholds`, one sentence each. */
export function alarmProblems(settings: AlarmSettings): string[] {
  const given = Object.entries(settings.alarmThresholds) as [string, AlarmThreshold | undefined][];
  const own = given.flatMap(([name, alarm = {}]) =>
    isAlarm(name)
      ? [...thresholdProblems(name, alarm.threshold), ...periodsProblems(name, alarm)]
      : [`alarmThresholds names "${name}", which is not an alarm: docs/configuration.md lists them`],
  );
  // What they make of the defaults can be said once each is right, and with them how often sweeps run.
  const periods = [...Object.values(sweepPeriods(settings)), settings.longRunningAfter];
  if (own.length > 0 || !periods.every((period) => period === undefined || isWhole(period))) return own;
  const rules = alarmRules(settings);
  return given.flatMap(([name]) => {
    const rule = isAlarm(name) ? rules[name] : undefined;
    return rule === undefined ? [] : ruleProblems(name as AlarmName, rule, everyOf(name, settings));
  });
}

const isWhole = (period: Duration): boolean =>
  !period.isUnresolved() && Number.isInteger(period.toMinutes({ integral: false }));

function thresholdProblems(name: AlarmName, value: number | undefined): string[] {
  if (value === undefined) return [];
  const values = thresholdOf(name);
  if (typeof values === 'string') return [`alarmThresholds.${name} has no threshold: ${values} instead`];
  if (Token.isUnresolved(value) || values.fits(value)) return [];
  return [`alarmThresholds.${name}.threshold is ${value}: it takes ${values.takes}`];
}

function periodsProblems(name: AlarmName, { period, periods, breachingPeriods }: AlarmThreshold): string[] {
  const at = `alarmThresholds.${name}`;
  if (period?.isUnresolved() === true || Token.isUnresolved(periods) || Token.isUnresolved(breachingPeriods)) {
    return [`the periods of ${at} must be known at synthesis: its description names them`];
  }
  const minutes = period?.toMinutes({ integral: false }) ?? 1;
  return [
    ...(Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440
      ? []
      : [`${at}.period is ${period?.toHumanString()}: CloudWatch takes whole minutes, 1 minute to 1 day`]),
    ...rangeProblems(`${at}.periods`, periods, [1], 'CloudWatch takes a whole number'),
    ...rangeProblems(`${at}.breachingPeriods`, breachingPeriods, [1], 'CloudWatch takes a whole number'),
  ];
}

/** How often something happens whose absence rings an alarm. */
const everyOf = (name: string, settings: AlarmSettings): Duration | undefined => {
  const sweep = SWEEPS.find((kind) => name === (kind === 'active' ? 'activeSweepMissing' : `${kind}SweepIncomplete`));
  return sweep && sweepPeriods(settings)[sweep];
};

function ruleProblems(name: AlarmName, rule: AlarmRule, every?: Duration): string[] {
  const { period, periods, breachingPeriods } = rule;
  const at = `alarmThresholds.${name}`;
  const longest = longestRange(period, name);
  const needed = every === undefined ? 0 : neededPeriods(every.toMinutes(), period.toMinutes(), periods);
  return [
    ...(breachingPeriods > periods
      ? [`${at}.breachingPeriods is ${breachingPeriods}: it takes at most periods, which is ${periods}`]
      : []),
    ...(period.toMinutes() * periods > longest.toMinutes()
      ? [
          `${at} looks back ${Duration.minutes(period.toMinutes() * periods).toHumanString()}: CloudWatch looks back ` +
            `${longest.toHumanString()} at most with periods of ${period.toHumanString()}`,
        ]
      : []),
    ...(every !== undefined && breachingPeriods < needed
      ? [
          `${at} would ring while all is well: a sweep comes every ${every.toHumanString()}, so it takes at least ` +
            `${needed} breaching periods of ${period.toHumanString()}`,
        ]
      : []),
  ];
}

/**
 * In how many periods no sweep must have ended before that means something: one more than are empty while all is well.
 * Periods follow the clock and sweeps do not, so the periods hold as many sweeps as one period less has room for.
 */
function neededPeriods(every: number, period: number, periods: number): number {
  if (period >= 2 * every) return 1;
  const sweeps = Math.floor(((periods - 1) * period) / every);
  return sweeps === 0 ? Math.ceil(every / period) + 1 : Math.max(periods - sweeps, 1) + 1;
}
