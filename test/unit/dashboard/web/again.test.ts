import { describe, expect, it } from '@jest/globals';
import type { AgainFields } from '../../../../lib/dashboard/api.ts';
import {
  type AgainForm,
  againQuery,
  changesOf,
  formOf,
  formProblems,
  problemText,
} from '../../../../lib/dashboard/web/logic/again.ts';

const FIELDS: AgainFields = {
  jobName: 'tone-2',
  customModelName: 'tone-v1-2',
  trainingData: 's3://data/train.jsonl',
  validationData: ['s3://data/a.jsonl', 's3://data/b.jsonl'],
  hyperParameters: { epochCount: '2', learningRate: '1e-5' },
  hyperParametersPath: 'hyperParameters',
  tags: { team: 'nlp', note: '' },
};
const NAMES = { jobName: 'tone-2', customModelName: 'tone-v1-2' };

const changed = (change: Partial<AgainForm>, fields: AgainFields = FIELDS) =>
  changesOf(fields, { ...formOf(fields), ...change });

describe('the changes of a form', () => {
  it.each<[string, Partial<AgainForm>, object]>([
    ['nothing', {}, {}],
    ['the names', { jobName: ' mine ', customModelName: 'mine' }, { jobName: 'mine', customModelName: 'mine' }],
    ['the training data', { trainingData: 's3://data/new.jsonl' }, { trainingData: 's3://data/new.jsonl' }],
    ['one validator', { validationData: 's3://data/a.jsonl\n\n' }, { validationData: ['s3://data/a.jsonl'] }],
    ['no validators', { validationData: ' ' }, { without: ['validationDataConfig'] }],
    [
      'a hyperparameter that is changed, one that is removed, and a new one',
      {
        hyperParameters: [
          ['epochCount', '3'],
          ['seed', ' 1 '],
          ['', 'x'],
        ],
      },
      { hyperParameter: ['epochCount=3', 'seed=1'], without: ['hyperParameters.learningRate'] },
    ],
    [
      'a tag whose name is changed',
      {
        tags: [
          ['Team', 'nlp'],
          ['note', ''],
        ],
      },
      { tag: ['Team=nlp'], without: ['jobTags.team'] },
    ],
  ])('are of %s', (_, change, changes) => {
    expect(changed(change)).toEqual({ ...NAMES, ...changes });
  });

  it('put data in place of invocation logs', () => {
    const { trainingData: _, ...logs } = FIELDS;
    expect(changed({ trainingData: 's3://data/new.jsonl' }, logs)).toEqual({
      ...NAMES,
      trainingData: 's3://data/new.jsonl',
      without: ['trainingDataConfig.invocationLogsConfig'],
    });
    expect(changed({}, logs)).toEqual(NAMES);
  });

  it('are a query whose lists are repeated', () => {
    expect(againQuery({ ...NAMES, tag: ['a=b&c', 'd='] })).toBe(
      'jobName=tone-2&customModelName=tone-v1-2&tag=a%3Db%26c&tag=d%3D',
    );
  });
});

describe('a problem', () => {
  it('is a name with = that is new or has another value', () => {
    const fields = { ...FIELDS, tags: { 'a=b': '1' } };
    const problems = (change: Partial<AgainForm>) => formProblems(fields, { ...formOf(fields), ...change });
    expect(problems({})).toEqual([]);
    expect(problems({ tags: [] })).toEqual([]);
    expect(problems({ tags: [['a=b', '2']], hyperParameters: [['c=d', '3']] })).toEqual([
      'c=d: a name with = can be kept or removed here. Change it in the spec.',
      'a=b: a name with = can be kept or removed here. Change it in the spec.',
    ]);
  });

  it.each([
    [{ where: '--job-name', text: 'must not be empty' }, 'Job name: must not be empty.'],
    [{ where: '--hyper-parameter epochs', text: 'is wrong' }, 'epochs: is wrong.'],
    [{ where: 'roleArn', text: 'is missing' }, 'roleArn: is missing.'],
  ])('%j is a sentence of the dialog: %s', (problem, sentence) => {
    expect(problemText(problem)).toBe(sentence);
  });
});
