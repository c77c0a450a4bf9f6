import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import middy from '@middy/core';
import type { SQSEvent } from 'aws-lambda';
import { makeHandler } from '../../../lambdas/track-job/handler.ts';
import { HEARTBEAT_DETAIL_TYPE, HEARTBEAT_SOURCE, SCOPE_STATES, SWEEPS_TABLE } from '../../../lib/contract.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { ensureTable } from '../../../lib/local/tables.ts';
import { dynamoDbScopeStore } from '../../../lib/runtime/dynamodb-stores.ts';
import { startEmbeddedTables, type EmbeddedTables } from '../../support/embedded-tables.ts';
import { emfOf } from '../../support/emf.ts';
import { arnOf, fakeBedrock } from '../../support/fake-bedrock.ts';
import { readFixture } from '../../support/fixtures.ts';
import { memoryJobStore } from '../../support/memory-stores.ts';
import { lambdaContext, sqsEvent } from '../../support/sqs-event.ts';
import { runningIn } from '../../support/tracker-on-fakes.ts';

/** Sends events, and would like to be taken for the other one. */
const MEMBER: Scope = { accountId: '444455556666', region: 'us-east-1' };
const VICTIM: Scope = { accountId: '777788889999', region: 'us-east-1' };
const PERIODS = { active: 5 * MINUTE, idle: HOUR, empty: DAY, full: DAY, releaseAfter: DAY };
const NOW = new Date('2026-01-02T00:00:00.000Z');

let tables: EmbeddedTables;
let client: DynamoDBClient;
beforeAll(async () => {
  tables = await startEmbeddedTables();
  client = new DynamoDBClient({ endpoint: tables.url });
});
afterAll(async () => {
  client.destroy();
  await tables.close();
});
let suffix = 0;

/** A hub to which both accounts have a running job, and nobody has told of. */
const setUp = async () => {
  const sweepsTable = `sweeps-${(suffix += 1).toString()}`;
  await ensureTable(client, sweepsTable, SWEEPS_TABLE);
  const scopes = dynamoDbScopeStore(tables.client, sweepsTable);
  const bedrock = fakeBedrock(runningIn(VICTIM, '1'), runningIn(MEMBER, '2'));
  const jobs = memoryJobStore();
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  return {
    jobs,
    asked: bedrock.calls,
    log,
    /** Handles one event of the queue: true if it returns to the queue, at last to the dead letters. */
    fails: async (event: object): Promise<boolean> => {
      let failures: PartialItemFailureResponse['batchItemFailures'] = [];
      await emfOf(async (metrics) => {
        const deps = { bedrockOf: bedrock.bedrockOf, jobs, scopes, periods: PERIODS, clock: () => NOW, log, metrics };
        const handler = middy<SQSEvent, PartialItemFailureResponse>()
          .use(logMetrics(metrics))
          .handler(makeHandler(deps));
        failures = (await handler(sqsEvent(event), lambdaContext())).batchItemFailures;
      });
      return failures.length > 0;
    },
    registered: async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { scope } of scopes.list(SCOPE_STATES)) found.push(scope);
      return found;
    },
  };
};

/** An event as EventBridge delivers it: its sender chose the detail, and EventBridge wrote account and Region. */
const from = ({ accountId, region }: Scope, name: string, detail: object): object => {
  const sample = readFixture(`events/${name}.json`) as { detail: object };
  return { ...sample, account: accountId, region, detail: { ...sample.detail, ...detail } };
};
const heartbeat = ({ accountId, region }: Scope, detail: object) => ({
  ...{ version: '0', id: 'e1', source: HEARTBEAT_SOURCE, 'detail-type': HEARTBEAT_DETAIL_TYPE },
  ...{ account: accountId, region, time: NOW.toISOString(), resources: [], detail },
});

describe('a heartbeat', () => {
  const claims = { account: VICTIM.accountId, region: 'eu-west-1', scope: formatScope(VICTIM) };

  it.each<[string, object]>([
    ['without a detail', {}],
    ['with a detail that names another account', claims],
    ['with a detail of the wrong shape', { account: [], detail: claims }],
  ])('%s registers the account and Region of its envelope', async (_case, detail) => {
    const { fails, registered } = await setUp();
    expect(await fails(heartbeat(MEMBER, detail))).toBe(false);
    expect(await registered()).toEqual([formatScope(MEMBER)]);
  });
});

describe("an event that names another account's job", () => {
  const arn = arnOf('1', VICTIM);

  it.each<[string, string, object]>([
    ['a change of its state', 'state-change-completed', { jobArn: arn, jobName: 'job-1' }],
    ['its creation', 'cloudtrail-create', { responseElements: { jobArn: arn } }],
    ['a stop', 'cloudtrail-stop-by-arn', { requestParameters: { jobIdentifier: arn } }],
    ['a new tag', 'cloudtrail-tag', { requestParameters: { resourceARN: arn, tags: [] } }],
  ])('is refused if it tells of %s', async (_what, name, detail) => {
    const { fails, registered, asked, jobs, log } = await setUp();
    expect(await fails(from(MEMBER, name, detail))).toBe(true);
    expect(log.error).toHaveBeenCalledWith(
      'message failed',
      expect.objectContaining({ error_code: 'SCOPE_NOT_TRACKED' }),
    );
    expect(asked).toEqual([]);
    expect(jobs.records.size).toBe(0);
    expect(await registered()).toEqual([]);
  });

  it('leads to the job of this name of its own account, if it names it by name alone', async () => {
    const { fails, jobs, registered } = await setUp();
    expect(await fails(from(MEMBER, 'state-change-completed', { jobArn: undefined, jobName: 'job-2' }))).toBe(false);
    expect([...jobs.records.keys()]).toEqual([arnOf('2', MEMBER)]);
    expect(await registered()).toEqual([formatScope(MEMBER)]);
  });
});
