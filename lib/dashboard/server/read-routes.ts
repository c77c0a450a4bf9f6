import type { Context, Hono } from 'hono';
import { downsample } from '../../domain/loss-curve.ts';
import { formatScope } from '../../domain/identity.ts';
import type { Health, LossCurves, Session } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { findJob } from './find-job.ts';
import { readJobDetails } from './job-details.ts';
import { parseJobsQuery } from './jobs-query.ts';
import { listJobs } from './list-jobs.ts';
import { keepSummary, readOverview } from './overview.ts';

/** More points than a screen has columns; a long training has many times as many. */
const MAX_POINTS = 4_000;

const drawn = ({ training, validation, files }: LossCurves): LossCurves => ({
  ...(training !== undefined && { training: downsample(training, MAX_POINTS) }),
  ...(validation !== undefined && { validation: downsample(validation, MAX_POINTS) }),
  files,
});

/** The routes below `/api` that read, besides the stream. */
export const addReadRoutes = (
  api: Hono,
  deps: DashboardDependencies,
  health: () => Promise<Health>,
  token: string | undefined,
): void => {
  const { jobs, scopes, tableName, region, updateInterval } = deps;
  const session: Session = {
    tableName,
    region,
    scopes: scopes.map(formatScope),
    ...(token !== undefined && { token }),
    updateInterval,
  };
  const summary = keepSummary(jobs, deps.clock);
  const found = (context: Context) => findJob(deps, health, context.req.param('job') ?? '');

  api.get('/session', (context) => context.json(session));
  api.get('/overview', async (context) => context.json(await readOverview(deps, summary, health)));
  api.get('/jobs', async (context) => context.json(await listJobs(jobs, parseJobsQuery(context.req.queries()))));
  api.get('/jobs/:job', async (context) => context.json(await readJobDetails(deps, await found(context))));
  api.get('/jobs/:job/loss', async (context) => context.json(drawn(await deps.lossCurves(await found(context)))));
};
