import type { Cell, Table } from '../../section.ts';
import { formatNumber, formatSpread, pairedRatios } from '../../statistics.ts';
import { FUNCTIONS } from './functions.ts';
import type { ColdStart, Rounds } from './rounds.ts';
import { EMPTY, OWN_SDK, RUNTIME_SDK, SHIPPED, UNBUNDLED, type Variant } from './variants.ts';

const NAMES = [SHIPPED, EMPTY, RUNTIME_SDK, OWN_SDK, UNBUNDLED];
const OTHERS = [RUNTIME_SDK, OWN_SDK, UNBUNDLED];

export type Measure = (start: ColdStart) => number;
export const total: Measure = ({ load, first }) => load + first;
export const cpu: Measure = (start) => start.cpu;

const valuesOf = (rounds: Rounds, name: string, variant: string, measure: Measure): number[] =>
  (rounds[name]?.[variant] ?? []).map(measure);

/** What a variant took of what another took, round by round. */
export const ratiosOf = (
  rounds: Rounds,
  name: string,
  [variant, partner]: readonly [string, string],
  measure: Measure,
): number[] => pairedRatios(valuesOf(rounds, name, variant, measure), valuesOf(rounds, name, partner, measure));

const perFunction = (cell: (name: string, variant: string) => Cell): Cell[][] =>
  FUNCTIONS.map(({ name }) => [name, ...NAMES.map((variant) => cell(name, variant))]);

const kilobytes = (variant: Variant | undefined, name: string): Cell => {
  const bytes = variant?.bytes?.[name];
  return bytes === undefined ? '–' : formatNumber(bytes / 1000);
};

const sizes = (variants: readonly Variant[]): Table => ({
  title: 'Code, kB',
  columns: ['', ...NAMES],
  rows: perFunction((name, variant) =>
    kilobytes(
      variants.find((each) => each.name === variant),
      name,
    ),
  ),
  note: 'A kB is 1,000 bytes of JavaScript, without source maps. The SDK of the defaults is not counted, as the runtime has it; unbundled code would take its packages along.',
});

const times = (rounds: Rounds, title: string, measure: Measure, note: string): Table => ({
  title,
  columns: ['', ...NAMES],
  rows: perFunction((name, variant) => formatSpread(valuesOf(rounds, name, variant, measure))),
  note,
});

const ratios = (rounds: Rounds): Table => ({
  title: 'As shipped over the others, of each round',
  columns: ['', ...OTHERS.flatMap((name) => [name, 'its processor time'])],
  rows: FUNCTIONS.map(({ name }) => [
    name,
    ...OTHERS.flatMap((partner) =>
      [total, cpu].map((measure) => formatSpread(ratiosOf(rounds, name, [SHIPPED, partner], measure))),
    ),
  ]),
});

/** What ships beside what else could. */
export const variantTables = (variants: readonly Variant[], rounds: Rounds): readonly Table[] => [
  sizes(variants),
  times(rounds, 'Load and first invocation, ms', total, 'On a whole processor; Lambda gives 512 MB about 0.3 of one.'),
  times(rounds, 'Processor time of the same, ms', cpu, 'What Lambda stretches, and what a busy machine changes least.'),
  ratios(rounds),
];

/** One function as it ships, and with one thing done otherwise. */
export const ideaTable = (name: string, variants: readonly Variant[], rounds: Rounds): Table => ({
  title: `\`${name}\` with one thing done otherwise`,
  columns: ['', 'kB', 'load, ms', 'first invocation, ms', 'both, over as shipped', 'processor time, over as shipped'],
  rows: variants.map((variant) => [
    variant.name,
    kilobytes(variant, name),
    ...([({ load }) => load, ({ first }) => first] satisfies Measure[]).map((measure) =>
      formatSpread(valuesOf(rounds, name, variant.name, measure)),
    ),
    ...[total, cpu].map((measure) => formatSpread(ratiosOf(rounds, name, [variant.name, SHIPPED], measure))),
  ]),
  note: '"Without" is something that ships, left out; "with" something that was tried and does not ship.',
});
