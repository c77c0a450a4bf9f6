import type { Scope } from '../domain/scope.ts';
import { formatScope } from '../domain/scope.ts';
import type { SweepStore } from '../tracking/ports.ts';
import type { QueueDepths } from './queue.ts';
import type { TrackerStatus } from './web/view.ts';

/** How the tracker does: the last sweeps of each scope, and what is in the queue where events arrive. */
export const readTrackerStatus = async (
  sweeps: SweepStore,
  scopes: readonly Scope[],
  queue: QueueDepths | undefined,
): Promise<TrackerStatus> => ({
  queue,
  scopes: await Promise.all(
    scopes.map(async (scope) => {
      const [active, full] = await Promise.all([sweeps.get(scope, 'active'), sweeps.get(scope, 'full')]);
      return {
        scope: formatScope(scope),
        ...(active === undefined ? {} : { active }),
        ...(full === undefined ? {} : { full }),
      };
    }),
  ),
});
