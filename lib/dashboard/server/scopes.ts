import { TrackerError } from '../../domain/errors.ts';
import { formatScope } from '../../domain/identity.ts';
import { collect } from '../../operator/batch-get.ts';
import { readRegistry, type Registry, withScopeRecords } from '../../operator/scopes.ts';
import type { ScopesAnswer } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { keep, type Kept } from './single-flight.ts';

/** Scopes of an answer. */
const MOST = 100;
/** Between two reads, for each scope: an open page of 10,000 scopes costs about 10 read units a second. */
const KEEP_MS_PER_SCOPE = 4;

type Deps = Pick<DashboardDependencies, 'hub' | 'scopes' | 'clock' | 'updateInterval'>;

const requireHub = ({ hub }: Deps) => {
  if (hub !== undefined) return hub;
  throw new TrackerError('BAD_REQUEST', 'This tracker is not a hub: the overview shows its sweeps.');
};

/** All scopes of a hub, as the index has them. */
export const keepRegistry = (deps: Deps): Kept<Registry> =>
  keep(
    async () => readRegistry(requireHub(deps), requireHub(deps).schedules, deps.clock()),
    ({ scopes }) => Math.max(deps.updateInterval, scopes.length * KEEP_MS_PER_SCOPE),
    () => deps.clock().getTime(),
  );

/** Those that have, or had, jobs; none if they cannot be read. */
export const scopesWithJobs = async ({ hub, scopes }: Deps, registry: Kept<Registry>): Promise<string[]> => {
  if (hub === undefined) return scopes.map(formatScope);
  const all = await registry.get().catch(() => undefined);
  return (all?.scopes ?? [])
    .flatMap(({ scope, state }) => (state === 'active' || state === 'idle' ? scope : []))
    .sort();
};

/** The first scopes that match, with their records. */
export const listScopes = async (
  deps: Deps,
  registry: Kept<Registry>,
  { show, search = '' }: Readonly<Partial<Record<string, string>>>,
): Promise<ScopesAnswer> => {
  const { counts, scopes } = await registry.get();
  const matching = scopes.filter(
    ({ scope, state, late, failing_since: failing }) =>
      [undefined, state, failing && 'failing', late && 'late'].includes(show) && scope.includes(search),
  );
  const first = await collect(withScopeRecords(matching.slice(0, MOST), requireHub(deps)));
  return { counts, scopes: first, matching: matching.length };
};
