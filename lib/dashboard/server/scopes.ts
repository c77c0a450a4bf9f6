import { TrackerError } from '../../domain/errors.ts';
import { formatScope } from '../../domain/identity.ts';
import { collect } from '../../operator/batch-get.ts';
import { readRegistry, withScopeRecords } from '../../operator/scopes.ts';
import { MANY_SCOPES, type ScopesAnswer } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { keep } from './single-flight.ts';

/** Scopes of an answer. */
const MOST = 100;
/** Between two reads, for each scope: an open page of 10,000 scopes costs about 10 read units a second. */
const KEEP_MS_PER_SCOPE = 4;

const requireHub = ({ hub }: Pick<DashboardDependencies, 'hub'>) => {
  if (hub !== undefined) return hub;
  throw new TrackerError('BAD_REQUEST', 'This tracker is not a hub: the overview shows its sweeps.');
};

/** Adds the scopes, and lists jobs as `MANY_SCOPES` says, also where the scopes cannot be counted. */
export const withScopes = (deps: DashboardDependencies) => {
  const { hub, jobs, clock, updateInterval } = deps;
  /** All scopes of a hub, as the index has them. */
  const registry = keep(
    async () => readRegistry(requireHub(deps), requireHub(deps).schedules, clock()),
    ({ scopes }) => Math.max(updateInterval, scopes.length * KEEP_MS_PER_SCOPE),
    () => clock().getTime(),
  );
  /** Those that have, or had, jobs; undefined if they cannot be read. */
  const scopesWithJobs = async (): Promise<string[] | undefined> => {
    if (hub === undefined) return deps.scopes.map(formatScope);
    const scopes = (await registry.get().catch(() => undefined))?.scopes;
    return scopes?.flatMap(({ scope, state }) => (state === 'active' || state === 'idle' ? scope : [])).sort();
  };
  const listJobs: typeof jobs.listJobs = async (request = {}) => {
    const isOfOne = request.region !== undefined || request.baseModel !== undefined;
    const areMany = !isOfOne && ((await scopesWithJobs())?.length ?? Infinity) > MANY_SCOPES;
    return jobs.listJobs(areMany ? { ...request, sortBy: 'last_modified_time' } : request);
  };
  return { ...deps, registry, scopesWithJobs, jobs: { ...jobs, listJobs } };
};

/** The first scopes that match, with their records. */
export const listScopes = async (
  deps: ReturnType<typeof withScopes>,
  { show, search = '' }: Readonly<Partial<Record<string, string>>>,
): Promise<ScopesAnswer> => {
  const { counts, scopes } = await deps.registry.get();
  const matching = scopes.filter(
    ({ scope, state, late, failing_since: failing }) =>
      [undefined, state, failing && 'failing', late && 'late'].includes(show) && scope.includes(search),
  );
  const first = await collect(withScopeRecords(matching.slice(0, MOST), requireHub(deps)));
  return { counts, scopes: first, matching: matching.length };
};
