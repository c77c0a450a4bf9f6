import { SWEEPS } from '../../contract.ts';
import { oneLine, pluralize } from '../../domain/text.ts';
import { formatDuration, MINUTE } from '../../domain/time.ts';
import type { ScopeRow } from '../../operator/scopes.ts';
import type { KnownScope } from '../../tracking/ports.ts';
import type { SweepCounts, SweepState } from '../../tracking/sweep-state.ts';
import { partsFor, type Screen } from './jobs.ts';
import { type Column, type Fact, formatFacts, formatTable } from './table.ts';
import { formatTime, NOTHING, type Palette, paletteOf } from './values.ts';

/** In whole minutes, as no sweep is due to the second. */
const coarse = (ms: number): string =>
  ms < MINUTE ? formatDuration(ms) : formatDuration(Math.round(ms / MINUTE) * MINUTE);

const ago = (time: string | undefined, now: Date, absent = NOTHING): string =>
  time === undefined ? absent : `${coarse(Math.max(0, now.getTime() - Date.parse(time)))} ago`;

const due = ({ state, due_at }: Pick<ScopeRow, 'state' | 'due_at'>, now: Date): string => {
  if (state === 'released') return NOTHING;
  const ms = Date.parse(due_at) - now.getTime();
  return ms > 0 ? `in ${coarse(ms)}` : 'now';
};

/** Only creations tell of a trail, and some scopes never had a job. */
const trail = ({ creation_told_at, state }: Pick<ScopeRow, 'creation_told_at' | 'state'>): string => {
  if (creation_told_at !== undefined) return 'seen';
  return state === 'empty' || state === 'released' ? NOTHING : 'not seen';
};

const problem = ({ failures, error, late }: ScopeRow): string => {
  if (error === undefined) return late ? 'late' : '';
  return failures === undefined ? error : `${pluralize(failures, 'failure')}: ${error}`;
};

/** The width to which cells are not cut: an error gives way first. */
const WHOLE = { least: 28 };

const columnsOf = (scopes: readonly ScopeRow[], now: Date, palette: Palette): Column<ScopeRow>[] => [
  { title: 'SCOPE', value: ({ scope }) => scope, importance: 10, ...WHOLE },
  { title: 'STATE', value: ({ state }) => state, importance: 8, ...WHOLE },
  { title: 'LAST SWEEP', value: ({ swept_at }) => ago(swept_at, now, 'never'), importance: 7, ...WHOLE },
  { title: 'NEXT', value: (row) => due(row, now), importance: 6, ...WHOLE },
  { title: 'HEARTBEAT', value: ({ heard_at }) => ago(heard_at, now), importance: 5, ...WHOLE },
  { title: 'TRAIL', value: trail, importance: 4, ...WHOLE },
  ...(scopes.some((row) => problem(row) !== '')
    ? [
        {
          title: 'PROBLEM',
          value: (row: ScopeRow) => oneLine(problem(row), 500),
          ...{ importance: 9, least: 20 },
          paint: (text: string, row: ScopeRow) => (row.late ? palette.yellow : palette.red)(text),
        },
      ]
    : []),
];

export const formatScopes = (scopes: readonly ScopeRow[], screen: Screen, now: Date): Iterable<string> =>
  formatTable(columnsOf(scopes, now, paletteOf(screen)), scopes, screen);

export const countColumns = <Row extends { readonly counts?: SweepCounts }>(): Column<Row>[] =>
  (['listed', 'drifted', 'corrected', 'missing', 'failed'] as const).map((name, index) => ({
    title: name.toUpperCase(),
    value: ({ counts }) => String(counts?.[name] ?? NOTHING),
    importance: [4, 6, 7, 3, 8][index] ?? 0,
    align: 'right',
  }));

/** All that is known of one scope, as lines that fit the terminal. */
export const formatScope = (row: ScopeRow, sweeps: KnownScope['sweeps'], screen: Screen, now: Date): string[] => {
  const palette = paletteOf(screen);
  const { state, due_at, failing_since, active_jobs = 0, oldest_active_at } = row;
  const time = (label: string, at: string | undefined, distance = ago(at, now)): Fact[] =>
    at === undefined ? [] : [{ label, value: `${formatTime(at)} (${distance})` }];
  const facts: Fact[] = [
    { label: 'scope', value: row.scope, paint: palette.bold },
    { label: 'state', value: row.late ? `${state}, late` : state },
    ...(row.error === undefined ? [] : [{ label: 'problem', value: problem(row), paint: palette.red }]),
    ...time('failing since', failing_since),
    ...time('last sweep', row.swept_at),
    ...(state === 'released' ? [] : time('next sweep', due_at, due(row, now))),
    ...time('heartbeat', row.heard_at),
    { label: 'trail', value: trail(row) },
    ...time('told of a job', row.creation_told_at),
    { label: 'active jobs', value: String(active_jobs) },
    ...time('oldest of them', oldest_active_at),
    ...time('registered', row.registered_at),
    ...time('released', row.released_at),
  ];
  const made = SWEEPS.flatMap((sweep) => {
    const state = sweeps[sweep];
    return state === undefined ? [] : [{ sweep, ...state }];
  });
  const columns: Column<SweepState & { readonly sweep: string }>[] = [
    { title: 'SWEEP', value: ({ sweep }) => sweep, importance: 9 },
    { title: 'SUCCEEDED', value: ({ succeeded_at }) => ago(succeeded_at, now, 'never'), importance: 8 },
    ...countColumns<SweepState>(),
    { title: 'FINISHED', value: ({ unfinished }) => (unfinished === true ? 'no' : 'yes'), importance: 5 },
  ];
  return [...formatFacts(facts, screen), ...partsFor(screen).table('Sweeps', columns, made)];
};
