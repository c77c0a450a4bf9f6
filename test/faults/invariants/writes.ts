import { newTransitions } from '../../../lib/domain/transitions.ts';
import { isTerminal, SUB_TASKS, type JobRecord, type Transition } from '../../../lib/domain/record.ts';
import type { WorldBedrock, WorldJob } from '../world/bedrock.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const chainOf = (record: Pick<JobRecord, 'transitions'> | undefined, task: Transition['task']): readonly Transition[] =>
  (record?.transitions ?? []).filter((transition) => transition.task === task);

/** Whether what stood in a chain still stands there, in its order, and none of it later than it was. */
const isKept = (before: readonly Transition[], after: readonly Transition[]): boolean => {
  let place = 0;
  return before.every((known) => {
    place = after.findIndex(({ to, at }, position) => position >= place && to === known.to && at <= known.at) + 1;
    return place > 0;
  });
};

/** The statuses that a job, or one of its phases, has ever had. */
const pastStatuses = (
  bedrock: WorldBedrock,
  job: WorldJob,
  task: Transition['task'],
): ReadonlySet<string | undefined> => {
  const { stop, createdAt } = job.life;
  const moments = [createdAt, bedrock.now(), stop?.at, stop?.until].filter(
    (moment): moment is number => moment !== undefined && moment <= bedrock.now(),
  );
  if (task === undefined) return new Set(moments.map((moment) => bedrock.statusOf(job, moment)));
  const member = task === 'data_processing' ? 'dataProcessingDetails' : (`${task}Details` as const);
  const statuses = moments.map((moment) => bedrock.answer(job, moment).statusDetails?.[member]?.status);
  return new Set(['InProgress', ...statuses]);
};

/** What is wrong with the transitions of a record: invented, repeated, or not one after the other. */
export const transitionProblems = (bedrock: WorldBedrock, job: WorldJob, record: JobRecord): string[] =>
  [undefined, ...SUB_TASKS].flatMap((task) => {
    const chain = chainOf(record, task);
    const statuses = chain.map(({ to }) => to);
    const past = pastStatuses(bedrock, job, task);
    const froms = [null, ...statuses.slice(0, -1)].slice(0, chain.length);
    const invented = statuses.filter((status) => !past.has(status));
    return [
      ...invented.map((status) => `${task ?? 'job'} was never ${status}`),
      ...(new Set(statuses).size < statuses.length
        ? [`a status of ${task ?? 'job'} stands twice: ${statuses.join()}`]
        : []),
      ...(chain.some(({ from }, position) => from !== froms[position])
        ? [`a transition does not follow the one before`]
        : []),
    ];
  });

/** Outlasts what clocks are wrong by. */
const CLOCKS = 2 * MINUTE;

/** Only jobs that were there before their scope was first swept may be taken for old news, and only while unknown. */
export const backfillProblems = (
  job: WorldJob,
  before: JobRecord | undefined,
  after: JobRecord,
  firstSweptAt = Infinity,
): string[] => {
  const isBackfilled = newTransitions(before, after).some(({ via }) => via === 'backfill');
  if (!isBackfilled) return [];
  return [
    ...(before === undefined ? [] : ['a known job is backfilled']),
    ...(job.life.createdAt < firstSweptAt + CLOCKS ? [] : ['a job that began after the first sweep is backfilled']),
  ];
};

/** What a write of a record breaks that must hold at any time, whatever goes wrong. */
export const writeProblems = (bedrock: WorldBedrock, before: JobRecord | undefined, after: JobRecord): string[] => {
  const job = bedrock.known(after.job_arn);
  if (job === undefined) return ['a record of a job that never was'];
  const past = pastStatuses(bedrock, job, undefined);
  const tasks = [undefined, ...SUB_TASKS];
  const rules: [boolean, string][] = [
    [after.revision === (before?.revision ?? 0) + 1, `revision ${after.revision} follows ${before?.revision ?? 0}`],
    [after.status === undefined || past.has(after.status), `status ${String(after.status)} that the job never had`],
    [
      !before || !isTerminal(before) || after.status === before.status,
      `${String(before?.status)} becomes ${String(after.status)}`,
    ],
    [!before?.status || after.status !== undefined, 'a status is lost'],
    [(before?.last_modified_time ?? '') <= (after.last_modified_time ?? ''), 'last_modified_time goes back'],
    [!before || after.first_seen_at <= before.first_seen_at, 'first_seen_at goes forward'],
    [tasks.every((task) => isKept(chainOf(before, task), chainOf(after, task))), 'a transition is lost or dated later'],
    [!isTerminal(after) || after.active_scope === undefined, 'an ended job is in the index of active ones'],
    [
      after.status === undefined || chainOf(after, undefined).at(-1)?.to === after.status,
      'the last transition is not the status',
    ],
  ];
  return [...rules.flatMap(([holds, problem]) => (holds ? [] : [problem])), ...transitionProblems(bedrock, job, after)];
};
