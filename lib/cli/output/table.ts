import Table from 'cli-table3';
import type { Terminal } from '../context.ts';
import { paletteOf } from './colours.ts';
import { visible } from './text.ts';

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** What a row says here. It need not be safe to print. */
  readonly value: (row: Row) => string;
  /** Where the terminal is narrow, columns of the lowest importance are left out first. */
  readonly importance: number;
  /** The width below which the column says nothing useful. @default 8 */
  readonly least?: number;
  readonly align?: 'left' | 'right';
  /** Colours what the row says. */
  readonly paint?: (text: string, row: Row) => string;
}

/** Between two columns. */
export const GAP = 2;
const DEFAULT_LEAST = 8;
/** The time that the library takes grows faster than the rows of a table. */
const CHUNK = 20;

const SIDES = ['top', 'bottom', 'left', 'right', 'mid'];
const CORNERS = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'];
const CROSSINGS = ['left-mid', 'mid-mid', 'right-mid'];
const NO_LINES = Object.fromEntries([...SIDES, ...CORNERS, ...CROSSINGS].map((name) => [name, '']));
const NO_STYLE = { 'padding-left': 0, 'padding-right': 0, head: [], border: [] };

/** The settings of a table without lines. Made anew each time: the library writes into them. */
export const bare = () => ({ chars: { ...NO_LINES, middle: ' '.repeat(GAP) }, style: { ...NO_STYLE } });

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** The library knows the width of wide and combining characters; its table, less the corners, is as wide as they are. */
const measured = (texts: readonly string[]): number => {
  const table = new Table({ style: { ...NO_STYLE } });
  table.push(...texts.map((text) => [text]));
  return table.width - 2;
};

const chunksOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, number) => all.slice(number * CHUNK, (number + 1) * CHUNK));

/** How many columns of a terminal the widest of some texts takes: wide characters take two, combining ones none. */
export const widthOf = (texts: readonly string[]): number => {
  const plain = texts.reduce((most, text) => (isPlain(text) ? Math.max(most, text.length) : most), 0);
  const others = chunksOf(texts.filter((text) => !isPlain(text)));
  return others.reduce((most, chunk) => Math.max(most, measured(chunk)), plain);
};

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A text cut to a width. The library cuts code units, which is right for plain text, and breaks other characters apart. */
const cut = (text: string, width: number): string => {
  if (isPlain(text) || widthOf([text]) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf([`${kept}${segment}…`]) > width) break;
    kept += segment;
  }
  return `${kept}…`;
};

interface Sized<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);

const leastOf = <Row>({ column, width }: Sized<Row>): number => Math.min(width, column.least ?? DEFAULT_LEAST);

/** The columns that fit: the least important ones go until the others fit at their least. One always stays. */
const chosen = <Row>(sized: readonly Sized<Row>[], room: number): readonly Sized<Row>[] => {
  let left = sized;
  while (left.length > 1 && total(left.map(leastOf)) > room) {
    const lowest = Math.min(...left.map(({ column }) => column.importance));
    // Of several the last one goes.
    const index = left.findLastIndex(({ column }) => column.importance === lowest);
    left = left.filter((_, position) => position !== index);
  }
  return left;
};

/** Makes the widest columns narrower, one place after the other, until all fit. */
const shrunk = <Row>(sized: readonly Sized<Row>[], room: number): readonly Sized<Row>[] => {
  const widths = sized.map(({ width }) => width);
  const least = sized.map((each) => Math.min(leastOf(each), room));
  for (let over = total(widths) - room; over > 0; over -= 1) {
    const spare = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
    const index = spare.indexOf(Math.max(...spare));
    if (spare[index] === 0) break;
    widths[index] = (widths[index] ?? 0) - 1;
  }
  return sized.map(({ column }, index) => ({ column, width: widths[index] ?? 0 }));
};

/** Which columns are shown, and how wide they are. Pure: tests give the widths. */
export const layOut = <Row>(sized: readonly Sized<Row>[], columns: number | undefined): readonly Sized<Row>[] =>
  columns === undefined ? sized : shrunk(chosen(sized, columns), columns);

const render = <Row>(sized: readonly Sized<Row>[], rows: readonly (readonly string[])[]): string[] => {
  const table = new Table({
    ...bare(),
    colWidths: sized.map(({ width }) => width),
    colAligns: sized.map(({ column }) => column.align ?? 'left'),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
};

/**
 * A table line by line, none longer than the terminal. Texts are made safe to print. A row takes about half a
 * millisecond, so lines come as they are made: print each at once.
 */
export function* formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  terminal: Pick<Terminal, 'columns' | 'colour'>,
): Generator<string> {
  const palette = paletteOf(terminal);
  const measure = (column: Column<Row>) => ({
    column,
    width: widthOf([column.title, ...rows.map((row) => visible(column.value(row)))]),
  });
  const sized = layOut(columns.map(measure), terminal.columns);
  const cell = ({ column: { value, paint }, width }: Sized<Row>, row: Row): string => {
    const text = cut(visible(value(row)), width);
    return paint?.(text, row) ?? text;
  };
  const titles = sized.map(({ column }) => palette.bold(column.title));
  yield* render(sized, [titles]);
  for (const chunk of chunksOf(rows)) {
    yield* render(
      sized,
      chunk.map((row) => sized.map((each) => cell(each, row))),
    );
  }
}
