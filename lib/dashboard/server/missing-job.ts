import { distance } from 'fastest-levenshtein';
import { formatDuration } from '../../domain/time.ts';
import { oneLine } from '../../domain/text.ts';
import type { JobSummary, Health } from '../api.ts';

const MAX_NEAR = 5;

/** How many letters may be different: more in a long name, and few enough that the names still look alike. */
const mostDifferent = (asked: string): number => Math.max(2, Math.floor(asked.length / 3));

const difference = (asked: string, name: string): number =>
  name.includes(asked) ? 0 : distance(asked, name) / mostDifferent(asked);

/** The names most like the one that was asked for, best first. An ARN or id is compared with those of the jobs. */
export const nearNames = (asked: string, jobs: readonly JobSummary[]): readonly string[] => {
  const wanted = asked.toLowerCase();
  const isArn = wanted.startsWith('arn:');
  const differences = new Map<string, number>();
  for (const { job_arn, job_name = job_arn } of jobs) {
    const by = isArn ? distance(wanted, job_arn) / 4 : difference(wanted, job_name.toLowerCase());
    differences.set(job_name, Math.min(by, differences.get(job_name) ?? Infinity));
  }
  return [...differences]
    .filter(([, by]) => by <= 1)
    .sort(([, a], [, b]) => a - b)
    .slice(0, MAX_NEAR)
    .map(([name]) => name);
};

const MAX_SHOWN = 200;

/** Why a job may not be there, in a sentence. */
export const missingSentence = (asked: string, tableName: string, { scopes }: Health, now: Date): string => {
  const sweeps = scopes.flatMap(({ active, full }) => [active?.succeededAt, full?.succeededAt]);
  const last = sweeps
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  const swept =
    last === undefined
      ? 'no sweep of the tracker has succeeded yet'
      : `the tracker last swept ${formatDuration(Math.max(0, now.getTime() - Date.parse(last)))} ago`;
  return `There is no job ${oneLine(asked, MAX_SHOWN)} in table ${tableName}; ${swept}.`;
};
