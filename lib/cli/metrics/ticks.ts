/** A value on an axis, and how it is written there. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** A number as short as three significant digits allow. */
export const short = (value: number): string => {
  const text = value.toPrecision(3);
  return text.includes('e') ? value.toExponential(1) : text;
};

/** Steps of 1, 2 or 5 times a power of ten, of which at most `most` fit into the span. */
const stepFor = (span: number, most: number): number => {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return power * ([1, 2, 5].find((factor) => span / (power * factor) <= most) ?? 10);
};

const ends = (low: number, high: number, write: (value: number) => string): Tick[] =>
  [...new Set([low, high])].map((at) => ({ at, label: write(at) }));

/** Round values between two others, `most` of them or fewer; both ends, as `write` writes them, where there is but one. */
export const linearTicks = (low: number, high: number, most: number, write = short): Tick[] => {
  if (!(high > low)) return ends(low, high, write);
  const step = stepFor(high - low, most);
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step))));
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  const ticks = Array.from({ length: count }, (_, index) => {
    const at = (first + index) * step;
    return { at, label: at.toFixed(digits) };
  });
  return ticks.length < 2 ? ends(low, high, write) : ticks;
};

/** 1, 2 and 5 times powers of ten, or powers alone where there are many; `at` is the decimal logarithm. */
export const logarithmicTicks = (low: number, high: number, most: number): Tick[] => {
  const powers = Array.from({ length: Math.floor(high) - Math.floor(low) + 1 }, (_, index) => Math.floor(low) + index);
  const inside = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => factor * 10 ** power))
      .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high)
      .map((value) => ({ at: Math.log10(value), label: String(Number(value.toPrecision(1))) }));
  const fine = inside([1, 2, 5]);
  const ticks = fine.length <= most ? fine : inside([1]);
  return ticks.length < 2 ? ends(low, high, (value) => short(10 ** value)) : ticks;
};
