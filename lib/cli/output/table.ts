import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { Terminal } from '../context.ts';
import { paletteOf, visible, visibleLines } from './values.ts';

type Screen = Pick<Terminal, 'columns' | 'colour'>;

export interface Column<Row> {
  readonly title: string;
  /** The text of a row's cell. It need not be safe to print. */
  readonly value: (row: Row) => string;
  /** A shorter form of the text, for the whole column where not all columns fit. */
  readonly short?: (row: Row) => string;
  /** On a narrow terminal the columns of the lowest importance are left out first. */
  readonly importance: number;
  /**
   * The width to which cells may be cut. A column without it is never cut: where not all columns fit, such columns are left
   * out first.
   */
  readonly least?: number;
  /** Where a cell is cut: in the middle where the end tells one row from another. @default 'end' */
  readonly cut?: 'middle';
  readonly align?: 'left' | 'right';
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = 2;

/** How many columns of a terminal the widest text takes: wide characters take two, combining ones none. */
export const widthOf = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The part of a text's characters that fits a width. */
const fitting = (characters: readonly string[], width: number): string[] => {
  let left = width;
  const end = characters.findIndex((character) => (left -= stringWidth(character)) < 0);
  return end === -1 ? [...characters] : characters.slice(0, end);
};

/** Cuts a text to a width, and never inside a character. */
export const cutTo = (text: string, width: number, where: 'middle' | 'end' = 'end'): string => {
  if (stringWidth(text) <= width) return text;
  const characters = [...graphemes.segment(text)].map(({ segment }) => segment);
  if (where === 'end') return `${fitting(characters, width - 1).join('')}…`;
  const tail = fitting(characters.toReversed(), Math.floor((width - 1) / 2)).toReversed();
  return `${fitting(characters, width - 1 - widthOf([tail.join('')])).join('')}…${tail.join('')}`;
};

interface Sized<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

const totalOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);

const leastOf = <Row>({ column, width }: Sized<Row>): number => Math.min(width, column.least ?? width);

/** The position of the least important column, of equals the last one. */
const leastImportant = <Row>(sized: readonly Sized<Row>[]): number => {
  const lowest = Math.min(...sized.map(({ column }) => column.importance));
  return sized.findLastIndex(({ column }) => column.importance === lowest);
};

/** Shortens or leaves out the least important columns that may not be cut, until all fit uncut. One always stays. */
const dropWhole = <Row>(
  sized: readonly Sized<Row>[],
  room: number,
  sizeOf: (column: Column<Row>) => Sized<Row>,
): readonly Sized<Row>[] => {
  let left = sized;
  while (left.length > 1 && totalOf(left.map(({ width }) => width)) > room) {
    const whole = left.filter(({ column }) => column.least === undefined);
    const last = whole[leastImportant(whole)];
    if (last === undefined) break;
    const { short, ...column } = last.column;
    const instead = short === undefined ? [] : [sizeOf({ ...column, value: short })];
    left = left.flatMap((each) => (each === last ? instead : [each]));
  }
  return left;
};

/** The columns that fit, cut as far as they may be: the important ones before the others. One always stays. */
const dropCut = <Row>(sized: readonly Sized<Row>[], room: number): readonly Sized<Row>[] => {
  let left = room + GAP;
  const kept = new Set<Sized<Row>>();
  for (const each of sized.toSorted((a, b) => b.column.importance - a.column.importance)) {
    if (kept.size > 0 && leastOf(each) + GAP > left) continue;
    kept.add(each);
    left -= leastOf(each) + GAP;
  }
  return sized.filter((each) => kept.has(each));
};

/** Makes the widest column narrower by one, again and again, until all fit. */
const shrinkColumns = <Row>(sized: readonly Sized<Row>[], room: number): readonly Sized<Row>[] => {
  const widths = sized.map(({ width }) => width);
  const least = sized.map((each) => Math.min(leastOf(each), room));
  for (let over = totalOf(widths) - room; over > 0; over -= 1) {
    const spare = widths.map((width, index) => (width > (least[index] ?? 0) ? width : 0));
    const index = spare.indexOf(Math.max(...spare));
    if (spare[index] === 0) break;
    widths[index] = (widths[index] ?? 0) - 1;
  }
  return sized.map(({ column }, index) => ({ column, width: widths[index] ?? 0 }));
};

