import { Hono } from 'hono';
import { failure, refusal } from './answers.ts';
import { addChangeRoutes } from './change-routes.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { readHealth } from './health.ts';
import { addPages } from './pages.ts';
import { addReadRoutes } from './read-routes.ts';
import { guardChanges, headers, knownHosts, newToken, sameSite } from './security.ts';
import { keep } from './single-flight.ts';
import { streamUpdates } from './stream.ts';
import { followUpdates } from './updates.ts';

const KEEP_HEALTH_MS = 5_000;
/** Looks for updates that go by before the tracker itself is asked again: it takes a request for each queue. */
const LOOKS_PER_HEALTH = 3;

/** What each address below `/api` takes, for those who ask in another way. */
const METHODS: Readonly<Record<string, string>> = {
  '/session': 'GET',
  '/overview': 'GET',
  '/jobs': 'GET',
  '/jobs/:job': 'GET',
  '/jobs/:job/loss': 'GET',
  '/jobs/:job/stop': 'POST',
  '/jobs/:job/tags': 'PUT, DELETE',
  '/updates': 'GET',
};

/**
 * The dashboard's server: the API of `lib/dashboard/api.ts`, and the web application that uses it. It reads with the
 * credentials of whoever runs it, so it answers to pages of its own alone.
 */
export const createDashboard = (deps: DashboardDependencies): Hono => {
  const token = deps.readOnly === true ? undefined : newToken();
  const kept = keep(
    () => readHealth(deps.health, deps.clock),
    () => Math.max(KEEP_HEALTH_MS, LOOKS_PER_HEALTH * deps.updateInterval),
    () => deps.clock().getTime(),
  );
  const app = new Hono();
  app.use(headers());
  app.use(knownHosts(deps.allowedHosts ?? []));
  app.onError(failure);

  const api = new Hono();
  api.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  api.use(sameSite);
  api.use(guardChanges(token));
  const updates = followUpdates(deps, kept.get);
  addReadRoutes(api, deps, kept.get, token);
  addChangeRoutes(api, deps, kept.get, updates.expect);
  api.get('/updates', streamUpdates(updates));
  for (const [path, allow] of Object.entries(METHODS)) {
    api.all(path, (context) => {
      context.header('allow', allow);
      return refusal(context, 405, `This address takes ${allow} alone.`);
    });
  }
  api.all('*', (context) => refusal(context, 404, 'There is no such address in this API.'));
  app.route('/api', api);
  addPages(app, deps.assetsDir);
  return app;
};
