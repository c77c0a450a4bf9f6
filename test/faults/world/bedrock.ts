import type { RawCall } from '../../../lib/simulator/call.ts';
import type { Clock } from '../../../lib/simulator/clock.ts';
import { type OperationName, parseFaults } from '../../../lib/simulator/faults.ts';
import type { Random } from '../../../lib/simulator/random.ts';
import { SimulatedJobs, StatusTimer, type Job } from '../../../lib/simulator/jobs.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import { answerAt, isTerminal, statusAt, type JobAnswer } from '../../../lib/simulator/life.ts';
import type { Plan } from '../../../lib/simulator/plan.ts';
import { WorldModels } from './models.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

/** The versions of the tracker's code, the second deployed in the middle of a history. */
export type Version = 1 | 2;
/** A member that the SDK of the first version does not know yet, and so leaves out. */
const NEW_IN_VERSION_2 = 'customizationType';

/** An answer of Get as the code of a version can read it. */
export const readableBy = (version: Version, { [NEW_IN_VERSION_2]: known, ...answer }: JobAnswer): JobAnswer =>
  version === 1 || known === undefined ? answer : { ...answer, [NEW_IN_VERSION_2]: known };

/** How a job's life is to go, in minutes. */
export interface LifePlan {
  readonly validates: number;
  readonly trains: number;
  readonly stopping: number;
  readonly ends: 'Completed' | 'Failed';
  readonly beat: number;
}

/** A job of the world's Bedrock: what it is at any time, past ones included. */
export interface WorldJob {
  readonly jobArn: string;
  readonly jobName: string;
  readonly scope: Scope;
  readonly life: Job;
  readonly tags: { readonly at: number; readonly tags: Readonly<Record<string, string>> }[];
  vanishedAt?: number;
}

const arnOf = ({ accountId, region }: Scope, number: number): string =>
  `arn:aws:bedrock:${region}:${accountId}:model-customization-job/amazon.nova-micro-v1:0:128k/job${String(number).padStart(9, '0')}`;

const planOf = (
  { validates, trains, stopping, ends, beat }: LifePlan,
  number: number,
  { accountId, region }: Scope,
): Plan => {
  const started = validates * MINUTE + 15_000;
  const ended = started + trains * MINUTE;
  return {
    phases: [
      { task: 'validation', startsAfter: 15_000, endsAfter: validates * MINUTE },
      { task: 'training', startsAfter: started, endsAfter: ended },
    ],
    ...(ends === 'Failed'
      ? { failure: { task: 'training', after: ended - 1_000, message: 'The loss diverged.' } }
      : {}),
    endsAfter: ended + 200,
    beatMs: beat * MINUTE,
    stoppingMs: stopping * MINUTE,
    outputModelArn: `arn:aws:bedrock:${region}:${accountId}:custom-model/amazon.nova-micro-v1:0:128k/model${String(number).padStart(7, '0')}`,
    trainingLoss: 0.5,
    validationLosses: [0.6],
  };
};

const givenOf = (jobArn: string, jobName: string, createdAt: number): JobAnswer => ({
  jobArn,
  jobName,
  outputModelName: `${jobName}-model`,
  roleArn: 'arn:aws:iam::123456789012:role/tuning',
  creationTime: new Date(createdAt).toISOString(),
  baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0:128k',
  hyperParameters: { epochCount: '2' },
  trainingDataConfig: { s3Uri: 's3://training/data.jsonl' },
  outputDataConfig: { s3Uri: 's3://output/' },
  customizationType: 'FINE_TUNING',
});

/** The simulator's Bedrock with its memory: its truth, at any moment that it is asked for. */
export class WorldBedrock {
  jobs: WorldJob[] = [];
  /** Each text of tags (as canonical JSON) that anybody was ever answered, by job. */
  readonly tagsShown = new Map<string, Set<string>>();
  readonly models: WorldModels;
  /** When the jobs of each scope were asked for: active ones, or all. */
  readonly asked = new Map<string, number[]>();
  readonly #byArn = new Map<string, WorldJob>();
  readonly #store: SimulatedJobs;
  readonly #timer: StatusTimer;
  readonly #clock: Clock;
  readonly #failureRate: number;
  #stillSince = Infinity;
  #created = 0;

