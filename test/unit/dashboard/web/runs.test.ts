import { describe, expect, it } from '@jest/globals';
import type { RunDetails } from '../../../../lib/dashboard/api.ts';
import { spread } from '../../../../lib/dashboard/web/charts/letters.ts';
import { cut, differs, scaleOf, ticksOf } from '../../../../lib/dashboard/web/charts/scale.ts';
import { chartOf } from '../../../../lib/dashboard/web/pages/runs/chart-model.ts';
import {
  columnChoices,
  columnLabel,
  columnsOf,
  formatValue,
  groupChoices,
  usualColumns,
} from '../../../../lib/dashboard/web/pages/runs/columns.ts';
import {
  groupRuns,
  marksOf,
  pageOf,
  rowsOf,
  sortRuns,
  spreadOf,
} from '../../../../lib/dashboard/web/pages/runs/rows.ts';
import {
  dataPath,
  formatRunsView,
  parseRunsView,
  queryOf,
  runsPath,
  type RunsView,
} from '../../../../lib/dashboard/web/pages/runs/view.ts';
import { aRecord } from '../../../support/dashboard-server.ts';

const TRIAGE = 's3://acme/triage/train.jsonl';

/** A completed run on one data set with one thing changed. */
const aRun = (name: string, loss: number, change: Partial<RunDetails> = {}): RunDetails => ({
  ...aRecord(name, {
    status: 'Completed',
    training_metrics: { training_loss: loss },
    training_data_config: { s3_uri: TRIAGE },
    hyper_parameters: { learningRate: '1.0E-5' },
  }),
  ...change,
});
const named = (runs: readonly RunDetails[]) => runs.map(({ job_name: name }) => name);
const column = (name: string) => {
  const [found] = columnsOf([name]);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
};

describe('the address of the runs page', () => {
  const full: RunsView = {
    query: { status: ['Failed'], search: 'triage' },
    data: TRIAGE,
    columns: ['hp.learningRate', 'training_loss', 'tag.a&b=c'],
    sort: 'training_loss',
    descending: true,
    group: 'tag:team',
    chart: 'parallel',
    x: 'hp.learningRate',
    y: 'training_loss',
    of: '=search',
  };

  it.each<[string, RunsView]>([
    ['nothing', { query: {} }],
    ['everything', full],
    ['a data set', { query: {}, data: 's3://a/b c?d&e#f' }],
  ])('reads back %s', (_, view) => {
    expect(parseRunsView(formatRunsView(view))).toEqual(view);
    expect(runsPath(view)).toBe(formatRunsView(view) === '' ? '/runs' : `/runs?${formatRunsView(view)}`);
  });

  it.each([
    ['column=loss&column=__proto__&sort=nothing&order=descending&group=duration_s&chart=pie', {}],
    ['column=hp.a&column=hp.a', { columns: ['hp.a'] }],
    ['x=hp.a&of=selected', {}],
    ['sort=reward&order=oldest&sortBy=creation_time', { sort: 'reward' }],
  ])('leaves out what it does not know: %s', (search, expected) => {
    expect(parseRunsView(search)).toEqual({ query: {}, ...expected });
  });

  it('sends the filters alone to the server', () => {
    expect(queryOf(full)).toBe('status=Failed&search=triage&data=s3%3A%2F%2Facme%2Ftriage%2Ftrain.jsonl');
    expect(dataPath(TRIAGE)).toBe('/runs?data=s3%3A%2F%2Facme%2Ftriage%2Ftrain.jsonl');
  });
});

