import { distance } from 'fastest-levenshtein';
import type { ScopeHealth } from '../operator/tracker-health.ts';
import type { GetJobOptions, JobAnswer } from '../client/requests.ts';
import { TrackerError } from '../domain/errors.ts';
import { formatScope, parseJobArn, type Scope } from '../domain/identity.ts';
import { compareText } from '../domain/text.ts';
import type { JobRecord } from '../domain/record.ts';
import type { Connection } from './context.ts';
import { formatAge, visible } from './output/values.ts';

const LOOKED_AT = 500;
const SUGGESTED = 3;
/** Of a name so much may differ that it still looks like a mistyped one. */
const DIFFERENCE = 0.4;

/** At most three of some names that a person may have meant, the likeliest first. */
export const nearNames = (text: string, names: readonly string[]): readonly string[] => {
  const wanted = text.toLowerCase();
  const score = (name: string): number => {
    const lower = name.toLowerCase();
    // Who gives a part of a name means that name, however much is missing.
    if (wanted.length >= 3 && lower.includes(wanted)) return 0;
    return distance(wanted, lower) / Math.max(wanted.length, lower.length);
  };
  return [...new Set(names)]
    .map((name) => ({ name, score: score(name) }))
    .filter((each) => each.score <= DIFFERENCE)
    .sort((a, b) => a.score - b.score || compareText(a.name, b.name))
    .slice(0, SUGGESTED)
    .map(({ name }) => name);
};

/** The newest moment at which a scope's jobs were gone through. */
const sweptAt = ({ active, full }: ScopeHealth): string | undefined =>
  [active?.finished_at, full?.finished_at]
    .filter((time) => time !== undefined)
    .sort(compareText)
    .at(-1);

/** When the tracker last looked where the job may be: of several scopes, the one that has waited longest. */
const lastSweep = (scopes: readonly ScopeHealth[], wanted: Scope | undefined, now: Date): string => {
  const name = wanted && formatScope(wanted);
  const own = name === undefined ? scopes : scopes.filter(({ scope }) => formatScope(scope) === name);
  if (own.length === 0)
    return name === undefined ? 'the tracker has not swept yet' : `the tracker has never swept ${name}`;
  const swept = own
    .map((health) => ({ name: formatScope(health.scope), at: sweptAt(health) }))
    .sort((a, b) => compareText(a.at ?? '', b.at ?? ''));
  const [oldest] = swept;
  if (oldest?.at === undefined) return `the tracker has not finished a sweep of ${oldest?.name ?? 'it'} yet`;
  const rest = swept.length - 1;
  const others = rest > 0 ? `, and ${rest} other ${rest === 1 ? 'scope' : 'scopes'} since` : '';
  return `the tracker last swept ${oldest.name} ${formatAge(oldest.at, now)}${others}`;
};

/** What is said besides must not hide what is wrong: who may not read the sweeps still hears that there is no such job. */
const orElse = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await work();
  } catch {
    return otherwise;
  }
};

const suggestions = async ({ jobs }: Connection, text: string): Promise<readonly string[]> => {
  const { jobs: newest } = await jobs.listJobs({ limit: LOOKED_AT });
  return nearNames(
    text,
    newest.flatMap(({ job_name }) => job_name ?? []),
  );
};

/** What to say of a job that the table does not have. */
export const unknownJob = async (
  connection: Connection,
  text: string,
  { account, region }: GetJobOptions,
  now: Date,
): Promise<TrackerError> => {
  const arn = parseJobArn(text);
  const named = account !== undefined && region !== undefined ? { accountId: account, region } : undefined;
  const place = arn === undefined ? named : { accountId: arn.accountId, region: arn.region };
  const [swept, near] = await Promise.all([
    orElse(async () => lastSweep((await connection.health()).scopes, place, now), undefined),
    // Two ARNs differ in what nobody types.
    arn === undefined ? orElse(() => suggestions(connection, text), []) : [],
  ]);
  const where = `There is no job ${visible(text)} in table ${connection.tableName} (${connection.region})`;
  const meant = near.length === 0 ? '' : ` Did you mean ${near.map(visible).join(', or ')}?`;
  return new TrackerError('JOB_NOT_FOUND', `${where}${swept === undefined ? '' : `; ${swept}`}.${meant}`);
};

/**
 * The record of the job that an ARN, a name or an id means.
 *
 * @throws TrackerError JOB_NOT_FOUND with when the tracker last looked and with near names; AMBIGUOUS_JOB
 */
export const findJob = async (
  connection: Connection,
  text: string,
  options: GetJobOptions,
  clock: () => Date,
): Promise<Omit<JobAnswer, 'job'> & { readonly job: JobRecord }> => {
  const { job, ...cost } = await connection.jobs.getJob(text, options);
  if (job !== undefined) return { job, ...cost };
  throw await unknownJob(connection, text, options, clock());
};
