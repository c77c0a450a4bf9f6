/** A job's state at a time: a pure function of its plan (or its loaded truth), of what interrupted it, and of the time. */
import { type Phase, type Plan, TASKS } from './plan.ts';
import type {
  GetModelCustomizationJobResponse,
  ModelCustomizationJobSummary,
  StatusDetails as SdkStatusDetails,
} from '@aws-sdk/client-bedrock';
import type { CreateRequest } from '../service-model/model.ts';

/** What Get and List answer, as JSON on the wire: times are texts, numbers that JSON lacks too, and what is open stays open. */
export type OnTheWire<Value> = Value extends Date | string
  ? string
  : Value extends number
    ? number | string
    : Value extends readonly (infer Item)[]
      ? readonly OnTheWire<Item>[]
      : Value extends object
        ? { readonly [Member in keyof Value]: OnTheWire<Exclude<Value[Member], undefined>> }
        : Value;

export type StatusDetails = OnTheWire<SdkStatusDetails>;
export type SubTask = NonNullable<StatusDetails['trainingDetails']>;

type Job = Partial<OnTheWire<GetModelCustomizationJobResponse>>;
type Open =
  | 'hyperParameters'
  | 'trainingDataConfig'
  | 'validationDataConfig'
  | 'outputDataConfig'
  | 'customizationConfig'
  | 'vpcConfig';
/** The answer of GetModelCustomizationJob. Loaded jobs may hold members and values that no model knows. */
export interface JobAnswer extends Omit<Job, Open> {
  readonly jobArn: string;
  readonly jobName: string;
  readonly creationTime: string;
  readonly hyperParameters?: Readonly<Record<string, string | null>>;
  readonly trainingDataConfig?: object;
  readonly validationDataConfig?: { readonly validators?: readonly { readonly s3Uri?: string }[] };
  readonly outputDataConfig?: { readonly s3Uri?: string };
  readonly customizationConfig?: object;
  readonly vpcConfig?: CreateRequest['vpcConfig'];
}

/** One entry of ListModelCustomizationJobs. */
export type JobSummary = Partial<OnTheWire<ModelCustomizationJobSummary>>;

/** Leaves out what is undefined: an absent member is absent on the wire. */
type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };
export const defined = <Value extends object>(value: Value): Defined<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<Value>;

export const TERMINAL = ['Completed', 'Failed', 'Stopped'] as const;
export type TerminalStatus = (typeof TERMINAL)[number];
export const isTerminal = (status: string | undefined): boolean => TERMINAL.some((terminal) => terminal === status);

/** What decides a job's state. Times are milliseconds since 1970. */
export interface Life {
  readonly createdAt: number;
  /** What Create fixed, or a loaded job's whole answer. */
  readonly given: JobAnswer;
  /** Absent for loaded jobs: they stay as they were loaded until somebody acts. */
  readonly plan?: Plan;
  /** Set by StopModelCustomizationJob: Stopping from `at`, Stopped from `until`. */
  readonly stop?: { readonly at: number; readonly until: number };
  /** Set by steering: the job ended at `at`. */
  readonly forced?: { readonly at: number; readonly status: TerminalStatus; readonly failureMessage?: string };
}

const iso = (time: number): string => new Date(time).toISOString();

const subTask = (
  { task, startsAfter, endsAfter }: Phase,
  { failure, beatMs }: Plan,
  createdAt: number,
  t: number,
): SubTask => {
  const failedAfter = failure?.task === task ? failure.after : undefined;
  const stoppedBefore = failure !== undefined && startsAfter > failure.after;
  const elapsed = t - createdAt;
  if (elapsed < startsAfter || stoppedBefore) return { status: 'NotStarted' };
  const until = failedAfter ?? endsAfter;
  const over = elapsed >= until;
  const modifiedAfter = over ? until : startsAfter + Math.floor((elapsed - startsAfter) / beatMs) * beatMs;
  return {
    status: over ? (failedAfter === undefined ? 'Completed' : 'Failed') : 'InProgress',
    creationTime: iso(Math.floor(createdAt + startsAfter)),
    lastModifiedTime: iso(Math.floor(createdAt + modifiedAfter)),
  };
};

