import type { JobArn } from './job-arn.ts';
import { formatScope, type Scope } from './scope.ts';

/** What a message says about which job to look at. An event is a hint: nothing of it but this is used. */
export interface JobHint {
  readonly scope: Scope;
  /** A full ARN, as Bedrock takes it. */
  readonly jobArn?: string;
  readonly jobName?: string;
  /** The 12 characters at the end of a full or short ARN. */
  readonly jobId?: JobArn['jobId'];
}

/** What Bedrock is asked by: the full ARN where one is known, else the name. */
export const identifierOf = (hint: JobHint): string | undefined => hint.jobArn ?? hint.jobName;

/** Hints about one job, by their positions in the list that was grouped. */
export interface HintGroup {
  readonly hint: JobHint;
  readonly positions: readonly number[];
}

/**
 * The hints grouped by job, so that several messages about a job cost one look at it. A name alone is looked at by
 * itself, whatever else came with that name: it may be another job's.
 */
export const groupByJob = (hints: readonly JobHint[]): HintGroup[] => {
  const groups = new Map<string, { hint: JobHint; positions: number[] }>();
  hints.forEach((hint, position) => {
    const { scope, jobId, jobName = '' } = hint;
    const key = `${formatScope(scope)}/${jobId === undefined ? `name/${jobName}` : `id/${jobId}`}`;
    const group = groups.get(key);
    groups.set(key, {
      // The later hint completes the earlier one: a full ARN beats a name.
      hint: { ...hint, ...group?.hint },
      positions: [...(group?.positions ?? []), position],
    });
  });
  return [...groups.values()];
};
