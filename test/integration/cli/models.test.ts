import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { Connection, Terminal } from '../../../lib/cli/context.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import { createModelsClient } from '../../../lib/client/models-client.ts';
import type { ModelRecord, ProvisionedThroughput } from '../../../lib/domain/model-record.ts';
import { NO_SETTINGS } from '../../../lib/operator/tracker-settings.ts';
import { testContext } from '../../support/command-context.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { manyModel, pointersOf } from '../../support/models.ts';
import { newRecord } from '../../support/transitions.ts';

const NOW = '2026-11-28T12:00:00.000Z';
const SCOPE = { accountId: '123456789012', region: 'us-east-1' };
const IDENTITY = { account_id: SCOPE.accountId, region: SCOPE.region, scope: `${SCOPE.accountId}#${SCOPE.region}` };
const arnOf = (kind: string, id: string) => `arn:aws:bedrock:${SCOPE.region}:${SCOPE.accountId}:${kind}/${id}`;
const JOB_ARN = arnOf('model-customization-job', 'amazon.nova-lite-v1:0:300k/jobjobjobjob');

const throughput = (id: string, change: Partial<ProvisionedThroughput> = {}): ProvisionedThroughput => ({
  arn: arnOf('provisioned-model', id),
  name: `serving-${id}`,
  status: 'InService',
  since: '2026-10-01T00:00:00.000Z',
  creation_time: '2026-10-01T00:00:00.000Z',
  model_units: 2,
  ...change,
});

/** A model of this name; `n` makes it younger. */
const model = (n: number, model_name: string, change: Partial<ModelRecord> = {}): ModelRecord => {
  const id = n.toString().padStart(12, 'm');
  return manyModel(1, {
    ...IDENTITY,
    model_arn: arnOf('custom-model', `amazon.nova-lite-v1:0:300k/${id}`),
    ...{ model_name, model_id: id, tags: { team: n % 2 === 0 ? 'search' : 'ads' } },
    creation_time: new Date(Date.parse('2026-09-01T00:00:00.000Z') + n * 3_600_000).toISOString(),
    job_arn: arnOf('model-customization-job', `amazon.nova-lite-v1:0:300k/${id}`),
    base_model_arn: `arn:aws:bedrock:${SCOPE.region}::foundation-model/amazon.nova-lite-v1:0:300k`,
    ...change,
  });
};

const calls = (invocations: number) => ({ invocations, input_tokens: invocations * 10, output_tokens: invocations });
const IDLE = throughput('idle00000000', {
  commitment_duration: 'OneMonth',
  commitment_expiration_time: '2026-12-01T00:00:00.000Z',
});
const DEPLOYMENT = {
  ...{ arn: arnOf('custom-model-deployment', 'deploy000000'), name: 'tone-on-demand', status: 'Active' },
  since: '2026-11-01T00:00:00.000Z',
};
const MODELS: readonly ModelRecord[] = [
  model(1, 'forgotten', {
    job_arn: JOB_ARN,
    provisioned_throughputs: [IDLE],
    usage: {
      [IDLE.arn]: {
        measured_at: '2026-11-28T00:00:00.000Z',
        last_used_at: '2026-11-07T00:00:00.000Z',
        unused_since: '2026-11-07T00:00:00.000Z',
        ...{ last_day: calls(0), last_7_days: calls(0), last_30_days: calls(1_200) },
      },
    },
    last_used_at: '2026-11-07T00:00:00.000Z',
    transitions: [
      { from: null, to: 'Active', at: '2026-09-01T01:00:00.000Z', observed_at: NOW, via: 'sweep' },
      {
        ...{ resource: IDLE.arn, from: null, to: 'InService', at: '2026-10-01T00:00:00.000Z' },
        ...{ observed_at: NOW, via: 'event' },
      },
      {
        ...{ resource: IDLE.arn, task: 'use', from: 'Used', to: 'Idle', at: '2026-11-21T00:00:00.000Z' },
        ...{ observed_at: NOW, via: 'sweep' },
      },
    ],
  }),
  model(2, 'tone-v3', {
    deployments: [DEPLOYMENT],
    usage: {
      [DEPLOYMENT.arn]: {
        measured_at: '2026-11-28T00:00:00.000Z',
        last_used_at: '2026-11-27T23:00:00.000Z',
        unused_since: '2026-11-27T23:00:00.000Z',
        ...{ last_day: calls(310), last_7_days: calls(2_000), last_30_days: calls(9_100) },
      },
    },
    last_used_at: '2026-11-27T23:00:00.000Z',
  }),
  model(3, 'unmeasured', { provisioned_throughputs: [throughput('unknown00000')] }),
  model(4, 'stored'),
  model(5, 'deleted', { status: 'Removed', missing_since: '2026-11-01T00:00:00.000Z' }),
];

