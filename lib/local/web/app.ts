import { Hono, type Context } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import * as v from 'valibot';
import type { JobsClient, JobsPage } from '../../client/jobs-client.ts';
import { hasCode } from '../../domain/errors.ts';
import { formatScope, parseScope, type Scope } from '../../domain/scope.ts';
import { compareText } from '../../domain/order.ts';
import { REFRESH, STYLE } from './assets.ts';
import { jobPage, jobsPage, messagePage, type TrackerStatus } from './view.ts';

export interface WebDependencies {
  readonly jobs: JobsClient;
  readonly scopes: readonly Scope[];
  readonly trackerStatus: () => Promise<TrackerStatus>;
  readonly clock: () => Date;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const DEFAULT_LIMIT = 100;

const query = v.object({
  scope: v.optional(
    v.pipe(
      v.string(),
      v.transform(parseScope),
      v.custom<Scope>((scope) => scope !== undefined, 'scope must be <account id of 12 digits>#<Region>'),
    ),
  ),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+$/, 'limit must be a whole number'),
      v.transform(Number),
      v.minValue(1, 'limit must be 1 to 1000'),
      v.maxValue(1000, 'limit must be 1 to 1000'),
    ),
    String(DEFAULT_LIMIT),
  ),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(4096, 'cursor is not one that this server gave out'))),
});

type Query = v.InferOutput<typeof query>;

/** One page of jobs, newest first: of the scope asked for, or of all of them, where paging needs a scope. */
const readJobs = async ({ jobs, scopes }: WebDependencies, { scope, limit, cursor }: Query): Promise<JobsPage> => {
  const only = scope ?? (scopes.length === 1 ? scopes[0] : undefined);
  if (only !== undefined) return jobs.listJobs({ scope: only, limit, ...(cursor === undefined ? {} : { cursor }) });
  const pages = await Promise.all(scopes.map((each) => jobs.listJobs({ scope: each, limit })));
  const newestFirst = pages
    .flatMap((page) => page.jobs)
    .sort((a, b) => compareText(b.creation_time ?? '', a.creation_time ?? ''));
  return { jobs: newestFirst.slice(0, limit) };
};

/** The question of a request, or the sentences that say what is wrong with it. */
const parseQuery = (context: Context): Query | string => {
  const result = v.safeParse(query, context.req.query());
  return result.success ? result.output : result.issues.map((issue) => issue.message).join('; ');
};

/**
 * The local web page and the API behind it. Reading only. Answers to loopback names alone: a page of another site whose
 * name resolves to this machine (DNS rebinding) is refused.
 */
export const createWebApp = (deps: WebDependencies): Hono => {
  const app = new Hono();

  app.use(async (context, next) => {
    const host = (context.req.header('host') ?? '').replace(/:\d+$/, '');
    if (!LOOPBACK.has(host)) return context.json({ error: 'Use http://localhost or http://127.0.0.1.' }, 403);
    return next();
  });
  app.use(
    secureHeaders({
      // Served over plain HTTP on this machine alone.
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ['data:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
  );

  app.get('/assets/style.css', (context) => context.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/assets/refresh.js', (context) =>
    context.body(REFRESH, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );

  app.get('/api/jobs', async (context) => {
    const asked = parseQuery(context);
    if (typeof asked === 'string') return context.json({ error: asked }, 400);
    return context.json(await readJobs(deps, asked));
  });
  app.get('/api/jobs/:jobArn', async (context) => {
    const job = await deps.jobs.getJob(context.req.param('jobArn'));
    return job ? context.json(job) : context.json({ error: `No record of ${context.req.param('jobArn')}.` }, 404);
  });
  app.get('/api/status', async (context) => context.json(await deps.trackerStatus()));

  app.get('/', async (context) => {
    const asked = parseQuery(context);
    if (typeof asked === 'string') return context.html(messagePage(asked), 400);
    const { jobs, cursor } = await readJobs(deps, asked);
    const more = new URLSearchParams({ limit: String(asked.limit), cursor: cursor ?? '' });
    if (asked.scope) more.set('scope', formatScope(asked.scope));
    const link = cursor === undefined ? undefined : `/?${more.toString()}`;
    return context.html(jobsPage(jobs, link, await deps.trackerStatus(), deps.clock().getTime()));
  });
  app.get('/jobs/:jobArn', async (context) => {
    const job = await deps.jobs.getJob(context.req.param('jobArn'));
    return job ? context.html(jobPage(job)) : context.html(messagePage('There is no record of this job.'), 404);
  });

  app.notFound((context) => context.html(messagePage('There is no such page.'), 404));
  app.onError((error, context) => {
    if (hasCode(error, 'BAD_CURSOR')) return context.json({ error: error.message }, 400);
    return context.json({ error: `The table could not be read: ${error.message}` }, 500);
  });
  return app;
};
