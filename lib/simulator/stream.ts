/** A table's stream, and Lambda's poller that hands it to a function. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Clock } from './clock.ts';

type Image = Readonly<Record<string, AttributeValue>>;

/** One write of an item: absent before where it is new, absent after where it was removed. */
export interface TableWrite {
  readonly keys: Image;
  readonly before?: Image | undefined;
  readonly after?: Image | undefined;
}

export interface TableStreamOptions<Write extends TableWrite> {
  readonly clock: Clock;
  /** Runs the function on a batch. A rejection means that it died or threw: then the whole batch has failed. */
  readonly invoke: (event: DynamoDBStreamEvent, writes: readonly Write[]) => Promise<DynamoDBBatchResponse>;
  readonly batchSize: number;
  /** How often a failed batch is handed over again. */
  readonly retryAttempts: number;
  /** True while nobody reads the stream; there is another look after a minute. */
  readonly isHeldUp?: () => boolean;
  /** Told of writes that the stream is done with: published, or given up on after too many attempts. */
  readonly onDone?: (writes: readonly Write[], outcome: 'published' | 'given up') => void;
}

const POLL_MS = 300;
const LONGEST_BACKOFF_MS = 60_000;

const eventNameOf = ({ before, after }: TableWrite): 'INSERT' | 'MODIFY' | 'REMOVE' => {
  if (after === undefined) return 'REMOVE';
  return before === undefined ? 'INSERT' : 'MODIFY';
};

/** A write as Lambda hands it over. */
const recordOf = (write: TableWrite, sequenceNumber: string): DynamoDBRecord => ({
  eventID: sequenceNumber,
  eventName: eventNameOf(write),
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/jobs/stream/2026-01-01T00:00:00.000',
  dynamodb: {
    // The SDK's type of an attribute value and Lambda's are the same JSON.
    ...({
      Keys: write.keys,
      ...(write.before && { OldImage: write.before }),
      ...(write.after && { NewImage: write.after }),
    } as DynamoDBRecord['dynamodb']),
    SequenceNumber: sequenceNumber,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
});

/**
 * One shard: in order, at least once, one batch at a time. A batch that fails is handed over again from its first failed
 * record on, and a part of it only where the function died; what fails too often is given up on.
 */
export class TableStream<Write extends TableWrite = TableWrite> {
  readonly #options: TableStreamOptions<Write>;
  readonly #waiting: { readonly write: Write; readonly sequenceNumber: string }[] = [];
  #added = 0;
  #reading: Promise<void> | undefined;
  #stopped = false;
  #wake = (): void => undefined;

  constructor(options: TableStreamOptions<Write>) {
    this.#options = options;
  }

  /** True where each write was handed over and is done with. */
  get isRead(): boolean {
    return this.#waiting.length === 0 && this.#reading === undefined;
  }

  add(write: Write): void {
    this.#added += 1;
    this.#waiting.push({ write, sequenceNumber: String(this.#added) });
    this.#options.clock.after(POLL_MS, () => this.#poll());
  }

  /** Hands nothing more over, and ends when the batch in flight has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#reading;
  }

  #poll(): void {
    if (this.#reading !== undefined || this.#stopped) return;
    this.#reading = this.#read().finally(() => (this.#reading = undefined));
  }

  async #read(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped) {
      if (this.#options.isHeldUp?.() === true) await this.#sleep(LONGEST_BACKOFF_MS);
      else await this.#handOver();
    }
  }

  /** Hands over a batch until all of it is done, or what fails of it is given up on. */
  async #handOver(): Promise<void> {
    const { batchSize, retryAttempts } = this.#options;
    let left = Math.min(this.#waiting.length, batchSize);
    let size = left;
    for (let attempt = 0; attempt <= retryAttempts; attempt += 1) {
      const failedAt = await this.#firstFailure(size);
      this.#finish(failedAt ?? size, 'published');
      if (failedAt === undefined || this.#stopped) return;
      left = size - failedAt;
      // Lambda bisects a batch whose function died, and goes on from the first failed record of one that answered.
      size = failedAt === 0 ? Math.max(1, Math.floor(left / 2)) : left;
      await this.#sleep(Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** attempt));
      if (this.#isStopped()) return;
    }
    this.#finish(size, 'given up');
  }

  /** Where in the next so many records the first failed one stands; undefined where none failed. */
  async #firstFailure(size: number): Promise<number | undefined> {
    const batch = this.#waiting.slice(0, size);
    const Records = batch.map(({ write, sequenceNumber }) => recordOf(write, sequenceNumber));
    const writes = batch.map(({ write }) => write);
    const response = await this.#options.invoke({ Records }, writes).catch(() => undefined);
    if (response === undefined) return 0;
    const failed = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const position = batch.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
    return position < 0 ? undefined : position;
  }

  #finish(count: number, outcome: 'published' | 'given up'): void {
    const done = this.#waiting.splice(0, count).map(({ write }) => write);
    if (done.length > 0) this.#options.onDone?.(done, outcome);
  }

  // A method, as it may become true while something is waited for.
  #isStopped(): boolean {
    return this.#stopped;
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
