/** The jobs of every scope, found by ARN, by name, by creation time and by status. */
import {
  answerAt,
  isTerminal,
  type JobAnswer,
  type Life,
  nextChangeAfter,
  statusAt,
  type TerminalStatus,
} from './life.ts';
import { type Scope, scopeKey } from './call.ts';
import { Sorted } from './list.ts';
import type { Clock } from './clock.ts';

export interface NewJob extends Life {
  readonly scope: Scope;
  readonly tags: Map<string, string>;
  /** What List calls the base model, where it is not what Get says: a custom model. */
  readonly listedBaseModelArn?: string;
}

export interface Job extends NewJob {
  stop?: NonNullable<Life['stop']>;
  forced?: NonNullable<Life['forced']>;
  /** The status under which the indexes hold the job: the one that was announced last. */
  status: string | undefined;
  /** When that status changes, if nobody acts. */
  changesAt: number | undefined;
}

interface IdempotentCreate {
  readonly jobArn: string;
  /** Tells whether a request with the same token asks for the same thing. */
  readonly fingerprint: string;
}

/** One scope's indexes. */
export interface ScopeJobs {
  readonly scope: Scope;
  readonly byName: Map<string, Job>;
  /** The newest job for each custom model name. */
  readonly byModelName: Map<string, Job>;
  readonly tokens: Map<string, IdempotentCreate>;
  readonly byCreation: Sorted<Job>;
  readonly byStatus: Map<string, Sorted<Job>>;
}

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
/** Creation times may be equal; the ARN decides then, so that paging is exact. */
const byCreation = (left: Job, right: Job): number =>
  left.createdAt - right.createdAt || order(left.given.jobArn, right.given.jobArn);

interface Change {
  readonly job: Job;
  readonly at: number;
}

export class SimulatedJobs {
  readonly #byArn = new Map<string, Job>();
  readonly #scopes = new Map<string, ScopeJobs>();
  readonly #changes = new Sorted<Change>((left, right) => left.at - right.at);
  readonly #onStatus: (job: Job, at: number) => void;

  /** `onStatus` hears each change of a job's own status, in the order in which they happen. */
  constructor(onStatus: (job: Job, at: number) => void) {
    this.#onStatus = onStatus;
  }

  get size(): number {
    return this.#byArn.size;
  }

  get(jobArn: string): Job | undefined {
    return this.#byArn.get(jobArn);
  }

  all(): IterableIterator<Job> {
    return this.#byArn.values();
  }

  scopes(): IterableIterator<ScopeJobs> {
    return this.#scopes.values();
  }

  in(scope: Scope): ScopeJobs {
    const key = scopeKey(scope);
    const known = this.#scopes.get(key);
    if (known) return known;
    const { accountId, region } = scope;
    const created: ScopeJobs = {
      scope: { accountId, region },
      byName: new Map(),
      byModelName: new Map(),
      tokens: new Map(),
      byCreation: new Sorted(byCreation),
      byStatus: new Map(),
    };
    this.#scopes.set(key, created);
    return created;
  }

  /** A job that begins now. */
  create(newJob: NewJob): Job {
    const job = this.#register(newJob, newJob.createdAt);
    const { byCreation: index } = this.in(job.scope);
    index.add(job);
    this.#statusIndex(job).add(job);
    this.#onStatus(job, job.createdAt);
    return job;
  }

  /** Jobs that exist already, in bulk; nobody hears of them. A job with a known ARN replaces that one. */
  addAll(newJobs: Iterable<NewJob>, now: number): void {
    const lists = new Map<Sorted<Job>, Job[]>();
    const collect = (list: Sorted<Job>, job: Job): void => {
      const jobs = lists.get(list);
      if (jobs) jobs.push(job);
      else lists.set(list, [job]);
    };
    const added = new Map<string, Job>();
    for (const newJob of newJobs) {
      const known = this.#byArn.get(newJob.given.jobArn);
      if (known) this.#remove(known);
      added.set(newJob.given.jobArn, this.#register(newJob, now));
    }
    for (const job of added.values()) {
      collect(this.in(job.scope).byCreation, job);
      collect(this.#statusIndex(job), job);
    }
    for (const [list, jobs] of lists) list.addAll(jobs);
  }

  /** Takes a job out, as if it had never been. */
  remove(job: Job): void {
    if (this.#byArn.get(job.given.jobArn) === job) this.#remove(job);
  }

  answer(job: Job, now: number): JobAnswer {
    return answerAt(job, now);
  }

  requestStop(job: Job, at: number, until: number): void {
    job.stop = { at, until };
    this.#move(job, at);
  }

  force(job: Job, at: number, status: TerminalStatus, failureMessage?: string): void {
    job.forced = { at, status, ...(failureMessage !== undefined && { failureMessage }) };
    this.#move(job, at);
  }

  /** Brings the indexes up to `now` and announces what has changed since the last time. */
  settle(now: number): void {
    for (let next = this.#changes.at(0); next && next.at <= now; next = this.#changes.at(0)) {
      this.#changes.shift();
      // A job that was stopped or ended meanwhile left its old change behind.
      if (next.job.changesAt === next.at) this.#move(next.job, next.at);
    }
  }

  /** When `settle` has something to do next. */
  nextChangeAt(): number | undefined {
    return this.#changes.at(0)?.at;
  }

  #register(newJob: NewJob, now: number): Job {
    const job: Job = { ...newJob, status: statusAt(newJob, now), changesAt: nextChangeAfter(newJob, now) };
    const { jobArn, jobName, outputModelName } = job.given;
    this.#byArn.set(jobArn, job);
    const { byName, byModelName } = this.in(job.scope);
    byName.set(jobName, job);
    if (outputModelName !== undefined) byModelName.set(outputModelName, job);
    this.#expect(job);
    return job;
  }

  #expect(job: Job): void {
    if (job.changesAt !== undefined) this.#changes.add({ job, at: job.changesAt });
  }

  #statusIndex(job: Job): Sorted<Job> {
    const { byStatus } = this.in(job.scope);
    const status = job.status ?? '';
    const known = byStatus.get(status);
    if (known) return known;
    const created = new Sorted(byCreation);
    byStatus.set(status, created);
    return created;
  }

  #move(job: Job, at: number): void {
    this.#statusIndex(job).remove(job);
    job.status = statusAt(job, at);
    job.changesAt = nextChangeAfter(job, at);
    this.#statusIndex(job).add(job);
    this.#expect(job);
    this.#onStatus(job, at);
  }

  #remove(job: Job): void {
    const { byCreation: index, byName, byModelName } = this.in(job.scope);
    index.remove(job);
    this.#statusIndex(job).remove(job);
    const { jobName, outputModelName = '' } = job.given;
    if (byName.get(jobName) === job) byName.delete(jobName);
    if (byModelName.get(outputModelName) === job) byModelName.delete(outputModelName);
    job.changesAt = undefined;
    this.#byArn.delete(job.given.jobArn);
  }
}

/** True while the job counts against quotas. */
export const isActive = (job: Job): boolean => !isTerminal(job.status);

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
