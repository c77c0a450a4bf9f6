import type { SweepKind } from '../../lib/contract.ts';
import type { TrackedJob } from '../../lib/domain/drift.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import { formatScope, parseScope, type Scope } from '../../lib/domain/identity.ts';
import type { JobStore, SweepStore } from '../../lib/tracking/ports.ts';
import type { SweepState } from '../../lib/tracking/sweep-state.ts';

const newestFirst = (a: JobRecord, b: JobRecord): number =>
  (b.creation_time ?? '').localeCompare(a.creation_time ?? '');

/** A jobs table in memory that keeps what the port promises. Records are copied, as a table would. */
export const memoryJobStore = (): JobStore & { readonly records: Map<string, JobRecord> } => {
  const records = new Map<string, JobRecord>();
  async function* inScope(wanted: (record: JobRecord) => boolean): AsyncGenerator<TrackedJob, void, undefined> {
    const found = [...records.values()].filter((record) => record.creation_time !== undefined && wanted(record));
    for (const record of found.sort(newestFirst)) yield await Promise.resolve(structuredClone(record));
  }
  return {
    records,
    get: async (jobArn) => Promise.resolve(structuredClone(records.get(jobArn))),
    put: async (record) => {
      const present = records.get(record.job_arn)?.revision ?? 0;
      if (present !== record.revision - 1) return Promise.resolve('conflict');
      records.set(record.job_arn, structuredClone(record));
      return Promise.resolve('written');
    },
    listActive: (scope) => inScope((record) => record.active_scope === formatScope(scope)),
    listScope: (scope, { createdBefore }) =>
      inScope(
        (record) =>
          record.scope === formatScope(scope) &&
          (createdBefore === undefined || (record.creation_time ?? '') <= createdBefore),
      ),
  };
};

/** A sweeps table in memory that keeps what the port promises. */
export const memorySweepStore = (): SweepStore & { readonly states: Map<string, SweepState> } => {
  const states = new Map<string, SweepState>();
  const keyOf = (scope: Scope, sweep: SweepKind): string => `${formatScope(scope)}/${sweep}`;
  return {
    states,
    list: async () =>
      Promise.resolve(
        [...states].flatMap(([key, state]) => {
          const [scopeText = '', sweep = ''] = key.split('/');
          const scope = parseScope(scopeText);
          return scope === undefined ? [] : [{ scope, sweep: sweep as SweepKind, state: structuredClone(state) }];
        }),
      ),
    get: async (scope, sweep) => Promise.resolve(states.get(keyOf(scope, sweep))),
    acquire: async (scope, sweep, { now, until }) => {
      const key = keyOf(scope, sweep);
      const state = states.get(key) ?? {};
      if (state.lease_until !== undefined && state.lease_until > now) return Promise.resolve(undefined);
      states.set(key, { ...state, lease_until: until });
      return Promise.resolve(state);
    },
    save: async (scope, sweep, state) => {
      states.set(keyOf(scope, sweep), state);
      return Promise.resolve();
    },
  };
};
