import { formatDuration } from '../domain/time.ts';
import { compareText, pluralize, oneLine } from '../domain/text.ts';
import { nearNames } from './near-names.ts';

/** The names of jobs that a person may have meant by a name, an id or an ARN. */
export const nearJobs = (
  text: string,
  jobs: readonly { readonly job_arn: string; readonly job_name?: string }[],
): readonly string[] => {
  // ARNs differ in their ids; all else of them is the same for many jobs.
  const idOf = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);
  if (!text.startsWith('arn:'))
    return nearNames(
      text,
      jobs.flatMap(({ job_name }) => job_name ?? []),
    );
  const ids = new Map(jobs.map(({ job_arn, job_name = job_arn }) => [idOf(job_arn), job_name]));
  return nearNames(idOf(text), [...ids.keys()]).flatMap((near) => ids.get(near) ?? []);
};

/** When a scope was last swept to the end; `at` is absent where it never was. */
export interface LastSweep {
  /** `<account id>#<region>` */
  readonly scope: string;
  readonly at: string | undefined;
}

/** The later of the times at which a scope's two sweeps ended. */
export const latest = (...times: readonly (string | undefined)[]): string | undefined =>
  times
    .filter((time) => time !== undefined)
    .sort(compareText)
    .at(-1);

/** When the tracker last swept where the job may be: of several scopes, the one that has waited longest. */
const lastSweep = (sweeps: readonly LastSweep[], wanted: string | undefined, now: Date): string => {
  const [oldest, ...others] = sweeps
    .filter(({ scope }) => wanted === undefined || scope === wanted)
    .toSorted((a, b) => compareText(a.at ?? '', b.at ?? ''));
  if (oldest === undefined)
    return wanted === undefined ? 'the tracker has not swept yet' : `the tracker has never swept ${wanted}`;
  if (oldest.at === undefined) return `the tracker has not finished a sweep of ${oldest.scope} yet`;
  const ago = formatDuration(Math.max(0, now.getTime() - Date.parse(oldest.at)));
  const rest = others.length === 0 ? '' : `, and ${pluralize(others.length, 'other scope')} since`;
  return `the tracker last swept ${oldest.scope} ${ago} ago${rest}`;
};

/** Says that the table has no such job, and when the tracker last looked, where `sweeps` tell. */
export const missingSentence = (
  text: string,
  { tableName, region }: { readonly tableName: string; readonly region: string },
  sweeps: readonly LastSweep[] | undefined,
  now: Date,
  wanted?: string,
): string => {
  const looked = sweeps === undefined ? '' : `; ${lastSweep(sweeps, wanted, now)}`;
  return `There is no job ${oneLine(text, 1_200)} in table ${tableName} (${region})${looked}.`;
};
