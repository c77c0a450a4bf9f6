/**
 * The handler and the bare calls in turn, in a process of its own: `node pairs.ts <addresses> <plan>`, both as JSON. Its
 * standard output takes the handler's log and goes nowhere.
 */
import '../../../test/support/environment.ts';
import { GetModelCustomizationJobCommand, ListTagsForResourceCommand } from '@aws-sdk/client-bedrock';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { createBedrockClient } from '../../../lib/runtime/bedrock-jobs.ts';
import { createDocumentClient, putRecordInput } from '../../../lib/runtime/dynamodb-stores.ts';
import { MESSAGE_TIMEOUTS } from '../../../lib/runtime/timeouts.ts';
import { ENV } from '../../../lib/contract.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { lambdaContext, sqsEvent } from '../../../test/support/sqs-event.ts';
import { newRecord } from '../../../test/support/transition-details.ts';
import { SCOPE, stateChange } from '../../support/answers.ts';
import { arnOf } from './jobs.ts';
import type { Addresses } from './servers.ts';

export interface Plan {
  /** How many messages a batch has, each about a job of its own that was not known before. */
  readonly batch: number;
  readonly warmUp: number;
  readonly rounds: number;
}

/** One batch, in ms. */
export interface Took {
  readonly time: number;
  /** Of this process alone: not of what it calls. */
  readonly cpu: number;
}

export interface Pairs {
  readonly handler: readonly Took[];
  readonly bare: readonly Took[];
}

const [addresses, plan] = process.argv.slice(2).map((text) => JSON.parse(text) as unknown) as [Addresses, Plan];
Object.assign(process.env, {
  AWS_REGION: SCOPE.region,
  AWS_ENDPOINT_URL_BEDROCK: addresses.bedrock,
  AWS_ENDPOINT_URL_DYNAMODB: addresses.dynamoDb,
  AWS_ACCESS_KEY_ID: SCOPE.accountId,
  POWERTOOLS_LOG_LEVEL: 'INFO',
  POWERTOOLS_METRICS_DISABLED: 'false',
  POWERTOOLS_SERVICE_NAME: 'bench',
  [ENV.jobsTable]: 'jobs',
  [ENV.scopes]: formatScope(SCOPE),
});
const { handler } = await import('../../../lambdas/track-job/index.ts');

const invoke = async (arns: readonly string[]): Promise<void> => {
  const { batchItemFailures } = await handler(sqsEvent(...arns.map(stateChange)), lambdaContext());
  if (batchItemFailures.length > 0) throw new Error('The handler did not do its work.');
};

const bedrock = createBedrockClient(SCOPE, MESSAGE_TIMEOUTS);
const dynamoDb = createDocumentClient();
const record = newRecord('fine-tuning-completed');

/** The calls that the handler makes for one message, and nothing else: the record is ready beforehand. */
const bareCalls = async (job_arn: string): Promise<void> => {
  await dynamoDb.send(new GetCommand({ TableName: 'jobs', Key: { job_arn }, ConsistentRead: true }));
  await Promise.all([
    bedrock.send(new GetModelCustomizationJobCommand({ jobIdentifier: job_arn })),
    bedrock.send(new ListTagsForResourceCommand({ resourceARN: job_arn })),
  ]);
  await dynamoDb.send(new PutCommand(putRecordInput('jobs', { ...record, job_arn })));
};

const bare = async (arns: readonly string[]): Promise<void> => {
  await Promise.all(arns.map(bareCalls));
};

let next = 0;
const timed = async (work: (arns: readonly string[]) => Promise<void>): Promise<Took> => {
  const arns = Array.from({ length: plan.batch }, () => arnOf(next++));
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work(arns);
  const time = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { time, cpu: (user + system) / 1000 };
};

const pairs = { handler: [] as Took[], bare: [] as Took[] };
for (let round = -plan.warmUp; round < plan.rounds; round += 1) {
  // Whoever is first in every pair would wait for what the other left behind.
  const order = round % 2 === 0 ? (['handler', 'bare'] as const) : (['bare', 'handler'] as const);
  for (const which of order) {
    const took = await timed(which === 'handler' ? invoke : bare);
    if (round >= 0) pairs[which].push(took);
  }
}
process.send?.(pairs satisfies Pairs);
process.disconnect();
process.exit();
