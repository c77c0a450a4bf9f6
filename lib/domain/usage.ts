/** How the use of a deployment or throughput follows from CloudWatch's data, and what it does to the model's record. */
import { unusedMs } from './idle.ts';
import { isServing, type Calls, type ModelRecord, type ModelTransition, type Usage } from './model-record.ts';
import { DAY } from './time.ts';
import { MAX_TRANSITIONS } from './transitions.ts';

/** The sum of a metric over a period. Times in milliseconds. */
export interface UsePoint {
  readonly metric: keyof Calls;
  readonly start: number;
  readonly end: number;
  readonly sum: number;
}

/** All points of one deployment or throughput between two times. */
export interface Measured {
  readonly from: number;
  readonly at: number;
  readonly points: readonly UsePoint[];
}

const callsOf = ({ at, points }: Measured, days: number): Calls => {
  const calls = { invocations: 0, input_tokens: 0, output_tokens: 0 };
  for (const { metric, start, sum } of points) if (start >= at - days * DAY) calls[metric] += sum;
  return calls;
};

/**
 * The use by a measurement. `unused_since` is absent where neither it nor an earlier one reaches back to the last use or the
 * creation: CloudWatch forgets, so missing data proves nothing.
 */
export const usageOf = (measured: Measured, created = '', previous?: Usage): Usage => {
  const { from, at, points } = measured;
  const used = points.filter(({ metric, sum }) => metric === 'invocations' && sum > 0);
  const lastUse = used.length > 0 && new Date(Math.min(at, Math.max(...used.map(({ end }) => end)))).toISOString();
  const known = Date.parse(previous?.measured_at ?? '') >= from && previous?.unused_since;
  const unusedSince = lastUse || known || (Date.parse(created) >= from && created);
  const lastUsedAt = lastUse || previous?.last_used_at;
  return {
    measured_at: new Date(at).toISOString(),
    ...(lastUsedAt && { last_used_at: lastUsedAt }),
    ...(unusedSince && {
      unused_since: unusedSince,
      last_day: callsOf(measured, 1),
      last_7_days: callsOf(measured, 7),
      last_30_days: callsOf(measured, 30),
    }),
  };
};

/** What is not known changes nothing, and a first use is not a change. */
const transitionsOf = (record: ModelRecord, arn: string, usage: Usage, idleAfterMs: number): ModelTransition[] => {
  const unused = unusedMs(usage);
  const from = record.transitions.findLast(({ resource, task }) => resource === arn && task === 'use')?.to ?? null;
  const to = unused >= idleAfterMs ? 'Idle' : 'Used';
  if (Number.isNaN(unused) || to === (from ?? 'Used')) return [];
  const { measured_at: at } = usage;
  return [{ resource: arn, task: 'use', from, to, at, observed_at: at, via: 'sweep' }];
};

/** The record with measurements of what serves its model, by ARN: the later one wins. Undefined if none is later. */
export const withUsage = (
  record: ModelRecord,
  measured: ReadonlyMap<string, Usage>,
  idleAfterMs: number,
): ModelRecord | undefined => {
  const entries = [...record.deployments, ...record.provisioned_throughputs];
  const later = entries.filter(isServing).flatMap(({ arn }): [string, Usage][] => {
    const usage = measured.get(arn);
    return usage && usage.measured_at > (record.usage?.[arn]?.measured_at ?? '') ? [[arn, usage]] : [];
  });
  if (later.length === 0) return undefined;
  // Entries that were removed are forgotten in time, and so is their use.
  const kept = entries.flatMap(({ arn }) => (record.usage?.[arn] ? [[arn, record.usage[arn]] as const] : []));
  const lastUsedAt = [record.last_used_at ?? '', ...later.map(([, usage]) => usage.last_used_at ?? '')].sort().at(-1);
  const changes = later.flatMap(([arn, usage]) => transitionsOf(record, arn, usage, idleAfterMs));
  const transitions = [...record.transitions, ...changes];
  const folded = (record.transitions_folded ?? 0) + Math.max(0, transitions.length - MAX_TRANSITIONS);
  return {
    ...record,
    usage: Object.fromEntries([...kept, ...later]),
    ...(lastUsedAt && { last_used_at: lastUsedAt }),
    transitions: transitions.slice(-MAX_TRANSITIONS),
    ...(folded > 0 && { transitions_folded: folded }),
    revision: record.revision + 1,
  };
};
