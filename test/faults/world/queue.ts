import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { sqsRecord } from '../../../lib/local/lambda.ts';
import type { Ending, Machine } from './invocation.ts';

/** A message on its way, and what the world knows of it that the function does not. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
  /** The job that it is about; absent where nobody can tell. */
  readonly jobArn: string | undefined;
  /** Whether it names another job: it can only be followed where a message beside it has the job's full ARN. */
  readonly isMisnamed: boolean;
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly state: 'waiting' | 'deleted' | 'dead';
}

export interface QueueOptions {
  readonly machine: Machine;
  /** Runs the function on a batch. */
  readonly invoke: (event: SQSEvent, batch: readonly Message[]) => Promise<Ending<SQSBatchResponse>>;
}

// As the stack has them: lib/infra/job-events.ts and lib/infra/track-job.ts.
const BATCH_SIZE = 10;
const VISIBILITY_TIMEOUT_MS = 360_000;
const MAX_RECEIVE_COUNT = 5;
/** Lambda's least, so that batches come to be. */
const MAX_CONCURRENCY = 2;
const POLL_MS = 500;

/** SQS and Lambda's poller: at least once, in no order, with partial failures, visibility timeouts and dead letters. */
export class WorldQueue {
  readonly messages: Message[] = [];
  readonly #options: QueueOptions;
  readonly #hiddenUntil: number[] = [];
  #running = 0;
  /** Where the first message is that may still wait. */
  #front = 0;
  #resting = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  send(body: string, jobArn: string | undefined, isMisnamed = false): void {
    const { time } = this.#options.machine;
    const messageId = `m${this.messages.length}`;
    this.messages.push({ messageId, body, jobArn, isMisnamed, sentAt: time.now(), receiveCount: 0, state: 'waiting' });
    this.#hiddenUntil.push(0);
    this.#pollIn(POLL_MS);
  }

  /** The age in ms of the oldest message that SQS counts: from the fourth delivery on it leaves a message out. */
  oldestAge(): number | undefined {
    this.#moveFront();
    for (let position = this.#front; position < this.messages.length; position += 1) {
      const message = this.messages[position];
      if (message?.state === 'waiting' && message.receiveCount <= 3) {
        return this.#options.machine.time.now() - message.sentAt;
      }
    }
    return undefined;
  }

  #moveFront(): void {
    while (this.#front < this.messages.length && this.messages[this.#front]?.state !== 'waiting') this.#front += 1;
  }

  /** While nobody reads the queue there is one look a minute at whether somebody does again. */
  #rest(): void {
    if (this.#resting) return;
    this.#resting = true;
    this.#options.machine.time.after(60_000, () => {
      this.#resting = false;
      void this.#poll();
    });
  }

  #isRead(): boolean {
    const { disabledMappings, queueIsReadable, keyIsEnabled } = this.#options.machine.outages;
    return !disabledMappings.has('job-events') && queueIsReadable && keyIsEnabled;
  }

  #pollIn(ms: number): void {
    this.#options.machine.time.after(ms, () => void this.#poll());
  }

  #set(position: number, change: Partial<Message>): void {
    const message = this.messages[position];
    if (message !== undefined) this.messages[position] = { ...message, ...change };
  }

  /** Takes a batch of what can be seen, and moves to the dead letters what was taken too often. */
  #take(): number[] {
    const { time, faults, observer } = this.#options.machine;
    const taken: number[] = [];
    this.#moveFront();
    for (let position = this.#front; position < this.messages.length; position += 1) {
      if (taken.length === BATCH_SIZE) break;
      const { state, receiveCount } = this.messages[position] ?? { state: 'deleted', receiveCount: 0 };
      if (state !== 'waiting' || (this.#hiddenUntil[position] ?? 0) > time.now()) continue;
      if (receiveCount === MAX_RECEIVE_COUNT) {
        this.#set(position, { state: 'dead' });
        faults.note('a message is dead-lettered');
        observer.deposit('job-events');
        continue;
      }
      this.#set(position, { receiveCount: receiveCount + 1 });
      this.#hiddenUntil[position] = time.now() + VISIBILITY_TIMEOUT_MS;
      taken.push(position);
    }
    return taken;
  }

  async #poll(): Promise<void> {
    if (!this.#isRead()) {
      this.#rest();
      return;
    }
    if (this.#running >= MAX_CONCURRENCY) return;
    const taken = this.#take();
    if (taken.length === 0) return;
    this.#pollIn(VISIBILITY_TIMEOUT_MS);
    const { outages, observer } = this.#options.machine;
    if (outages.throttledFunctions.has('track-job')) {
      // What Lambda refuses to run comes back when it is visible again, and counts as received.
      observer.measure({
        namespace: 'AWS/Lambda',
        name: 'Throttles',
        dimensions: { FunctionName: 'track-job' },
        value: 1,
      });
      return;
    }
    this.#running += 1;
    const batch = taken.flatMap((position) => this.messages[position] ?? []);
    const ending = await this.#options.invoke({ Records: batch.map(sqsRecord) }, batch);
    this.#running -= 1;
    if (ending.how === 'answered') this.#delete(taken, ending.result);
    this.#pollIn(0);
  }

  #delete(taken: readonly number[], { batchItemFailures }: SQSBatchResponse): void {
    const { faults } = this.#options.machine;
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const position of taken) {
      const message = this.messages[position];
      if (message === undefined || failed.has(message.messageId)) continue;
      // It stays hidden for its time, and then comes again as if nobody had ever deleted it.
      if (faults.strikes('a message is handed over again after it was deleted')) continue;
      this.#set(position, { state: 'deleted' });
    }
  }
}
