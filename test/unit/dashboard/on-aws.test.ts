import {
  BedrockClient,
  CreateModelCustomizationJobCommand,
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-bedrock';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { BatchGetCommand, type BatchGetCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { onAws } from '../../../lib/dashboard/server/on-aws.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { likeJob } from '../../../lib/operator/again.ts';
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
