import {
  BedrockClient,
  CreateCustomModelDeploymentCommand,
  CreateProvisionedModelThroughputCommand,
} from '@aws-sdk/client-bedrock';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { createModelsClient } from '../../lib/client/models-client.ts';
import { MODELS_TABLE } from '../../lib/contract.ts';
import { rulesOf } from '../../lib/domain/advance.ts';
import { MODELS } from '../../lib/domain/model-kind.ts';
import { normalizeModel, servingFrom, type Served } from '../../lib/domain/model-normalize.ts';
import type { ModelRecord } from '../../lib/domain/model-record.ts';
import type { BedrockAnswer } from '../../lib/domain/normalize.ts';
import { bedrockModels } from '../../lib/runtime/bedrock-models.ts';
import { createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { dynamoDbModelStore } from '../../lib/runtime/dynamodb-stores.ts';
import { SWEEP_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { modelMadeBy } from '../../lib/simulator/models.ts';
import { documentClient } from '../../lib/simulator/table.ts';
import { isServing } from '../../lib/domain/model-record.ts';
import { startEmbeddedTables } from '../../test/support/embedded-tables.ts';
import { withDates } from '../../test/support/fixtures.ts';
import { MANY_SCOPES } from '../../test/support/integration/jobs.ts';
import { memoryJobStore, memorySweepStore } from '../../test/support/memory-stores.ts';
import { manyModel, pointersOf, putItems } from '../../test/support/models.ts';
import { newRecord } from '../../test/support/transitions.ts';
import { formatNumber, type MeasureOptions, type Result, type Section } from '../section.ts';
import { startBedrock, totalOf, type Bedrock } from '../support/bedrock.ts';
import { ACTIVE_JOBS, HISTORY_SCOPE, historyJob } from '../support/history.ts';
import { createSweeper } from '../support/sweeper.ts';

/** Of each: what serves is a few, as Bedrock's quotas have it. */
const SERVING = 10;
const MB = 1_048_576;
/** More than this, from the smallest history to the largest, would be growth. */
const GROWTH_LIMIT = 1.25;

const pages = (models: number): number => Math.ceil(models / 1_000);

/** The answer of GetCustomModel for the model that the job of an age made: the newest jobs are active and have none. */
const answerOf = (age: number, until: number): BedrockAnswer => {
  const { job, tags = {} } = historyJob(age + ACTIVE_JOBS, { until });
  const made = modelMadeBy(
    { scope: HISTORY_SCOPE, createdAt: 0, given: job, tags: new Map(Object.entries(tags)) },
    job,
  );
  if (made === undefined) throw new Error(`The job of age ${age} made no model.`);
  return withDates(made.stages[0].given) as BedrockAnswer;
};

/**
 * The index by-scope of the models table as DynamoDB answers a sweep: pages of 1 MB, made when they are asked for, so that
 * this process holds none of it.
 */
const lazyTable = (models: number, until: number, served: readonly Served[]) => {
  let [reads, peak] = [0, 0];
  const recordAt = (age: number): ModelRecord => {
    const answer = answerOf(age, until);
    const serving = servingFrom(
      served.filter(({ modelArn }) => modelArn === answer['modelArn']),
      new Date(until).toISOString(),
    );
    const decision = rulesOf(MODELS).advance(
      undefined,
      normalizeModel(answer, {
        ...{ scope: HISTORY_SCOPE, identifier: '', tags: {}, serving, via: 'sweep' },
        fetchedAt: new Date(until).toISOString(),
      }),
    );
    if (!('record' in decision)) throw new Error('No record was made.');
    return decision.record;
  };
  const carried = new Set<string>([...MODELS_TABLE.projected, MODELS_TABLE.partitionKey, 'scope']);
  const pageAt = (from: number): object => {
    const Items: object[] = [];
    let [size, age] = [0, from];
    for (; age < models && size < MB; age += 1) {
      const item = Object.fromEntries(Object.entries(recordAt(age)).filter(([name]) => carried.has(name)));
      size += Buffer.byteLength(JSON.stringify(item));
      Items.push(item);
    }
    return { Items, ...(age < models && { LastEvaluatedKey: { next: age } }) };
  };
  const client = documentClient((command) => {
    if (!(command instanceof QueryCommand)) throw new Error('An idle sweep of models only reads the index.');
    reads += 1;
    // What the sweep holds, without what V8 has not collected yet.
    globalThis.gc?.();
    peak = Math.max(peak, process.memoryUsage().heapUsed / MB);
    return Promise.resolve(pageAt(Number(command.input.ExclusiveStartKey?.['next'] ?? 0)));
  });
  return { store: dynamoDbModelStore(client, 'models'), reads: () => reads, peak: () => peak };
};

interface Swept {
  readonly calls: number;
  readonly reads: number;
  readonly liveMb: number;
}

/** What an idle sweep of so many models costs. Throws where it was not idle. */
const sweepIdle = async (bedrock: Bedrock, models: number, until: number): Promise<Swept> => {
  const own = bedrockModels(createBedrockClient(HISTORY_SCOPE, SWEEP_TIMEOUTS), HISTORY_SCOPE);
  const served: Served[] = [];
  for (const list of ['deployments', 'provisioned_throughputs'] as const) {
    for await (const one of own.listServing(list)) served.push(one);
  }
  const { store, reads, peak } = lazyTable(models, until, served);
  const sweeps = memorySweepStore();
  const now = new Date().toISOString();
  await sweeps.save(HISTORY_SCOPE, 'models', {
    ...{ begun_at: now, finished_at: now, succeeded_at: now, record_version: MODELS.version },
  });
  const run = createSweeper({ bedrockUrl: bedrock.url, jobs: memoryJobStore(), models: store, sweeps });
  await bedrock.calls();
  const [answer] = await run('models');
  const { finished, counts } = answer ?? {};
  if (finished !== true || counts?.listed !== models || counts.drifted > 0)
    throw new Error(`An idle sweep of ${models} models did ${JSON.stringify(answer)}`);
  return { calls: totalOf(await bedrock.calls()), reads: reads(), liveMb: peak() };
};

/** Deployments and throughputs of the newest models. */
const serve = async (bedrock: Bedrock, until: number): Promise<void> => {
  const client = new BedrockClient({ endpoint: bedrock.url, region: HISTORY_SCOPE.region });
  for (let age = 0; age < SERVING; age += 1) {
    const modelArn = String(answerOf(age, until)['modelArn']);
    await client.send(new CreateCustomModelDeploymentCommand({ modelDeploymentName: `deployment-${age}`, modelArn }));
    await client.send(
      new CreateProvisionedModelThroughputCommand({
        provisionedModelName: `throughput-${age}`,
        modelId: modelArn,
        modelUnits: 1,
      }),
    );
  }
  client.destroy();
};

/** Requests that lead from each kind of ARN to the job. */
const lineageReads = async (models: number): Promise<ReadonlyMap<string, number>> => {
  const tables = await startEmbeddedTables();
  const records = Array.from({ length: models }, (_, n) => manyModel(n));
  // One with a job, a deployment and a throughput.
  const model = records.find(
    ({ job_arn, deployments, provisioned_throughputs }) =>
      job_arn !== undefined && deployments.some(isServing) && provisioned_throughputs.some(isServing),
  );
  if (model?.job_arn === undefined) throw new Error('None of the models is served by both.');
  const job = newRecord('fine-tuning-completed', { jobArn: model.job_arn, outputModelArn: model.model_arn });
  await putItems(tables.client, tables.modelsTable, [...records, ...records.flatMap(pointersOf)]);
  await putItems(tables.client, tables.jobsTable, [job]);
  const client = createModelsClient(tables.client, {
    ...{ modelsTableName: tables.modelsTable, jobsTableName: tables.jobsTable, scopes: MANY_SCOPES },
  });
  const arns = {
    job: model.job_arn,
    model: model.model_arn,
    deployment: model.deployments[0]?.arn ?? '',
    throughput: model.provisioned_throughputs[0]?.arn ?? '',
  };
  const reads = new Map<string, number>();
  for (const [kind, arn] of Object.entries(arns)) {
    const { lineage, requests } = await client.lineage(arn);
    if (lineage.job?.job_arn !== model.job_arn) throw new Error(`The ARN of a ${kind} does not lead to the job.`);
    reads.set(kind, requests);
  }
  await tables.close();
  return reads;
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const sizes = quick ? [100, 200] : [100, 1_000, 100_000];
  const until = Date.now();
  const bedrock = await startBedrock(until);
  process.env['AWS_ENDPOINT_URL_BEDROCK'] = bedrock.url;
  const swept: Swept[] = [];
  for (const models of sizes) {
    say(`${models} models`);
    await bedrock.growTo(models + ACTIVE_JOBS);
    if (models === sizes[0]) await serve(bedrock, until);
    swept.push(await sweepIdle(bedrock, models, until));
  }
  bedrock.close();
  const lineage = await lineageReads(quick ? 200 : 1_000);
  const each = (of: keyof Swept) => swept.map((one) => formatNumber(one[of])).join(' / ');
  return [
    {
      what: 'Models sweep, idle',
      target: '3, and 1 for each further 1,000',
      measured: `${each('calls')} calls`,
      met: swept.every(({ calls }, at) => calls === 2 + pages(sizes[at] ?? 0)),
    },
    {
      what: 'Index reads of it (1 MB each)',
      target: '1 up to 1,000 models',
      measured: each('reads'),
      met: swept[0]?.reads === 1,
    },
    {
      what: 'Live memory during it, the process included',
      target: `≤ ${GROWTH_LIMIT}× from the smallest to the largest`,
      measured: `${each('liveMb')} MB`,
      met: (swept.at(-1)?.liveMb ?? NaN) <= GROWTH_LIMIT * (swept[0]?.liveMb ?? NaN),
    },
    {
      what: 'Reads from the ARN of a job / model / deployment / throughput to job and data',
      target: '≤ 2',
      measured: [...lineage.values()].join(' / '),
      met: [...lineage.values()].every((reads) => reads <= 2),
    },
  ];
};

export const section: Section = {
  title: 'Models',
  text: `The handler of \`reconcile-jobs\` sweeps the models of one scope; ${SERVING} deployments and ${SERVING} throughputs serve the newest. The histories have 100, 1,000 and 100,000 models. The index read has pages of 1 MB. The typed client reads lineage from dynalite.`,
  measure,
};
