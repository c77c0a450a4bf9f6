import type { Terminal } from '../context.ts';
import { paletteOf, type Palette } from '../output/values.ts';
import { formatFacts } from '../output/table.ts';
import { asSentence } from '../../domain/text.ts';
import type { Outcome } from './check.ts';
import type { Examined } from './examine.ts';

const PAINT = {
  holds: 'green',
  'does not hold': 'red',
  'could not be checked': 'yellow',
} as const satisfies Record<Outcome, keyof Palette>;

/** A line for each check: its outcome, what holds, and what was looked at, what to do, or why not. */
export const formatFindings = (
  findings: readonly Examined[],
  terminal: Pick<Terminal, 'columns' | 'colour'>,
): string[] => {
  const palette = paletteOf(terminal);
  const lineOf = ({ outcome, title, detail }: Examined) => ({
    label: outcome,
    value: outcome === 'holds' ? `${title}: ${asSentence(detail)}` : `${title}: ${detail}`,
    ...(outcome !== 'holds' && { paint: palette[PAINT[outcome]] }),
  });
  return formatFacts(findings.map(lineOf), terminal);
};

/** "19 hold, 1 does not hold, 3 could not be checked." */
export const summaryOf = (findings: readonly Examined[]): string => {
  const count = (outcome: Outcome) => findings.filter((finding) => finding.outcome === outcome).length;
  const [good, bad, open] = [count('holds'), count('does not hold'), count('could not be checked')];
  return `${good} ${good === 1 ? 'holds' : 'hold'}, ${bad} ${bad === 1 ? 'does' : 'do'} not hold, ${open} could not be checked.`;
};
