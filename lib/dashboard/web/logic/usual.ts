import { formatDuration } from '../../../domain/time.ts';

export interface UsualDuration {
  readonly p50: number;
  readonly p95: number;
}

/** Where a running job stands against the usual, as shares of one scale. */
export interface Pace {
  /** Each 0 to 1. */
  readonly elapsed: number;
  readonly p50: number;
  readonly p95: number;
  readonly verdict: 'usual' | 'long' | 'unusual';
  readonly text: string;
}

/** Some air behind the last mark, so that reaching it does not look like the end. */
const BEYOND = 1.12;

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** How a running job's time compares with that of completed jobs of its base model and type. */
export const paceOf = (elapsed: number, { p50, p95 }: UsualDuration): Pace => {
  const scale = Math.max(elapsed, p95, p50, 1) * BEYOND;
  const verdict = elapsed > p95 ? 'unusual' : elapsed > p50 ? 'long' : 'usual';
  const usual = `usually ${formatDuration(p50)}, 95 % within ${formatDuration(p95)}`;
  const text = verdict === 'unusual' ? `Longer than usual: ${usual}` : sentence(usual);
  return { elapsed: elapsed / scale, p50: p50 / scale, p95: p95 / scale, verdict, text };
};
