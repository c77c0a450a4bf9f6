import type { DynamoDBBatchResponse, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  HEARTBEAT_DETAIL_TYPE,
  HEARTBEAT_SOURCE,
  JOBS_TABLE,
  MODELS_TABLE,
  type ReconcileRequest,
  SCOPE_ITEM,
  SWEEPS_TABLE,
} from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import type { ModelRecord, ServingPointer } from '../../../lib/domain/model-record.ts';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';
import type { OperationName } from '../../../lib/simulator/faults.ts';
import type { SendSweeps, SweptScopes } from '../../../lambdas/reconcile-jobs/handler.ts';
import { Faults, type Rates } from '../faults.ts';
import { batchProblems } from '../invariants/messages.ts';
import { modelWriteProblems } from '../invariants/models.ts';
import { scopeWriteProblems, type StoredScope, Words } from '../invariants/scopes.ts';
import { backfillProblems, writeProblems } from '../invariants/writes.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';
import type { SweepPeriods } from '../../../lib/tracking/scope.ts';
import { WorldBedrock, type LifePlan, type Version, type WorldJob } from './bedrock.ts';
import { callEvent, endEvent, modelCallEvent, route, type Route, unreadable } from './event-bus.ts';
import {
  invokeNotifyTransition,
  invokePublishTransitions,
  invokeReconcileJobs,
  invokeSweepScope,
  invokeTrackJob,
  type Surroundings,
} from './functions.ts';
import type { Ending, Invocation, Machine } from './invocation.ts';
import { NOBODY, noOutages, type FunctionName, type MappingName, type Observer } from './outages.ts';
import { VirtualClock } from '../../../lib/simulator/clock.ts';
import { SimulatedQueue, type Message } from '../../../lib/simulator/queue.ts';
import { TableStream, type TableWrite } from '../../../lib/simulator/stream.ts';
import { SimulatedTable, type Item } from '../../../lib/simulator/table.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly rates: Rates;
  readonly tagRefreshDays: number;
  readonly trace?: ((line: string) => void) | undefined;
  /** Which scopes the configuration names at first. @default both */
  readonly scopes?: readonly Scope[];
  /** Whether a tick sends a message for each scope to a queue. @default false: it sweeps them itself */
  readonly isHub?: boolean;
  /** @default those of a tracker without spokes */
  readonly periods?: SweepPeriods;
  readonly observer?: Observer;
  /** How many jobs Bedrock lists at a time, and after how many a full sweep saves its progress. @default few of them */
  readonly pageSize?: number;
  readonly chunk?: number;
  /** Which share of the models that are imported, and of what serves models, fails. @default a fifth */
  readonly failureRate?: number;
}

/** Far below Bedrock's 1000 and the functions' 500, so that few jobs make many pages and chunks. */
const PAGE_SIZE = 3;
const CHUNK = 2;
const FAILURE_RATE = 0.2;
const PERIODS: SweepPeriods = {
  ...{ active: 5 * MINUTE, idle: 5 * MINUTE, empty: 5 * MINUTE, releaseAfter: DAY },
  ...{ full: DAY, models: HOUR, usage: DAY },
};

export interface SweepOptions {
  readonly timeoutMs: number;
  readonly killAt?: number | undefined;
}

// As the stack has them: lib/infra/track-job.ts and publish-transitions.ts. The stream's batch is smaller, and a table's
// pages are, so that few writes make several.
/** Lambda's least, so that batches come to be. */
const MAX_CONCURRENCY = 2;
const MAX_RECEIVE_COUNT = 5;
const BATCH_SIZE = 10;
const RETRY_ATTEMPTS = 10;
const TABLE_PAGE_SIZE = 4;
/** Of the queue of sweeps: lib/infra/reconcile-jobs.ts. */
const SWEEP_TIMEOUT = 15 * MINUTE;
const MAX_SWEEP_RECEIVE_COUNT = 3;
const MAX_SWEEPS_AT_ONCE = 4;
const LARGEST_SWEEP_DELAY = 10 * MINUTE;

