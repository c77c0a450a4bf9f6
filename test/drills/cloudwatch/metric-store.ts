/** Which values belong together: a metric's namespace, name and dimensions. */
export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Values {
  readonly series: Series;
  readonly at: number[];
  readonly value: number[];
}

const keys = new WeakMap<Series, string>();
const keyOf = (series: Series): string => {
  const { namespace, name, dimensions } = series;
  const sorted = () => Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  const key = keys.get(series) ?? JSON.stringify([namespace, name, sorted()]);
  keys.set(series, key);
  return key;
};

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
};

/** The metrics of an account: every value with its time in ms. */
export class MetricStore {
  readonly #series = new Map<string, Values>();

  add(series: Series, value: number, at: number): void {
    const key = keyOf(series);
    const values = this.#series.get(key) ?? { series, at: [], value: [] };
    this.#series.set(key, values);
    // Values come nearly in order: Lambda dates an invocation's by its beginning.
    let place = values.at.length;
    while (place > 0 && (values.at[place - 1] ?? 0) > at) place -= 1;
    values.at.splice(place, 0, at);
    values.value.splice(place, 0, value);
  }

  /** The series that have one dimension more than this one, as a query by that dimension finds them. */
  by(dimension: string, { namespace, name, dimensions }: Series): Series[] {
    const isOne = ({ series: other }: Values): boolean =>
      keyOf({ namespace, name, dimensions: { ...dimensions, [dimension]: other.dimensions[dimension] ?? '' } }) ===
      keyOf(other);
    return [...this.#series.values()].filter(isOne).map(({ series }) => series);
  }

  /** The statistic of the values from `start` up to but not including `end`; undefined where there are none. */
  statistic(series: Series, statistic: string, start: number, end: number): number | undefined {
    const compute = STATISTICS[statistic];
    if (compute === undefined) throw new Error(`The store does not compute ${statistic}.`);
    const values = this.#series.get(keyOf(series));
    if (values === undefined) return undefined;
    const [from, to] = [placeOf(values.at, start), placeOf(values.at, end)];
    return from === to ? undefined : compute(values.value.slice(from, to));
  }
}

/** Where in a sorted list the first number is that is not below a limit. */
const placeOf = (sorted: readonly number[], limit: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
};
