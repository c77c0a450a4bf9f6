import { Duration } from 'aws-cdk-lib';
import type { ScopeState } from '../../contract.ts';
import { sweepPeriods } from '../operations/alarm-rules.ts';
import type { Settings } from './validate-props.ts';

export const toMinutes = (period: Duration): number => period.toMinutes({ integral: false });

/** How often a scope in each state is swept. A hub asks its many scopes without active jobs less often. */
export function scopePeriods(
  { activeSweepEvery: active, idleSweepEvery, emptySweepEvery }: Settings,
  isHub: boolean,
): Readonly<Record<Exclude<ScopeState, 'released'>, Duration>> {
  const standard = (every: Duration) => (isHub && toMinutes(every) > toMinutes(active) ? every : active);
  return {
    active,
    idle: idleSweepEvery ?? standard(Duration.hours(1)),
    empty: emptySweepEvery ?? standard(Duration.days(1)),
  };
}

/** The periods as the functions read them: `active=5,idle=60,…`, in minutes. */
export const sweepMinutes = (settings: Settings, isHub: boolean): string =>
  Object.entries({ ...scopePeriods(settings, isHub), ...sweepPeriods(settings) })
    .flatMap(([name, every]) => (every ? `${name}=${every.toMinutes().toString()}` : []))
    .join(',');

/** What is wrong with a period: a token, a part of its unit, or out of range. */
export function periodProblems(
  name: string,
  period: Duration,
  unit: 'Minutes' | 'Hours' | 'Days' = 'Minutes',
  [min, max = Infinity]: readonly [min: number, max?: number] = [1],
): string[] {
  if (period.isUnresolved()) return [`${name} must be known at synthesis`];
  const amount = period[`to${unit}`]({ integral: false });
  if (Number.isInteger(amount) && amount >= min && amount <= max) return [];
  const range = max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  return [`${name} is ${period.toHumanString()}: it takes whole ${unit.toLowerCase()}, ${range}`];
}

/** What may not happen more often than active sweeps, and why. */
const RARER = {
  fullSweepEvery: 'a full sweep covers the active jobs too',
  idleSweepEvery: 'it is for scopes without active jobs',
  emptySweepEvery: 'it is for scopes that never had a job',
} as const;

/** What is wrong with how often scopes and jobs are compared, one sentence each. */
export function sweepProblems(settings: Settings): string[] {
  const { activeSweepEvery: active } = settings;
  return [
    ...periodProblems('activeSweepEvery', active),
    ...Object.entries(RARER).flatMap(([name, why]) => {
      const every = settings[name as keyof typeof RARER];
      if (every === undefined) return [];
      const problems = periodProblems(name, every);
      if (every.isUnresolved() || active.isUnresolved() || toMinutes(every) >= toMinutes(active)) return problems;
      const than = `activeSweepEvery (${active.toHumanString()})`;
      return [...problems, `${name} (${every.toHumanString()}) is more often than ${than}: ${why}`];
    }),
    // Spokes send a heartbeat an hour.
    ...periodProblems('releaseAfter', settings.releaseAfter, 'Hours', [2]),
  ];
}
