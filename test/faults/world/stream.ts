import { sleep } from '../../../lib/simulator/clock.ts';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { writeOf } from '../../support/stream-event.ts';
import type { Ending, Machine } from './invocation.ts';

export interface StreamOptions {
  readonly machine: Machine;
  /** Runs the function on a batch. */
  readonly invoke: (event: DynamoDBStreamEvent) => Promise<Ending<DynamoDBBatchResponse>>;
}

/** One write of the jobs table. */
interface Write {
  readonly previous: JobRecord | undefined;
  readonly record: JobRecord;
}

// As the stack has them: lib/infra/transitions.ts. The batch is smaller, so that few writes make several.
const BATCH_SIZE = 10;
const RETRY_ATTEMPTS = 10;
const POLL_MS = 300;
const LONGEST_BACKOFF_MS = 60_000;

/**
 * The jobs table's stream and Lambda's poller: one shard, in order, one batch at a time. A batch that fails is handed
 * over again from its first failed record on, and a part of it only where the function died; what fails too often is
 * given up on, as a pointer in the queue for a person.
 */
export class WorldStream {
  /** The writes that were given up on. */
  readonly givenUp: Write[] = [];
  /** How often the function was given each write, by job: the most that a transition of it can have been published. */
  readonly handedOver = new Map<string, number>();
  readonly #options: StreamOptions;
  readonly #given: number[] = [];
  readonly #writes: Write[] = [];
  #next = 0;
  #running = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** True where each write was handed over and is done with. */
  get isRead(): boolean {
    return this.#next === this.#writes.length && !this.#running;
  }

  add(write: Write): void {
    this.#writes.push(write);
    this.#options.machine.time.after(POLL_MS, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#next < this.#writes.length) {
      if (await this.#isHeldUp()) continue;
      await this.#handOver(Math.min(this.#writes.length, this.#next + BATCH_SIZE));
    }
    this.#running = false;
  }

  /** Whether nobody reads the stream or Lambda does not run the function; then after a minute there is another look. */
  async #isHeldUp(): Promise<boolean> {
    const { time, outages, observer } = this.#options.machine;
    const isThrottled = outages.throttledFunctions.has('publish-transitions');
    if (!isThrottled && !outages.disabledMappings.has('transitions') && outages.keyIsEnabled) return false;
    if (isThrottled) {
      const dimensions = { FunctionName: 'publish-transitions' };
      observer.measure({ namespace: 'AWS/Lambda', name: 'Throttles', dimensions, value: 1 });
    }
    await sleep(time, LONGEST_BACKOFF_MS);
    return true;
  }

  /** Hands over the writes up to `end` until all are done, or those that fail are given up on. */
  async #handOver(end: number): Promise<void> {
    const { time, faults, observer } = this.#options.machine;
    let size = end - this.#next;
    for (let attempt = 0; attempt <= RETRY_ATTEMPTS; attempt += 1) {
      const last = Math.min(end, this.#next + size);
      const failedAt = await this.#firstFailure(this.#next, last);
      if (failedAt === undefined) {
        this.#next = last;
        return;
      }
      // Lambda bisects a batch whose function died, and goes on from the first failed record of one that answered.
      size = failedAt === this.#next ? Math.max(1, Math.floor((last - this.#next) / 2)) : last - failedAt;
      this.#next = failedAt;
      await sleep(time, Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** attempt));
    }
    const lost = this.#writes.slice(this.#next, this.#next + size);
    this.givenUp.push(...lost);
    observer.deposit('transitions');
    for (let count = 0; count < lost.length; count += 1) faults.note('a write of the stream is given up on');
    this.#next += lost.length;
  }

  #count(start: number, end: number): void {
    for (let position = start; position < end; position += 1) {
      const given = (this.#given[position] ?? 0) + 1;
      this.#given[position] = given;
      const arn = this.#writes[position]?.record.job_arn ?? '';
      this.handedOver.set(arn, Math.max(given, this.handedOver.get(arn) ?? 0));
    }
  }

  async #firstFailure(start: number, end: number): Promise<number | undefined> {
    const Records = this.#writes.slice(start, end).map(({ previous, record }, offset): DynamoDBRecord => ({
      ...writeOf(previous, record),
      dynamodb: { ...writeOf(previous, record).dynamodb, SequenceNumber: String(start + offset) },
    }));
    this.#count(start, end);
    const ending = await this.#options.invoke({ Records });
    if (ending.how !== 'answered') return start;
    const failed = ending.result.batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
    return failed.length === 0 ? undefined : Math.min(...failed);
  }
}