/** What the world knows of a message that the function does not. */
export interface About {
  /** The job that it is about; absent where nobody can tell. */
  readonly jobArn: string | undefined;
  /** Of a call about models: where it was made. */
  readonly modelsIn?: Scope;
  /** Whether it names another job: it can only be followed where a message beside it has the job's full ARN. */
  readonly isMisnamed: boolean;
  readonly heartbeatOf?: Scope;
}

/** One write of the jobs table, or of the models table. */
interface RecordWrite extends TableWrite {
  readonly arn: string;
}

/** What a function answered; one that threw or was killed answers nothing. */
const resultOf = <Result>(ending: Ending<Result>): Result => {
  if (ending.how !== 'answered') throw new Error(`The function ${ending.how}.`);
  return ending.result;
};

const START = Date.UTC(2026, 0, 10);
export const SCOPES: readonly [Scope, Scope] = [
  { accountId: '123456789012', region: 'us-east-1' },
  { accountId: '210987654321', region: 'eu-west-1' },
];

/** An account with its Bedrock, and the tracker deployed into it: the real functions, on services that can fail. */
export class World {
  readonly machine: Machine;
  readonly bedrock: WorldBedrock;
  readonly jobs: SimulatedTable;
  readonly models: SimulatedTable;
  readonly sweeps: SimulatedTable;
  readonly queue: SimulatedQueue<About>;
  readonly sweepsQueue: SimulatedQueue;
  readonly streams: readonly [TableStream<RecordWrite>, TableStream<RecordWrite>];
  /** Jobs and models of which the stream gave up on a write. */
  readonly givenUp = new Set<string>();
  /** How often the function was given a write of a job or model at most: the most that a transition can have been published. */
  readonly handedOver = new Map<string, number>();
  readonly #given = new Map<RecordWrite, number>();
  /** What subscribers were told, as it came. */
  readonly published: AnyDetail[] = [];
  /** What was heard of scopes, and what is owed to them. */
  readonly words: Words;
  /** What must never be and was. */
  readonly problems: string[] = [];
  readonly #surroundings: Surroundings;
  /** When each scope's first sweep was known to the tracker, by `<account id>#<region>`. */
  readonly #firstSwept = new Map<string, number>();
  #scopes: readonly Scope[];
  #namedAt = 0;
  #version: Version = 1;
  #invocations = 0;
  #sweeping = 0;
  #running = 0;
  #unreadable = 0;