/**
 * A table line by line, none longer than the terminal. Texts are made safe to print. Returns the titles of the columns that
 * the terminal has no room for.
 */
export function* formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  terminal: Screen,
): Generator<string, readonly string[]> {
  const { bold } = paletteOf(terminal);
  const sizeOf = (column: Column<Row>): Sized<Row> => ({
    column,
    width: widthOf([column.title, ...rows.map((row) => visible(column.value(row)))]),
  });
  const room = terminal.columns ?? Infinity;
  const sized = shrinkColumns(dropCut(dropWhole(columns.map(sizeOf), room, sizeOf), room), room);
  const line = (textOf: (column: Column<Row>) => string, paint: (text: string, column: Column<Row>) => string) =>
    sized
      .map(({ column, width }) => {
        const text = cutTo(textOf(column), width, column.cut);
        const blanks = ' '.repeat(Math.max(0, width - stringWidth(text)));
        return column.align === 'right' ? `${blanks}${paint(text, column)}` : `${paint(text, column)}${blanks}`;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  yield line(({ title }) => title, bold);
  for (const row of rows)
    yield line(
      ({ value }) => visible(value(row)),
      (text, { paint }) => paint?.(text, row) ?? text,
    );
  const shown = new Set(sized.map(({ column }) => column.title));
  return columns.flatMap(({ title }) => (shown.has(title) ? [] : [title]));
}

/** A label and its value. The value may have several lines, and need not be safe to print. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Colours a line of the value. */
  readonly paint?: (text: string) => string;
}

const INDENT = 2;
/** Where labels need more than this share of the terminal, values stand below them. */
const MOST_LABEL = 0.4;

/** A column of lines. A word longer than a line, such as an ARN, is broken where the line ends; others stay whole. */
const wrap = (lines: readonly string[], width: number, paint: (text: string) => string): Table.CellOptions => ({
  content: lines.map(paint).join('\n'),
  wrapOnWordBoundary: widthOf(lines.flatMap((line) => line.split(' '))) <= width,
});

const SIDES = ['top', 'bottom', 'left', 'right', 'mid', 'top-mid', 'top-left', 'top-right'];
const OTHERS = ['bottom-mid', 'bottom-left', 'bottom-right', 'left-mid', 'mid-mid', 'right-mid'];
const NO_LINES = Object.fromEntries([...SIDES, ...OTHERS].map((name) => [name, '']));

const layOutCells = (widths: readonly number[], cells: readonly Table.CellOptions[]): string[] => {
  const table = new Table({
    chars: { ...NO_LINES, middle: ' '.repeat(GAP) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths],
    wordWrap: true,
  });
  table.push([...cells]);
  const lines = table.toString().split('\n');
  return lines.map((line) => `${' '.repeat(INDENT)}${line}`.trimEnd());
};

/** Facts below each other, long values broken into lines that fit the terminal. */
export const formatFacts = (facts: readonly Fact[], terminal: Screen): string[] => {
  const { dim } = paletteOf(terminal);
  const texts = facts.map(({ label, value, paint = (text: string) => text }) => ({
    label: visible(label),
    lines: visibleLines(value),
    paint,
  }));
  const room = Math.max(1, (terminal.columns ?? Infinity) - INDENT);
  // For a column of width 0 the library finds a width of its own.
  const labelWidth = Math.max(1, widthOf(texts.map(({ label }) => label)));
  const natural = Math.max(1, widthOf(texts.flatMap(({ lines }) => lines)));
  if (labelWidth <= room * MOST_LABEL) {
    const width = Math.min(natural, room - labelWidth - GAP);
    return texts.flatMap(({ label, lines, paint }) =>
      layOutCells([labelWidth, width], [{ content: dim(label) }, wrap(lines, width, paint)]),
    );
  }
  const width = Math.max(1, Math.min(natural, room - INDENT));
  return texts.flatMap(({ label, lines, paint }) => [
    ...layOutCells([Math.min(labelWidth, room)], [wrap([label], room, dim)]),
    ...layOutCells([width], [wrap(lines, width, paint)]).map((line) => `${' '.repeat(INDENT)}${line}`),
  ]);
};
