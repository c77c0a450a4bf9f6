import Table from 'cli-table3';
import type { Terminal } from '../context.ts';
import { paletteOf } from './colours.ts';
import { bare, GAP, widthOf } from './table.ts';
import { visible, visibleLines } from './text.ts';

/** One fact: what it is called, and what it is. The value may have lines, and need not be safe to print. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Colours a line of the value. */
  readonly paint?: (text: string) => string;
}

const INDENT = 2;
/** Where labels need more than this share of the terminal, values stand below them. */
const MOST_LABEL = 0.4;

type Cell = Table.CellOptions;

/** A word that is longer than a line, such as an ARN, is broken where the line ends; others are kept whole. */
const wrapped = (lines: readonly string[], width: number, paint: (text: string) => string): Cell => ({
  content: lines.map(paint).join('\n'),
  wrapOnWordBoundary: widthOf(lines.flatMap((line) => line.split(' '))) <= width,
});

const render = (colWidths: readonly number[], rows: readonly Cell[][]): string[] => {
  const table = new Table({ ...bare(), colWidths: [...colWidths], wordWrap: true });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => `${' '.repeat(INDENT)}${line}`.trimEnd());
};

/** Facts below each other, long values broken into lines that fit the terminal. */
export const formatFacts = (facts: readonly Fact[], terminal: Pick<Terminal, 'columns' | 'colour'>): string[] => {
  if (facts.length === 0) return [];
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
    return render(
      [labelWidth, width],
      texts.map(({ label, lines, paint }) => [{ content: dim(label) }, wrapped(lines, width, paint)]),
    );
  }
  const width = Math.max(1, Math.min(natural, room - INDENT));
  return texts.flatMap(({ label, lines, paint }) => [
    ...render([Math.min(labelWidth, room)], [[wrapped([label], room, dim)]]),
    ...render([width], [[wrapped(lines, width, paint)]]).map((line) => `${' '.repeat(INDENT)}${line}`),
  ]);
};
