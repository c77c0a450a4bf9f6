import {
  BedrockClient,
  GetModelCustomizationJobCommand,
  ListModelCustomizationJobsCommand,
  ListTagsForResourceCommand,
  type ModelCustomizationJobSummary,
} from '@aws-sdk/client-bedrock';
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { NO_SETTINGS } from '../../../../lib/operator/tracker-settings.ts';
import { chooseJobs, gather, MOST, openClients } from '../../../../lib/cli/doctor/evidence.ts';
import { logsChanges, namingOf } from '../../../../lib/cli/doctor/checks/cloudtrail.ts';
import { CHECKS, examine } from '../../../../lib/cli/doctor/examine.ts';
import { type Check, holds } from '../../../../lib/cli/doctor/check.ts';

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/';
const bedrock = mockClient(BedrockClient);
const cloudTrail = mockClient(CloudTrailClient);
const s3 = mockClient(S3Client);
const sts = mockClient(STSClient);

const at = (minute: number) => new Date(Date.UTC(2026, 7, 10, 12, minute));
const summary = (number: number, change: Partial<ModelCustomizationJobSummary> = {}): ModelCustomizationJobSummary => ({
  jobArn: `${ARN}${String(number).padStart(12, 'j')}`,
  jobName: `job-${String(number)}`,
  baseModelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k',
  status: 'Completed',
  creationTime: at(30 - number),
  lastModifiedTime: at(40 - number),
  endTime: at(40 - number),
  ...change,
});
const TRAIL = { trailList: [{ TrailARN: 'arn:aws:cloudtrail:us-east-1:123456789012:trail/all' }] };

/** Bedrock as it is taken to be, with these jobs. */
const arrange = (jobs: readonly ModelCustomizationJobSummary[], got: Partial<ModelCustomizationJobSummary> = {}) => {
  for (const mock of [bedrock, cloudTrail, s3, sts]) mock.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: '123456789012' });
  bedrock.on(ListModelCustomizationJobsCommand).resolves({ modelCustomizationJobSummaries: [...jobs] });
  bedrock.on(GetModelCustomizationJobCommand).callsFake(({ jobIdentifier }: { jobIdentifier: string }) => {
    const job = jobs.find(({ jobArn, jobName }) => [jobArn, jobName].includes(jobIdentifier));
    return { ...job, outputDataConfig: { s3Uri: 's3://bucket/out/' }, ...got };
  });
  bedrock.on(ListTagsForResourceCommand).resolves({ tags: [{ key: 'team', value: 'nlp' }] });
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }: { Prefix: string }) => ({
    Contents: [{ Key: `${Prefix}training_artifacts/step_wise_training_metrics.csv` }],
  }));
  cloudTrail.on(DescribeTrailsCommand).resolves(TRAIL);
  cloudTrail.on(GetTrailStatusCommand).resolves({ IsLogging: true });
  cloudTrail
    .on(GetEventSelectorsCommand)
    .resolves({ EventSelectors: [{ IncludeManagementEvents: true, ReadWriteType: 'All' }] });
  cloudTrail.on(LookupEventsCommand).resolves({
    Events: [{ EventId: 'e', CloudTrailEvent: JSON.stringify({ requestParameters: { jobIdentifier: 'job-1' } }) }],
  });
};
beforeEach(() => {
  arrange([summary(1), summary(2)]);
});

const examined = (checks: readonly Check[] = CHECKS, ms?: number) => {
  const clients = openClients('us-east-1', false, (client) => client);
  const evidence = gather(clients, 'us-east-1', undefined);
  return examine({ clients, evidence, now: new Date() }, { settings: NO_SETTINGS }, checks, ms);
};
const outcomeOf = async (id: string) => (await examined(CHECKS.filter((check) => check.id === id)))[0];

