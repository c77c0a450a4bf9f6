import { formatScope, type Scope } from '../../lib/domain/identity.ts';
import { sleep } from '../../lib/simulator/clock.ts';
import { seededRandom, type Random } from '../../lib/simulator/random.ts';
import { isTerminal } from '../../lib/domain/record.ts';
import type { SweepPeriods } from '../../lib/tracking/scope.ts';
import type { TransitionDetail } from '../../lib/domain/transition-event.ts';
import type { LifePlan } from '../faults/world/bedrock.ts';
import type { DeadLetters, FunctionName, Measurement, Outages } from '../faults/world/outages.ts';
import { SCOPES, World } from '../faults/world/world.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/domain/time.ts';
import { MetricStore } from './cloudwatch/metric-store.ts';

/** As the stack has them by default: a single tracker sweeps its scope whenever the schedule fires. */
const EVERY = 5 * MINUTE;
const PERIODS: SweepPeriods = {
  active: EVERY,
  idle: EVERY,
  empty: EVERY,
  full: DAY,
  models: HOUR,
  usage: DAY,
  releaseAfter: DAY,
};
const HUB_PERIODS: SweepPeriods = { ...PERIODS, idle: HOUR, empty: DAY };
const SWEEP_TIMEOUT = 15 * MINUTE;
/** How long Lambda keeps what it could not run yet: `maxEventAge` of lib/infra/reconcile-jobs.ts and notifications.ts. */
const SWEEPS_WAIT = HOUR;
const NOTIFICATIONS_WAIT = 6 * HOUR;
/** Bedrock's largest page, and the chunk of the functions. */
const PAGE_SIZE = 1000;
const CHUNK = 500;
/** How many models of jobs are tried a day at most. */
const TRIALS_A_DAY = 12;

/**
 * SQS does not report a queue that nobody used for six hours.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
const ACTIVE_FOR = 6 * HOUR;

/** The logical ids of the default template, without hashes, for the names that the world gives to its parts. */
const NAMES: Readonly<Record<string, string>> = {
  'track-job': 'TrackerTrackJobFunction',
  'reconcile-jobs': 'TrackerReconcileJobsFunction',
  'publish-transitions': 'TrackerPublishTransitionsFunction',
  'notify-transition': 'TrackerNotificationsFunction',
  'state-change': 'TrackerJobEventsStateChangeRule',
  'api-call': 'TrackerJobEventsApiCallRule',
  heartbeat: 'TrackerJobEventsSpokeHeartbeatRule',
  jobs: 'TrackerJobsTable',
  models: 'TrackerModelsTable',
  sweeps: 'TrackerSweepsTable',
};
const QUEUES: Readonly<Record<DeadLetters, string>> = {
  'job-events': 'TrackerJobEventsDeadLetterQueue',
  events: 'TrackerJobEventsUndeliveredQueue',
  sweeps: 'TrackerReconcileJobsUndeliveredQueue',
  transitions: 'TrackerPublishTransitionsFailedQueue',
  notifications: 'TrackerNotificationsUndeliveredQueue',
};

export interface TrackerOptions {
  readonly jobsADay: number;
  /** Whether the account has a trail from the beginning. */
  readonly hasTrail?: boolean;
  /** What is tracked: the account alone, or in a hub spokes too, which send heartbeats. */
  readonly scopes?: readonly [Scope, ...Scope[]];
  readonly seed?: number;
}

/** A tracker of an account in which jobs come and go, with its schedules, and CloudWatch beside it. */
export class DrilledTracker {
  readonly world: World;
  readonly store = new MetricStore();
  readonly #options: Required<TrackerOptions>;
  readonly #random: Random;
  /** Apart, so that jobs come as they do without models. */
  readonly #trials: Random;
  readonly #dead = new Map<DeadLetters, { count: number; usedAt: number }>();

