import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import { answerAt, type JobAnswer, type Life, nextChangeAfter, statusAt } from '../../../lib/simulator/life.ts';
import type { Plan } from '../../../lib/simulator/plan.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

/** The versions of the tracker's code, the second deployed in the middle of a history. */
export type Version = 1 | 2;
/** A member that the SDK of the first version does not know yet, and so leaves out. */
const NEW_IN_VERSION_2 = 'customizationType';

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
  readonly life: Life;
  readonly tags: readonly { readonly at: number; readonly tags: Readonly<Record<string, string>> }[];
  readonly vanishedAt?: number;
}

const arnOf = ({ accountId, region }: Scope, number: number): string =>
  `arn:aws:bedrock:${region}:${accountId}:model-customization-job/amazon.nova-micro-v1:0:128k/job${String(number).padStart(9, '0')}`;

const planOf = ({ validates, trains, stopping, ends, beat }: LifePlan, number: number): Plan => {
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
    outputModelArn: `arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-micro-v1:0:128k/model${String(number).padStart(7, '0')}`,
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

/** The jobs that there are and were: Bedrock's truth, at any moment that it is asked for. */
export class WorldBedrock {
  readonly jobs: WorldJob[] = [];
  /** Each text of tags (as canonical JSON) that anybody was ever answered, by job. */
  readonly tagsShown = new Map<string, Set<string>>();
  readonly #byArn = new Map<string, number>();
  readonly #now: () => number;
  #stillSince = Infinity;
  #created = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The present, which ends when lives are to stand still. */
  now(): number {
    return Math.min(Math.floor(this.#now()), this.#stillSince);
  }

  /** From here on no job changes any more. */
  standStill(): void {
    this.#stillSince = this.now();
  }

  create(scope: Scope, plan: LifePlan, createdAt: number): WorldJob {
    const number = (this.#created += 1) - 1;
    const [jobArn, jobName] = [arnOf(scope, number), `job-${number}`];
    const job: WorldJob = {
      jobArn,
      jobName,
      scope,
      life: { createdAt, given: givenOf(jobArn, jobName, createdAt), plan: planOf(plan, number) },
      tags: [{ at: createdAt, tags: {} }],
    };
    this.#byArn.set(jobArn, this.jobs.length);
    this.jobs.push(job);
    return job;
  }

  /** Asks a running job to stop; false where it does not run. */
  stop({ jobArn }: WorldJob): boolean {
    const [job, number] = [this.find(jobArn), this.#byArn.get(jobArn)];
    if (job === undefined || number === undefined || statusAt(job.life, this.now()) !== 'InProgress') return false;
    const stop = { at: this.now(), until: this.now() + (job.life.plan?.stoppingMs ?? 0) };
    this.jobs[number] = { ...job, life: { ...job.life, stop } };
    return true;
  }

  tag({ jobArn }: WorldJob, tags: Readonly<Record<string, string>>): boolean {
    const [job, number] = [this.find(jobArn), this.#byArn.get(jobArn)];
    if (job === undefined || number === undefined) return false;
    this.jobs[number] = { ...job, tags: [...job.tags, { at: this.now(), tags }] };
    return true;
  }

  vanish({ jobArn }: WorldJob): boolean {
    const [job, number] = [this.find(jobArn), this.#byArn.get(jobArn)];
    if (job === undefined || number === undefined) return false;
    this.jobs[number] = { ...job, vanishedAt: this.now() };
    return true;
  }

  /** Takes out the finished jobs that were created before a time, and gives them. */
  forget(createdBefore: number): readonly WorldJob[] {
    const isOld = ({ life }: WorldJob) =>
      life.createdAt < createdBefore && nextChangeAfter(life, this.now()) === undefined;
    const forgotten = this.jobs.filter(isOld);
    const kept = this.jobs.filter((job) => !isOld(job));
    this.jobs.splice(0, this.jobs.length, ...kept);
    this.#byArn.clear();
    for (const [place, { jobArn }] of kept.entries()) this.#byArn.set(jobArn, place);
    return forgotten;
  }

  /** A job by ARN or name, as it was known at a time. */
  find(identifier: string, at = this.now()): WorldJob | undefined {
    const job = this.known(identifier);
    return job !== undefined && this.isThere(job, at) ? job : undefined;
  }

  /** A job by ARN or name, whether or not it is there. */
  known(identifier: string): WorldJob | undefined {
    const byArn = this.jobs[this.#byArn.get(identifier) ?? -1];
    return byArn ?? this.jobs.find(({ jobName }) => jobName === identifier);
  }

  isThere({ life, vanishedAt = Infinity }: WorldJob, at = this.now()): boolean {
    return life.createdAt <= at && at < vanishedAt;
  }

  /** The answer of Get, as the code of a version can read it. */
  answer({ life }: WorldJob, at = this.now(), version: Version = 2): JobAnswer {
    const { [NEW_IN_VERSION_2]: known, ...answer } = answerAt(life, at);
    return version === 1 || known === undefined ? answer : { ...answer, [NEW_IN_VERSION_2]: known };
  }

  tagsOf({ tags }: WorldJob, at = this.now()): Readonly<Record<string, string>> {
    return tags.findLast((change) => change.at <= at)?.tags ?? {};
  }

  statusOf({ life }: WorldJob, at = this.now()): string | undefined {
    return statusAt(life, at);
  }

  nextChangeOf({ life }: WorldJob): number | undefined {
    return nextChangeAfter(life, this.now());
  }

  /** The jobs of a scope at a time, newest first. */
  listOf(scope: Scope, at: number): WorldJob[] {
    return this.jobs
      .filter((job) => formatScope(job.scope) === formatScope(scope) && this.isThere(job, at))
      .sort((a, b) => b.life.createdAt - a.life.createdAt || (a.jobArn < b.jobArn ? -1 : 1));
  }
}
