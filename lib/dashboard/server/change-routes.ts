import type { Context, Hono } from 'hono';
import { TrackerError } from '../../domain/errors.ts';
import type { JobRecord } from '../../domain/record.ts';
import { MAX_TAGS } from '../../service-model/model.ts';
import type { Health, TagsChange, TagsRemoval } from '../api.ts';
import type { DashboardDependencies } from './dependencies.ts';
import { requireJob } from './job.ts';

const readJson = async (context: Context): Promise<Readonly<Record<string, unknown>>> => {
  const body: unknown = await context.req.json().catch(() => undefined);
  return Object(body) as Readonly<Record<string, unknown>>;
};

const isText = (least: number, most: number) => (value: unknown) =>
  typeof value === 'string' && value.length >= least && value.length <= most;
const isKey = isText(1, 128);
const isValue = isText(0, 256);

// By hand: schema libraries leave out keys such as "constructor", which are tags like any other.
const parseTags = ({ tags }: Readonly<Record<string, unknown>>): TagsChange['tags'] => {
  const isObject = typeof tags === 'object' && tags !== null && !Array.isArray(tags);
  const entries = isObject ? Object.entries(tags) : [];
  if (
    entries.length > 0 &&
    entries.length <= MAX_TAGS &&
    entries.every(([key, value]) => isKey(key) && isValue(value))
  ) {
    return tags as TagsChange['tags'];
  }
  throw new TrackerError(
    'BAD_REQUEST',
    `Tags are an object {"tags": {"key": "value"}} of 1 to ${MAX_TAGS}: keys of 1 to 128 characters, values of at most 256.`,
  );
};

const parseKeys = ({ keys }: Readonly<Record<string, unknown>>): TagsRemoval['keys'] => {
  if (Array.isArray(keys) && keys.length > 0 && keys.length <= MAX_TAGS && keys.every(isKey)) return keys as string[];
  throw new TrackerError(
    'BAD_REQUEST',
    `Tags to take away are named by {"keys": ["key"]}: 1 to ${MAX_TAGS} of 1 to 128 characters.`,
  );
};

/** The routes below `/api` that change a job in Bedrock. Its record follows as the tracker sees the change. */
export const addChangeRoutes = (
  api: Hono,
  deps: DashboardDependencies,
  health: () => Promise<Health>,
  changed: (job: JobRecord) => void,
): void => {
  const { actions } = deps;
  const change = (act: (job: JobRecord, body: Readonly<Record<string, unknown>>) => Promise<void>) => {
    return async (context: Context) => {
      const body = await readJson(context);
      // A job that has a record, and nothing else that the credentials could reach.
      const job = await requireJob(deps, health, context.req.param('job') ?? '');
      await act(job, body);
      changed(job);
      return context.body(null, 204);
    };
  };
  api.post(
    '/jobs/:job/stop',
    change((job) => actions.stop(job)),
  );
  api.put(
    '/jobs/:job/tags',
    change((job, body) => actions.tag(job, parseTags(body))),
  );
  api.delete(
    '/jobs/:job/tags',
    change((job, body) => actions.untag(job, parseKeys(body))),
  );
};