  constructor({ hasTrail = true, scopes = [SCOPES[0]], seed = 1, ...options }: TrackerOptions) {
    this.#options = { hasTrail, scopes, seed, ...options };
    this.#random = seededRandom(seed);
    this.#trials = seededRandom(seed + 1);
    const [home, ...spokes] = scopes;
    const isHub = spokes.length > 0;
    this.world = new World({
      periods: isHub ? HUB_PERIODS : PERIODS,
      isHub,
      seed,
      rates: {},
      tagRefreshDays: 30,
      // Spokes register themselves.
      scopes: [home],
      pageSize: PAGE_SIZE,
      chunk: CHUNK,
      failureRate: 0,
      observer: {
        measure: (measurement) => this.#measure(measurement),
        deposit: (queue) => this.#deposit(queue),
        publish: (detail) => {
          const isOfJob = !('model_arn' in detail) && detail.task === undefined;
          if (isOfJob && isTerminal({ status: detail.to })) void this.#notify(detail);
        },
      },
    });
    this.outages.hasTrail = hasTrail;
    this.#schedule();
    spokes.forEach((spoke) => this.#beat(spoke));
    this.#reportQueues();
    this.#tidy();
    if (options.jobsADay === 0) return;
    this.#createJobs();
    scopes.forEach((scope) => this.#importModel(scope));
    this.#serveModels();
  }

  get outages(): Outages {
    return this.world.machine.outages;
  }

  now(): number {
    return this.world.machine.time.now();
  }

  play(ms: number): Promise<void> {
    return this.world.machine.time.advance(ms);
  }

  /** A job that begins now; by default it runs for some hours. */
  createJob(plan: Partial<LifePlan> = {}): string {
    const scope = this.#random.pick(this.#options.scopes);
    this.world.create(scope, {
      validates: Math.floor(this.#random.between(2, 10)),
      trains: Math.floor(this.#random.between(20, 400)),
      stopping: 3,
      ends: this.#random.chance(0.2) ? 'Failed' : 'Completed',
      beat: 10,
      ...plan,
    });
    return this.world.bedrock.jobs.at(-1)?.jobArn ?? '';
  }

  #measure({ namespace, name, dimensions, value, at }: Measurement): void {
    const named = Object.fromEntries(
      Object.entries(dimensions).map(([key, of]) => [key, isOwn(namespace) ? of : (NAMES[of] ?? of)]),
    );
    this.store.add({ namespace, name, dimensions: named }, value, at ?? this.now());
  }

  #deposit(queue: DeadLetters): void {
    this.#dead.set(queue, { count: (this.#dead.get(queue)?.count ?? 0) + 1, usedAt: this.now() });
  }

  #after(ms: number, task: () => void): void {
    this.world.machine.time.after(ms, task);
  }

  #every(ms: number, task: () => void): void {
    this.#after(ms, () => {
      task();
      this.#every(ms, task);
    });
  }

  /** EventBridge Scheduler: a rate without a start date begins at once. */
  #rate(ms: number, task: () => void): void {
    this.#after(7 * SECOND, () => {
      task();
      this.#every(ms, task);
    });
  }

  #schedule(): void {
    this.#rate(EVERY, () => {
      if (this.outages.scheduleIsDisabled) return;
      if (this.outages.scheduleIsAllowed) void this.#start();
      // It tries until the next one is due.
      else this.#after(EVERY, () => this.#deposit('sweeps'));
    });
  }

  /** The heartbeat of a spoke, by a schedule of its own. */
  #beat(spoke: Scope): void {
    this.#rate(HOUR, () => this.world.heartbeat(spoke));
  }

  /**
   * Lambda's queue of what was invoked asynchronously: while the function is throttled it tries again, ever later, for as
   * long as the event may be old.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  async #admitted(fn: FunctionName, longest: number): Promise<boolean> {
    const askedAt = this.now();
    for (let wait = SECOND; this.outages.throttledFunctions.has(fn); wait = Math.min(5 * MINUTE, 2 * wait)) {
      this.#measure({ namespace: 'AWS/Lambda', name: 'Throttles', dimensions: { FunctionName: fn }, value: 1 });
      if (this.now() + wait - askedAt > longest) return false;
      await sleep(this.world.machine.time, wait);
    }
    return true;
  }

  async #start(): Promise<void> {
    if (await this.#admitted('reconcile-jobs', SWEEPS_WAIT))
      await this.world.sweep('due', { timeoutMs: SWEEP_TIMEOUT });
  }

  /** Lambda tries what fails twice more, after a minute and after two. */
  async #notify(detail: TransitionDetail): Promise<void> {
    for (const wait of [0, MINUTE, 2 * MINUTE]) {
      await sleep(this.world.machine.time, wait);
      if (!(await this.#admitted('notify-transition', NOTIFICATIONS_WAIT))) break;
      if ((await this.world.notify(detail)).how === 'answered') return;
    }
    this.#deposit('notifications');
  }

  /** SQS reports every minute: of the queues that Lambda polls all the time, the age where they are not empty. */
  #reportQueues(): void {
    const report = (QueueName: string, name: string, value: number): void =>
      this.store.add({ namespace: 'AWS/SQS', name, dimensions: { QueueName } }, value, this.now());
    this.#every(MINUTE, () => {
      const ages = { TrackerJobEventsQueue: this.world.queue, TrackerReconcileJobsQueue: this.world.sweepsQueue };
      for (const [name, queue] of Object.entries(ages)) {
        const age = queue.oldestAge();
        if (age !== undefined) report(name, 'ApproximateAgeOfOldestMessage', age / SECOND);
      }
      for (const [queue, QueueName] of Object.entries(QUEUES)) {
        const { count, usedAt } = this.#dead.get(queue as DeadLetters) ?? { count: 0, usedAt: -Infinity };
        if (this.now() - usedAt < ACTIVE_FOR) report(QueueName, 'ApproximateNumberOfMessagesVisible', count);
      }
    });
  }

  #createJobs(): void {
    const mean = DAY / this.#options.jobsADay;
    const next = (): void =>
      this.#after(this.#random.between(0.5, 1.5) * mean, () => {
        this.createJob();
        next();
      });
    next();
  }

  /** A model that serves all the time: behind a deployment that is used each hour, and a throughput that is forgotten. */
  #importModel(scope: Scope): void {
    const { world } = this;
    const { bedrock } = world;
    const modelSourceConfig = { s3DataSource: { s3Uri: 's3://models/one/' } };
    world.call('CreateCustomModel', scope, '', { modelName: 'imported', modelSourceConfig });
    const arnOf = (kind: 'models' | 'deployments', name: string): string =>
      bedrock.models
        .there(kind)
        .find(({ item }) => item.name === name && formatScope(item.scope) === formatScope(scope))?.arn ?? '';
    this.#after(HOUR, () => {
      world.call('CreateCustomModelDeployment', scope, '', {
        modelDeploymentName: 'used',
        modelArn: arnOf('models', 'imported'),
      });
      const forgotten = { provisionedModelName: 'forgotten', modelId: arnOf('models', 'imported'), modelUnits: 1 };
      world.call('CreateProvisionedModelThroughput', scope, '', forgotten);
    });
    this.#every(HOUR, () => {
      bedrock.use.record(arnOf('deployments', 'used'), this.now(), { invocations: 5 });
    });
  }

  /** Somebody tries models of new jobs: each serves for some hours. */
  #serveModels(): void {
    const { bedrock } = this.world;
    const mean = DAY / Math.min(TRIALS_A_DAY, this.#options.jobsADay);
    let tried = 0;
    const next = (): void =>
      this.#after(this.#trials.between(0.5, 1.5) * mean, () => {
        next();
        const models = bedrock.models.there('models');
        const young = models.filter(({ item }) => item.name !== 'imported' && this.now() - item.createdAt < DAY);
        const picked = young[Math.floor(this.#trials.between(0, young.length))];
        if (picked === undefined) return;
        const { arn, item } = picked;
        const name = `trial-${(tried += 1)}`;
        this.world.call('CreateCustomModelDeployment', item.scope, '', { modelDeploymentName: name, modelArn: arn });
        this.#after(this.#trials.between(6, 12) * HOUR, () => {
          this.world.call('DeleteCustomModelDeployment', item.scope, name, {});
        });
      });
    next();
  }

  /** A month has more finished jobs than a sweep should have to pass over each time. */
  #tidy(): void {
    this.#every(6 * HOUR, () => this.world.forget(this.now() - 2 * DAY));
  }
}

const isOwn = (namespace: string): boolean => !namespace.startsWith('AWS/');

/** The account of the functions, and the one that a spoke is for. */
export const [HOME, SPOKE] = SCOPES;
export const scopeName = formatScope;
