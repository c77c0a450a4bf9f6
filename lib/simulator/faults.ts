/** The switchboard of what goes wrong. Nothing does by default. */
import * as v from 'valibot';
import { type OperationName, OPERATIONS } from '../service-model/model.ts';

export type { OperationName };
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Operations of S3 that can be denied. HeadObject needs the permission of GetObject. */
const S3_OPERATION_NAMES = ['ListObjectsV2', 'GetObject'] as const;
export type S3OperationName = (typeof S3_OPERATION_NAMES)[number];
const DENIABLE = [...OPERATION_NAMES, ...S3_OPERATION_NAMES];

const probability = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be between 0 and 1'),
  v.maxValue(1, 'must be between 0 and 1'),
);
const notNegative = v.pipe(
  v.number('must be a number'),
  v.finite('must be finite'),
  v.minValue(0, 'must not be negative'),
);
const flag = v.boolean('must be true or false');
const denied = v.pipe(
  v.string('must be a string'),
  v.check(
    (value) => DENIABLE.some((name) => value === name || value.startsWith(`${name}:`)),
    'must be an operation such as GetCustomModel, or <operation>:<name> (of S3: <operation>:<bucket>)',
  ),
);
/** What is wrong with an object's members. */
export const members = ({ expected }: { readonly expected: string | null }): string =>
  expected === 'never' ? 'is not known' : expected === 'Object' ? 'must be an object' : 'is missing';

const EventFaults = v.strictObject(
  {
    /** False: no event leaves at all. */
    enabled: v.optional(flag, true),
    dropProbability: v.optional(probability, 0),
    duplicateProbability: v.optional(probability, 0),
    /** How likely an event is held back behind the next one. */
    reorderProbability: v.optional(probability, 0),
    delayMs: v.optional(notNegative, 0),
    /** Send the ARNs of AWS's documented sample, which no API accepts. */
    shortArns: v.optional(flag, false),
  },
  members,
);

const timePrecision = v.optional(
  v.picklist(['milliseconds', 'seconds'], 'must be milliseconds or seconds'),
  'milliseconds',
);

const FaultsSchema = v.strictObject(
  {
    /** A token bucket for each account and Region, shared by its operations. */
    throttle: v.optional(v.nullable(v.strictObject({ ratePerSecond: notNegative, burst: notNegative }, members)), null),
    /** How likely a call answers InternalServerException. */
    failProbability: v.optional(probability, 0),
    /** Operations that are denied: `GetModelCustomizationJob`, or `GetModelCustomizationJob:<job name>`; `GetObject:<bucket>`. */
    accessDenied: v.optional(v.array(denied, 'must be a list'), []),
    /** How long each call takes at least. */
    latencyMs: v.optional(notNegative, 0),
    /** How exactly Get tells times. */
    get: v.optional(v.strictObject({ timePrecision }, members), {}),
    list: v.optional(
      v.strictObject(
        {
          /** How exactly List tells times. */
          timePrecision,
          /** How much later than it is (negative: earlier) List tells a job's lastModifiedTime. */
          modifiedOffsetMs: v.optional(v.pipe(v.number('must be a number'), v.finite('must be finite')), 0),
        },
        members,
      ),
      {},
    ),
    events: v.optional(EventFaults, {}),
  },
  members,
);

/** Faults as they are set: what is absent takes its default. */
export type FaultsInput = v.InferInput<typeof FaultsSchema>;
export type Faults = v.InferOutput<typeof FaultsSchema>;
export type EventFaults = Faults['events'];

/** How many mistakes an answer names. */
const MOST_TOLD = 10;

/** Replaces, never merges: absent members take their defaults, so `{}` clears all. Throws a TypeError that names each mistake. */
export const parseFaults = (input: unknown): Faults => {
  if (Array.isArray(input)) throw new TypeError('These faults are not valid: the whole must be an object.');
  const result = v.safeParse(FaultsSchema, input);
  if (result.success) return result.output;
  const mistakes = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the whole'} ${issue.message}`);
  const others = mistakes.length > MOST_TOLD ? `; and ${mistakes.length - MOST_TOLD} more` : '';
  throw new TypeError(`These faults are not valid: ${mistakes.slice(0, MOST_TOLD).join('; ')}${others}.`);
};

/** A bucket's contents at a time. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: number;
}

/** Takes one token if there is one. A new bucket (undefined) is full. */
export const takeToken = (
  bucket: TokenBucket | undefined,
  now: number,
  { ratePerSecond, burst }: NonNullable<Faults['throttle']>,
): { readonly bucket: TokenBucket; readonly taken: boolean } => {
  const refilled = bucket ? bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * ratePerSecond : burst;
  const tokens = Math.min(burst, refilled);
  return tokens >= 1
    ? { bucket: { tokens: tokens - 1, at: now }, taken: true }
    : { bucket: { tokens, at: now }, taken: false };
};

/** API calls by operation since the start or the last reset. */
export interface Counts {
  /** Every call that arrived, the throttled ones included. */
  readonly received: Readonly<Record<OperationName, number>>;
  /** Those that answered ThrottlingException. */
  readonly throttled: Readonly<Record<OperationName, number>>;
}

const zeros = () => Object.fromEntries(OPERATION_NAMES.map((name) => [name, 0])) as Record<OperationName, number>;

export class Counters {
  #received = zeros();
  #throttled = zeros();

  countReceived(operation: OperationName): void {
    this.#received[operation] += 1;
  }

  countThrottled(operation: OperationName): void {
    this.#throttled[operation] += 1;
  }

  read(): Counts {
    return { received: { ...this.#received }, throttled: { ...this.#throttled } };
  }

  reset(): void {
    this.#received = zeros();
    this.#throttled = zeros();
  }
}