describe('the columns of runs', () => {
  const rft = { rft_config: { hyper_parameters: { learning_rate: 1e-5, reasoning_effort: 'low' } } };
  const runs = [
    aRun('a', 1, { hyper_parameters: { epochCount: '2', learningRate: '1e-5' }, tags: { team: 'search' } }),
    aRun('b', 1, { hyper_parameters: {}, customization_config: rft, tags: { 'cost center': '3', team: 'ads' } }),
  ];

  it('are those that the runs have, learning rates first', () => {
    const choices = columnChoices(runs);
    expect(choices.find(({ title }) => title === 'Hyperparameters')?.names).toEqual([
      'hp.learningRate',
      'hp.learning_rate',
      'hp.epochCount',
      'hp.reasoning_effort',
    ]);
    expect(choices.find(({ title }) => title === 'Tags')?.names).toEqual(['tag.team', 'tag.cost center']);
    expect(columnsOf(choices.flatMap(({ names }) => names))).toHaveLength(choices.flatMap(({ names }) => names).length);
    expect(groupChoices(runs).slice(-2)).toEqual(['tag:team', 'tag:cost center']);
  });

  it('usually have the results that some run has', () => {
    expect(usualColumns(runs)).toContain('training_loss');
    expect(usualColumns(runs)).not.toContain('validation_loss');
  });

  it.each([
    ['hp.learningRate', 0.00001, '1e-5'],
    ['hp.learningRate', 0.000025, '2.5e-5'],
    ['hp.epochCount', 3, '3'],
    ['hp.warmup', 0, '0'],
    ['training_loss', 0.123456, '0.1235'],
    ['training_loss', 'NaN', 'NaN'],
    ['duration_s', 5400, '1 h 30 min'],
    ['data', TRIAGE, 'acme/triage/train.jsonl'],
    ['status', 'InProgress', 'In progress'],
    ['tag.team', 'search', 'search'],
    ['reward', undefined, '–'],
  ])('show %s %s as %s', (name, value, text) => {
    expect(formatValue(name, value)).toBe(text);
  });

  it('are named in words, and by the user’s own', () => {
    expect(['training_loss', 'hp.epochCount', 'tag.team', 'toString'].map(columnLabel)).toEqual([
      'Training loss',
      'epochCount',
      'tag team',
      'toString',
    ]);
  });
});

describe('the rows of runs', () => {
  const other = { training_data_config: { s3_uri: 's3://acme/other.jsonl' } };
  const runs = [aRun('a', 0.5), aRun('b', 0.2, other), aRun('c', 0.1), aRun('d', 0.3, { training_data_config: {} })];

  it('are sorted by a column, and stay as loaded without one', () => {
    expect(named(sortRuns(runs, { sort: 'training_loss' }))).toEqual(['c', 'b', 'd', 'a']);
    expect(named(sortRuns(runs, { sort: 'training_loss', descending: true }))).toEqual(['a', 'd', 'b', 'c']);
    expect(sortRuns(runs, {})).toBe(runs);
  });

  it('are grouped in the order of their first runs, those without a value too', () => {
    const groups = groupRuns(sortRuns(runs, { sort: 'training_loss' }), 'data');
    expect(groups.map(({ key, label, runs: of }) => [key, label, named(of)])).toEqual([
      [`=${TRIAGE}`, 'acme/triage/train.jsonl', ['c', 'a']],
      ['=s3://acme/other.jsonl', 'acme/other.jsonl', ['b']],
      ['none', 'No data set', ['d']],
    ]);
  });

  it('tell an empty tag from none', () => {
    const tagged = [aRun('a', 1, { tags: { team: '' } }), aRun('b', 1, { tags: {} })];
    expect(groupRuns(tagged, 'tag:team').map(({ key, label }) => [key, label])).toEqual([
      ['=', '(empty)'],
      ['none', 'No tag team'],
    ]);
  });

  it('leave out the runs of folded groups, and name a group again on its next page', () => {
    const groups = groupRuns(runs, 'data');
    const rows = rowsOf(groups, true, new Set(['=s3://acme/other.jsonl']));
    const show = (page: number, size: number) =>
      pageOf(rows, page, size).map(({ group, run }) => run?.job_name ?? `[${group.label}]`);
    expect(show(0, 10)).toEqual(['[acme/triage/train.jsonl]', 'a', 'c', '[acme/other.jsonl]', '[No data set]', 'd']);
    expect(show(1, 2)).toEqual(['[acme/triage/train.jsonl]', 'c', '[acme/other.jsonl]']);
    expect(pageOf(rowsOf(groupRuns(runs, undefined), false, new Set()), 1, 2).map(({ run }) => run?.job_name)).toEqual([
      'c',
      'd',
    ]);
  });

  it('mark the best of like runs, and say of how many', () => {
    const marks = marksOf([column('training_loss'), column('duration_s')], runs);
    expect([...(marks.get('training_loss') ?? [])].map(([run, of]) => [run.job_name, of])).toEqual([
      ['c', 'Best of 2 completed runs of nova-lite on acme/triage/train.jsonl'],
    ]);
    expect(marks.get('duration_s')?.size).toBe(0);
  });

  it.each([
    ['the best of a group whose runs compare', 'training_loss', [aRun('a', 0.5), aRun('b', 0.1)], '0.1 – 0.5', '0.1'],
    ['no best among different data', 'training_loss', runs, '0.1 – 0.5', undefined],
    ['one value once', 'training_loss', [aRun('a', 0.5), aRun('b', 0.5)], '0.5', undefined],
    ['few texts', 'status', [aRun('a', 1), aRun('b', 1, { status: 'Failed' })], 'Completed, Failed', undefined],
    ['how many texts', 'name', runs, '4 values', undefined],
    ['nothing for no values', 'validation_loss', runs, '', undefined],
  ])('sum a column up: %s', (_, name, of, text, best) => {
    const sum = spreadOf(column(name), of);
    expect([sum.text, sum.best?.text]).toEqual([text, best]);
  });
});

