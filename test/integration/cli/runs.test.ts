import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { Connection, Terminal } from '../../../lib/cli/context.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import type { JobAnswer, LoadedJob } from '../../../lib/simulator/index.ts';
import { testContext } from '../../support/command-context.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { finishedJob, loadTable } from '../../support/integration/jobs.ts';

const NOW = '2024-02-01T12:00:00.000Z';
const SCOPES = [{ accountId: '123456789012', region: 'us-east-1' }];

const MODEL = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/';

/** A run of a sweep: the n-th of them, with its learning rate, loss and data. */
const sweepRun = (
  n: number,
  validationLoss: number | 'NaN' | undefined,
  change: Partial<JobAnswer> = {},
): LoadedJob => ({
  ...finishedJob(n, {
    jobName: `triage-${n}`,
    outputModelName: `triage-model-${n}`,
    outputModelArn: `${MODEL}${String(n).padStart(12, '0')}`,
    hyperParameters: { learningRate: `${n}e-5`, epochCount: '2' },
    trainingDataConfig: { s3Uri: 's3://acme/triage/train.jsonl' },
    validationDataConfig: { validators: [{ s3Uri: 's3://acme/triage/validation.jsonl' }] },
    trainingMetrics: { trainingLoss: n / 10 },
    validationMetrics: validationLoss === undefined ? [] : [{ validationLoss }],
    ...change,
  }),
  tags: { team: n % 2 === 0 ? 'search' : 'ads' },
});

const OTHER_DATA = { trainingDataConfig: { s3Uri: 's3://acme/triage-old/train.jsonl' }, validationDataConfig: {} };

let tables: EmbeddedTables;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  await loadTable(tables, [
    sweepRun(1, 0.9),
    sweepRun(2, 0.3),
    sweepRun(3, 'NaN'),
    sweepRun(4, 0.5),
    sweepRun(5, 0.1, { status: 'Failed', outputModelArn: undefined as never }),
    sweepRun(6, undefined, OTHER_DATA),
  ]);
});
afterAll(() => tables.close());

/** Runs a command line in this process, against the embedded tables and at a fixed time. */
const run = async (line: string, terminal: Partial<Terminal> = {}) => {
  const { client, jobsTable: tableName } = tables;
  const jobs = createJobsClient(client, { tableName, scopes: SCOPES, clock: () => Date.parse(NOW) });
  const connection: Partial<Connection> = { tableName, region: 'us-east-1', scopes: SCOPES, jobs, dynamoDb: client };
  const { context, printed, told } = testContext({ terminal, connection, now: NOW });
  const loadHandlers = () => Promise.reject(new Error('no handler is run'));
  const code = await runCommandLine(line.split(' '), context, { loadHandlers });
  return { code, printed, told };
};
const json = async (line: string): Promise<unknown> => JSON.parse((await run(`${line} --json`)).printed.join('\n'));

