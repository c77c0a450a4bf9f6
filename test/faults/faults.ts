import { seededRandom, seedOf, type Random } from '../../lib/simulator/random.ts';

/** What may go wrong, and how often at most where it can: the share of calls, events, invocations and so on. */
export const RATES = {
  'Bedrock throttles a call': 0.5,
  'Bedrock fails with 5xx': 0.5,
  'Bedrock never answers': 0.1,
  'Bedrock answers too late': 0.2,
  'Bedrock answers with an old state': 0.5,
  'Bedrock answers what is no JSON': 0.3,
  'Bedrock answers with an empty body': 0.15,
  'Bedrock cuts a list short': 1,
  'Bedrock lists a job out of place': 0.5,
  'Bedrock lists times to the second': 0.5,
  'Bedrock lists a later time than it answers': 0.8,
  'an event is lost': 1,
  'an event comes twice': 0.6,
  'an event is overtaken': 0.8,
  "an event has another job's name": 0.3,
  'an event is late by hours': 0.6,
  'a message is handed over again after it was deleted': 0.3,
  'a sweep message comes twice': 0.8,
  'a sweep message is overtaken': 0.9,
  'the queue refuses a sweep message': 0.8,
  'the table throttles': 0.3,
  'the table fails with 500': 0.3,
  'the table fails after it wrote': 0.3,
  'a retried write meets itself': 0.3,
  'an index lags': 0.6,
  'a function dies between two awaits': 0.06,
  'a function is slow': 0.4,
  'a clock is wrong': 0.8,
  'the bus throttles': 0.9,
  'the bus refuses an event': 0.4,
  'the bus answers nothing though it took the events': 0.3,
} as const;
export type RatedFault = keyof typeof RATES;
export const RATED_FAULTS = Object.keys(RATES) as readonly RatedFault[];

/** What befalls the scopes of an organization. */
export const ORGANIZATION_FAULTS = [
  'a spoke comes',
  'a spoke goes',
  'an account is closed',
  'a scope is denied for hours',
  'a scope hangs for hours',
  'heartbeats are lost for hours',
] as const;

/** What a history does itself, or what comes about by itself when others do. */
export const OCCURRENCES = [
  'a write meets another writer',
  'a sweep is killed at a step',
  'a function is timed out',
  'a batch is timed out',
  'a sweep stops at its deadline',
  'sweeps overlap',
  'a lease is held by another run',
  'a deployment changes the schema',
  'a scope is taken out',
  'a job vanishes',
  'a model or what serves it is deleted',
  'a deployment or throughput is moved',
  'a message cannot be read',
  'a message is dead-lettered',
  'a write of the stream is given up on',
] as const;
export type Occurrence = (typeof OCCURRENCES | typeof ORGANIZATION_FAULTS)[number];
export type Fault = RatedFault | Occurrence;
export const FAULTS: readonly Fault[] = [...RATED_FAULTS, ...OCCURRENCES, ...ORGANIZATION_FAULTS];

/** How often each fault strikes, 0 to 1; one that is not named never does. */
export type Rates = Readonly<Partial<Record<RatedFault, number>>>;

/**
 * Decides where faults strike, and counts them. Each fault has random numbers of its own: a history without one of them
 * meets the others where it met them before, which is what makes a failing history small.
 */
export class Faults {
  readonly counts = new Map<Fault, number>();
  readonly #seed: number;
  readonly #rates: Rates;
  readonly #random = new Map<string, Random>();
  #over = false;

  constructor(seed: number, rates: Rates) {
    this.#seed = seed;
    this.#rates = rates;
  }

  /** Random numbers for one purpose. */
  random(purpose: string): Random {
    const random = this.#random.get(purpose) ?? seededRandom(seedOf(`${this.#seed}/${purpose}`));
    this.#random.set(purpose, random);
    return random;
  }

  /** Whether a fault strikes here and now. */
  strikes(fault: RatedFault): boolean {
    const rate = this.#rates[fault];
    if (rate === undefined || this.#over || !this.random(fault).chance(rate * RATES[fault])) return false;
    this.note(fault);
    return true;
  }

  /** Counts what happened. */
  note(fault: Fault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }

  /** From here on nothing goes wrong. */
  end(): void {
    this.#over = true;
  }
}
