import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { ERROR_CODES, TrackerError, type ErrorCode } from '../../../lib/domain/errors.ts';

const whole = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : otherwise;

/** The settings of a run: test/fuzz/jest.config.mjs sets them for a long one. */
const FUZZ = {
  /** Cases for each parser. */
  runs: whole(process.env['FUZZ_RUNS'], 400),
  /** The same seed makes the same cases. */
  seed: whole(process.env['FUZZ_SEED'], 20_261_121),
  /** The one case that failed, as the failure printed it. */
  path: process.env['FUZZ_PATH'],
  /** The file that gets a line of JSON for each parser. */
  report: process.env['FUZZ_REPORT'],
} as const;

/** No case may take more milliseconds of the processor. */
const LIMIT_MS = 1000;

const PROTOTYPES = [Object, Array, String, Number, Boolean, Function, Date, Map, Set, Error, RegExp].map(
  (constructor) => constructor.prototype as Readonly<Record<PropertyKey, unknown>>,
);

/** The members of each when the tests began. Of most only their number is compared, as this is done for each case. */
const BEFORE = PROTOTYPES.map((prototype, index) => {
  const keys = Reflect.ownKeys(prototype);
  const compared = index < 2 ? keys.filter((key) => key !== '__proto__') : [];
  return { prototype, keys, values: compared.map((key) => [key, prototype[key]] as const) };
});

/** Throws where a prototype changed since the tests began, and removes what was added. */
const checkPrototypes = (): void => {
  for (const { prototype, keys, values } of BEFORE) {
    const now = Reflect.ownKeys(prototype);
    if (now.length === keys.length && values.every(([key, value]) => prototype[key] === value)) continue;
    const added = now.filter((key) => !keys.includes(key));
    for (const key of added) Reflect.deleteProperty(prototype, key);
    throw new Error(`A prototype was changed: ${added.map(String).join(', ') || 'a member of it'}.`);
  }
};

/** Whether a program made an object's prototype, in this realm or another: it did not come with the data. */
const hasProgramPrototype = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  if (typeof prototype !== 'object' || !Object.hasOwn(prototype, 'constructor')) return false;
  const { constructor } = prototype as { readonly constructor: unknown };
  return typeof constructor === 'function' && constructor.prototype === prototype;
};

const MOST_PARTS = 20_000;

/** Throws where a part of an answer took its prototype from the input. */
const checkAnswer = (answer: unknown): void => {
  const waiting: unknown[] = [answer];
  const seen = new Set<unknown>();
  while (waiting.length > 0 && seen.size < MOST_PARTS) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!hasProgramPrototype(value)) throw new Error('A part of the answer has a prototype that came with the input.');
    const parts: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
    for (const part of parts) waiting.push(part);
  }
};

/** Controls, terminal sequences, characters that turn a line's direction or hide, and halves of characters. */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/u;

/** Throws where a message could not be shown in a log, a terminal or a page as it is. */
export const checkMessage = (message: string, longest: number, mayHaveLines: boolean): void => {
  if (message === '') throw new Error('The message is empty.');
  if (message.length > longest) throw new Error(`The message has ${message.length} characters, more than ${longest}.`);
  const [unsafe] = UNSAFE.exec(message) ?? (mayHaveLines ? [] : (/\n/.exec(message) ?? []));
  if (unsafe === undefined) return;
  const code = unsafe.codePointAt(0)?.toString(16).padStart(4, '0') ?? '';
  throw new Error(`The message has the character U+${code}: ${JSON.stringify(message.slice(0, 300))}`);
};

/** How a parser may refuse. */
interface Refusals {
  /** The codes of its errors. */
  readonly codes?: readonly ErrorCode[];
  /** Whether an error is the documented one, where that is not a TrackerError. */
  readonly isRefusal?: (error: Error) => boolean;
  /** Characters of the longest message. @default 2000 */
  readonly longest?: number;
  /** Whether the message may have several lines. @default false */
  readonly mayHaveLines?: boolean;
  /** Whether it quotes as the simulated service does: it is sent as JSON, and not shown on a terminal. @default false */
  readonly quotes?: boolean;
}

/** One parser, and what its answers must be. */
interface Fuzzed<Input, Answer> extends Refusals {
  /** The name of what it reads, as in the table of docs/testing.md. */
  readonly parser: string;
  readonly inputs: fc.Arbitrary<Input>;
  readonly parse: (input: Input) => Answer | Promise<Answer>;
  /** Throws where an answer is wrong. */
  readonly check?: (answer: Awaited<Answer>, input: Input) => unknown;
}

/** A slower case is tried again: the garbage collector can slow any. */
const SUSPICIOUS_MS = 50;
const TRIES = 3;