describe('bedrock-jobs list --columns', () => {
  it('shows the chosen columns under their names, best values marked', async () => {
    expect(await run('list --columns name,status,learningRate,validation_loss,tag.team --sort validation_loss'))
      .toMatchInlineSnapshot(`
     {
       "code": 0,
       "printed": [
         "name      status     hp.learningRate  validation_loss  tag.team",
         "triage-5  Failed             0.00005             0.1   ads",
         "triage-2  Completed          0.00002             0.3*  search",
         "triage-4  Completed          0.00004             0.5   search",
         "triage-1  Completed          0.00001             0.9   ads",
         "triage-3  Completed          0.00003             NaN   ads",
         "triage-6  Completed          0.00006               –   search",
       ],
       "told": [
         "* best of the listed jobs that completed with the same model, type and data",
         "Read 6 jobs (4 read units).",
       ],
     }
    `);
  });

  it.each([
    ['--sort -validation_loss', ['triage-1', 'triage-4', 'triage-2', 'triage-5', 'triage-3', 'triage-6']],
    ['--sort validation_loss --descending --limit 2', ['triage-1', 'triage-4']],
    ['--sort -hp.learningRate --limit 1', ['triage-6']],
    ['--sort learningRate --all', ['triage-1', 'triage-2', 'triage-3', 'triage-4', 'triage-5', 'triage-6']],
    ['--sort tag.team --status completed', ['triage-3', 'triage-1', 'triage-6', 'triage-4', 'triage-2']],
    ['--sort created --oldest-first --limit 1', ['triage-1']],
    ['--oldest-first --limit 1', ['triage-1']],
    ['--data s3://acme/triage/train.jsonl', ['triage-5', 'triage-4', 'triage-3', 'triage-2', 'triage-1']],
    ['--data s3://acme/triage/ --sort validation_loss --limit 1', ['triage-5']],
    ['--data s3://acme/triage-old/ --active', []],
  ])('list %s', async (flags, names) => {
    expect(await json(`list --columns name ${flags}`)).toMatchObject({ jobs: names.map((name) => ({ name })) });
  });

  it('tells what a search read, and what it left out', async () => {
    const { told } = await run('list --sort validation_loss --limit 2');
    expect(told).toEqual([
      expect.stringMatching(/^Read 6 jobs \([\d.]+ read units\)\.$/),
      'Listed 2 of 6 jobs: raise --limit, or add --all.',
    ]);
  });

  it.each([
    ['s3://acme/triage', 'No matching job was trained on s3://acme/triage itself. For a folder end it in a slash.'],
    ['s3://acme/none/', 'No matching jobs.'],
  ])('says that nothing was trained on %s', async (data, sentence) => {
    const { code, printed, told } = await run(`list --data ${data}`);
    expect([code, printed, told[0]]).toEqual([0, [], sentence]);
  });

  it('shows the column that it sorts by', async () => {
    const { printed } = await run('list --sort validation_loss --limit 1');
    expect(printed[0]).toMatch(/^name +status +validation_loss +model +created +duration +id$/);
  });

  it('lists the models of a data set', async () => {
    expect((await run('list --data s3://acme/triage-old/')).printed).toMatchInlineSnapshot(`
     [
       "name      status     output_model    validation_loss  created               data",
       "triage-6  Completed  triage-model-6  –                2024-01-01T00:06:00Z  s3://acme/triage-old/train.jsonl",
     ]
    `);
  });

  it.each([
    [34, ['name', 'hp.learningRate']],
    [52, ['name', 'status', 'training_loss', 'hp.learningRate']],
    [120, ['name', 'status', 'training_loss', 'hp.learningRate', 'data']],
  ])('shows on %i columns what stands first and what it sorts by, and names the rest', async (columns, titles) => {
    const names = ['name', 'status', 'training_loss', 'hp.learningRate', 'data'];
    const line = `list --columns ${names.join(',')} --sort learningRate`;
    const { printed, told } = await run(line, { columns });
    expect(printed[0]?.split(/ +/)).toEqual(titles);
    expect(printed.every((each) => each.length <= columns)).toBe(true);
    const leftOut = names.filter((name) => !titles.includes(name));
    expect(told[0]).toMatch(
      leftOut.length === 0 ? /^\* best/ : new RegExp(`^The terminal is too narrow for ${leftOut.join(', ')}\\.$`),
    );
  });

  it('marks nothing where jobs are not alike', async () => {
    const { printed } = await run('list --columns name,training_loss --created-after 2024-01-01T00:06:00Z');
    expect(printed.join('')).not.toContain('*');
  });

  it('prints the chosen columns as JSON, numbers as numbers', async () => {
    expect(await json('list --columns name,hp.learningRate,validation_loss,data --limit 1')).toMatchObject({
      jobs: [{ name: 'triage-6', 'hp.learningRate': 6e-5, data: 's3://acme/triage-old/train.jsonl' }],
      index: 'by-scope',
      sorted_by: 'creation_time',
    });
  });

  it('names what jobs have where a hyperparameter or tag is unknown', async () => {
    const { told } = await run('list --columns name,hp.learningrate,tag.owner');
    expect(told).toEqual([
      'No listed job has hp.learningrate. Did you mean hp.learningRate?',
      'No listed job has tag.owner. They have tag.team.',
    ]);
  });

  it.each([
    ['--columns name,los', '"los" is not a column. Did you mean'],
    ['--sort lossy', '"lossy" is not a column.'],
    ['--sort validation_loss --cursor x', '--cursor continues lists by created or modified.'],
    ['--sort reward --oldest-first', '--oldest-first sorts by a time: for reward use --ascending.'],
    ['--ascending --descending', 'cannot be used with'],
    ['--sort validation_loss --account 210987654321', 'No tracked scope matches 210987654321. Add --account'],
    ['--data train.jsonl', 'It must be an S3 address, such as s3://bucket/train.jsonl'],
  ])('refuses %s', async (flags, message) => {
    const { code, printed, told } = await run(`list ${flags}`);
    expect([code, printed]).toEqual([2, []]);
    expect(told[0]).toContain(message);
  });
});

