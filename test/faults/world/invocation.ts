import type { Context } from 'aws-lambda';
import { invocationContext } from '../../../lib/local/lambda.ts';
import type { Faults } from '../faults.ts';
import type { Version } from './bedrock.ts';
import type { Observer, Outages } from './outages.ts';
import { sleep, type VirtualClock } from '../../../lib/simulator/clock.ts';

/** What every function of a world shares. */
export interface Machine {
  readonly time: VirtualClock;
  readonly faults: Faults;
  readonly trace: (line: string) => void;
  readonly outages: Outages;
  readonly observer: Observer;
}

export interface InvocationOptions {
  readonly name: string;
  readonly timeoutMs: number;
  /** At which of its calls to a service it dies; absent where it lives. */
  readonly killAt?: number | undefined;
  /** The version of the code that it runs. */
  readonly version: Version;
}

export type Ending<Result> =
  { readonly how: 'answered'; readonly result: Result } | { readonly how: 'threw'; readonly error: unknown } | Killed;
interface Killed {
  readonly how: 'killed';
  readonly timedOut: boolean;
}

/** What a service does with one call: refuse it before or after it took effect, or answer. */
export interface Service<Answer> {
  readonly call: string;
  /** Which job the call is about, where it is about one. */
  readonly about?: string | undefined;
  /** What goes wrong with this call, decided when the call is made. */
  readonly refusal?: Refusal | undefined;
  /** What the service does, at its own moment. */
  readonly effect: () => Answer;
}
export interface Refusal {
  readonly when: 'before' | 'after' | 'never' | 'late';
  readonly error?: Error;
  /** How long the caller waits for it, in ms. */
  readonly takes?: number;
}

const attempt = <Value>(effect: () => Value): { readonly value?: Value; readonly error?: Error } => {
  try {
    return { value: effect() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
};

const never = <Answer>(): Promise<Answer> => new Promise<Answer>(() => undefined);
const LARGEST_SKEW_MS = 120_000;

/** One run of a function. All that it does outside of itself goes through `request`: there it can be slow, or die. */
export class Invocation {
  readonly options: InvocationOptions;
  /** What was answered with an error, by what it was about: `*` for what is about no single job. */
  readonly troubles = new Set<string>();
  /** What Bedrock answered about each job, whole and without trouble. */
  readonly answers = new Map<string, { readonly call: string; readonly answer: unknown }[]>();
  readonly startedAt: number;
  readonly #machine: Machine;
  readonly #skew: number;
  readonly #slow: boolean;
  #steps = 0;
  #dead = false;
  #die: (timedOut: boolean) => void = () => undefined;

  constructor(machine: Machine, options: InvocationOptions) {
    this.options = options;
    this.#machine = machine;
    this.startedAt = machine.time.now();
    this.#slow = machine.faults.strikes('a function is slow');
    const random = machine.faults.random('clocks');
    this.#skew = machine.faults.strikes('a clock is wrong') ? random.between(-1, 1) * LARGEST_SKEW_MS : 0;
  }

  readonly clock = (): Date => new Date(Math.floor(this.#machine.time.now() + this.#skew));

  context(): Context {
    const { name, timeoutMs } = this.options;
    const end = this.startedAt + timeoutMs;
    return {
      ...invocationContext(name, timeoutMs),
      awsRequestId: name,
      getRemainingTimeInMillis: () => Math.max(0, end - this.#machine.time.now()),
    };
  }

  /** Runs the function until it answers, throws, is killed, or its time is over. */
  run<Result>(body: (invocation: Invocation) => Promise<Result>): Promise<Ending<Result>> {
    return new Promise((resolve) => {
      const endOfTime = this.#machine.time.after(this.options.timeoutMs, () => this.#die(true));
      const end = (ending: Ending<Result>): void => {
        if (this.#dead) return;
        this.#dead = true;
        endOfTime();
        this.#machine.trace(`${this.options.name} ${ending.how}`);
        resolve(ending);
      };
      this.#die = (timedOut) => end({ how: 'killed', timedOut });
      body(this).then(
        (result) => end({ how: 'answered', result }),
        (error: unknown) => end({ how: 'threw', error }),
      );
    });
  }

  /** One call to a service. Who is dead never hears the answer, though what was sent may still take effect. */
  async request<Answer>({ call, about = '*', refusal, effect }: Service<Answer>): Promise<Answer> {
    const { time, trace } = this.#machine;
    if (this.#isDead() || this.#diesNow()) return never();
    const [there, back] = [this.#latency(), this.#latency()];
    await sleep(time, there);
    if (this.#isDead() && !this.#machine.faults.random('zombies').chance(0.5)) return never();
    trace(
      `${this.options.name} ${call}${refusal === undefined ? '' : ` (${refusal.error?.name ?? 'no answer'}, ${refusal.when})`}`,
    );
    const takesEffect = refusal === undefined || refusal.when === 'after' || refusal.when === 'late';
    const answer = takesEffect ? attempt(effect) : undefined;
    await sleep(time, refusal?.takes ?? back);
    if (this.#isDead() || refusal?.when === 'never') return never();
    if (this.#diesNow()) return never();
    const error = refusal?.error ?? answer?.error;
    if (error !== undefined || answer?.value === undefined) {
      this.troubles.add(about);
      throw error ?? new Error('There is no answer.');
    }
    this.answers.set(about, [...(this.answers.get(about) ?? []), { call, answer: answer.value }]);
    return answer.value;
  }

  // A method, as it may become true while a call is waited for.
  #isDead(): boolean {
    return this.#dead;
  }

  /** Counts each moment at which it can die: before a call, and between its effect and the answer. */
  #diesNow(): boolean {
    this.#steps += 1;
    const { faults } = this.#machine;
    const byPlan = this.options.killAt === this.#steps;
    if (byPlan) faults.note('a sweep is killed at a step');
    if (!byPlan && !faults.strikes('a function dies between two awaits')) return false;
    this.#die(false);
    return true;
  }

  #latency(): number {
    const random = this.#machine.faults.random('latency');
    return this.#slow ? random.between(1_000, 20_000) : random.between(2, 200);
  }
}
