/** How the use of a deployment or throughput follows from CloudWatch's data, and what it does to the model's record. */
import { unusedMs } from './idle.ts';
import type { Sighting } from './kind.ts';
import { servingOf } from './model-kind.ts';
import { isServing, type Calls, type ModelRecord, type Usage } from './model-record.ts';
import { DAY } from './time.ts';

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

/** What a measurement of an entry adds to its history. What is not known changes nothing, nor does a first use. */
const changeOf = (record: ModelRecord, arn: string, usage: Usage, idleAfterMs: number): Sighting[] => {
  const unused = unusedMs(usage);
  const last = record.transitions.findLast(({ resource, task }) => resource === arn && task === 'use')?.to ?? 'Used';
  const to = unused >= idleAfterMs ? 'Idle' : 'Used';
  const { measured_at: at } = usage;
  return Number.isNaN(unused) || to === last
    ? []
    : [{ resource: arn, task: 'use', to, at, observed_at: at, via: 'sweep' }];
};

/** What measurements of what serves a model, by ARN, change of its record: the later one wins. Undefined if none is later. */
export const besideOf = (record: ModelRecord, measured: ReadonlyMap<string, Usage>, idleAfterMs: number) => {
  const later = servingOf(record).flatMap((entry): [string, Usage][] => {
    const usage = measured.get(entry.arn);
    const before = record.usage?.[entry.arn]?.measured_at ?? '';
    return usage && isServing(entry) && usage.measured_at > before ? [[entry.arn, usage]] : [];
  });
  if (later.length === 0) return undefined;
  const lastUsedAt = [record.last_used_at ?? '', ...later.map(([, usage]) => usage.last_used_at ?? '')].sort().at(-1);
  return {
    stays: {
      usage: { ...record.usage, ...Object.fromEntries(later) },
      ...(lastUsedAt && { last_used_at: lastUsedAt }),
    },
    sightings: later.flatMap(([arn, usage]) => changeOf(record, arn, usage, idleAfterMs)),
  };
};
