import pMap from 'p-map';
import type { Scope } from '../domain/identity.ts';
import { isServing, type Calls, type Deployment, type ModelRecord, type Usage } from '../domain/model-record.ts';
import { DAY, HOUR } from '../domain/time.ts';
import { usageOf, withUsage, type UsePoint } from '../domain/usage.ts';
import { TRACK_CONCURRENCY } from './correct-drift.ts';
import type { Clock } from './ports.ts';
import { MAX_NAMED_FAILURES, NO_COUNTS, type SweepFailure, type SweepReport } from './sweep-state.ts';

/** Metrics by hour or day. Times in milliseconds. */
export interface UseQuery {
  readonly arns: readonly string[];
  readonly metrics: readonly (keyof Calls)[];
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
}

/** CloudWatch's data of one scope. */
export interface UseSource {
  /**
   * All points of each ARN, or why they are not complete; a call for each 500 metrics. Throws ACCESS_DENIED, or the SDK's
   * error after its retries.
   */
  read(query: UseQuery): Promise<ReadonlyMap<string, readonly UsePoint[] | Error>>;
}

export interface UsageDependencies {
  readonly models: {
    get(modelArn: string): Promise<ModelRecord | undefined>;
    put(record: ModelRecord): Promise<'written' | 'conflict'>;
    listServing(
      scope: Scope,
    ): AsyncIterable<Pick<ModelRecord, 'model_arn' | 'deployments' | 'provisioned_throughputs' | 'usage'>>;
  };
  readonly useOf: (scope: Scope) => UseSource;
  readonly clock: Clock;
  readonly idleAfterMs: number;
}

/** CloudWatch keeps hourly data for 455 days: a day less, so that nothing of the first day has expired. */
const HELD_MS = 454 * DAY;

type Serving = Pick<Deployment, 'arn' | 'creation_time'> & { readonly modelArn: string; readonly previous?: Usage };

/** The hours of 30 days, and for what they leave unknown the days before. */
const measure = async (source: UseSource, serving: readonly Serving[], at: number) => {
  const ask = async (some: readonly Serving[], query: Omit<UseQuery, 'arns'>) => {
    const read = await source.read({ ...query, arns: some.map(({ arn }) => arn) });
    return some.map(({ arn, creation_time, previous }): [string, Usage | Error] => {
      const points = read.get(arn) ?? [];
      return [arn, points instanceof Error ? points : usageOf({ ...query, at, points }, creation_time, previous)];
    });
  };
  const from = Math.floor((at - 30 * DAY) / HOUR) * HOUR;
  const metrics = ['invocations', 'input_tokens', 'output_tokens'] as const;
  const recent = new Map(await ask(serving, { metrics, from, to: at, periodMs: HOUR }));
  const unknown = serving.filter(({ arn }) => {
    const usage = recent.get(arn);
    return !(usage instanceof Error) && usage?.unused_since === undefined;
  });
  const held = Math.floor((at - HELD_MS) / DAY) * DAY;
  const older = await ask(unknown, { metrics: ['invocations'], from: held, to: from, periodMs: DAY });
  return new Map([...recent, ...older]);
};

/**
 * Measures the use of all that serves models in a scope: one index read, a GetMetricData for each 166 of them (and for each
 * 500 without a use in 30 days), and a read and a write of each model's record. An answer that is not complete changes
 * nothing, is a failure, and stops no other. Throws ACCESS_DENIED.
 */
export const measureUsage = async (
  { models, useOf, clock, idleAfterMs }: UsageDependencies,
  scope: Scope,
): Promise<Pick<SweepReport, 'counts' | 'failures'>> => {
  const serving: Serving[] = [];
  for await (const { model_arn: modelArn, deployments, provisioned_throughputs, usage } of models.listServing(scope))
    for (const entry of [...deployments, ...provisioned_throughputs].filter(isServing)) {
      const previous = usage?.[entry.arn];
      serving.push({ ...entry, modelArn, ...(previous && { previous }) });
    }
  const outcome = await measure(useOf(scope), serving, clock().getTime());
  const failures: SweepFailure[] = [];
  const measured = new Map<string, Usage>();
  for (const [arn, usage] of outcome)
    if (usage instanceof Error) failures.push({ arn, error: usage });
    else measured.set(arn, usage);
  const write = async (modelArn: string): Promise<void> => {
    for (;;) {
      const previous = await models.get(modelArn);
      const record = previous && withUsage(previous, measured, idleAfterMs);
      if (record === undefined || (await models.put(record)) === 'written') return;
    }
  };
  await pMap(
    new Set(serving.map(({ modelArn }) => modelArn)),
    (modelArn) => write(modelArn).catch((error: unknown) => failures.push({ arn: modelArn, error })),
    { concurrency: TRACK_CONCURRENCY },
  );
  return {
    counts: { ...NO_COUNTS, listed: serving.length, failed: failures.length },
    failures: failures.slice(0, MAX_NAMED_FAILURES),
  };
};