describe('bedrock-jobs stats --by', () => {
  const WINDOW = '--since 2024-01-01 --until 2024-02-01';

  it('sums up the jobs of each team', async () => {
    const { code, printed, told } = await run(`stats --by tag:team ${WINDOW}`);
    expect([code, told]).toEqual([0, []]);
    expect(printed).toMatchInlineSnapshot(`
     [
       "6 jobs created",
       "from 2024-01-01T00:00:00Z",
       "to   2024-02-01T00:00:00Z",
       "",
       "tag:team  JOBS  COMPLETED  FAILED  SUCCESS  HOURS    P50  LOWEST LOSS  LOWEST VAL. LOSS",
       "search       3          3       0    100 %   0.05  1 min          0.2               0.3",
       "ads          3          2       1   66.7 %   0.05  1 min          0.1               0.9",
       "total        6          5       1   83.3 %   0.10  1 min          0.1               0.3",
     ]
    `);
  });

  it.each([
    ['month', ['2024-01']],
    ['status', ['Completed', 'Failed']],
    ['type', ['FINE_TUNING']],
    ['data', ['s3://acme/triage/train.jsonl', 's3://acme/triage-old/train.jsonl']],
    ['tag:owner', [undefined]],
  ])('groups by %s', async (by, groups) => {
    expect(await json(`stats --by ${by} ${WINDOW}`)).toMatchObject({
      by,
      groups: groups.map((group) => (group === undefined ? { jobs: 6 } : { group })),
      total: { jobs: 6, success_rate: 5 / 6, finished_hours: 0.1, active_hours: 0, durations: { p50_ms: 60_000 } },
      read_units: expect.any(Number) as unknown,
    });
  });

  it.each([
    [40, /^data +HOURS$/],
    [80, /^data +JOBS +.*HOURS/],
  ])('fits %i columns, hours first', async (columns, titles) => {
    const { printed } = await run(`stats --by data ${WINDOW}`, { columns });
    expect(printed.slice(3).every((line) => line.length <= columns)).toBe(true);
    expect(printed[4]).toMatch(titles);
  });

  it('says that there is none', async () => {
    expect((await run('stats --by model --since 2020-01-01 --until 2020-02-01')).printed[0]).toBe('0 jobs created');
  });

  it('refuses a group that does not exist', async () => {
    const { code, told } = await run('stats --by team');
    expect([code, told[0]]).toEqual([2, expect.stringContaining('Did you mean tag:team?')]);
  });
});

describe('bedrock-jobs show <model>', () => {
  it.each([
    ['its ARN', `${MODEL}000000000002`, 'triage-2'],
    ['its name', 'triage-model-2', 'triage-2'],
    ['its name, of a job that made none', 'triage-model-5', 'triage-5'],
  ])('finds the job of a model by %s, and says what that cost', async (_, model, job) => {
    const { code, printed, told } = await run(`show ${model}`);
    expect([code, printed[0]]).toEqual([0, expect.stringMatching(new RegExp(`^ *name +${job}$`))]);
    expect(told).toEqual([expect.stringMatching(`^${model} is the model of job ${job} \\([\\d.]+ read units?\\)\\.$`)]);
  });

  it('prefers the job that made the model, and lists several', async () => {
    const again = (n: number, change: Partial<JobAnswer>) => sweepRun(n, 1, { outputModelName: 'again', ...change });
    await loadTable(tables, [again(11, { status: 'Failed', outputModelArn: undefined as never }), again(12, {})]);
    expect((await run('show again')).printed[0]).toContain('triage-12');
    await loadTable(tables, [again(13, {})]);
    const { code, told } = await run('show again');
    expect([code, told[0]]).toEqual([
      2,
      expect.stringMatching(/^2 jobs have a model called again: triage-1\d \(arn:\S+\), .*\. Give the ARN of one\.$/),
    ]);
  });

  it('says that no job made a model', async () => {
    const { code, told } = await run(`show ${MODEL}000000000099`);
    expect([code, told]).toEqual([1, [`No job in table jobs made the model ${MODEL}000000000099.`]]);
  });
});