describe('an account without a tracker', () => {
  it('has all that is assumed of Bedrock and CloudTrail checked, and nothing else', async () => {
    const findings = await examined();
    const by = (outcome: string) => findings.filter((finding) => finding.outcome === outcome).map(({ id }) => id);
    expect(by('holds')).toEqual(
      CHECKS.filter(({ needs }) => needs === 'bedrock' || needs === 'aws').map(({ id }) => id),
    );
    expect(by('does not hold')).toEqual([]);
    for (const { detail } of findings.filter(({ outcome }) => outcome === 'could not be checked'))
      expect(detail).toBe('No tracker was found here.');
  });

  it('is told where it has no jobs', async () => {
    arrange([]);
    const open = (await examined()).filter(({ outcome }) => outcome === 'could not be checked');
    expect(open.map(({ id }) => id)).toEqual(expect.arrayContaining(['list-get-times', 'unique-names', 's3-output']));
  });

  it.each<[string, () => void, RegExp]>([
    [
      'list-get-times',
      () => arrange([summary(1)], { lastModifiedTime: at(41) }),
      /^lastModifiedTime differ for 1 of 1 finished job \(by up to 120000 ms\)/,
    ],
    [
      'list-get-times',
      () => arrange([summary(1)], { endTime: undefined }),
      /^endTime differ .*one of the two has none/,
    ],
    [
      'unique-names',
      () => arrange([summary(1), summary(2, { jobName: 'job-1' })]),
      /^Several jobs are called job-1 in 123456789012#us-east-1\./,
    ],
    ['unique-names', () => arrange([summary(1)], { jobArn: 'arn:other' }), /^Get by the name job-1 answers arn:other/],
    [
      'job-arns',
      () =>
        arrange([
          summary(1, { jobArn: 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/j00000000001' }),
        ]),
      /^1 of 1 ARNs have another form/,
    ],
    ['list-order', () => arrange([summary(2), summary(1)]), /has another order/],
    ['statuses', () => arrange([summary(1, { status: 'Paused' as never })]), /uses the status Paused/],
    ['statuses', () => arrange([summary(1)], { endTime: undefined }), /finished without an end time/],
    [
      's3-output',
      () =>
        s3
          .on(ListObjectsV2Command)
          .resolves({ Contents: [{ Key: 'out/model-customization-job-jjjjjjjjjjj1/metrics.csv' }] }),
      /^The output of a job of amazon\.nova-lite-v1:0:300k has no training_artifacts/,
    ],
    ['trail', () => cloudTrail.on(DescribeTrailsCommand).resolves({}), /^There is no CloudTrail trail\./],
    [
      'trail',
      () => cloudTrail.on(GetTrailStatusCommand).resolves({ IsLogging: false }),
      /^None of 1 trail logs management events/,
    ],
    [
      'cloudtrail-records',
      () =>
        cloudTrail.on(LookupEventsCommand).resolves({
          Events: [{ EventId: 'e1', CloudTrailEvent: '{"requestParameters":{"jobIdentifier":"%E0%A4%A"}}' }],
        }),
      /do not name their job in a known way \(event e1/,
    ],
  ])('%s: does not hold, and says what it means', async (id, change, detail) => {
    change();
    expect(await outcomeOf(id)).toEqual(
      expect.objectContaining({ outcome: 'does not hold', detail: expect.stringMatching(detail) as unknown }),
    );
  });

  it('makes bounded requests, however many jobs there are', async () => {
    arrange(Array.from({ length: 900 }, (_, number) => summary(number)));
    await examined();
    expect(bedrock.commandCalls(GetModelCustomizationJobCommand)).toHaveLength(MOST.jobs + 1);
    expect(bedrock.commandCalls(ListTagsForResourceCommand)).toHaveLength(MOST.jobs);
    expect(bedrock.commandCalls(ListModelCustomizationJobsCommand)).toHaveLength(1);
  });
});

describe('a check', () => {
  const check = (run: () => Promise<never>): Check => ({ id: 'x', title: 'X', needs: 'bedrock', run });

  it('that hangs ends in time, and the others are told', async () => {
    const well: Check = { id: 'y', title: 'Y', needs: 'bedrock', run: () => Promise.resolve(holds('yes')) };
    expect(await examined([check(() => new Promise(() => undefined)), well], 20)).toMatchObject([
      { outcome: 'could not be checked', detail: 'AWS did not answer within 0 seconds.' },
      { outcome: 'holds' },
    ]);
  });

  it('that fails in a way that nobody expected is told, too', async () => {
    expect(await examined([check(() => Promise.reject(new TypeError('x is not a function')))])).toMatchObject([
      { outcome: 'could not be checked', detail: 'x is not a function' },
    ]);
  });

  it('without credentials ends the command', async () => {
    const error = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    await expect(examined([check(() => Promise.reject(error))])).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
  });
});

describe('a trail logs changes', () => {
  const advanced = (...fields: [string, string][]) => ({
    AdvancedEventSelectors: [{ FieldSelectors: fields.map(([Field, value]) => ({ Field, Equals: [value] })) }],
  });
  it.each<[string, Parameters<typeof logsChanges>[0], boolean]>([
    ['all management events', { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] }, true],
    [
      'those that read alone',
      { EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }] },
      false,
    ],
    ['data events alone', { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: false }] }, false],
    ['the category Management', advanced(['eventCategory', 'Management']), true],
    ['the category Management, that read', advanced(['eventCategory', 'Management'], ['readOnly', 'true']), false],
    ['the category Data', advanced(['eventCategory', 'Data']), false],
    ['nothing', {}, false],
  ])('%s', (_, selectors, expected) => {
    expect(logsChanges(selectors)).toBe(expected);
  });
});

describe('a CloudTrail record names its job', () => {
  const arn = `${ARN}z9x8c7v6b5n4`;
  it.each<[unknown, string | undefined]>([
    [{ responseElements: { jobArn: arn }, requestParameters: { jobName: 'x' } }, 'plain'],
    [{ requestParameters: { jobIdentifier: encodeURIComponent(arn) } }, 'encoded'],
    [{ requestParameters: { jobIdentifier: 'a-name' }, responseElements: null }, 'plain'],
    [{ errorCode: 'AccessDenied' }, undefined],
    [{ requestParameters: {} }, 'unknown'],
    ['text', 'unknown'],
  ])('%j', (record, expected) => {
    expect(namingOf(JSON.stringify(record))).toBe(expected);
  });
});

describe('the jobs that are looked at', () => {
  it('are of each status and base model before they are many of one', () => {
    const jobs = [...Array.from({ length: 30 }, (_, number) => summary(number)), summary(31, { status: 'Failed' })];
    const chosen = chooseJobs(jobs);
    expect(chosen).toHaveLength(MOST.jobs);
    expect(chosen.map(({ status }) => status)).toContain('Failed');
  });
});
