import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { ERROR_CODES, TrackerError, type ErrorCode } from '../../../lib/domain/errors.ts';
import { checkAnswer, checkMessage, checkPrototypes } from './guards.ts';
import { FUZZ } from './settings.ts';

/** One parser, and what its answers must be. */
export interface Fuzzed<Input, Answer> {
  /** What it reads, as the table has it. */
  readonly parser: string;
  readonly inputs: fc.Arbitrary<Input>;
  readonly parse: (input: Input) => Answer | Promise<Answer>;
  /** Throws where an answer is wrong. */
  readonly check?: (answer: Awaited<Answer>, input: Input) => unknown;
  /** The codes that it refuses by. */
  readonly codes?: readonly ErrorCode[];
  /** Whether an error is the documented one, where that is no TrackerError. */
  readonly isRefusal?: (error: Error) => boolean;
  /** Characters of the longest message. @default 2000 */
  readonly longest?: number;
  /** Whether the message may have lines. @default false */
  readonly mayHaveLines?: boolean;
  /** Whether it may quote as the simulated service does: it is sent as JSON, and no person's terminal shows it. @default false */
  readonly quotes?: boolean;
}

type Outcome<Answer> = { readonly answer: Awaited<Answer> } | { readonly error: unknown };

/** A case that takes longer is looked at again: the collection of garbage falls on any. */
const SUSPICIOUS_MS = 50;
const LOOKS = 3;

/** Of this process: other programs share the machine. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const timed = async <Input, Answer>(
  { parse }: Pick<Fuzzed<Input, Answer>, 'parse'>,
  input: Input,
): Promise<{ readonly outcome: Outcome<Answer>; readonly ms: number }> => {
  let outcome: Outcome<Answer>;
  let ms = Infinity;
  let looks = 0;
  do {
    const begun = processorMs();
    try {
      outcome = { answer: await parse(input) };
    } catch (error) {
      outcome = { error };
    }
    ms = Math.min(ms, processorMs() - begun);
    looks += 1;
  } while (ms > SUSPICIOUS_MS && looks < LOOKS);
  return { outcome, ms };
};

const hasKnownCode = (error: Error, codes: readonly ErrorCode[] | undefined): boolean =>
  error instanceof TrackerError && Object.hasOwn(ERROR_CODES, error.code) && (codes?.includes(error.code) ?? true);

/** One case. Throws where the parser crashed, was slow, or answered wrongly; tells whether it refused, and how long it took. */
export const tryCase = async <Input, Answer>(
  fuzzed: Fuzzed<Input, Answer>,
  input: Input,
): Promise<{ readonly refused: boolean; readonly ms: number; readonly message: string }> => {
  const { codes, isRefusal = (error: Error) => hasKnownCode(error, codes) } = fuzzed;
  const { outcome, ms } = await timed(fuzzed, input);
  checkPrototypes();
  if (ms > FUZZ.softLimitMs)
    throw new Error(`It took ${Math.round(ms)} ms of the processor, more than ${FUZZ.softLimitMs}.`);
  if ('answer' in outcome) {
    checkAnswer(outcome.answer);
    await fuzzed.check?.(outcome.answer, input);
    return { refused: false, ms, message: '' };
  }
  const { error } = outcome;
  if (!(error instanceof Error) || !isRefusal(error)) {
    const stack = error instanceof Error ? (error.stack ?? '').slice(0, 1500) : '';
    throw new Error(`It threw what is no refusal of its own: ${String(error).slice(0, 500)}\n${stack}`);
  }
  if (fuzzed.quotes !== true) checkMessage(error.message, fuzzed.longest ?? 2000, fuzzed.mayHaveLines ?? false);
  else if (error.message.length > (fuzzed.longest ?? 2000))
    throw new Error(`The message has ${error.message.length} characters.`);
  return { refused: true, ms, message: error.message };
};

const shown = (value: unknown): string => {
  try {
    return fc.stringify(value).slice(0, 3000);
  } catch {
    return 'a value that is too deep to show';
  }
};

/** A test that a parser answers rightly or refuses in its own words, whatever it is given. */
export const fuzz = <Input, Answer>(fuzzed: Fuzzed<Input, Answer>): void => {
  const { parser, inputs } = fuzzed;
  it(`${parser}: a right answer or a typed error`, async () => {
    const tally = { parser, cases: 0, refused: 0, answered: 0, slowestMs: 0 };
    const property = fc.asyncProperty(inputs, async (input) => {
      const { refused, ms } = await tryCase(fuzzed, input);
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
      throw new Error(`${message}\n\nInput: ${shown(counterexample?.[0])}\n\nRepeat it with: ${again}\n`);
    }
    // A parser that refused all, or nothing, was not tried with both.
    if (FUZZ.path === undefined) expect(Math.min(tally.refused, tally.answered)).toBeGreaterThan(0);
    if (FUZZ.report !== undefined) appendFileSync(FUZZ.report, `${JSON.stringify({ ...tally, file, seed })}\n`);
  });
};
