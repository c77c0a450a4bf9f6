import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobAnswer } from '../../../lib/simulator/index.ts';
import { fixtureNames, jobOnWire } from '../../support/fixtures.ts';
import { catalogPath, leavesOf, truthAsFields, valueAt } from '../../support/integration/truth.ts';
import { closeAfterEach, expectTruth } from '../../support/integration/suite.ts';
import { activeJob, arnOf } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();
const TAGS = { Team: 'Search', 'camelCase:key': '', constructor: 'a valid key' };

const scopeOf = (jobArn: string): string => {
  const [, , , region = '', accountId = ''] = jobArn.split(':');
  return `${accountId}#${region}`;
};

/** A document as DynamoDB's own types hold it. */
const attribute = (value: unknown): unknown => {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  return { M: Object.fromEntries(Object.entries(value as object).map(([key, member]) => [key, attribute(member)])) };
};

/** What the types of Bedrock's model allow and no fixture shows. */
const ODD = [
  activeJob(1, { trainingMetrics: { trainingLoss: 'NaN' }, validationMetrics: [{ validationLoss: 'Infinity' }] }),
  activeJob(2, { hyperParameters: { epochCount: null, CamelCase: '1', snake_case: '2' } }),
  activeJob(3, { customizationConfig: { futureConfig: { someField: 1 } } }),
  activeJob(4, { status: 'PausedByService', customizationType: 'FUTURE_TYPE' }),
  activeJob(5, { status: 'Failed', failureMessage: 'ü'.repeat(2048), endTime: '2024-02-01T00:00:00.000Z' }),
  { job: { jobArn: arnOf('6'), jobName: 'bare', creationTime: '2024-02-01T00:00:00.000Z' } },
];

describe('every document that Bedrock may answer with', () => {
  const documents = fixtureNames('jobs').map((name) => [name, jobOnWire(name) as unknown as JobAnswer] as const);
  let tracker: SimulatedTracker;

  beforeAll(async () => {
    const scopes = [...new Set(documents.map(([, { jobArn }]) => scopeOf(jobArn)))];
    tracker = await startSimulatedTracker({ events: false, scopes });
    tracker.simulator.load(documents.map(([, job]) => ({ job, tags: TAGS })));
    await tracker.sweep('full');
  });
  afterAll(() => tracker.close());

  it.each(documents)('%s is found again in the item, leaf by leaf under its catalog name', async (_name, job) => {
    const record = await tracker.record(job.jobArn);
    for (const [path, leaf] of leavesOf(job)) {
      expect({ path, leaf: valueAt(record, catalogPath(path)) }).toEqual({ path, leaf });
    }
    expect(record?.tags).toEqual(TAGS);
    expectTruth(record, { job, tags: TAGS });
  });

  it.each(documents)('%s has DynamoDB’s native types for readers in any language', async (_name, job) => {
    const item: Record<string, AttributeValue | undefined> = (await tracker.rawItem(job.jobArn)) ?? {};
    for (const [name, value] of Object.entries(truthAsFields({ job, tags: TAGS }))) {
      expect({ [name]: item[name] }).toEqual({ [name]: attribute(value) });
    }
    expect(item).toMatchObject({
      revision: { N: '1' },
      fetched_at: { S: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) },
      transitions: { L: expect.arrayContaining([{ M: expect.objectContaining({ from: { NULL: true } }) }]) },
    });
  });
});

describe('a document of odd but possible content', () => {
  it('is neither refused nor changed', async () => {
    const tracker = await opened(startSimulatedTracker({ events: false }));
    tracker.simulator.load(ODD);
    await tracker.sweep('full');
    const records = await Promise.all(ODD.map(({ job }) => tracker.record(job.jobArn)));
    expect(records).toMatchObject([
      { training_metrics: { training_loss: 'NaN' }, validation_metrics: [{ validation_loss: 'Infinity' }] },
      { hyper_parameters: { epochCount: null, CamelCase: '1', snake_case: '2' } },
      { customization_config: { future_config: { someField: 1 } } },
      { status: 'PausedByService', customization_type: 'FUTURE_TYPE' },
      { status: 'Failed', failure_message: 'ü'.repeat(2048) },
      { job_arn: arnOf('6'), job_name: 'bare' },
    ]);
  });
});
