import { createAdaptorServer } from '@hono/node-server';
import { listen, LOOPBACK, onPort, type PortChoice, type RunningServer } from '../../loopback.ts';
import { createDashboard } from './create-dashboard.ts';
import type { DashboardDependencies } from './dependencies.ts';

/** Serves the dashboard at a port of this machine, or of the address that is named. Closing it ends open streams. */
export const serveDashboard = (
  deps: DashboardDependencies,
  port: PortChoice,
  address: string = LOOPBACK,
): Promise<RunningServer> => {
  const { fetch } = createDashboard(deps);
  return onPort(port, '--port', (number) => listen(createAdaptorServer({ fetch }), number, address));
};