  /**
   * `onEnd` hears of each job that ends, the least that Bedrock sends events of. `failureRate` is the share of models and
   * of what serves them that fail.
   */
  constructor(clock: Clock, onEnd: (job: WorldJob, at: number) => void, failureRate: number) {
    this.#clock = clock;
    this.#failureRate = failureRate;
    this.#store = new SimulatedJobs(({ given, status }, at) => {
      const job = this.known(given.jobArn);
      if (job !== undefined && isTerminal(status)) onEnd(job, at);
    });
    this.models = new WorldModels(this.#store);
    this.#timer = new StatusTimer(this.#store, { now: () => this.now(), after: clock.after });
  }

  /** The present, which ends when lives are to stand still. */
  now(): number {
    return Math.min(Math.floor(this.#clock.now()), this.#stillSince);
  }

  /** From here on no job changes any more. */
  standStill(): void {
    this.#stillSince = this.now();
    this.#timer.stop();
  }

  create(scope: Scope, plan: LifePlan, createdAt: number): WorldJob {
    const number = (this.#created += 1) - 1;
    const [jobArn, jobName] = [arnOf(scope, number), `job-${number}`];
    const given = givenOf(jobArn, jobName, createdAt);
    this.#store.load([{ scope, createdAt, given, plan: planOf(plan, number, scope), tags: new Map() }], this.now());
    const life = this.#store.get(jobArn);
    if (life === undefined) throw new Error(`${jobArn} was not created.`);
    const job: WorldJob = { jobArn, jobName, scope, life, tags: [{ at: createdAt, tags: {} }] };
    this.jobs.push(job);
    this.#byArn.set(jobArn, job);
    this.#timer.wake();
    return job;
  }

  /** Asks a running job to stop; false where it does not run. */
  stop({ life }: WorldJob): boolean {
    const now = this.#timer.settle();
    if (life.status !== 'InProgress' || this.#store.get(life.given.jobArn) === undefined) return false;
    this.#store.requestStop(life, now, now + (life.plan?.stoppingMs ?? 0));
    this.#timer.wake();
    return true;
  }

  noteAsked(scope: Scope): void {
    const place = formatScope(scope);
    this.asked.set(place, [...(this.asked.get(place) ?? []), this.#clock.now()]);
  }

  /** What CloudWatch counts of inference. */
  get use(): SimulatedJobs['use'] {
    return this.#store.use;
  }

  /** A call about models by somebody in the account; undefined where Bedrock refuses it. */
  call(name: OperationName, scope: Scope, raw: Partial<RawCall>, random: Random): object | undefined {
    const now = this.#timer.settle();
    const answer = this.models.call(name, raw, {
      caller: { ...scope, accessKeyId: scope.accountId },
      now,
      store: this.#store,
      random,
      plans: { speed: 1, failureRate: this.#failureRate },
      faults: parseFaults({}),
    });
    this.#timer.wake();
    return answer;
  }

  tag(job: WorldJob, tags: Readonly<Record<string, string>>): boolean {
    if (!this.isThere(job)) return false;
    job.tags.push({ at: this.now(), tags });
    job.life.tags.clear();
    for (const [key, value] of Object.entries(tags)) job.life.tags.set(key, value);
    return true;
  }

  vanish(job: WorldJob): boolean {
    if (!this.isThere(job)) return false;
    job.vanishedAt = this.now();
    this.#store.remove(job.life);
    return true;
  }

  /** Takes out the finished jobs that were created before a time, and gives them. */
  forget(createdBefore: number): readonly WorldJob[] {
    const forgotten = new Set(
      this.jobs.filter(({ life }) => life.createdAt < createdBefore && isTerminal(statusAt(life, this.now()))),
    );
    for (const { life, jobArn } of forgotten) {
      this.#store.remove(life);
      this.#byArn.delete(jobArn);
    }
    this.jobs = this.jobs.filter((job) => !forgotten.has(job));
    this.models.forget(new Set([...forgotten].flatMap(({ life }) => life.plan?.outputModelArn ?? [])));
    return [...forgotten];
  }

  /** A job by ARN or name, whether or not it is there. */
  known(identifier: string): WorldJob | undefined {
    return this.#byArn.get(identifier) ?? this.jobs.find(({ jobName }) => jobName === identifier);
  }

  isThere({ life, vanishedAt = Infinity }: WorldJob, at = this.now()): boolean {
    return life.createdAt <= at && at < vanishedAt;
  }

  /** The answer of Get, as the code of a version can read it. */
  answer({ life }: WorldJob, at = this.now(), version: Version = 2): JobAnswer {
    return readableBy(version, answerAt(life, at));
  }

  tagsOf({ tags }: WorldJob, at = this.now()): Readonly<Record<string, string>> {
    return tags.findLast((change) => change.at <= at)?.tags ?? {};
  }

  statusOf({ life }: WorldJob, at = this.now()): string | undefined {
    return statusAt(life, at);
  }

  /** The simulator's jobs as they were at a time. */
  jobsAt(at: number): SimulatedJobs {
    if (at >= this.#timer.settle()) return this.#store;
    const past = new SimulatedJobs(() => undefined);
    const there = this.jobs.filter((job) => this.isThere(job, at));
    past.addAll(
      there.map((job) => ({ ...job.life, tags: new Map(Object.entries(this.tagsOf(job, at))) })),
      at,
    );
    this.models.addTo(past, at);
    return past;
  }
}
