import { median, quantile } from 'simple-statistics';

/** The sections in the order of the document. Each runs in a process of its own, so that none sees another's memory. */
export const SECTIONS = [
  'calls',
  'models',
  'sweeps',
  'organization',
  'backfill',
  'latency',
  'handler',
  'cold-start',
  'queries',
  'dashboard',
  'cost',
  'training-data',
] as const;

export type SectionName = (typeof SECTIONS)[number];

export const isSectionName = (name: string): name is SectionName => SECTIONS.some((known) => known === name);

/** One thing that was measured, in plain JSON. */
export interface Result {
  readonly what: string;
  readonly measured: string;
  /** What the project promises, such as "≤ 430 kB", and whether it is met. Absent where it promises nothing. */
  readonly target?: string;
  readonly met?: boolean;
}

export interface MeasureOptions {
  /** Small sizes and few rounds: shows that a section works, and measures nothing. */
  readonly quick: boolean;
  /** Tells the waiting person how far it is. */
  readonly say: (line: string) => void;
}

export interface Section {
  readonly title: string;
  /** How it was measured, what was learnt, and why a target is missed. In Markdown. */
  readonly text: string;
  readonly measure: (options: MeasureOptions) => Promise<readonly Result[]>;
}

export const loadSection = async (name: SectionName): Promise<Section> =>
  ((await import(`./sections/${name}.ts`)) as { section: Section }).section;

const digits = (value: number): number => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

/** A number as people read it: "1,234", "56.7", "0.89". */
export const formatNumber = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits(value) });

/** The ratio of each round to its partner in the same round: what slows a whole round slows both, and cancels out. */
export const pairedRatios = (values: readonly number[], partners: readonly number[]): number[] => {
  if (values.length !== partners.length) throw new RangeError(`${values.length} rounds beside ${partners.length}.`);
  return values.map((value, round) => value / (partners[round] ?? NaN));
};

/** Whether a ratio keeps to its limit: "1.13×", for a target of "≤ 1.15×". */
export const ratioResult = (what: string, ratio: number, limit: number, of = ''): Result => ({
  what,
  target: `≤ ${limit}×${of}`,
  measured: `${formatNumber(ratio)}×`,
  met: ratio <= limit,
});

export { median, quantile };
