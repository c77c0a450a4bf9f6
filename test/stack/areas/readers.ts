import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { INDEX, JOBS_TABLE, OUTPUT, PARAMETER, type IndexSchema } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { aws, output, parametersOf, python, stack } from '../support/aws.ts';
import { CONTEXT } from '../support/cdk.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob } from '../support/jobs.ts';
import { attributesOf, deadLetters } from '../support/queues.ts';
import { jobsTable, recordWith } from '../support/records.ts';
import { physicalIds, resourcesOf } from '../support/template.ts';

type Item = Readonly<Record<string, unknown>>;
interface Read {
  readonly index: string | null;
  readonly key: string;
  readonly value: unknown;
}

interface DescribedIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly unknown[];
  readonly Projection: object;
}

const SCRIPT = path.join(import.meta.dirname, 'read_table.py');

describe('services that read the table', () => {
  let running: JobRecord;
  let completed: JobRecord;

  beforeAll(async () => {
    const [one, other] = [await createJob({ team: 'ml' }), await createJob({ team: 'ml' })];
    await endJob(other.arn, 'Completed');
    await putEvents(sampleEvent('state-change-in-progress', one), sampleEvent('state-change-completed', other));
    running = await recordWith(one.arn, 'InProgress');
    completed = await recordWith(other.arn, 'Completed');
  });

  /** The active index has jobs that run, the one by output model jobs that have made one. */
  const recordFor = (index: string): JobRecord => (index === INDEX.active ? running : completed);
  const readOf = (index: keyof typeof JOBS_TABLE.indexes): Read => {
    const key = JOBS_TABLE.indexes[index].partitionKey;
    return { index, key, value: recordFor(index)[key] };
  };

  const indexes = Object.values(INDEX);

  /** What an index carries of a record. */
  const projectionOf = (index: keyof typeof JOBS_TABLE.indexes): Item => {
    const { partitionKey, sortKey, keysOnly }: IndexSchema = JOBS_TABLE.indexes[index];
    const besides = keysOnly === true ? [] : JOBS_TABLE.projected;
    const carried = new Set<string>([JOBS_TABLE.partitionKey, partitionKey, sortKey, ...besides]);
    return Object.fromEntries(Object.entries(recordFor(index)).filter(([name]) => carried.has(name)));
  };

  test('boto3 gets a record by its key, and finds it by every index', async () => {
    const reads = [{ index: null, key: JOBS_TABLE.partitionKey, value: completed.job_arn }, ...indexes.map(readOf)];
    const [[record] = [], ...found] = JSON.parse(await python([SCRIPT, jobsTable, JSON.stringify(reads)])) as Item[][];
    expect(record).toEqual(completed);
    for (const [position, index] of indexes.entries()) {
      expect({ index, items: found[position] }).toEqual({
        index,
        items: expect.arrayContaining([projectionOf(index)]) as unknown,
      });
    }
  });

  test('the AWS CLI gets a record by its key', async () => {
    const key = JSON.stringify({ job_arn: { S: completed.job_arn } });
    const { Item: item } = await aws<{ Item: Record<string, { S?: string }> }>(
      ...['dynamodb', 'get-item', '--table-name', jobsTable, '--key', key],
    );
    expect(item['status']).toEqual({ S: 'Completed' });
    expect(Object.keys(item).sort()).toEqual(Object.keys(completed).sort());
  });

  test.each(indexes)('the AWS CLI finds a record by the index %s', async (index) => {
    const { key, value } = readOf(index);
    const { Items: items } = await aws<{ Items: { job_arn: { S: string } }[] }>(
      ...['dynamodb', 'query', '--table-name', jobsTable, '--index-name', index],
      ...[
        '--key-condition-expression',
        '#key = :value',
        '--expression-attribute-names',
        JSON.stringify({ '#key': key }),
      ],
      ...['--expression-attribute-values', JSON.stringify({ ':value': { S: value } })],
    );
    expect(items.map(({ job_arn }) => job_arn.S)).toContain(recordFor(index).job_arn);
  });

  test('the deployed index by-job-id is there and carries keys alone', async () => {
    const { Table } = await aws<{ Table: { GlobalSecondaryIndexes: DescribedIndex[] } }>(
      ...['dynamodb', 'describe-table', '--table-name', jobsTable],
    );
    expect(Table.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName).sort()).toEqual([...indexes].sort());
    expect(Table.GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === INDEX.byJobId)).toMatchObject({
      KeySchema: [
        { AttributeName: 'job_id', KeyType: 'HASH' },
        { AttributeName: 'creation_time', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    });
  });
});

describe('the SSM parameters by which readers find the tracker', () => {
  let expected: Readonly<Partial<Record<keyof typeof PARAMETER, string>>> = {};
  let found: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    found = await parametersOf();
    const [[sweepsTable], ids] = [resourcesOf('AWS::DynamoDB::Table', 'SweepsTable'), await physicalIds()];
    const undelivered = ['Events', 'Sweeps', 'Transitions', 'Notifications'].map((what) =>
      output(`Undelivered${what}QueueUrl`),
    );
    expected = {
      jobsTableName: jobsTable,
      jobsTableArn: output(OUTPUT.jobsTableArn),
      modelsTableName: output(OUTPUT.modelsTableName),
      modelsTableArn: output(OUTPUT.modelsTableArn),
      jobEventsDeadLetterQueueArn: (await attributesOf(deadLetters))['QueueArn'] ?? '',
      trackedScopes: `${stack.account}#${stack.region}`,
      sweepsTableName: ids[sweepsTable?.id ?? ''] ?? '',
      watchedQueueUrls: [deadLetters, ...undelivered].join(','),
      reconcileJobsFunctionName: output(OUTPUT.reconcileJobsFunctionName),
      transitionsBusArn: output(OUTPUT.transitionsBusArn),
    };
  });

  const { settings, outputs, ...names } = PARAMETER;

  test.each(Object.entries(names) as [keyof typeof names, string][])('%s', (which, name) => {
    expect(found[name]).toBe(expected[which]);
  });

  test('outputs', () => {
    // The ARN of the models table has a parameter of its own.
    const { [OUTPUT.modelsTableArn]: _, ...others } = stack.outputs;
    const lines = Object.entries(others).map(([name, value]) => `${name}=${value}`);
    expect(found[outputs]?.split('\n').sort()).toEqual(lines.sort());
  });

  test('settings', () => {
    expect(JSON.parse(found[settings] ?? '')).toMatchObject({
      stackName: stack.name,
      activeSweepMinutes: Number(CONTEXT.activeSweepMinutes),
      functionNames: { trackJob: output(OUTPUT.trackJobFunctionName) },
      jobEventsQueueUrl: output(OUTPUT.jobEventsQueueUrl),
      scheduleGroupName: output(OUTPUT.scheduleGroupName),
      transitionsBusArn: output(OUTPUT.transitionsBusArn),
      notificationsTopicArn: output(OUTPUT.notificationsTopicArn),
    });
  });

  test('the queues can be asked by the URLs, each of them', async () => {
    const asked = await Promise.all((found[PARAMETER.watchedQueueUrls] ?? '').split(',').map(attributesOf));
    expect(asked.map(({ ApproximateNumberOfMessages }) => ApproximateNumberOfMessages)).not.toContain(undefined);
    expect(asked).toHaveLength(5);
  });
});