describe('an axis', () => {
  const ticks = (values: readonly (number | string | undefined)[], count = 5) => {
    const scale = scaleOf(values, count);
    return scale && [scale.isLogarithmic, scale.ticks.map(({ value }) => value)];
  };

  it.each([
    ['near numbers', [1, 2, 3, 5], [false, [1, 2, 3, 4, 5]]],
    ['learning rates', [1e-6, 1e-3], [true, [1e-6, 1e-5, 1e-4, 1e-3]]],
    ['a factor of 20', [5e-6, 1e-4], [true, [5e-6, 1e-5, 2e-5, 5e-5, 1e-4]]],
    ['zero and more', [0, 1000], [false, [0, 200, 400, 600, 800, 1000]]],
    ['negative numbers', [-1, 1], [false, [-1, -0.5, 0, 0.5, 1]]],
    ['one value', [0.3, 0.3], [false, [0.3]]],
    ['numbers and a loss that is none', [1, 'NaN', 2], [false, [1, 1.2, 1.4, 1.6, 1.8, 2]]],
    ['texts', ['low', 'high', 'low', undefined], [false, ['high', 'low']]],
    ['many texts', Array.from({ length: 13 }, (_, n) => `text ${n}`), undefined],
    ['nothing', [undefined], undefined],
  ])('of %s', (_, values, expected) => {
    expect(ticks(values)).toEqual(expected);
  });

  it.each([
    [[1, 10, 1000], 10],
    [['a', 'b', 'c'], 'b'],
    [[7, 7], 7],
  ])('of %j places %s within it', (values, value) => {
    const at = scaleOf(values, 5)?.at(value) ?? NaN;
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(1);
    expect(scaleOf(values, 5)?.at(undefined)).toBeUndefined();
  });

  it('tells nothing about equal values', () => {
    expect([differs([1, 1, undefined]), differs([1, 2])]).toEqual([false, true]);
  });
});

