import type { RunValue } from '../../../domain/run.ts';

/** Where a value stands on an axis. */
export interface Scale {
  readonly isLogarithmic: boolean;
  /** 0 to 1; undefined for a value that the axis cannot show. */
  readonly at: (value: RunValue) => number | undefined;
  readonly ticks: readonly { readonly at: number; readonly value: number | string }[];
}

/** From this ratio on, equal factors get equal space: learning rates would else crowd at one end. */
const LOGARITHMIC_FROM = 20;
/** More texts cannot be told apart on an axis. */
const MOST_TEXTS = 12;
/** Room at both ends, so that no point stands on the frame. */
const MARGIN = 0.04;

const stepOf = (range: number, count: number): number => {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
};

const linearTicks = (low: number, high: number, count: number): number[] => {
  const step = stepOf(high - low, count);
  const from = Math.ceil(low / step - 1e-9);
  const to = Math.floor(high / step + 1e-9);
  return Array.from({ length: to - from + 1 }, (_, n) => Number(((from + n) * step).toPrecision(12)));
};

const logTicks = (low: number, high: number, count: number): number[] => {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const inside = (value: number) => value >= low * 0.999 && value <= high * 1.001;
  const decimal = (digit: number, power: number) => Number(`${digit}e${power}`);
  const fine = powers.flatMap((power) => [1, 2, 5].map((digit) => decimal(digit, power))).filter(inside);
  if (fine.length <= count) return fine;
  const coarse = powers.map((power) => decimal(1, power)).filter(inside);
  const every = Math.ceil(coarse.length / count);
  return coarse.filter((_, n) => n % every === 0);
};

const numberScale = (values: readonly number[], count: number): Scale => {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const isLogarithmic = low > 0 && high / low >= LOGARITHMIC_FROM;
  const place = isLogarithmic ? Math.log10 : (value: number) => value;
  const [from, to] = [place(low), place(high)];
  const at = (value: RunValue): number | undefined => {
    if (typeof value !== 'number') return undefined;
    return from === to ? 0.5 : MARGIN + ((place(value) - from) / (to - from)) * (1 - 2 * MARGIN);
  };
  const ticks = low === high ? [low] : (isLogarithmic ? logTicks : linearTicks)(low, high, count);
  return { isLogarithmic, at, ticks: ticks.map((value) => ({ value, at: at(value) ?? 0 })) };
};

const textScale = (values: readonly RunValue[]): Scale => {
  const texts = [...new Set(values.map(String))].sort().slice(0, MOST_TEXTS);
  const at = (value: RunValue): number | undefined => {
    const index = texts.indexOf(String(value));
    if (value === undefined || index === -1) return undefined;
    return texts.length === 1 ? 0.5 : MARGIN + (index / (texts.length - 1)) * (1 - 2 * MARGIN);
  };
  return { isLogarithmic: false, at, ticks: texts.map((value) => ({ value, at: at(value) ?? 0 })) };
};

/**
 * The axis of these values: of numbers, logarithmic where they are positive and span a factor of 20; of texts in the
 * order of the alphabet, where there are at most 12 of them; undefined where nothing can be shown.
 *
 * @param count ticks at most, roughly
 */
export const scaleOf = (values: readonly RunValue[], count: number): Scale | undefined => {
  const present = values.filter((value) => value !== undefined);
  const numbers = present.filter((value) => typeof value === 'number');
  if (numbers.length === 0)
    return new Set(present).size > MOST_TEXTS || present.length === 0 ? undefined : textScale(present);
  // Texts among numbers, such as a loss of NaN, have no place.
  return numberScale(numbers, count);
};

/** Whether runs differ in these values: an axis of equal values tells nothing. */
export const differs = (values: readonly RunValue[]): boolean =>
  new Set(values.filter((value) => value !== undefined)).size > 1;

/** How many parts at the beginning all texts share, of `most`. */
const sharedParts = (texts: readonly (readonly string[])[], most: number): number => {
  let count = 0;
  while (count < most && new Set(texts.map((parts) => parts[count])).size === 1) count += 1;
  return count;
};

/** Texts without what all share at both ends: of `acme/triage/train.jsonl` and `acme/faq/train.jsonl` the middle. */
const distinctParts = (texts: readonly string[]): string[] => {
  const parts = texts.map((text) => text.split('/'));
  const most = texts.length > 1 ? Math.min(...parts.map(({ length }) => length)) - 1 : 0;
  const first = sharedParts(parts, most);
  const last = sharedParts(
    parts.map((all) => all.toReversed()),
    most - first,
  );
  return parts.map((all) => all.slice(first, all.length - last).join('/'));
};

/** A text cut to fit; the end of a location tells more than its beginning. */
export const cut = (text: string, most: number): string => {
  if (text.length <= most) return text;
  return text.includes('/') ? `…${text.slice(1 - most)}` : `${text.slice(0, most - 1)}…`;
};

/** An axis with what it says. */
export interface PlotAxis {
  readonly label: string;
  readonly scale: Scale;
  readonly format: (value: number | string) => string;
}

/** The ticks with their labels; those of texts say only what differs. */
export const ticksOf = ({ scale: { ticks }, format }: PlotAxis) => {
  const texts = ticks.map(({ value }) => format(value));
  const labels = ticks.some(({ value }) => typeof value === 'string') ? distinctParts(texts) : texts;
  return ticks.map((tick, index) => ({ ...tick, text: labels[index] ?? '' }));
};

export const axisTitle = ({ label, scale }: PlotAxis): string => `${label}${scale.isLogarithmic ? ' (log scale)' : ''}`;
