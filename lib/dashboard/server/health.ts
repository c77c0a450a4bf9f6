import { problemsOf, type ScopeHealth, type TrackerHealth } from '../../operator/tracker-health.ts';
import { formatScope } from '../../domain/identity.ts';
import type { Health, SweepHealth } from '../api.ts';
import { sentenceOf } from './answers.ts';

const sweepHealth = (state: NonNullable<ScopeHealth['active']>): SweepHealth => ({
  ...(state.succeeded_at !== undefined && { succeededAt: state.succeeded_at }),
  ...(state.finished_at !== undefined && { finishedAt: state.finished_at }),
  ...(state.unfinished !== undefined && { unfinished: state.unfinished }),
  ...(state.counts !== undefined && { corrected: state.counts.corrected, failed: state.counts.failed }),
});

const toHealth = (health: TrackerHealth, now: Date): Health => ({
  scopes: health.scopes.map(({ scope, active, full }) => ({
    scope: formatScope(scope),
    ...(active !== undefined && { active: sweepHealth(active) }),
    ...(full !== undefined && { full: sweepHealth(full) }),
  })),
  queues: health.queues.map(({ name, messages }) => ({ name, messages })),
  problems: problemsOf(health, now),
});

/** How the tracker does. Where that cannot be read, jobs can be looked at all the same: it is a problem among others. */
export const readHealth = async (read: () => Promise<TrackerHealth>, clock: () => Date): Promise<Health> => {
  try {
    return toHealth(await read(), clock());
  } catch (error) {
    return { scopes: [], problems: [`How the tracker does cannot be told: ${sentenceOf(error)}`] };
  }
};