let tables: EmbeddedTables;
const put = async (table: string, items: readonly object[]): Promise<void> => {
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await tables.client.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
  }
};
beforeAll(async () => {
  tables = await startEmbeddedTables();
  await put(tables.modelsTable, [...MODELS, ...MODELS.flatMap(pointersOf)]);
  const made = { job_arn: JOB_ARN, job_id: 'jobjobjobjob', job_name: 'forgotten-job' };
  await put(tables.jobsTable, [
    newRecord('fine-tuning-completed', { ...IDENTITY, ...made, output_model_arn: MODELS[0]?.model_arn ?? '' }),
  ]);
});
afterAll(() => tables.close());

const run = async (line: string, terminal: Partial<Terminal> = {}, change: Partial<Connection> = {}) => {
  const names = { modelsTableName: tables.modelsTable, jobsTableName: tables.jobsTable };
  const { context, printed, told } = testContext({
    terminal,
    now: NOW,
    connection: {
      ...{
        tableName: tables.jobsTable,
        region: SCOPE.region,
        scopes: [SCOPE],
        isLocal: false,
        dynamoDb: tables.client,
      },
      jobs: createJobsClient(tables.client, { tableName: tables.jobsTable, scopes: [SCOPE] }),
      models: () => Promise.resolve(createModelsClient(tables.client, { ...names, scopes: [SCOPE] })),
      modelsTableName: () => Promise.resolve(tables.modelsTable),
      settings: () => Promise.resolve(NO_SETTINGS),
      health: () => Promise.reject(new Error('not asked')),
      ...change,
    },
  });
  const code = await runCommandLine(line.split(' '), context, {
    loadHandlers: () => Promise.reject(new Error('none')),
  });
  return { code, printed, told };
};

const listed = async (line: string) => {
  const { code, printed, told } = await run(line);
  expect(code).toBe(0);
  return { names: printed.slice(1).map((row) => row.split(/ {2,}/)[0]), printed, told };
};