/** Of this process: other programs share the machine. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

type Outcome<Answer> = { readonly answer: Awaited<Answer> } | { readonly error: unknown };

const measure = async <Answer>(parse: () => Answer | Promise<Answer>) => {
  let outcome: Outcome<Answer>;
  let ms = Infinity;
  let tries = 0;
  do {
    const begun = processorMs();
    try {
      outcome = { answer: await parse() };
    } catch (error) {
      outcome = { error };
    }
    ms = Math.min(ms, processorMs() - begun);
    tries += 1;
  } while (ms > SUSPICIOUS_MS && tries < TRIES);
  return { outcome, ms };
};

/** Tries one case. Throws where the parser crashed, was slow, or answered wrongly. */
const tryCase = async <Answer>(
  parse: () => Answer | Promise<Answer>,
  { codes, isRefusal, longest = 2000, mayHaveLines = false, quotes = false }: Refusals,
  check?: (answer: Awaited<Answer>) => unknown,
): Promise<{ readonly refused: boolean; readonly ms: number }> => {
  const { outcome, ms } = await measure(parse);
  checkPrototypes();
  if (ms > LIMIT_MS) throw new Error(`It took ${Math.round(ms)} ms of the processor, more than ${LIMIT_MS}.`);
  if ('answer' in outcome) {
    checkAnswer(outcome.answer);
    await check?.(outcome.answer);
    return { refused: false, ms };
  }
  const { error } = outcome;
  const hasKnownCode = (thrown: Error): boolean =>
    thrown instanceof TrackerError && Object.hasOwn(ERROR_CODES, thrown.code) && (codes?.includes(thrown.code) ?? true);
  if (!(error instanceof Error) || !(isRefusal ?? hasKnownCode)(error)) {
    const stack = error instanceof Error ? (error.stack ?? '').slice(0, 1500) : '';
    throw new Error(`It threw an error that is not its refusal: ${String(error).slice(0, 500)}\n${stack}`);
  }
  if (!quotes) checkMessage(error.message, longest, mayHaveLines);
  else if (error.message.length > longest) throw new Error(`The message has ${error.message.length} characters.`);
  return { refused: true, ms };
};

const show = (value: unknown): string => {
  try {
    return fc.stringify(value).slice(0, 3000);
  } catch {
    return 'a value that is too deep to show';
  }
};

/** Tests that a parser answers rightly or refuses by its own error, whatever it is given. */
export const fuzz = <Input, Answer>(fuzzed: Fuzzed<Input, Answer>): void => {
  const { parser, inputs, parse, check, ...refusals } = fuzzed;
  it(`${parser}: a right answer or a typed error`, async () => {
    const tally = { parser, cases: 0, refused: 0, answered: 0, slowestMs: 0 };
    const property = fc.asyncProperty(inputs, async (input) => {
      const { refused, ms } = await tryCase(
        () => parse(input),
        refusals,
        (answer) => check?.(answer, input),
      );
      tally.cases += 1;
      tally[refused ? 'refused' : 'answered'] += 1;
      tally.slowestMs = Math.max(tally.slowestMs, ms);
    });
    const { failed, seed, counterexamplePath, counterexample, errorInstance } = await fc.check(property, {
      numRuns: FUZZ.runs,
      seed: FUZZ.seed,
      ...(FUZZ.path !== undefined && { path: FUZZ.path }),
    });
    const file = basename(expect.getState().testPath ?? '');
    if (failed) {
      const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
      const again = `FUZZ_SEED=${seed} FUZZ_PATH=${counterexamplePath ?? ''} npx jest test/fuzz/${file} -t '${parser.replaceAll(/[()]/g, '.')}:'`;
      throw new Error(`${message}\n\nInput: ${show(counterexample?.[0])}\n\nRepeat it with: ${again}\n`);
    }
    // A parser that refused everything, or nothing, was not tried with both.
    if (FUZZ.path === undefined) expect(Math.min(tally.refused, tally.answered)).toBeGreaterThan(0);
    if (FUZZ.report !== undefined) appendFileSync(FUZZ.report, `${JSON.stringify({ ...tally, file, seed })}\n`);
  });
};

/**
 * Tests that deep or huge inputs are refused quickly and by a short message. Each case makes its input and parses it, so
 * that both count.
 */
export const refuseHuge = (
  input: string,
  cases: Readonly<Record<string, () => unknown>>,
  { mayAnswer = false, ...refusals }: Refusals & { readonly mayAnswer?: boolean } = {},
): void => {
  describe(`${input} that is deep or huge is refused at once:`, () => {
    it.each(Object.entries(cases))('%s', async (_, parse) => {
      const { refused } = await tryCase(parse, refusals);
      if (!mayAnswer) expect(refused).toBe(true);
    });
  });
};
