import { countSentence, NO_COUNTS } from '../../operator/scopes.ts';
import { isWhole, type QueueHealth, type ScopeHealth, type TrackerHealth } from '../../operator/tracker-health.ts';
import { SWEEPS } from '../../contract.ts';
import { formatScope } from '../../domain/identity.ts';
import type { Terminal } from '../context.ts';
import { formatAge, paletteOf, visible } from './values.ts';
import { formatTable, type Column } from './table.ts';

export interface HealthReport extends TrackerHealth {
  readonly problems: readonly string[];
}

type Sweep = ScopeHealth['active'];

const lastSuccess = (sweep: Sweep, now: Date): string => {
  const age = sweep?.succeeded_at === undefined ? 'never' : formatAge(sweep.succeeded_at, now);
  return sweep?.unfinished === true ? `${age}, one unfinished` : age;
};

const countOf = (health: ScopeHealth, what: 'corrected' | 'failed'): string =>
  String(SWEEPS.reduce((sum, sweep) => sum + (health[sweep]?.counts?.[what] ?? 0), 0));

/** Sweeps that are not asked for have no column. */
const scopeColumns = (scopes: readonly ScopeHealth[], now: Date): Column<ScopeHealth>[] => [
  { title: 'SCOPE', value: ({ scope }) => formatScope(scope), importance: 9, least: 22 },
  ...SWEEPS.filter((sweep) => sweep === 'active' || sweep === 'full' || scopes.some((each) => each[sweep])).map(
    (sweep, index) => ({
      title: `${sweep.toUpperCase()} SWEEP`,
      value: (health: ScopeHealth) => lastSuccess(health[sweep], now),
      ...{ importance: 8 - index, least: 12 },
    }),
  ),
  { title: 'CORRECTED', value: (row) => countOf(row, 'corrected'), importance: 4, align: 'right' },
  { title: 'FAILED', value: (row) => countOf(row, 'failed'), importance: 5, align: 'right' },
];

const queueColumns: Column<QueueHealth>[] = [
  { title: 'QUEUE', value: ({ name }) => name, importance: 9, least: 12 },
  { title: 'MESSAGES', value: ({ messages }) => String(messages), importance: 8, least: 8, align: 'right' },
];

/** A tracker's health as lines: tables that fit the terminal, then a sentence for each problem. */
export function* formatHealth(
  { scopes, counts = NO_COUNTS, queues, problems }: HealthReport,
  screen: Pick<Terminal, 'columns' | 'colour'>,
  now: Date,
): Generator<string> {
  const palette = paletteOf(screen);
  if (!isWhole({ counts })) yield* [countSentence(counts), ''];
  if (scopes.length > 0) {
    yield* formatTable(scopeColumns(scopes, now), scopes, screen);
    yield '';
  }
  if (queues.length > 0) {
    yield* formatTable(queueColumns, queues, screen);
    yield '';
  }
  if (problems.length === 0) {
    yield palette.green('The tracker is healthy.');
    return;
  }
  yield palette.red(problems.length === 1 ? 'One problem:' : `${problems.length} problems:`);
  for (const problem of problems) yield `- ${visible(problem)}`;
}
