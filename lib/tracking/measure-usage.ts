import pMap from 'p-map';
import type { Scope } from '../domain/identity.ts';
import { servingOf } from '../domain/model-kind.ts';
import { isServing, type Calls, type Deployment, type ModelRecord, type Usage } from '../domain/model-record.ts';
import { present } from '../domain/text.ts';
import { DAY, HOUR } from '../domain/time.ts';
import { besideOf, usageOf, type UsePoint } from '../domain/usage.ts';
import { TRACK_CONCURRENCY } from './correct-drift.ts';
import type { SweepStore } from './ports.ts';
import { emptyReport, stateAfter } from './run-sweep.ts';
import { MAX_NAMED_FAILURES, NO_COUNTS, type SweepFailure, type SweepReport, withLease } from './sweep-state.ts';
import { writeBeside } from './track.ts';
import { type ModelDependencies, modelTracker } from './track-model.ts';

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

export interface UsageDependencies extends ModelDependencies {
  readonly useOf: (scope: Scope) => UseSource;
  readonly idleAfterMs: number;
}

/** CloudWatch keeps hourly data for 455 days: a day less, so that nothing of the first day has expired. */
const HELD_MS = 454 * DAY;

type Serving = Pick<Deployment, 'arn' | 'creation_time'> & { readonly modelArn: string; readonly previous?: Usage };

/** The hours of 30 days, and for what they leave unknown the days before. */
const measure = async (source: UseSource, serving: readonly Serving[], at: number) => {
  const ask = async (some: readonly Serving[], query: Omit<UseQuery, 'arns'>) => {
    const read = await source.read({ ...query, arns: some.map(({ arn }) => arn) });
    return some.map((one): [Serving, Usage | Error] => {
      const points = read.get(one.arn) ?? [];
      const usage =
        points instanceof Error ? points : usageOf({ ...query, at, points }, one.creation_time, one.previous);
      return [one, usage];
    });
  };
  const from = Math.floor((at - 30 * DAY) / HOUR) * HOUR;
  const metrics = ['invocations', 'input_tokens', 'output_tokens'] as const;
  const recent = await ask(serving, { metrics, from, to: at, periodMs: HOUR });
  const unknown = recent.filter(([, usage]) => !(usage instanceof Error) && usage.unused_since === undefined);
  const held = Math.floor((at - HELD_MS) / DAY) * DAY;
  const older = { metrics: ['invocations'], from: held, to: from, periodMs: DAY } as const;
  return new Map([
    ...recent,
    ...(await ask(
      unknown.map(([one]) => one),
      older,
    )),
  ]);
};

/**
 * Measures the use of all that serves models in a scope: one index read, a GetMetricData for each 166 of them (and for each
 * 500 whose last use 30 days do not show), and a read and a write of each model's record. An answer that is not complete
 * changes nothing, is a failure, and stops no other. Throws ACCESS_DENIED.
 */
export const measureUsage = async (
  deps: UsageDependencies,
  scope: Scope,
): Promise<Pick<SweepReport, 'finished' | 'counts' | 'failures'>> => {
  const serving: Serving[] = [];
  for await (const model of deps.models.listServing(scope))
    for (const { arn, creation_time } of servingOf(model).filter(isServing))
      serving.push(present({ arn, modelArn: model.model_arn, creation_time, previous: model.usage?.[arn] }));
  const failures: SweepFailure[] = [];
  // Of each record its own: while an entry moves, two records may show it.
  const measured = new Map(serving.map(({ modelArn }) => [modelArn, new Map<string, Usage>()]));
  for (const [{ arn, modelArn }, usage] of await measure(deps.useOf(scope), serving, deps.clock().getTime()))
    if (usage instanceof Error) failures.push({ arn, error: usage });
    else measured.get(modelArn)?.set(arn, usage);
  const tracker = modelTracker(deps, scope);
  await pMap(
    measured,
    async ([modelArn, usages]) => {
      try {
        await writeBeside(tracker, modelArn, (record) => besideOf(record as ModelRecord, usages, deps.idleAfterMs));
      } catch (error) {
        failures.push({ arn: modelArn, error });
      }
    },
    { concurrency: TRACK_CONCURRENCY },
  );
  return {
    finished: true,
    counts: { ...NO_COUNTS, listed: serving.length, failed: failures.length },
    failures: failures.slice(0, MAX_NAMED_FAILURES),
  };
};

/** Measures a scope under a lease, once its models are known. Undefined if another run holds it. */
export const runUsage = (
  deps: UsageDependencies & { readonly sweeps: SweepStore },
  scope: Scope,
  { deadline }: { readonly deadline: Date },
): Promise<SweepReport | undefined> =>
  withLease(deps, { scope, sweep: 'usage', deadline }, async ({ before }) => {
    const now = deps.clock();
    const models = await deps.sweeps.get(scope, 'models');
    const isReady = now < deadline && models?.finished_at !== undefined;
    const done = isReady ? await measureUsage(deps, scope) : {};
    const endedAt = deps.clock().toISOString();
    const report = { ...emptyReport(scope, 'usage', now), ...done, endedAt };
    return { result: report, state: stateAfter({ ...before, begun_at: now.toISOString() }, report, endedAt) };
  });
