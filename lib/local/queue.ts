import type { QueueMessage } from './lambda.ts';

/** A message on its way through the queue. */
type Message = { -readonly [Member in keyof QueueMessage]: QueueMessage[Member] };

export interface QueueDepths {
  readonly waiting: number;
  readonly inFlight: number;
  readonly dead: number;
}

export interface LocalQueueOptions {
  /** Handles a batch and answers which messages failed; a rejection fails them all. */
  readonly handle: (batch: readonly QueueMessage[]) => Promise<ReadonlySet<string>>;
  /** How often a message is tried before it is dead-lettered. */
  readonly maxReceiveCount: number;
  /** How long a failed message stays hidden, in ms. */
  readonly retryAfterMs: number;
  /** @default 10 */
  readonly batchSize?: number;
  /** Told of a message that is dead-lettered. */
  readonly onDead?: (message: QueueMessage) => void;
}

const BATCH_SIZE = 10;
/** The functions' bounded concurrency. */
const MAX_CONCURRENCY = 5;

/**
 * What the tracker needs of SQS, in one process: at least once, batches, partial failures, and dead letters after so
 * many tries. In memory alone: what is in it when the process ends is found by the next sweep.
 */
export class LocalQueue {
  readonly #options: LocalQueueOptions;
  readonly #waiting: Message[] = [];
  readonly #dead: Message[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #inFlight = 0;
  #sent = 0;
  #closed = false;

  constructor(options: LocalQueueOptions) {
    this.#options = options;
  }

  send(body: string): void {
    this.#sent += 1;
    this.#enqueue({ messageId: `local-${String(this.#sent)}`, body, receiveCount: 0 });
  }

  depths(): QueueDepths {
    return { waiting: this.#waiting.length + this.#timers.size, inFlight: this.#inFlight, dead: this.#dead.length };
  }

  /** Resolves once each message is handled or dead-lettered. */
  async idle(): Promise<void> {
    while (this.#waiting.length + this.#timers.size + this.#inFlight > 0 && !this.#closed)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Takes nothing more, and ends when what is in flight has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running);
  }

  #enqueue(message: Message): void {
    this.#waiting.push(message);
    // Events of one moment come together, as they do in a batch of SQS.
    setImmediate(() => {
      this.#drain();
    });
  }

  #drain(): void {
    while (!this.#closed && this.#waiting.length > 0 && this.#running.size < MAX_CONCURRENCY) {
      const run = this.#deliver(this.#waiting.splice(0, this.#options.batchSize ?? BATCH_SIZE)).finally(() => {
        this.#running.delete(run);
        this.#drain();
      });
      this.#running.add(run);
    }
  }

  async #deliver(batch: readonly Message[]): Promise<void> {
    this.#inFlight += batch.length;
    for (const message of batch) message.receiveCount += 1;
    const failed = await this.#options.handle(batch).catch(() => new Set(batch.map((message) => message.messageId)));
    this.#inFlight -= batch.length;
    for (const message of batch.filter(({ messageId }) => failed.has(messageId))) this.#retry(message);
  }

  #retry(message: Message): void {
    if (message.receiveCount >= this.#options.maxReceiveCount) {
      this.#dead.push(message);
      this.#options.onDead?.(message);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#enqueue(message);
    }, this.#options.retryAfterMs);
    this.#timers.add(timer);
  }
}
