import type { ListedJob } from './drift.ts';
import { isTerminal, SUB_TASKS, type JobRecord } from './record.ts';

/** Get may answer an older state than List for a while after a change, but not for so long. */
const SETTLED_AFTER_MS = 60 * 60 * 1000;

/** What sweeps compare of a listed job, as one text. */
export const listedAs = ({ status, last_modified_time, status_details }: ListedJob): string =>
  [status, last_modified_time, ...SUB_TASKS.map((task) => status_details?.[`${task}_details`]?.status)]
    .map((value) => value ?? '-')
    .join(' ');

/** Whether a look at a job that was listed just so has changed nothing before. */
export const isLearned = (record: JobRecord | undefined, listed: ListedJob): boolean =>
  record?.listed_as === listedAs(listed) && record.missing_since === undefined && record.untracked_since === undefined;

/**
 * Whether a look that changed nothing shows that Bedrock lists the job otherwise than it answers Get. Only of a job that
 * ended as the list says, and an hour after: until then Get may answer an older state.
 */
export const isLearnable = (record: JobRecord, listed: ListedJob, lookedAt: Date): boolean =>
  isTerminal(record) &&
  listed.status === record.status &&
  lookedAt.getTime() >= Date.parse(listed.last_modified_time ?? record.fetched_at) + SETTLED_AFTER_MS;