describe('the labels of an axis', () => {
  it.each([
    [
      ['acme/faq/train.jsonl', 'acme/triage/train.jsonl'],
      ['faq', 'triage'],
    ],
    [
      ['acme/faq/a.jsonl', 'acme/faq/b.jsonl'],
      ['a.jsonl', 'b.jsonl'],
    ],
    [
      ['a/a', 'a/b/a'],
      ['a', 'b/a'],
    ],
    [['acme/faq/train.jsonl'], ['acme/faq/train.jsonl']],
    [
      ['nova-lite', 'nova-micro'],
      ['nova-lite', 'nova-micro'],
    ],
  ])('of %j say what differs', (values, labels) => {
    const scale = scaleOf(values, 5);
    if (scale === undefined) throw new Error('The axis shows nothing.');
    expect(ticksOf({ label: 'Data set', scale, format: String }).map(({ text }) => text)).toEqual(labels);
  });

  it.each([
    ['nova-lite', 9, 'nova-lite'],
    ['nova-lite', 6, 'nova-…'],
    ['triage/train.jsonl', 10, '…ain.jsonl'],
  ])('cut %s to %i characters', (text, most, expected) => {
    expect(cut(text, most)).toBe(expected);
  });
});

describe('the chart of runs', () => {
  const rate = (learningRate: string) => ({ hyper_parameters: { learningRate, epochCount: '2' } });
  const runs = [
    aRun('a', 0.5, rate('1e-5')),
    aRun('b', 0.1, rate('1e-3')),
    aRun('c', 0.3, { ...rate('1e-4'), status: 'Failed', training_metrics: {} }),
  ];
  const chart = (view: Partial<RunsView>, selected: readonly string[] = []) =>
    chartOf({
      view: { query: {}, chart: 'scatter', ...view },
      columns: [],
      groups: groupRuns(runs, 'status'),
      selected: new Set(selected),
    });

  it('draws the learning rate against the loss, and marks the best', () => {
    const { x, y, runs: drawn, able, all, best, sets } = chart({});
    expect([x?.column.name, x?.scale.isLogarithmic, y?.column.name]).toEqual([
      'hp.learningRate',
      true,
      'training_loss',
    ]);
    expect([named(drawn), able, all, sets]).toEqual([['b', 'a'], 2, 3, 1]);
    expect([...best.keys()].map(({ job_name: name }) => name)).toEqual(['b']);
  });

  it('draws as parallel coordinates only what differs', () => {
    expect(chart({ chart: 'parallel' }).axes.map(({ label }) => label)).toEqual(['learningRate']);
  });

  it.each<[string, Partial<RunsView>, readonly string[], number]>([
    ['all runs', {}, [], 3],
    ['a group', { of: '=Failed' }, [], 1],
    ['the selected runs', { of: 'selected' }, [runs[0]?.job_arn ?? ''], 1],
    ['all runs where none is selected', { of: 'selected' }, [], 3],
    ['all runs where the group is gone', { of: '=Stopped' }, [], 3],
  ])('shows %s', (_, view, selected, all) => {
    expect(chart(view, selected).all).toBe(all);
  });

  it('has no result while no run has one', () => {
    const { results, y, runs: drawn } = chart({ of: '=Failed' });
    expect([results, y, drawn]).toEqual([[], undefined, []]);
  });
});

describe('letters at the ends of curves', () => {
  it.each([
    [
      'stay where they are far apart',
      [
        [0, 10],
        [0, 50],
      ],
      [10, 50],
    ],
    [
      'stay where their curves end elsewhere',
      [
        [0, 10],
        [90, 12],
      ],
      [10, 12],
    ],
    [
      'move down where one covers the other',
      [
        [0, 10],
        [0, 12],
      ],
      [10, 24],
    ],
    [
      'move up at the bottom',
      [
        [0, 99],
        [0, 100],
      ],
      [86, 100],
    ],
  ])('%s', (_, places, expected) => {
    const letters = places.map(([x = 0, y = 0]) => ({ x, y }));
    expect(spread(letters, 14, 100).map(({ y }) => y)).toEqual(expected);
  });
});
