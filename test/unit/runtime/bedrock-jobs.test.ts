import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  AccessDeniedException,
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListModelCustomizationJobsCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock';
import { mockClient } from 'aws-sdk-client-mock';
import { clientsOfScopes, createBedrockClient } from '../../../lib/runtime/bedrock-calls.ts';
import { bedrockJobs, listJobsInput } from '../../../lib/runtime/bedrock-jobs.ts';
import { SWEEP_TIMEOUTS } from '../../../lib/runtime/timeouts.ts';
import { jobAnswer, readFixture, SCOPE, withDates } from '../../support/fixtures.ts';

const client = new BedrockClient({});
const mock = mockClient(client);
const bedrock = bedrockJobs(client, SCOPE);
beforeEach(() => {
  mock.reset();
});

const metadata = { $metadata: {}, message: 'the words of AWS' };

describe('the request for jobs', () => {
  it('asks for the largest pages, newest first', () => {
    expect(listJobsInput({})).toEqual({ maxResults: 1000, sortBy: 'CreationTime', sortOrder: 'Descending' });
  });
  it('has the given filters', () => {
    expect(listJobsInput({ status: 'Stopping', createdBefore: '2026-01-01T00:00:00.001Z' })).toMatchObject({
      statusEquals: 'Stopping',
      creationTimeBefore: new Date('2026-01-01T00:00:00.001Z'),
    });
  });
});

