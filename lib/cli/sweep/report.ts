import type { SweepCounts, SweepKind } from '../../tracking/sweep-state.ts';
import type { Column } from '../output/table.ts';

/** What a sweep did at one scope, as the function and a run of one's own tell it. */
export interface SweptScope {
  /** `<account id>#<region>` */
  readonly scope: string;
  readonly sweep: SweepKind;
  readonly finished: boolean;
  readonly counts: SweepCounts;
}

const count = (title: string, name: keyof SweepCounts, importance: number): Column<SweptScope> => ({
  title,
  value: ({ counts }) => String(counts[name]),
  importance,
  least: 4,
  align: 'right',
});

/** A line of the table for each scope and kind of sweep. */
export const SWEEP_COLUMNS: readonly Column<SweptScope>[] = [
  { title: 'SCOPE', value: ({ scope }) => scope, importance: 9, least: 22 },
  { title: 'SWEEP', value: ({ sweep }) => sweep, importance: 5, least: 6 },
  count('LISTED', 'listed', 4),
  count('DRIFTED', 'drifted', 6),
  count('CORRECTED', 'corrected', 7),
  count('MISSING', 'missing', 3),
  count('FAILED', 'failed', 8),
  { title: 'FINISHED', value: ({ finished }) => (finished ? 'yes' : 'no'), importance: 5, least: 3 },
];

/** What is left undone of a sweep, a sentence each. */
export const unfinishedOf = (swept: readonly SweptScope[]): string[] =>
  swept
    .filter(({ finished }) => !finished)
    .map(({ scope, sweep }) => `The ${sweep} sweep of ${scope} was not finished: the next one goes on from there.`);
