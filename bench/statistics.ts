import { median, quantile } from 'simple-statistics';

const digits = (value: number): number => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

/** A number as people read it: "1,234", "56.7", "0.89". */
export const formatNumber = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits(value) });

/** The median with the quartiles around it: "12.3 (11.9–13.0)". */
export const formatSpread = (values: readonly number[]): string => {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((p) => formatNumber(quantile([...values], p)));
  return `${middle ?? ''} (${low ?? ''}–${high ?? ''})`;
};

/** What each took of what its partner of the same round took. What slows a whole round slows both, and falls out. */
export const pairedRatios = (values: readonly number[], partners: readonly number[]): number[] => {
  if (values.length !== partners.length) throw new RangeError(`${values.length} rounds beside ${partners.length}.`);
  return values.map((value, round) => value / (partners[round] ?? NaN));
};

export { median, quantile };
