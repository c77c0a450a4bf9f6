import { Readable } from 'node:stream';
import {
  BedrockClient,
  CreateModelCustomizationJobCommand,
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { BatchGetCommand, type BatchGetCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { onAws } from '../../../lib/dashboard/server/on-aws.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { likeJob } from '../../../lib/operator/again.ts';
import { awsError } from '../../support/sdk-answers.ts';
import { jsonl, MODELS, RECORDS } from '../../support/training-data.ts';
import { aRecord, fakeJobs } from '../../support/dashboard-server.ts';
import { snapshotOf } from '../../support/fixtures.ts';

const bedrock = new BedrockClient({});
const s3 = new S3Client({});
const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const mocks = { bedrock: mockClient(bedrock), s3: mockClient(s3), dynamoDb: mockClient(dynamoDb) };
afterEach(() => {
  for (const mock of Object.values(mocks)) mock.reset();
});

const regions: string[] = [];
const dashboard = onAws(
  {
    dynamoDb,
    bedrock: (region = '') => {
      regions.push(region);
      return bedrock;
    },
    s3: () => s3,
  },
  'jobs',
);
const JOB = aRecord('job', { region: 'eu-west-1', output_data_config: { s3_uri: 's3://bucket/out/' } });

describe('the dashboard on AWS', () => {
  it('stops and tags a job in its Region, with one call each', async () => {
    await dashboard.actions.stop(JOB);
    await dashboard.actions.tag(JOB, { team: 'search', note: '' });
    await dashboard.actions.untag(JOB, ['team']);
    expect(regions).toEqual(['eu-west-1', 'eu-west-1', 'eu-west-1']);
    expect(mocks.bedrock.commandCalls(StopModelCustomizationJobCommand)[0]?.args[0].input).toEqual({
      jobIdentifier: JOB.job_arn,
    });
    expect(mocks.bedrock.commandCalls(TagResourceCommand)[0]?.args[0].input).toEqual({
      resourceARN: JOB.job_arn,
      tags: [
        { key: 'team', value: 'search' },
        { key: 'note', value: '' },
      ],
    });
    expect(mocks.bedrock.commandCalls(UntagResourceCommand)[0]?.args[0].input).toEqual({
      resourceARN: JOB.job_arn,
      tagKeys: ['team'],
    });
    expect(mocks.bedrock.calls()).toHaveLength(3);
  });

  it('creates a job like another one in its Region', async () => {
    mocks.bedrock.on(CreateModelCustomizationJobCommand).resolves({ jobArn: 'arn' });
    regions.length = 0;
    const record = { ...snapshotOf('fine-tuning-completed'), revision: 1, transitions: [] } as unknown as JobRecord;
    const like = await likeJob(record, {}, fakeJobs().jobs);
    expect(await dashboard.actions.createLike(record, like)).toEqual({
      jobArn: 'arn',
      jobName: 'support-triage-ft-0142-2',
    });
    expect(regions).toEqual(['us-west-2']);
    expect(mocks.bedrock.calls()).toHaveLength(1);
  });

  it('reads curves of one job at a time, also after one without curves', async () => {
    let running = 0;
    let most = 0;
    mocks.s3.on(ListObjectsV2Command).callsFake(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return {};
    });
    const read = await Promise.allSettled([JOB, JOB, JOB].map((job) => dashboard.lossCurves(job)));
    expect(read.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(mocks.s3.calls()).toHaveLength(3);
    expect(most).toBe(1);
  });

  it('reads the attributes for lineage and runs, in as many parts as DynamoDB answers', async () => {
    const arns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    mocks.dynamoDb.on(BatchGetCommand).callsFake(({ RequestItems }: BatchGetCommandInput) => {
      const [first, ...left] = RequestItems?.['jobs']?.Keys ?? [];
      return { Responses: { jobs: [first] }, UnprocessedKeys: left.length > 0 ? { jobs: { Keys: left } } : {} };
    });
    expect(await dashboard.readRecords(arns)).toEqual(arns.map((job_arn) => ({ job_arn })));
    expect(mocks.dynamoDb.commandCalls(BatchGetCommand)[0]?.args[0].input.RequestItems?.['jobs']).toMatchObject({
      ProjectionExpression: '#0, #1, #2, #3, #4',
      ExpressionAttributeNames: {
        '#0': 'job_arn',
        '#1': 'hyper_parameters',
        '#2': 'training_data_config',
        '#3': 'validation_data_config',
        '#4': 'customization_config',
      },
    });
  });

  it('reads nothing for no jobs', async () => {
    expect(await dashboard.readRecords([])).toEqual([]);
    expect(mocks.dynamoDb.calls()).toHaveLength(0);
  });
});

describe('a check of data before a job is created', () => {
  const REQUEST = {
    jobName: 'tone',
    customModelName: 'tone',
    clientRequestToken: 'token',
    roleArn: 'arn:aws:iam::111122223333:role/Customization',
    baseModelIdentifier: MODELS.nova,
    trainingDataConfig: { s3Uri: 's3://acme/train.jsonl' },
    outputDataConfig: { s3Uri: 's3://acme/output/' },
  };
  const check = (isLocal = false) =>
    dashboard.checkData(REQUEST, { region: 'eu-west-1', isLocal, signal: new AbortController().signal });
  const holds = (records: readonly unknown[]) =>
    mocks.s3.on(GetObjectCommand).resolves({ Body: Readable.from([jsonl(records)]) as never });

  it('finds nothing in good data', async () => {
    holds(Array.from({ length: 8 }, () => RECORDS.converse));
    expect(await check()).toMatchObject({ ok: true, told: [], more: 0 });
  });

  it('tells the first five problems with their lines, how many more there are, and the command for all', async () => {
    const wrong = Array.from({ length: 8 }, (_, line) => ({ ...RECORDS.converse, system: `\u001b[2J${line}` }));
    holds([{}, {}, ...wrong]);
    const { ok, told, more, command } = await check();
    expect(ok).toBe(false);
    expect(told).toHaveLength(5);
    expect(told[0]).toBe('s3://acme/train.jsonl, lines 1–2: messages are missing');
    expect(told[1]).toMatch(/^s3:\/\/acme\/train\.jsonl, line 3: system must be a list .* not " \[2J0"$/);
    // Lines 1 and 2 are one problem.
    expect(more).toBe(10 - 6);
    expect(command).toEqual([
      ...['check', 's3://acme/train.jsonl', '--base-model', MODELS.nova, '--type', 'FINE_TUNING'],
    ]);
  });

  it.each([
    ['missing', 'NoSuchKey', false, false, /does not exist/],
    ['missing in a local run', 'NoSuchKey', true, true, /^Did not check/],
    ['not readable', 'AccessDenied', false, true, /^Could not check/],
  ])('says that data are %s', async (_, name, isLocal, ok, words) => {
    mocks.s3.on(GetObjectCommand).rejects(awsError(name, name, { service: 'S3', operation: 'GetObject' }));
    expect(await check(isLocal)).toMatchObject({ ok, told: [expect.stringMatching(words)] });
  });
});
