import { expect } from '@jest/globals';
import type { Document } from './catalog.ts';
import type { Call } from './replay-server.ts';
import { isError, type Recorded } from './recordings.ts';
import { summariesOf, type Step } from './replay.ts';

/** What Bedrock showed of a job at a look: the last answer of Get and of ListTags. */
export interface Seen {
  readonly job: Document;
  readonly tags: Readonly<Record<string, string>>;
}

/** The answer that a call ended with, after the SDK's retries. */
const finalOf = (call: Call | undefined): Recorded | undefined => call?.answers.at(-1);
const succeeded = (call: Call | undefined): boolean => {
  const final = finalOf(call);
  return final !== undefined && !isError(final);
};

const TRACKER_CODES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'JOB_NOT_FOUND',
  AccessDeniedException: 'ACCESS_DENIED',
  ValidationException: 'INVALID_JOB',
};
/** An answer without an ARN to a question by name leaves nothing to call a record by. */
const isAnonymous = (call: Call): boolean =>
  call.operation === 'GetModelCustomizationJob' &&
  succeeded(call) &&
  finalOf(call)?.data['jobArn'] === undefined &&
  !call.job.startsWith('arn:');

const codeOf = (call: Call): string => {
  if (isAnonymous(call)) return 'INVALID_JOB';
  const code = finalOf(call)?.error?.code ?? 'UnknownError';
  return TRACKER_CODES[code] ?? code;
};

const tagsOf = (answer: Recorded | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ((answer?.data['tags'] ?? []) as readonly { key?: string; value?: string }[]).map(({ key, value }) => [
      key ?? '',
      value ?? '',
    ]),
  );

const isEnded = ({ status, endTime }: Document): boolean =>
  ['Completed', 'Failed', 'Stopped'].includes(String(status)) ||
  (!['InProgress', 'Stopping'].includes(String(status)) && endTime !== undefined);

/** The later look wins, except over a job that ended or was modified later than what the look shows. */
const isNewer = (seen: Document, held: Document): boolean => {
  if (isEnded(seen) !== isEnded(held)) return isEnded(seen);
  const [later, earlier] = [seen, held].map(({ lastModifiedTime }) =>
    typeof lastModifiedTime === 'string' ? lastModifiedTime.slice(0, 23) : '',
  );
  return (later ?? '') >= (earlier ?? '');
};

/** The looks of a step: each job's Get, and the tags that were listed with it. */
const looksOf = ({ calls }: Step): [jobArn: string, seen: Seen][] =>
  calls
    .filter((call) => call.operation === 'GetModelCustomizationJob' && succeeded(call))
    .flatMap((call): [string, Seen][] => {
      const job = finalOf(call)?.data ?? {};
      const jobArn = typeof job['jobArn'] === 'string' ? job['jobArn'] : call.job;
      const listed = calls.filter(
        ({ operation, job: asked }) => operation === 'ListTagsForResource' && asked === jobArn,
      );
      const last = listed.at(-1);
      return succeeded(last) ? [[jobArn, { job, tags: tagsOf(finalOf(last)) }]] : [];
    });

/** What the records must hold after these steps, by job ARN. */
export const expectedRecords = (steps: readonly Step[]): Map<string, Seen> => {
  const records = new Map<string, Seen>();
  for (const [jobArn, seen] of steps.flatMap(looksOf)) {
    const held = records.get(jobArn);
    if (held === undefined || isNewer(seen.job, held.job)) records.set(jobArn, seen);
  }
  return records;
};

/** The calls that a step must fail for. A job that no list has and Bedrock does not know is no failure but missing. */
const failingCalls = ({ what, calls }: Step): Call[] => {
  const failing = calls.filter((call) => !succeeded(call) || isAnonymous(call));
  if (what === 'event') return failing;
  const listed = new Set(calls.flatMap(({ answers }) => answers.flatMap(summariesOf)).map(({ jobArn }) => jobArn));
  return failing.filter((call) => call.job === '' || listed.has(call.job) || codeOf(call) !== 'JOB_NOT_FOUND');
};

/** A step fails when Bedrock refused what it needed, by the code of that refusal, and for nothing else. */
export const expectOutcome = (step: Step): void => {
  const failing = failingCalls(step);
  const codes = failing.map(codeOf);
  const asked = step.calls.some(({ operation }) => operation !== 'ListTagsForResource');
  expect({ step: step.what, codes, failed: step.failed }).toMatchObject({ failed: failing.length > 0 || !asked });
  if (!step.failed) return;
  if (step.failure) expect(step.failure.code).toBe('SWEEP_INCOMPLETE');
  // A message that names no job that could be asked for is refused before any call.
  expect(asked ? codes : ['MESSAGE_NOT_UNDERSTOOD']).toContain(step.errorCodes()[0]);
};
