/** The handler of track-job and the bare calls in turn: `node handler-process.ts <plan as JSON>`. */
import { GetModelCustomizationJobCommand, ListTagsForResourceCommand } from '@aws-sdk/client-bedrock';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { handler } from '../../lambdas/track-job/index.ts';
import { createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { createDocumentClient, putRecordInput } from '../../lib/runtime/dynamodb-stores.ts';
import { MESSAGE_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { recordOf } from '../../test/support/integration/jobs.ts';
import { lambdaContext, sqsEvent } from '../../test/support/sqs-event.ts';
import { stateChange } from './answers.ts';
import { HISTORY_SCOPE, historyJob } from './history.ts';

export interface Plan {
  /** When the history of the jobs ends, ms since 1970. */
  readonly until: number;
  /** How many messages a batch has, each about another job. */
  readonly batch: number;
  readonly warmUp: number;
  readonly rounds: number;
}

/** One batch, in ms. */
interface Took {
  readonly time: number;
  /** Of this process alone: not of what it calls. */
  readonly cpu: number;
}

export type Pairs = Readonly<Record<'handler' | 'bare', readonly Took[]>>;

const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const bedrock = createBedrockClient(HISTORY_SCOPE, MESSAGE_TIMEOUTS);
const dynamoDb = createDocumentClient();
const records = Array.from({ length: 2 * plan.batch * (plan.warmUp + plan.rounds) }, (_, age) =>
  recordOf(historyJob(age, plan)),
);

type JobRecord = (typeof records)[number];

const invoke = async (batch: readonly JobRecord[]): Promise<void> => {
  const { batchItemFailures } = await handler(
    sqsEvent(...batch.map((one) => stateChange(one.job_arn))),
    lambdaContext(),
  );
  if (batchItemFailures.length > 0) throw new Error('The handler failed.');
};

/** The calls that the handler makes for one message, and nothing else. */
const bareCalls = async (record: JobRecord): Promise<void> => {
  const { job_arn } = record;
  await dynamoDb.send(new GetCommand({ TableName: 'jobs', Key: { job_arn }, ConsistentRead: true }));
  await Promise.all([
    bedrock.send(new GetModelCustomizationJobCommand({ jobIdentifier: job_arn })),
    bedrock.send(new ListTagsForResourceCommand({ resourceARN: job_arn })),
  ]);
  await dynamoDb.send(new PutCommand(putRecordInput('jobs', record)));
};

const work = {
  handler: invoke,
  bare: (batch: readonly JobRecord[]) => Promise.all(batch.map(bareCalls)),
};

const timed = async (which: keyof typeof work): Promise<Took> => {
  const batch = records.splice(-plan.batch);
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work[which](batch);
  const time = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { time, cpu: (user + system) / 1000 };
};

const pairs = { handler: [] as Took[], bare: [] as Took[] };
for (let round = -plan.warmUp; round < plan.rounds; round += 1) {
  // The first of a pair leaves work behind for the second, so they alternate.
  for (const which of round % 2 === 0 ? (['handler', 'bare'] as const) : (['bare', 'handler'] as const)) {
    const took = await timed(which);
    if (round >= 0) pairs[which].push(took);
  }
}
process.send?.(pairs satisfies Pairs, () => process.exit());
