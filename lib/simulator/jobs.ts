/** What lives in the simulated Bedrock: jobs, the models that they made, and what serves those. */
import { answerAt, type JobAnswer, type Life, nextChangeAfter, statusAt, type TerminalStatus } from './life.ts';
import type { Scope } from './call.ts';
import { Use } from './cloudwatch.ts';
import type { Clock } from './clock.ts';
import { DEPLOYMENT, modelMadeBy, MODEL, type Staged, type StagedKind, THROUGHPUT } from './models.ts';
import { type Place, type Resource, Resources, type Shelf } from './resources.ts';

export interface NewJob extends Life, Resource {
  /** What List calls the base model, where it is not what Get says: a custom model. */
  readonly listedBaseModelArn?: string;
  /** The tags that its model gets. */
  readonly modelTags?: Readonly<Record<string, string>>;
}

export interface Job extends NewJob, Place {
  stop?: NonNullable<Life['stop']>;
  forced?: NonNullable<Life['forced']>;
}

export type ScopeJobs = Shelf<Job>;

const JOB = {
  noun: 'model customization job',
  arnOf: ({ given }: NewJob) => given.jobArn,
  nameOf: ({ given }: NewJob) => given.jobName,
  statusAt,
  nextChangeAfter,
};

/** Where resources of a staged kind are. */
export type Kept<Answer> = Resources<Staged<Answer>, Staged<Answer> & Place, StagedKind<Answer>>;
const kept = <Answer>(kind: StagedKind<Answer>): Kept<Answer> => new Resources(kind);

/** What can be done with resources of a kind that is not known. */
interface AnyKind {
  readonly get: (arn: string) => (Resource & Place) | undefined;
  readonly in: (scope: Scope) => Pick<Shelf<unknown>, 'tokens'>;
}

export class SimulatedJobs extends Resources<NewJob, Job> {
  readonly models = kept(MODEL);
  readonly deployments = kept(DEPLOYMENT);
  readonly throughputs = kept(THROUGHPUT);
  readonly use = new Use();

  /** `onStatus` hears each change of a job's own status, in the order in which they happen. */
  constructor(onStatus: (job: Job, at: number) => void) {
    super(JOB, (job, at) => {
      const model = modelMadeBy(job, answerAt(job, at));
      if (model) this.models.create(model);
      onStatus(job, at);
    });
  }

  /** The kind that an ARN tells. */
  kindOf(arn: string): AnyKind {
    if (arn.includes(':custom-model/')) return this.models;
    if (arn.includes(':custom-model-deployment/')) return this.deployments;
    return arn.includes(':provisioned-model/') ? this.throughputs : this;
  }

  answer(job: Job, now: number): JobAnswer {
    return answerAt(job, now);
  }

  requestStop(job: Job, at: number, until: number): void {
    job.stop = { at, until };
    this.moved(job, at);
  }

  force(job: Job, at: number, status: TerminalStatus, failureMessage?: string): void {
    job.forced = { at, status, ...(failureMessage !== undefined && { failureMessage }) };
    this.moved(job, at);
  }

  /** Jobs as `addAll` takes them, with the models of the completed ones. */
  load(jobs: readonly NewJob[], now: number): void {
    for (const { given } of jobs) {
      const replaced = this.get(given.jobArn);
      const model = replaced && this.models.get(answerAt(replaced, now).outputModelArn ?? '');
      if (model) this.models.remove(model);
    }
    this.models.addAll(
      this.addAll(jobs, now).flatMap((job) => modelMadeBy(job, answerAt(job, now)) ?? []),
      now,
    );
  }

  override settle(now: number): void {
    super.settle(now);
    for (const others of [this.models, this.deployments, this.throughputs]) others.settle(now);
  }

  override nextChangeAt(): number | undefined {
    const others = [this.models, this.deployments, this.throughputs].map((each) => each.nextChangeAt());
    const times = [super.nextChangeAt(), ...others].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

/** The jobs that count against quotas. */
export const activeJobs = ({ byStatus }: ScopeJobs): Job[] =>
  ['InProgress', 'Stopping'].flatMap((status) => [...(byStatus.get(status) ?? [])]);

/** Keeps the store at the present: on demand before each look at it, and by a timer when a job's status is due to change. */
export class StatusTimer {
  readonly #store: SimulatedJobs;
  readonly #clock: Clock;
  #cancelTimer = (): void => undefined;
  #stopped = false;

  constructor(store: SimulatedJobs, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Brings the store up to the present, and answers what time that is. */
  settle(): number {
    const now = this.#clock.now();
    this.#store.settle(now);
    return now;
  }

  /** Sets the timer anew: to be called after each change. */
  wake(): void {
    this.#cancelTimer();
    if (this.#stopped) return;
    const next = this.#store.nextChangeAt();
    if (next === undefined) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, next - this.#clock.now()), () => {
      this.settle();
      this.wake();
    });
  }

  /** For good: a slow call may still end after it. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }
}
