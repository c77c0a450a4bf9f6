import { createAdaptorServer } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';
import { downsample, mapCurves } from '../../domain/loss-curve.ts';
import { listen, LOOPBACK, onPort, type PortChoice, type RunningServer } from '../../loopback.ts';
import type { Health, Session } from '../api.ts';
import { parseChangesQuery, readAgain } from './again.ts';
import { failure, refusal } from './answers.ts';
import { addPages } from './assets.ts';
import { addChangeRoutes } from './change-routes.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { readJobDetails, requireJob } from './job.ts';
import { listJobs, parseJobsQuery, parseRunsQuery } from './list-jobs.ts';
import { keepModels, readModelDetails } from './models.ts';
import { keepSummary, readHealth, readOverview } from './overview.ts';
import { listRuns } from './runs.ts';
import { keepRegistry, listScopes, scopesWithJobs } from './scopes.ts';
import { guardChanges, headers, knownHosts, newToken, sameSite } from './security.ts';
import { keep } from './single-flight.ts';
import { streamUpdates } from './stream.ts';
import { followUpdates } from './updates.ts';

const KEEP_HEALTH_MS = 5_000;
/** The health costs a request for each queue: it is kept for this many polls of the table. */
const POLLS_PER_HEALTH = 3;
/** More points than a screen has columns; a long training has many times as many. */
const MAX_POINTS = 4_000;

const addReadRoutes = (
  api: Hono,
  deps: DashboardDependencies,
  health: () => Promise<Health>,
  token: string | undefined,
): void => {
  const { jobs, tableName, region, updateInterval, invocation, bedrockUrl, modelsProblem } = deps;
  const session: Omit<Session, 'scopes'> = {
    tableName,
    region,
    ...(deps.hub !== undefined && { isHub: true as const }),
    ...(token !== undefined && { token }),
    updateInterval,
    invocation,
    ...(bedrockUrl !== undefined && { bedrockUrl }),
    ...(deps.models !== undefined && { models: deps.models.rules }),
    ...(modelsProblem !== undefined && { modelsProblem }),
  };
  const summary = keepSummary(jobs, deps.clock);
  const models = keepModels(deps);
  const registry = keepRegistry(deps);
  const jobOf = (context: Context) => requireJob(deps, health, context.req.param('job') ?? '');

  api.get('/session', async (context) =>
    context.json({ ...session, scopes: await scopesWithJobs(deps, registry) } satisfies Session),
  );
  api.get('/overview', async (context) => context.json(await readOverview(deps, summary, health)));
  api.get('/jobs', async (context) => context.json(await listJobs(deps, parseJobsQuery(context.req.queries()))));
  api.get('/runs', async (context) => context.json(await listRuns(deps, parseRunsQuery(context.req.queries()))));
  api.get('/scopes', async (context) => context.json(await listScopes(deps, registry, context.req.query())));
  api.get('/models', async (context) => context.json(await models.get()));
  api.get('/models/:model', async (context) => context.json(await readModelDetails(deps, context.req.param('model'))));
  api.get('/jobs/:job', async (context) => context.json(await readJobDetails(deps, await jobOf(context))));
  api.get('/jobs/:job/again', async (context) => {
    const changes = parseChangesQuery(context.req.queries());
    return context.json(await readAgain(deps, await jobOf(context), changes));
  });
  api.get('/jobs/:job/loss', async (context) =>
    context.json(mapCurves(await deps.lossCurves(await jobOf(context)), (points) => downsample(points, MAX_POINTS))),
  );
};

/**
 * The dashboard's server: the API of `lib/dashboard/api.ts`, and the web application that uses it. It reads with the
 * credentials of the person who runs it, so it answers only its own pages.
 */
export const createDashboard = (deps: DashboardDependencies): Hono => {
  const token = deps.readOnly === true ? undefined : newToken();
  const health = keep(
    () => readHealth(deps),
    () => Math.max(KEEP_HEALTH_MS, POLLS_PER_HEALTH * deps.updateInterval),
    () => deps.clock().getTime(),
  );
  const app = new Hono();
  app.use(headers());
  // All but the stream of updates.
  app.use(compress());
  app.use(knownHosts(deps.allowedHosts ?? []));
  app.onError(failure);

  const api = new Hono();
  api.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  api.use(sameSite);
  api.use(guardChanges(token));
  const updates = followUpdates(deps, health.get);
  addReadRoutes(api, deps, health.get, token);
  addChangeRoutes(api, deps, health.get, updates.expect);
  api.get('/updates', streamUpdates(updates));
  for (const path of new Set(api.routes.map((route) => route.path))) {
    const routes = api.routes.filter((route) => route.path === path);
    const allow = routes.flatMap(({ method }) => (method === 'ALL' ? [] : [method])).join(', ');
    if (allow === '') continue;
    api.all(path, (context) => {
      context.header('allow', allow);
      return refusal(context, 405, `This address supports only ${allow}.`);
    });
  }
  api.all('*', (context) => refusal(context, 404, 'This API does not have that address.'));
  app.route('/api', api);
  addPages(app, deps.assetsDir);
  return app;
};

/** Serves the dashboard, on the loopback address unless another is given. Closing it ends open streams. */
export const serveDashboard = (
  deps: DashboardDependencies,
  port: PortChoice,
  address: string = LOOPBACK,
): Promise<RunningServer> => {
  const { fetch } = createDashboard(deps);
  return onPort(port, '--port', (number) => listen(createAdaptorServer({ fetch }), number, address));
};
