/** How a run of the fuzz tests is told what to do: test/fuzz/jest.config.mjs sets these for a long one. */
const whole = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : otherwise;

export const FUZZ = {
  /** Cases for each parser. */
  runs: whole(process.env['FUZZ_RUNS'], 400),
  /** The same seed makes the same cases. */
  seed: whole(process.env['FUZZ_SEED'], 20_261_121),
  /** The one case that failed, as the failure printed it. */
  path: process.env['FUZZ_PATH'],
  /** No case may take longer. */
  softLimitMs: 1000,
  /** The file that gets a line of JSON for each parser. */
  report: process.env['FUZZ_REPORT'],
} as const;