/** The changing members of a planned job that nothing interrupts. */
const planned = (plan: Plan, createdAt: number, t: number): Partial<JobAnswer> => {
  const details: StatusDetails = Object.fromEntries(
    plan.phases.map((phase) => [`${phase.task}Details`, subTask(phase, plan, createdAt, t)]),
  );
  const endsAt = createdAt + plan.endsAfter;
  if (t < endsAt) {
    const changes = Object.values(details).map((task: SubTask) => task.lastModifiedTime ?? '');
    const lastModifiedTime = [iso(createdAt), ...changes].reduce((latest, time) => (time > latest ? time : latest));
    return { status: 'InProgress', statusDetails: details, lastModifiedTime, validationMetrics: [] };
  }
  const lastPhaseEnd = plan.failure?.after ?? plan.phases.at(-1)?.endsAfter ?? 0;
  return {
    status: plan.failure ? 'Failed' : 'Completed',
    statusDetails: details,
    lastModifiedTime: iso(endsAt),
    endTime: iso(Math.floor(createdAt + (lastPhaseEnd + plan.endsAfter) / 2)),
    ...(plan.failure ? { failureMessage: plan.failure.message, validationMetrics: [] } : results(plan)),
  };
};

const results = (plan: Plan): Partial<JobAnswer> => ({
  outputModelArn: plan.outputModelArn,
  ...(plan.trainingLoss !== undefined && { trainingMetrics: { trainingLoss: plan.trainingLoss } }),
  validationMetrics: plan.validationLosses.map((validationLoss) => ({ validationLoss })),
});

/** A loaded job has no plan that names its model. */
const modelArnOf = (jobArn: string): string => jobArn.replace(':model-customization-job/', ':custom-model/');

/** What an interruption makes of one sub-task. */
const interruptedTask = (task: SubTask | undefined, status: string, at: string): SubTask | undefined => {
  if (task === undefined) return undefined;
  if (status === 'Completed')
    return task.status === 'Completed' ? task : { creationTime: at, ...task, status, lastModifiedTime: at };
  return task.status === 'InProgress' || task.status === 'Stopping' ? { ...task, status, lastModifiedTime: at } : task;
};

const interrupted = (job: JobAnswer, status: 'Stopping' | TerminalStatus, time: number): JobAnswer => {
  const at = iso(time);
  const details = job.statusDetails;
  const tasks = TASKS.map((task) => [`${task}Details`, interruptedTask(details?.[`${task}Details`], status, at)]);
  return {
    ...job,
    status,
    ...(details && { statusDetails: defined(Object.fromEntries(tasks) as StatusDetails) }),
    lastModifiedTime: at,
    ...(status !== 'Stopping' && { endTime: at }),
  };
};

/** The answer of GetModelCustomizationJob at time `t`. */
export const answerAt = (life: Life, t: number): JobAnswer => {
  const { plan, stop, forced } = life;
  const cutoff = Math.min(t, stop?.at ?? Infinity, forced?.at ?? Infinity);
  let job: JobAnswer = plan ? { ...life.given, ...planned(plan, life.createdAt, cutoff) } : life.given;
  if (stop && t >= stop.at) job = interrupted(job, 'Stopping', stop.at);
  if (forced && t >= forced.at) {
    job = interrupted(job, forced.status, forced.at);
    if (forced.failureMessage !== undefined) return { ...job, failureMessage: forced.failureMessage };
    if (forced.status !== 'Completed') return job;
    return { ...job, ...(plan ? results(plan) : { outputModelArn: job.outputModelArn ?? modelArnOf(job.jobArn) }) };
  }
  return stop && t >= stop.until ? interrupted(job, 'Stopped', stop.until) : job;
};

/** The job's own status at time `t`; cheaper than the whole answer. */
export const statusAt = ({ createdAt, given, plan, stop, forced }: Life, t: number): string | undefined => {
  if (forced && t >= forced.at) return forced.status;
  if (stop && t >= stop.at) return t >= stop.until ? 'Stopped' : 'Stopping';
  if (!plan) return given.status;
  return t < createdAt + plan.endsAfter ? 'InProgress' : plan.failure ? 'Failed' : 'Completed';
};

/** When the job's own status changes next after `t`, if nobody acts. */
export const nextChangeAfter = ({ createdAt, plan, stop, forced }: Life, t: number): number | undefined => {
  const change = forced ? undefined : stop ? stop.until : plan && createdAt + plan.endsAfter;
  return change !== undefined && change > t ? change : undefined;
};
