import { makeHandler, type SweptScopes } from '../../lambdas/reconcile-jobs/handler.ts';
import { clientsOfScopes, createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { bedrockJobs } from '../../lib/runtime/bedrock-jobs.ts';
import { SWEEP_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { createLog } from '../../lib/runtime/log.ts';
import type { SweepKind } from '../../lib/contract.ts';
import { bedrockModels } from '../../lib/runtime/bedrock-models.ts';
import type { JobStore, ModelStore, ScopeStore, SweepStore } from '../../lib/tracking/ports.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import { HISTORY_SCOPE } from './history.ts';

export interface SweeperOptions {
  readonly bedrockUrl: string;
  readonly jobs: JobStore;
  /** @default models are not tracked */
  readonly models?: ModelStore;
  readonly sweeps: SweepsTable;
}

/** What the sweeps table holds: the states of sweeps, and the scopes. */
export type SweepsTable = SweepStore & { readonly scopes: ScopeStore };

/** One invocation of reconcile-jobs, by default with the longest time that Lambda allows. */
export type Sweeper = (sweep: SweepKind, remainingMs?: number) => Promise<SweptScopes>;

const LAMBDA_MS = 15 * MINUTE;

/** The deployed handler over the real Bedrock adapter and these stores. Nothing is logged or measured. */
export const createSweeper = ({ bedrockUrl, jobs, models, sweeps }: SweeperOptions): Sweeper => {
  // The client is made as it is on Lambda, where nobody passes an endpoint.
  process.env['AWS_ENDPOINT_URL_BEDROCK'] = bedrockUrl;
  const clientOf = clientsOfScopes((scope) => createBedrockClient(scope, SWEEP_TIMEOUTS));
  const bedrockModelsOf = (scope: Scope) => bedrockModels(clientOf(scope), scope);
  const handle = makeHandler({
    bedrockOf: (scope) => bedrockJobs(clientOf(scope), scope),
    ...(models !== undefined && { models: { bedrockModelsOf, models } }),
    jobs,
    sweeps,
    clock: () => new Date(),
    scopes: sweeps.scopes,
    named: [HISTORY_SCOPE],
    periods: { active: 5 * MINUTE, idle: HOUR, empty: DAY, releaseAfter: DAY, full: Infinity },
    log: createLog(),
    metrics: { add: () => undefined },
  });
  return async (sweep, remainingMs = LAMBDA_MS) => {
    const started = performance.now();
    const left = { getRemainingTimeInMillis: () => remainingMs - (performance.now() - started) };
    return (await handle({ sweep }, left)) as SweptScopes;
  };
};
