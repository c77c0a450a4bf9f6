import { Duration } from 'aws-cdk-lib';
import type { ScopeState } from '../../contract.ts';
import { sweepPeriods } from '../operations/alarm-rules.ts';
import type { Settings } from './validate-props.ts';

const toMinutes = (period: Duration): number => period.toMinutes({ integral: false });

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

export function periodProblems(name: string, period: Duration): string[] {
  if (period.isUnresolved()) return [`${name} must be known at synthesis: a schedule cannot take a token`];
  const minutes = toMinutes(period);
  return minutes >= 1 && Number.isInteger(minutes)
    ? []
    : [`${name} is ${period.toHumanString()}: EventBridge Scheduler takes whole minutes, at least 1`];
}

/** What may not happen more often than active sweeps, and why. */
const RARER = {
  fullSweepEvery: 'a full sweep covers the active jobs too',
  idleSweepEvery: 'it is for scopes without active jobs',
  emptySweepEvery: 'it is for scopes that never had a job',
} as const;

/** What is wrong with how often scopes and jobs are compared, one sentence each. */
export function sweepProblems(settings: Settings): string[] {
  const { activeSweepEvery: active, releaseAfter } = settings;
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
    ...releaseProblems(releaseAfter),
  ];
}

function releaseProblems(after: Duration): string[] {
  if (after.isUnresolved()) return ['releaseAfter must be known at synthesis'];
  const hours = after.toHours({ integral: false });
  return Number.isInteger(hours) && hours >= 2
    ? []
    : [
        `releaseAfter is ${after.toHumanString()}: it takes whole hours, at least 2, as spokes send a heartbeat an hour`,
      ];
}
