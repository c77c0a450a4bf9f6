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

const problem = ({ failing_since, failures = 1, error = '', late }: ScopeRow): string =>
  failing_since === undefined ? (late ? 'late' : '') : `${pluralize(failures, 'failure')}: ${error}`;

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

/** Scopes as a table. */
export const formatScopes = (scopes: readonly ScopeRow[], screen: Screen, now: Date): Iterable<string> =>
  formatTable(columnsOf(scopes, now, paletteOf(screen)), scopes, screen);

/** What a sweep counted. */
export const countColumns = <Row extends { readonly counts?: SweepCounts }>(): Column<Row>[] =>
  (['listed', 'drifted', 'corrected', 'missing', 'failed'] as const).map((name, index) => ({
    title: name.toUpperCase(),
    value: ({ counts }) => String(counts?.[name] ?? NOTHING),
    importance: [4, 6, 7, 3, 8][index] ?? 0,
    align: 'right',
  }));

/** A time of a record and how far it is from now. */
const both = (time: string | undefined, distance: string): string =>
  time === undefined ? NOTHING : `${formatTime(time)} (${distance})`;

/** All that is known of one scope, as lines that fit the terminal. */
export const formatScope = (row: ScopeRow, sweeps: KnownScope['sweeps'], screen: Screen, now: Date): string[] => {
  const palette = paletteOf(screen);
  const { state, swept_at, due_at, heard_at, registered_at, released_at, active_jobs = 0, oldest_active_at } = row;
  const oldest = oldest_active_at === undefined ? '' : `, the oldest of ${formatTime(oldest_active_at)}`;
  const facts: Fact[] = [
    { label: 'scope', value: row.scope, paint: palette.bold },
    { label: 'state', value: row.late ? `${state}, late` : state },
    ...(row.failing_since === undefined
      ? []
      : [{ label: 'failing', value: `since ${formatTime(row.failing_since)}, ${problem(row)}`, paint: palette.red }]),
    { label: 'last sweep', value: both(swept_at, ago(swept_at, now)) },
    { label: 'next sweep', value: state === 'released' ? NOTHING : both(due_at, due(row, now)) },
    { label: 'heartbeat', value: both(heard_at, ago(heard_at, now)) },
    {
      label: 'trail',
      value: row.creation_told_at === undefined ? trail(row) : both(row.creation_told_at, 'last seen'),
    },
    { label: 'active jobs', value: `${active_jobs}${oldest}` },
    { label: 'registered', value: both(registered_at, ago(registered_at, now)) },
    ...(released_at === undefined ? [] : [{ label: 'released', value: both(released_at, ago(released_at, now)) }]),
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
