/** SQS with Lambda's poller: at least once, in no order, with partial failures, visibility timeouts and dead letters. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Clock } from './clock.ts';

/** A message on its way, with what the sender wants to know of it again. */
export interface Message<About = unknown> {
  readonly messageId: string;
  readonly body: string;
  readonly about: About;
  readonly sentAt: number;
  readonly receiveCount: number;
}

export interface QueueOptions<About> {
  readonly clock: Clock;
  /** Runs the function on a batch. A rejection means that it died or threw: then the whole batch has failed. */
  readonly invoke: (event: SQSEvent, batch: readonly Message<About>[]) => Promise<SQSBatchResponse>;
  readonly maxConcurrency: number;
  /** How often a message is handed over before it is dead-lettered. */
  readonly maxReceiveCount: number;
  /** @default 10, SQS's largest */
  readonly batchSize?: number;
  /** For how long a message that was taken is hidden. @default 360,000, as of the queue of events: lib/infra/job-events.ts */
  readonly visibilityTimeoutMs?: number;
  /** From a message until the poller looks. @default 500 */
  readonly pollMs?: number;
  /** How soon a failed message comes again. @default when its visibility timeout ends */
  readonly retryAfterMs?: number;
  /** Whether anybody reads the queue. @default always */
  readonly isRead?: () => boolean;
  /** Whether Lambda refuses to run the function on a batch that was taken. @default never */
  readonly isThrottled?: () => boolean;
  /** Whether a message stays that was deleted: SQS may hand it over again. */
  readonly outlivesDelete?: () => boolean;
  /** Told of a message that is dead-lettered. */
  readonly onDead?: (message: Message<About>) => void;
}

/** How many messages a queue has, as SQS counts them. */
export interface QueueDepths {
  readonly waiting: number;
  readonly inFlight: number;
  readonly dead: number;
}

const VISIBILITY_TIMEOUT_MS = 360_000;
const LARGEST_BATCH = 10;
const LOOKS_AGAIN_AFTER_MS = 60_000;

/** A message as Lambda hands it over. */
export const sqsRecord = ({
  messageId,
  body,
  receiveCount,
}: Pick<Message, 'messageId' | 'body' | 'receiveCount'>): SQSRecord => ({
  messageId,
  receiptHandle: messageId,
  body,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: '0',
    SenderId: 'local',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:local:000000000000:job-events',
  awsRegion: 'local',
});

type Held<About> = { -readonly [Member in keyof Message<About>]: Message<About>[Member] } & { hiddenUntil: number };

export class SimulatedQueue<About = undefined> {
  readonly #options: QueueOptions<About>;
  /** Neither deleted nor dead. */
  readonly #held = new Set<Held<About>>();
  readonly #running = new Set<Promise<void>>();
  #onIdle: (() => void)[] = [];
  #sent = 0;
  #inFlight = 0;
  #dead = 0;
  #resting = false;
  #closed = false;

  constructor(options: QueueOptions<About>) {
    this.#options = options;
  }

  /** How many messages were ever sent. */
  get sent(): number {
    return this.#sent;
  }

  /** What is neither done with nor dead-lettered. */
  messages(): readonly Message<About>[] {
    return [...this.#held];
  }

  depths(): QueueDepths {
    return { waiting: this.#held.size - this.#inFlight, inFlight: this.#inFlight, dead: this.#dead };
  }

  /** The age in ms of the oldest message that SQS counts: from the fourth delivery on it leaves a message out. */
  oldestAge(): number | undefined {
    for (const { sentAt, receiveCount } of this.#held) if (receiveCount <= 3) return this.#options.clock.now() - sentAt;
    return undefined;
  }

  send(body: string, ...[about]: undefined extends About ? [] : [about: About]): void {
    const messageId = `m${this.#sent}`;
    this.#sent += 1;
    this.#held.add({
      messageId,
      body,
      about: about as About,
      sentAt: this.#options.clock.now(),
      receiveCount: 0,
      hiddenUntil: 0,
    });
    this.#pollIn(this.#options.pollMs ?? 500);
  }

  /** Resolves once each message is done with or dead-lettered, or the queue is closed. */
  async idle(): Promise<void> {
    if (this.#held.size > 0 && !this.#closed) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Hands nothing more over, and ends when what is in flight has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running);
    this.#tellIdle();
  }

  #pollIn(ms: number): void {
    this.#options.clock.after(ms, () => this.#poll());
  }

  /** While nobody reads the queue there is one look a minute at whether somebody does again. */
  #rest(): void {
    if (this.#resting) return;
    this.#resting = true;
    this.#options.clock.after(LOOKS_AGAIN_AFTER_MS, () => {
      this.#resting = false;
      this.#poll();
    });
  }

  #poll(): void {
    const { isRead, isThrottled, maxConcurrency } = this.#options;
    if (this.#closed) return;
    if (isRead?.() === false) {
      this.#rest();
      return;
    }
    if (this.#running.size >= maxConcurrency) return;
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#pollIn(this.#options.visibilityTimeoutMs ?? VISIBILITY_TIMEOUT_MS);
    // What Lambda refuses to run comes back when it is visible again, and counts as received.
    if (isThrottled?.() === true) return;
    const run = this.#handOver(batch).finally(() => {
      this.#running.delete(run);
      this.#pollIn(0);
    });
    this.#running.add(run);
  }

  /** Takes a batch of what can be seen, and dead-letters what was taken too often. */
  #take(): Held<About>[] {
    const { clock, maxReceiveCount, batchSize = LARGEST_BATCH, onDead } = this.#options;
    const hiddenUntil = clock.now() + (this.#options.visibilityTimeoutMs ?? VISIBILITY_TIMEOUT_MS);
    const batch: Held<About>[] = [];
    for (const message of this.#held) {
      if (batch.length === batchSize) break;
      if (message.hiddenUntil > clock.now()) continue;
      if (message.receiveCount === maxReceiveCount) {
        this.#held.delete(message);
        this.#dead += 1;
        onDead?.(message);
        this.#tellIdle();
        continue;
      }
      message.receiveCount += 1;
      message.hiddenUntil = hiddenUntil;
      batch.push(message);
    }
    return batch;
  }

  async #handOver(batch: readonly Held<About>[]): Promise<void> {
    const { clock, invoke, retryAfterMs, outlivesDelete } = this.#options;
    this.#inFlight += batch.length;
    const copies = batch.map((message) => ({ ...message }));
    const response = await invoke({ Records: copies.map(sqsRecord) }, copies).catch(() => undefined);
    this.#inFlight -= batch.length;
    const failed = new Set(response?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of batch) {
      if (response === undefined || failed.has(message.messageId)) {
        if (retryAfterMs === undefined) continue;
        message.hiddenUntil = clock.now() + retryAfterMs;
        this.#pollIn(retryAfterMs);
      } else if (outlivesDelete?.() !== true) this.#held.delete(message);
    }
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#held.size > 0 && !this.#closed) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
