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

const nameKey = ({ scope, jobName }: JobHint): string => `${formatScope(scope)}/name/${jobName ?? ''}`;

/**
 * The hints grouped by job, so that several messages about a job cost one look at it. Hints that carry both id and
 * name connect those that carry one of them.
 */
export const groupByJob = (hints: readonly JobHint[]): HintGroup[] => {
  const idByName = new Map(
    hints
      .filter((hint) => hint.jobId !== undefined && hint.jobName !== undefined)
      .map((hint) => [nameKey(hint), hint.jobId]),
  );
  const groups = new Map<string, { hint: JobHint; positions: number[] }>();
  hints.forEach((hint, position) => {
    const jobId = hint.jobId ?? idByName.get(nameKey(hint));
    const key = jobId === undefined ? nameKey(hint) : `${formatScope(hint.scope)}/id/${jobId}`;
    const group = groups.get(key);
    groups.set(key, {
      // The later hint completes the earlier one: a full ARN beats a name.
      hint: { ...hint, ...group?.hint },
      positions: [...(group?.positions ?? []), position],
    });
  });
  return [...groups.values()];
};
