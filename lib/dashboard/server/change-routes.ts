import type { Context, Hono } from 'hono';
import { type LikeJob, requestLike } from '../../operator/again.ts';
import { TrackerError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import { MAX_TAGS } from '../../service-model/model.ts';
import type { AgainSent, Health, TagsChange, TagsRemoval } from '../api.ts';
import { checkedLike, parseChanges } from './again.ts';
import { refusal } from './answers.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { requireJob } from './job.ts';
import type { ExpectedJob } from './updates.ts';

type Body = Readonly<Record<string, unknown>>;

const readJson = async (context: Context): Promise<Body> =>
  Object(await context.req.json().catch(() => undefined)) as Body;

const isText = (value: unknown, least: number, most: number) =>
  typeof value === 'string' && value.length >= least && value.length <= most;
const isKey = (key: unknown) => isText(key, 1, 128);

// By hand: schema libraries drop keys such as "constructor", which are valid tags.
const parseTags = ({ tags }: Body): TagsChange['tags'] => {
  const isObject = typeof tags === 'object' && tags !== null && !Array.isArray(tags);
  const entries = isObject ? Object.entries(tags) : [];
  const isValid = entries.every(([key, value]) => isKey(key) && isText(value, 0, 256));
  if (entries.length > 0 && entries.length <= MAX_TAGS && isValid) return tags as TagsChange['tags'];
  throw new TrackerError(
    'BAD_REQUEST',
    `Send {"tags": {"key": "value"}} with 1 to ${MAX_TAGS} tags: keys of 1 to 128 characters, values of up to 256.`,
  );
};

const parseKeys = ({ keys }: Body): TagsRemoval['keys'] => {
  if (Array.isArray(keys) && keys.length > 0 && keys.length <= MAX_TAGS && keys.every(isKey)) return keys as string[];
  throw new TrackerError(
    'BAD_REQUEST',
    `Send {"keys": ["key"]} with 1 to ${MAX_TAGS} keys of tags to remove, of 1 to 128 characters.`,
  );
};

const DATA_ARE_WRONG = 'A job with these data would fail. Correct them, or create it anyway.';

/** What is wrong with the data. Once the person left, an error only says that the reading ended. */
const checkData = (deps: DashboardDependencies, { region }: JobRecord, like: LikeJob, signal: AbortSignal) =>
  deps
    .checkData(requestLike(like), { region, isLocal: deps.bedrockUrl !== undefined, signal })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
      return undefined;
    });

/** The routes below `/api` that change a job in Bedrock, or create one like it. The record follows when the tracker sees the change. */
export const addChangeRoutes = (
  api: Hono,
  deps: DashboardDependencies,
  health: () => Promise<Health>,
  onChange: (job: ExpectedJob) => void,
): void => {
  const { actions } = deps;
  // Only jobs with a record can be changed, whatever else the credentials could reach.
  const jobOf = (context: Context) => requireJob(deps, health, context.req.param('job') ?? '');
  const change = (act: (job: JobRecord, body: Body) => Promise<void>) => async (context: Context) => {
    const body = await readJson(context);
    const job = await jobOf(context);
    await act(job, body);
    onChange(job);
    return context.body(null, 204);
  };
  const stop = change((job) => actions.stop(job));
  const tag = change((job, body) => actions.tag(job, parseTags(body)));
  const untag = change((job, body) => actions.untag(job, parseKeys(body)));
  api.post('/jobs/:job/again', async (context) => {
    const { check = true, ...changes } = await readJson(context);
    if (typeof check !== 'boolean') throw new TrackerError('BAD_REQUEST', 'check must be true or false.');
    const flags = parseChanges(changes);
    const job = await jobOf(context);
    const like = await checkedLike(deps, job, flags);
    // It ends with the request: a person who closes the dialog wants no job.
    const { signal } = context.req.raw;
    const data = check ? await checkData(deps, job, like, signal) : undefined;
    if (signal.aborted) return refusal(context, 408, 'The request ended before its answer. Nothing was created.');
    if (data?.ok === false) return refusal(context, 422, DATA_ARE_WRONG, { data });
    const sent = await actions.createLike(job, like);
    onChange({ job_arn: sent.jobArn });
    return context.json({ ...sent, ...(data && { data }) } satisfies AgainSent, 201);
  });
  api.post('/jobs/:job/stop', stop).put('/jobs/:job/tags', tag).delete('/jobs/:job/tags', untag);
};