describe('bedrockJobs', () => {
  it("returns an answer without the SDK's metadata", async () => {
    const answer = jobAnswer('fine-tuning-completed');
    mock
      .on(GetModelCustomizationJobCommand, { jobIdentifier: 'a-name' })
      .resolves({ ...answer, $metadata: { httpStatusCode: 200 } });
    expect(await bedrock.getJob('a-name')).toEqual(answer);
  });

  it('returns tags as a map', async () => {
    mock.on(ListTagsForResourceCommand, { resourceARN: 'arn' }).resolves(readFixture('api/list-tags.json') as never);
    expect(await bedrock.listTags('arn')).toEqual({ team: 'ml-platform', env: 'prod', 'cost-center': '' });
  });

  it('reads the list to its last page', async () => {
    mock
      .on(ListModelCustomizationJobsCommand)
      .resolvesOnce(withDates(readFixture('api/list-page-1.json')) as never)
      .resolvesOnce(withDates(readFixture('api/list-page-2.json')) as never);
    const jobs = await Array.fromAsync(bedrock.listJobs({}));
    expect(jobs).toHaveLength(7);
    expect(jobs[0]).toEqual({
      job_arn:
        'arn:aws:bedrock:us-west-2:123456789012:model-customization-job/meta.llama3-3-70b-instruct-v1:0:128k/q7w2e9r4t1y6',
      status: 'Completed',
      status_details: expect.objectContaining({
        training_details: expect.objectContaining({ status: 'Completed' }) as unknown,
      }) as unknown,
      creation_time: '2026-08-09T23:58:49.204Z',
      last_modified_time: '2026-08-10T01:19:52.011Z',
      end_time: '2026-08-10T01:19:51.876Z',
    });
    expect(mock.commandCalls(ListModelCustomizationJobsCommand)[1]?.args[0].input).toMatchObject({
      nextToken: 'eyJwYWdlIjoyfQ',
    });
  });

  it('requests one page more than is read, and no other', async () => {
    mock.on(ListModelCustomizationJobsCommand).resolves(withDates(readFixture('api/list-page-1.json')) as never);
    for await (const _job of bedrock.listJobs({})) break;
    expect(mock.calls()).toHaveLength(2);
  });

  it.each<[Error, string, RegExp]>([
    [
      new ResourceNotFoundException(metadata),
      'JOB_NOT_FOUND',
      /has no customization job "x" in account 123456789012, Region us-east-1/,
    ],
    [
      new AccessDeniedException(metadata),
      'ACCESS_DENIED',
      /bedrock:GetModelCustomizationJob for "x".*the words of AWS\. Allow the call/,
    ],
    [new ValidationException(metadata), 'INVALID_JOB', /refused GetModelCustomizationJob for "x".*the words of AWS/],
  ])('turns %s into an error that a person can act on', async (error, code, message) => {
    mock.on(GetModelCustomizationJobCommand).rejects(error);
    await expect(bedrock.getJob('x')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
      cause: error,
    });
  });

  it('does not take missing tags for a missing job', async () => {
    mock.on(ListTagsForResourceCommand).rejects(new ResourceNotFoundException(metadata));
    await expect(bedrock.listTags('arn')).rejects.toMatchObject({ code: 'TAGS_NOT_FOUND', retryable: true });
  });

  it('turns the errors of a list into the same ones', async () => {
    mock.on(ListModelCustomizationJobsCommand).rejects(new AccessDeniedException(metadata));
    await expect(Array.fromAsync(bedrock.listJobs({}))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it("says that an answer is unreadable, for an error of the SDK's deserializer", async () => {
    const error = Object.assign(new SyntaxError('Unexpected token \u001b'), { $response: {} });
    mock.on(GetModelCustomizationJobCommand).rejects(error);
    await expect(bedrock.getJob('x')).rejects.toMatchObject({
      code: 'INVALID_JOB',
      message: expect.stringMatching(
        /Could not read Bedrock's answer to GetModel.*: SyntaxError: [\x20-\x7e]+$/,
      ) as unknown,
      cause: error,
    });
  });

  it('refuses an answer without a field: a look that saw nothing must not count as one', async () => {
    mock.on(GetModelCustomizationJobCommand).resolves({ $metadata: {}, status: undefined });
    await expect(bedrock.getJob('x')).rejects.toMatchObject({
      code: 'INVALID_JOB',
      message: expect.stringContaining('to GetModelCustomizationJob for "x" in account') as unknown,
    });
  });

  it.each([5, 'x', {}, [{ key: 1, value: 'x' }], [{ key: 'x', value: {} }]])('refuses the tags %j', async (tags) => {
    mock.on(ListTagsForResourceCommand).resolves({ tags: tags as never });
    await expect(bedrock.listTags('arn')).rejects.toMatchObject({ code: 'INVALID_JOB' });
  });

  it.each([5, 'x', {}, [{}], [null], [{ jobArn: 5 }], [{ jobArn: '' }]])('refuses the listed jobs %j', async (jobs) => {
    mock.on(ListModelCustomizationJobsCommand).resolves({ modelCustomizationJobSummaries: jobs as never });
    await expect(Array.fromAsync(bedrock.listJobs({}))).rejects.toMatchObject({ code: 'INVALID_JOB' });
  });

  it('lists a job without the fields that do not match the model', async () => {
    const jobs = [{ jobArn: 'arn', status: 'Completed', endTime: 5, statusDetails: { trainingDetails: 1 } }];
    mock.on(ListModelCustomizationJobsCommand).resolves({ modelCustomizationJobSummaries: jobs as never });
    expect(await Array.fromAsync(bedrock.listJobs({}))).toEqual([{ job_arn: 'arn', status: 'Completed' }]);
  });

  it('passes on throttling that outlasts the retries', async () => {
    mock.on(ListTagsForResourceCommand).rejects(new ThrottlingException(metadata));
    await expect(bedrock.listTags('arn')).rejects.toBeInstanceOf(ThrottlingException);
  });
});

describe('clientsOfScopes', () => {
  const other = { accountId: '123456789012', region: 'eu-west-1' };

  it('makes one client for each scope, on demand, and keeps it', () => {
    const made: unknown[] = [];
    const clientOf = clientsOfScopes((scope) => {
      made.push(scope);
      return client;
    });
    expect(made).toEqual([]);
    clientOf(other);
    clientOf(other);
    clientOf(SCOPE);
    expect(made).toEqual([other, SCOPE]);
  });

  it('forgets the one that was not used for longest, so that thousands of scopes take no more memory', () => {
    const made: string[] = [];
    const clientOf = clientsOfScopes(({ region }) => {
      made.push(region);
      return client;
    });
    const at = (number: number) => ({ ...SCOPE, region: `region-${number}` });
    for (let number = 0; number < 100; number += 1) clientOf(at(number));
    clientOf(at(0));
    clientOf(at(100));
    made.length = 0;
    for (const number of [0, 2, 100, 1]) clientOf(at(number));
    expect(made).toEqual(['region-1']);
  });

  it('uses clients with a rate limit and timeouts', async () => {
    const { config } = createBedrockClient(other, SWEEP_TIMEOUTS);
    expect(await config.region()).toBe('eu-west-1');
    expect(await config.retryStrategy()).toMatchObject({ mode: 'rate-limited' });
    expect(await config.maxAttempts()).toBe(8);
  });
});