describe('bedrock-jobs models', () => {
  it.each([
    ['models', ['stored', 'unmeasured', 'tone-v3', 'forgotten']],
    ['models --serving', ['unmeasured', 'tone-v3', 'forgotten']],
    ['models --idle', ['forgotten']],
    ['models --idle 14d', ['forgotten']],
    ['models --idle 30d', []],
    ['models --orphaned', ['stored']],
    ['models --orphaned 365d', []],
    ['models --ends-soon', ['forgotten']],
    ['models --sort commitment_end --limit 1', ['forgotten']],
    ['models --base-model nova-lite --limit 1', ['stored']],
    ['models --status removed', ['deleted']],
    ['models --tag team=search', ['stored', 'tone-v3']],
    ['models --name-contains tone', ['tone-v3']],
    ['models --base-model amazon.nova-lite-v1:0:300k --limit 2', ['stored', 'unmeasured']],
    ['models --sort name', ['forgotten', 'stored', 'tone-v3', 'unmeasured']],
    ['models --sort +created --limit 1', ['forgotten']],
    ['models --sort idle_unit_hours', ['forgotten', 'stored', 'unmeasured', 'tone-v3']],
  ])('%s lists %j', async (line, names) => {
    expect((await listed(line)).names).toEqual(names);
  });

  it.each([60, 80, 120])('shows what matters most on %i columns', async (columns) => {
    const { printed, told } = await run('models', { columns });
    expect(printed.filter((line) => line.length > columns)).toEqual([]);
    expect([...printed, ...told].join('\n')).toMatchSnapshot();
  });

  it('counts unit hours of throughputs alone, and says how many models have an unknown use', async () => {
    const { told } = await listed('models');
    expect(told).toContain('Idle throughputs: 1,008 unit hours without use, and 48 more each day.');
    expect(told).toContain('The use of 1 model is unknown: it was not measured within the last 3 days.');
  });

  it('has dollars by a file of prices', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'prices-')), 'prices.yaml');
    writeFileSync(
      file,
      'date: 2026-11-01\nmodel_unit_hour:\n  - { model: amazon.nova-lite-v1:0, usd: 10, commitment: OneMonth }\n',
    );
    const { printed, told } = await listed(`models --idle --prices ${file} --columns name,idle_usd`);
    expect(printed[1]).toMatch(/^forgotten +10080\.00$/);
    expect(told).toEqual([
      'Idle throughputs: 1,008 unit hours without use ($10,080.00), and 48 more each day ($480.00).',
      `Prices: ${file} of 2026-11-01.`,
    ]);
    const { code, told: refusal } = await run('models --prices /nowhere.yaml');
    expect([code, refusal]).toEqual([2, ['/nowhere.yaml cannot be read: there is no such file.']]);
  });

  it('reads the records for columns that no index carries', async () => {
    const { printed } = await listed('models --limit 1 --columns name,training_loss,hp.epochCount,data,tag.team');
    expect(printed[1]).toMatch(/^stored +0\.001 +2 +s3:\/\/acme-training\/1\.jsonl +search$/);
  });

  it('prints one JSON document', async () => {
    const { printed } = await listed('models --idle --json');
    expect(JSON.parse(printed.join(''))).toMatchObject({
      models: [
        {
          model_name: 'forgotten',
          provisioned_throughputs: [{ arn: IDLE.arn }],
          use: {
            serving: [
              {
                ...{ kind: 'throughput', arn: IDLE.arn, use: 'idle', ends_soon: true },
                ...{ unit_hours_a_day: 48, unused_unit_hours: 1_008, last_30_days: calls(1_200) },
              },
            ],
          },
        },
      ],
      ...{ complete: true, sorted_by: 'idle_unit_hours', read_units: expect.any(Number) as unknown },
    });
    const columns = await listed('models --limit 1 --json --columns name,use');
    expect(JSON.parse(columns.printed.join(''))).toMatchObject({
      models: [{ name: 'stored', use: 'orphaned' }],
      complete: false,
    });
  });

  it('says that there are more, or none', async () => {
    expect((await listed('models --limit 1')).told).toContain(
      'There are more than 1 model: raise --limit, or add --all.',
    );
    expect((await run('models --name-contains nothing')).told).toEqual(['No matching models.']);
  });

  it.each([
    ['models --idle --orphaned', /cannot be used with option/],
    ['models --idle 1', /It must be a span of time/],
    ['models --columns idle', /"idle" is not a column\. Did you mean/],
    ['models remove x', /too many arguments|unknown command/],
    ['models show', /missing required argument 'model'/],
  ])('%s is refused', async (line, message) => {
    const { code, told } = await run(line);
    expect([code, told.join(' ')]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('completion', () => {
  it.each([
    ['models show for', ['forgotten']],
    ['models show serving-i', ['serving-idle00000000']],
    ['models --base-model ama', ['amazon.nova-lite-v1:0:300k']],
    ['models --status Rem', ['Removed']],
    ['models --sort orphaned_u', ['orphaned_usd']],
    ['models --columns commit', ['commitment_end']],
  ])('offers for %s what models have: %j', async (line, values) => {
    const { printed } = await run(`complete -- ${line}`);
    expect(printed.map((each) => each.split('\t')[0])).toEqual([...values, ':4']);
  });

  it('of a base model that no job has looks at models', async () => {
    const jobs = { listJobs: () => Promise.resolve({ jobs: [] }) } as never;
    const { printed, told } = await run('models --base-model nova-lite --limit 1', {}, { jobs });
    expect(printed[1]).toMatch(/^stored /);
    expect(told).toContain('Base model nova-lite: taken as amazon.nova-lite-v1:0:300k.');
  });
});

describe('bedrock-jobs models show', () => {
  it.each([
    ['name', 'forgotten'],
    ['ARN', MODELS[0]?.model_arn ?? ''],
    ['throughput', IDLE.arn],
    ["throughput's name", 'serving-idle00000000'],
    ['job', JOB_ARN],
    ["job's name", 'forgotten-job'],
  ])('finds a model by its %s', async (_, text) => {
    const { code, printed } = await run(`models show ${text}`, { columns: 80 });
    expect([code, printed[0]]).toEqual([0, '  name       forgotten']);
  });

  it('shows what serves the model, its use, what made it, and its history', async () => {
    const { printed, told } = await run('models show forgotten', { columns: 80 });
    expect([...printed, ...told].join('\n')).toMatchSnapshot();
    const { printed: json } = await run('models show forgotten --json');
    expect(JSON.parse(json.join(''))).toMatchObject({
      model: { model_name: 'forgotten', transitions: [{}, {}, { task: 'use', to: 'Idle' }] },
      job: { job_name: 'forgotten-job' },
      use: { serving: [{ use: 'idle', unused_unit_hours: 1_008 }] },
    });
  });

  it('shows a deployment on demand as serving, and never as costing', async () => {
    const { printed } = await run(`models show ${DEPLOYMENT.arn}`);
    expect(printed.join('\n')).toContain('deployment, Active since 2026-11-01T00:00:00Z');
    expect(printed.join('\n')).not.toMatch(/unit hour|\$/);
  });

  it('says what to do about a name that it does not know', async () => {
    const { code, told } = await run('models show forgoten');
    expect([code, told.join()]).toEqual([1, expect.stringMatching(/forgoten.*Did you mean forgotten\?$/)]);
  });

  it('refuses what is not a model of the account', async () => {
    const { code, told } = await run('models show arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0');
    expect([code, told.join()]).toEqual([2, expect.stringContaining('is a foundation model, which no job made')]);
  });
});

describe('bedrock-jobs show', () => {
  it.each([
    ['serves the model', IDLE.arn],
    ['serves the model', 'serving-idle00000000'],
    ['is the model', MODELS[0]?.model_arn ?? ''],
  ])('leads from what %s to the job: %s', async (what, text) => {
    const { code, printed, told } = await run(`show ${text}`);
    expect([code, printed[0]]).toEqual([0, '  name      forgotten-job']);
    expect(told).toEqual([
      expect.stringMatching(`^${text} ${what} of job forgotten-job \\([\\d.]+ read units?\\)\\.$`),
    ]);
    expect(printed.join('\n')).toContain('idle: last used 2026-11-07T00:00:00Z, 1,008 unit hours without use');
  });

  it('says where no job made the model', async () => {
    const { code, told } = await run(`show ${DEPLOYMENT.arn}`);
    expect([code, told]).toEqual([1, [`No job in table jobs made the model behind ${DEPLOYMENT.arn}.`]]);
  });

  it('shows the job where models are not tracked', async () => {
    const models = () => Promise.reject(new Error('off'));
    const { code, printed } = await run('show forgotten-job', {}, { models });
    expect([code, printed.join()]).toEqual([0, expect.not.stringContaining('Serving')]);
  });
});

describe('bedrock-jobs export --models', () => {
  it('writes records as they are, and CSV with what models cost', async () => {
    const { printed } = await run('export --models');
    const records = printed.map((line) => JSON.parse(line) as ModelRecord);
    expect(records.map(({ model_name }) => model_name)).toEqual([
      'deleted',
      'stored',
      'unmeasured',
      'tone-v3',
      'forgotten',
    ]);
    expect(records.at(-1)).toEqual(MODELS[0] && { ...MODELS[0], serving_scope: IDENTITY.scope });
    const { printed: csv } = await run('export --models --format csv --name-contains forgotten');
    const [row] = parse<Record<string, string>>(csv.join('\n'), { columns: true });
    expect(row).toMatchObject({
      name: 'forgotten',
      use: 'idle',
      idle_unit_hours: '1008',
      'hp.epochCount': '2',
      'tag.team': 'ads',
    });
  });

  it('writes every attribute of a record to Parquet', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'models-')), 'models.parquet');
    const { code, told } = await run(`export --models --output ${file}`);
    expect([code, told.join()]).toEqual([0, expect.stringMatching(/^5 models in .* read units → .*models\.parquet$/)]);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
    expect(rows.at(-1)).toMatchObject({
      model_name: 'forgotten',
      provisioned_throughputs: [{ arn: IDLE.arn, model_units: 2 }],
      usage: MODELS[0]?.usage,
    });
    expect(rows.every(({ other_attributes: others }) => others === undefined || others === null)).toBe(true);
  });

  it.each([
    ['export --models --active', /cannot be used with option/],
    ['export --models --columns duration', /"duration" is not a column/],
  ])('%s is refused', async (line, message) => {
    const { code, told } = await run(line);
    expect([code, told.join(' ')]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('many models, and names that hold terminal sequences', () => {
  const SEQUENCES = '\u001b[2J\u001b]0;owned\u0007\r\u009b31m\u202etxt\u2028x';
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/;
  const HOSTILE = throughput('hostile00000', { name: SEQUENCES, status: SEQUENCES, failure_message: SEQUENCES });

  beforeAll(() =>
    put(tables.modelsTable, [
      ...Array.from({ length: 1_000 }, (_, n) => model(n + 100, `many-${n}`)),
      model(9_999, SEQUENCES, {
        ...{ provisioned_throughputs: [HOSTILE], tags: { [SEQUENCES]: SEQUENCES }, status: SEQUENCES },
        ...{ customization_type: SEQUENCES, failure_message: SEQUENCES, job_name: SEQUENCES },
      }),
    ]),
  );

  it('lists no more than it is asked for, or all', async () => {
    const { printed, told } = await run('models --limit 20');
    expect([printed.length, told.at(-1)]).toEqual([21, 'There are more than 20 models: raise --limit, or add --all.']);
    expect((await run('models --all --sort name')).printed).toHaveLength(1_006);
  });

  it.each(['models --limit 2', `models show ${model(9_999, '').model_arn}`, 'models --limit 1 --json'])(
    'lets no terminal obey a name: %s',
    async (line) => {
      const { code, printed, told } = await run(line, { isTerminal: true, columns: 100 });
      expect([code, [...printed, ...told].filter((text) => OBEYED.test(text))]).toEqual([0, []]);
    },
  );
});
