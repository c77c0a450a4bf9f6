/**
 * The handler of reconcile-jobs alone: it starts the sweeps of so many scopes, then sweeps each by its message, with the
 * real clients and sessions of their accounts. Answers what it held at most; its tables hold nothing.
 */
import { PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { makeHandler } from '../../lambdas/reconcile-jobs/handler.ts';
import { BY_STATE_INDEX, type SweepMessage } from '../../lib/contract.ts';
import { formatScope } from '../../lib/domain/identity.ts';
import { bedrockJobs } from '../../lib/runtime/bedrock-jobs.ts';
import { clientsOfScopes, createBedrockClient } from '../../lib/runtime/bedrock-calls.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { dynamoDbJobStore, dynamoDbScopeStore, dynamoDbSweepStore } from '../../lib/runtime/dynamodb-stores.ts';
import { SWEEP_TIMEOUTS } from '../../lib/runtime/timeouts.ts';
import { documentClient } from '../../lib/simulator/table.ts';
import { PERIODS, scopeAt } from './organization.ts';

export interface ScopesTask {
  readonly bedrockUrl: string;
  readonly scopes: number;
}

/** In MB: live memory at most while sweeps were started and while they were made, and the most that the process ever had (RSS). */
export interface Held {
  readonly starting: number;
  readonly sweeping: number;
  readonly peak: number;
}

const MB = 1_000_000;
/** Of 1 MB at most, as DynamoDB answers. */
const PAGE = 4_000;
const LOOK_EVERY = 100;
const DUE = new Date(0).toISOString();

const { bedrockUrl, scopes } = JSON.parse(process.argv[2] ?? '') as ScopesTask;
for (const service of ['BEDROCK', 'STS']) process.env[`AWS_ENDPOINT_URL_${service}`] = bedrockUrl;

const recordOf = (scope: string) => ({
  ...{ scope, sweep: 'scope', state: 'idle', state_shard: 'idle#0', due_at: DUE, revision: 1 },
  ...{ registered_at: DUE, heard_at: new Date().toISOString() },
});

/** All scopes are in one partition of the index; pages are made when they are asked for, so that this process holds none. */
const pageOf = ({ ExclusiveStartKey, ExpressionAttributeValues }: QueryCommand['input']): object => {
  if (ExpressionAttributeValues?.[':shard'] !== 'idle#0') return { Items: [] };
  const from = Number(ExclusiveStartKey?.['next'] ?? 0);
  const to = Math.min(scopes, from + PAGE);
  const Items = Array.from({ length: to - from }, (_, at) => recordOf(formatScope(scopeAt(from + at))));
  return { Items, ...(to < scopes && { LastEvaluatedKey: { next: to } }) };
};

const dynamoDb = documentClient((command) => {
  if (command instanceof PutCommand || command instanceof UpdateCommand) return Promise.resolve({});
  if (!(command instanceof QueryCommand)) throw new Error('These sweeps read no record.');
  const { TableName, IndexName, ExpressionAttributeValues } = command.input;
  if (IndexName === BY_STATE_INDEX) return Promise.resolve(pageOf(command.input));
  const Items = TableName === 'sweeps' ? [recordOf(String(ExpressionAttributeValues?.[':scope']))] : [];
  return Promise.resolve({ Items });
});

const spokes = {
  ...{ homeAccount: '999999999999', homeRegion: 'us-east-1', externalId: 'bench' },
  roleArn: 'arn:aws:iam::{account}:role/bedrock-job-tracker-spoke-bench-{region}',
};
const clientOf = clientsOfScopes((scope) => createBedrockClient(scope, SWEEP_TIMEOUTS, spokes));

let most = 0;
let looks = 0;
const look = (): void => {
  looks += 1;
  if (looks % LOOK_EVERY !== 1) return;
  // What is held, without what V8 has not collected yet.
  globalThis.gc?.();
  most = Math.max(most, process.memoryUsage().heapUsed / MB);
};
const taken = (): number => {
  const held = most;
  [most, looks] = [0, 0];
  return held;
};

let sent = 0;
const handle = makeHandler({
  bedrockOf: (scope) => bedrockJobs(clientOf(scope), scope),
  jobs: dynamoDbJobStore(dynamoDb, 'jobs'),
  sweeps: dynamoDbSweepStore(dynamoDb, 'sweeps'),
  scopes: dynamoDbScopeStore(dynamoDb, 'sweeps'),
  clock: () => new Date(),
  named: [],
  periods: PERIODS,
  send: (messages: readonly SweepMessage[]) => {
    sent += messages.length;
    look();
    return Promise.resolve();
  },
  log: createLog(),
  metrics: { add: () => undefined },
});
const context = { getRemainingTimeInMillis: () => 900_000 };

await handle({ sweep: 'due' }, context);
if (sent !== scopes) throw new Error(`${sent} of ${scopes} messages were sent.`);
const starting = taken();
for (let n = 0; n < scopes; n += 1) {
  const body = JSON.stringify({ scope: formatScope(scopeAt(n)) });
  const record = { messageId: String(n), body };
  await handle({ Records: [record] }, context);
  look();
}
const sweeping = taken();
const peak = (process.resourceUsage().maxRSS * 1_024) / MB;
process.send?.({ starting, sweeping, peak } satisfies Held, () => process.exit());