  constructor(options: WorldOptions) {
    const { seed, rates, tagRefreshDays, trace, scopes = SCOPES, observer = NOBODY } = options;
    const { pageSize = PAGE_SIZE, chunk = CHUNK } = options;
    this.#scopes = scopes;
    const time = new VirtualClock(START);
    const faults = new Faults(seed, rates);
    const log = (line: string) => trace?.(`${new Date(time.now()).toISOString()} ${line}`);
    this.machine = { time, faults, trace: log, outages: noOutages(), observer };
    const now = () => time.now();
    this.bedrock = new WorldBedrock(time, (job, at) => this.#tellEnd(job, at), options.failureRate ?? FAILURE_RATE);
    this.jobs = new SimulatedTable(JOBS_TABLE, {
      now,
      onWrite: (before, after) => this.#watchWrite(before, after),
      onConflict: () => faults.note('a write meets another writer'),
      pageSize: options.pageSize ?? TABLE_PAGE_SIZE,
    });
    this.models = new SimulatedTable(MODELS_TABLE, {
      now,
      onWrite: (before, after) => this.#watchModelWrite(before, after),
      onConflict: () => faults.note('a write meets another writer'),
      pageSize: options.pageSize ?? TABLE_PAGE_SIZE,
    });
    this.sweeps = new SimulatedTable(SWEEPS_TABLE, {
      now,
      onWrite: (before, after) => {
        if (after['sweep'] === SCOPE_ITEM) this.#watchScope(before, after);
        else this.#watchSweep(after);
      },
      onConflict: () => faults.note('a lease is held by another run'),
    });
    const publish = (detail: AnyDetail): void => {
      this.published.push(detail);
      observer.publish(detail);
    };
    const tables = { jobs: this.jobs, models: this.models, sweeps: this.sweeps };
    const { machine, bedrock } = this;
    const { periods = PERIODS, isHub = false } = options;
    const hub = isHub ? { sendOf: (invocation: Invocation) => this.#sendSweeps(invocation) } : {};
    this.#surroundings = { machine, bedrock, tables, publish, tagRefreshDays, chunk, pageSize, periods, ...hub };
    this.words = new Words(periods);
    this.sweepsQueue = new SimulatedQueue({
      clock: time,
      maxConcurrency: MAX_SWEEPS_AT_ONCE,
      maxReceiveCount: MAX_SWEEP_RECEIVE_COUNT,
      batchSize: 1,
      visibilityTimeoutMs: SWEEP_TIMEOUT,
      invoke: (event) => this.#sweepScope(event),
      isRead: () => this.#isRead('sweeps'),
      isThrottled: () => this.#isThrottled('reconcile-jobs'),
      outlivesDelete: () => faults.strikes('a message is handed over again after it was deleted'),
      onDead: () => {
        faults.note('a message is dead-lettered');
        observer.deposit('sweeps');
      },
    });
    this.queue = new SimulatedQueue<About>({
      clock: time,
      maxConcurrency: MAX_CONCURRENCY,
      maxReceiveCount: MAX_RECEIVE_COUNT,
      invoke: (event, batch) => this.#track(event, batch),
      isRead: () => this.#isRead('job-events') && machine.outages.queueIsReadable,
      isThrottled: () => this.#isThrottled('track-job'),
      outlivesDelete: () => faults.strikes('a message is handed over again after it was deleted'),
      onDead: () => {
        faults.note('a message is dead-lettered');
        observer.deposit('job-events');
      },
    });
    const stream = (source: MappingName) =>
      new TableStream<RecordWrite>({
        clock: time,
        batchSize: BATCH_SIZE,
        retryAttempts: RETRY_ATTEMPTS,
        invoke: (event, writes) => this.#publish(event, writes),
        isHeldUp: () => this.#isThrottled('publish-transitions') || !this.#isRead(source),
        onDone: (writes, outcome) => {
          if (outcome === 'given up') this.#giveUp(writes);
        },
      });
    this.streams = [stream('transitions'), stream('model-transitions')];
  }

  /** The version of the code that is deployed. */
  get version(): Version {
    return this.#version;
  }

  /** What is registered. */
  scopes(): StoredScope[] {
    return this.sweeps.items().filter((item) => item['sweep'] === SCOPE_ITEM) as unknown as StoredScope[];
  }

  record(jobArn: string): JobRecord | undefined {
    return this.jobs.item({ job_arn: jobArn }) as JobRecord | undefined;
  }

  modelRecord(arn: string): ModelRecord | undefined {
    const item = this.models.item({ model_arn: arn });
    return item?.['revision'] === undefined ? undefined : (item as unknown as ModelRecord);
  }

  pointer(arn: string): ServingPointer | undefined {
    const item = this.models.item({ model_arn: arn });
    return item?.['serves_model_arn'] === undefined ? undefined : (item as unknown as ServingPointer);
  }

  /** A call about models by somebody in the account; CloudTrail tells of it where Bedrock took it. */
  call(operation: OperationName, scope: Scope, identifier: string, body: Readonly<Record<string, unknown>>): boolean {
    const { faults } = this.machine;
    const answer = this.bedrock.call(operation, scope, { identifier, body }, faults.random('models'));
    if (answer === undefined) return false;
    if (operation.startsWith('Delete')) faults.note('a model or what serves it is deleted');
    const event = modelCallEvent(operation, scope, this.bedrock.now(), { identifier, body, answer });
    const send = () =>
      this.queue.send(JSON.stringify(event), { jobArn: undefined, modelsIn: scope, isMisnamed: false });
    this.#route(scope, { rule: 'api-call', send });
    return true;
  }

  create(scope: Scope, plan: LifePlan): void {
    const job = this.bedrock.create(scope, plan, this.bedrock.now());
    this.#tell('CreateModelCustomizationJob', job);
  }

  /** A job that there was before the tracker. */
  load(scope: Scope, plan: LifePlan, agoMs: number): void {
    this.bedrock.create(scope, plan, START - agoMs);
  }

  stop(job: WorldJob): void {
    if (!this.bedrock.stop(job)) return;
    this.#tell('StopModelCustomizationJob', job);
  }

  /** Takes finished jobs of the past out of the world, with their records, so that a long time stays quick to play. */
  forget(createdBefore: number): void {
    for (const { jobArn, life } of this.bedrock.forget(createdBefore)) {
      this.jobs.forget({ job_arn: jobArn });
      this.models.forget({ model_arn: life.plan?.outputModelArn ?? '' });
    }
  }

  tag(job: WorldJob, value: string): void {
    if (this.bedrock.tag(job, value === '' ? {} : { team: value })) this.#tell('TagResource', job);
  }

  vanish(job: WorldJob): void {
    if (this.bedrock.vanish(job)) this.machine.faults.note('a job vanishes');
  }

  sendUnreadable(): void {
    this.machine.faults.note('a message cannot be read');
    this.queue.send(unreadable((this.#unreadable += 1)), { jobArn: undefined, isMisnamed: false });
  }

  /** Which scopes the configuration names from here on. */
  track(scopes: readonly Scope[]): void {
    if (scopes.length < this.#scopes.length) this.machine.faults.note('a scope is taken out');
    this.#scopes = scopes;
    this.#namedAt = this.machine.time.now();
  }

  deploy(): void {
    if (this.#version === 2) return;
    // A known limit: what the version before is at while a scope is swept for the first time (ADR 0021).
    if (this.#running > 0 && this.#scopes.some((scope) => !this.#firstSwept.has(formatScope(scope)))) return;
    this.machine.faults.note('a deployment changes the schema');
    this.#version = 2;
  }

  /** What the spoke of a scope tells once an hour. */
  heartbeat(scope: Scope): void {
    const { accountId: account, region } = scope;
    const time = new Date(this.bedrock.now()).toISOString();
    const event = { source: HEARTBEAT_SOURCE, 'detail-type': HEARTBEAT_DETAIL_TYPE, account, region, time, detail: {} };
    const about = { jobArn: undefined, isMisnamed: false, heartbeatOf: scope };
    this.#route(scope, { rule: 'heartbeat', send: () => this.queue.send(JSON.stringify(event), about) });
  }

  /** Runs the function of the schedule: a tick, or sweeps of all scopes by hand. */
  async sweep(
    sweep: ReconcileRequest['sweep'],
    { timeoutMs, killAt }: SweepOptions,
  ): Promise<Ending<SweptScopes | { readonly sent: number }>> {
    if (this.#sweeping > 0) this.machine.faults.note('sweeps overlap');
    this.#sweeping += 1;
    const options = { ...this.#options(sweep, timeoutMs), killAt };
    const { ending } = invokeReconcileJobs(this.#surroundings, { event: { sweep }, named: this.#scopes, ...options });
    const ended = this.#noted(await ending);
    this.#sweeping -= 1;
    if (ended.how === 'answered' && 'map' in ended.result && ended.result.some(({ finished }) => !finished)) {
      this.machine.faults.note('a sweep stops at its deadline');
    }
    return ended;
  }

  /** SQS takes messages of a tick, hands them over in any order, and now and then twice. */
  #sendSweeps(invocation: Invocation): SendSweeps {
    const { faults, time } = this.machine;
    const send = (body: string): void => {
      const delay = faults.strikes('a sweep message is overtaken')
        ? faults.random('sweep delays').between(0, LARGEST_SWEEP_DELAY)
        : 0;
      time.after(delay, () => this.sweepsQueue.send(body));
    };
    return async (messages) => {
      const isRefused = faults.strikes('the queue refuses a sweep message');
      const error = new Error('SQS refused a message');
      await invocation.request({
        call: `SendMessageBatch ${messages.map(({ scope }) => scope.slice(0, 3)).join()}`,
        refusal: isRefused ? { when: 'after', error } : undefined,
        effect: () => {
          for (const message of isRefused ? messages.slice(1) : messages) {
            send(JSON.stringify(message));
            if (faults.strikes('a sweep message comes twice')) send(JSON.stringify(message));
          }
          return {};
        },
      });
    };
  }

  async #sweepScope(event: SQSEvent): Promise<SQSBatchResponse> {
    const options = { event, named: this.#scopes, ...this.#options('sweep', SWEEP_TIMEOUT) };
    const ending = this.#noted(await invokeSweepScope(this.#surroundings, options).ending);
    return resultOf(ending);
  }

  /** Runs the function that tells people of a transition. */
  notify(detail: AnyDetail): Promise<Ending<void>> {
    const options = this.#options('notify', MINUTE / 2);
    return invokeNotifyTransition(this.#surroundings, { detail, ...options }).ending;
  }

  async #track(event: Parameters<typeof invokeTrackJob>[1]['event'], batch: readonly Message<About>[]) {
    const invoked = invokeTrackJob(this.#surroundings, { event, ...this.#options('track', MINUTE) });
    const ending = this.#noted(await invoked.ending);
    if (ending.how === 'killed' && ending.timedOut && batch.length > 1)
      this.machine.faults.note('a batch is timed out');
    const isBroken = this.machine.outages.brokenFunctions.has('track-job');
    if (ending.how === 'threw' && !isBroken) this.#report(`track-job threw: ${String(ending.error)}`);
    if (ending.how === 'answered') {
      const failed = new Set(ending.result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      this.#noteWords(batch, failed, invoked.invocation.startedAt);
      const recordOf = (jobArn: string) => this.record(jobArn);
      const { invocation } = invoked;
      batchProblems({ batch, invocation, response: ending.result, recordOf }).forEach((problem) =>
        this.#report(problem),
      );
    }
    return resultOf(ending);
  }

  async #publish(event: DynamoDBStreamEvent, writes: readonly RecordWrite[]): Promise<DynamoDBBatchResponse> {
    for (const write of writes) {
      const given = (this.#given.get(write) ?? 0) + 1;
      this.#given.set(write, given);
      this.handedOver.set(write.arn, Math.max(given, this.handedOver.get(write.arn) ?? 0));
    }
    const options = this.#options('publish', MINUTE);
    return resultOf(this.#noted(await invokePublishTransitions(this.#surroundings, { event, ...options }).ending));
  }

  #giveUp(writes: readonly RecordWrite[]): void {
    this.machine.observer.deposit('transitions');
    for (const { arn } of writes) {
      this.machine.faults.note('a write of the stream is given up on');
      this.givenUp.add(arn);
    }
  }

  #isRead(source: MappingName): boolean {
    const { disabledMappings, keyIsEnabled } = this.machine.outages;
    return !disabledMappings.has(source) && keyIsEnabled;
  }

  /** Whether Lambda does not run a function that it should run now, which is measured. */
  #isThrottled(fn: FunctionName): boolean {
    const { outages, observer } = this.machine;
    if (!outages.throttledFunctions.has(fn)) return false;
    observer.measure({ namespace: 'AWS/Lambda', name: 'Throttles', dimensions: { FunctionName: fn }, value: 1 });
    return true;
  }

  #watchWrite(itemBefore: Item | undefined, itemAfter: Item): void {
    const [before, after] = [itemBefore, itemAfter] as unknown as [JobRecord | undefined, JobRecord];
    const id = after.job_arn.slice(-12);
    const job = this.bedrock.known(after.job_arn);
    const problems = [
      ...writeProblems(this.bedrock, before, after),
      ...(job ? backfillProblems(job, before, after, this.#firstSwept.get(formatScope(job.scope))) : []),
    ];
    for (const problem of problems) this.#report(`${id}: ${problem}`);
    this.streams[0].add({ ...this.jobs.writeOf(itemBefore, itemAfter), arn: after.job_arn });
  }

  #watchModelWrite(before: Item | undefined, after: Item): void {
    const arn = String(after['model_arn']);
    for (const problem of modelWriteProblems(this.bedrock, before, after))
      this.#report(`${arn.slice(-12)}: ${problem}`);
    this.streams[1].add({ ...this.models.writeOf(before, after), arn });
  }

  #watchScope(before: Item | undefined, after: Item): void {
    const [was, is] = [before, after] as unknown as [StoredScope | undefined, StoredScope];
    // A run that began before it was named may not know.
    const isKnown = this.machine.time.now() - this.#namedAt > SWEEP_TIMEOUT;
    const isNamed = isKnown && this.#scopes.some((scope) => formatScope(scope) === is.scope);
    const problems = scopeWriteProblems(this.words, was, is, { now: this.machine.time.now(), isNamed });
    for (const problem of problems) this.#report(`${is.scope}: ${problem}`);
  }

  /** Of messages that were handled, the scopes that they came from. */
  #noteWords(batch: readonly Message<About>[], failed: ReadonlySet<string>, startedAt: number): void {
    for (const { messageId, about } of batch) {
      const { heartbeatOf, modelsIn, jobArn = '' } = about;
      const from = heartbeatOf ?? modelsIn ?? this.bedrock.known(jobArn)?.scope;
      if (failed.has(messageId) || from === undefined) continue;
      this.words.note(
        formatScope(from),
        { at: startedAt, isEvent: heartbeatOf === undefined },
        this.machine.time.now(),
      );
    }
  }

  /** A full sweep begins for the first time, or a scope is released: the next sweep is its first again. */
  #watchSweep({ scope, sweep, unfinished, untracked_since }: Item): void {
    if (sweep !== 'full') return;
    const key = String(scope);
    if (untracked_since !== undefined) this.#firstSwept.delete(key);
    else if (unfinished === true && !this.#firstSwept.has(key)) this.#firstSwept.set(key, this.machine.time.now());
  }

  #tell(operation: Parameters<typeof callEvent>[0], job: WorldJob): void {
    const how = this.machine.faults.random('names').pick(['by name', 'encoded', 'plain'] as const);
    const event = callEvent(operation, job, this.bedrock.now(), how);
    const send = () => this.queue.send(JSON.stringify(event), { jobArn: job.jobArn, isMisnamed: false });
    this.#route(job.scope, { rule: 'api-call', send });
  }

  #tellEnd(job: WorldJob, at: number): void {
    const { event, isMisnamed } = endEvent(this.machine, this.bedrock, job, at);
    const send = () => this.queue.send(JSON.stringify(event), { jobArn: job.jobArn, isMisnamed });
    this.#route(job.scope, { rule: 'state-change', send });
  }

  /** A spoke that is gone forwards nothing. */
  #route(scope: Scope, to: Route): void {
    const { lostHeartbeats, silentSpokes } = this.machine.outages;
    const isLost = to.rule === 'heartbeat' && lostHeartbeats.has(formatScope(scope));
    if (!isLost && !silentSpokes.has(formatScope(scope))) route(this.machine, to);
  }

  #options(name: string, timeoutMs: number) {
    this.#invocations += 1;
    this.#running += 1;
    return { name: `${name}-${this.#invocations}`, timeoutMs, version: this.#version };
  }

  #noted<Result>(ending: Ending<Result>): Ending<Result> {
    this.#running -= 1;
    if (ending.how === 'killed' && ending.timedOut) this.machine.faults.note('a function is timed out');
    return ending;
  }

  #report(problem: string): void {
    this.machine.trace(`PROBLEM ${problem}`);
    this.problems.push(problem);
  }
}
