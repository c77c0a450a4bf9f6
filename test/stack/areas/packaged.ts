import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUT, PARAMETER, parameterUnder, SPOKE_PARAMETER } from '../../../lib/contract.ts';
import { awsIn, clientsOf, parameterOf } from '../support/aws.ts';
import { recordIn, trackJob } from '../support/events.ts';
import type { CreatedJob } from '../support/jobs.ts';
import { deployAgain, deployPackaged, makeOwner, OWNER, secondBuild, type Owner } from '../support/packaged.ts';
import { deleteStack, outputsOf, statusOf } from '../support/template.ts';

const { table } = clientsOf(OWNER);
const awsOf = <T>(...words: readonly string[]): Promise<T> => awsIn<T>(OWNER, ...words);
const NAME = 'packaged-tracker';
const EMAIL = 'ml-team@example.com';

let owner: Owner;

const functionOf = async (outputs: Readonly<Record<string, string>>) =>
  awsOf<{ CodeSha256: string; Environment: { Variables: Readonly<Record<string, string>> } }>(
    ...['lambda', 'get-function-configuration', '--function-name', outputs[OUTPUT.trackJobFunctionName] ?? ''],
  );

/** How often the schedules of a tracker start a sweep. */
const ratesOf = async (outputs: Readonly<Record<string, string>>): Promise<string[]> => {
  const group = ['--group-name', outputs[OUTPUT.scheduleGroupName] ?? ''];
  const { Schedules } = await awsOf<{ Schedules: { Name: string }[] }>('scheduler', 'list-schedules', ...group);
  const found = await Promise.all(
    Schedules.map(({ Name }) =>
      awsOf<{ ScheduleExpression: string }>('scheduler', 'get-schedule', ...group, '--name', Name),
    ),
  );
  return found.map(({ ScheduleExpression }) => ScheduleExpression).sort();
};

describe('the packaged release', () => {
  beforeAll(async () => {
    owner = await makeOwner();
  }, 300_000);

  describe('a release and the AWS CLI alone', () => {
    let tableName = '';
    let tracked: CreatedJob | undefined;
    let code = '';

    beforeAll(async () => {
      await deployPackaged(owner, NAME);
    }, 180_000);

    test('deploy a tracker that tracks', async () => {
      const outputs = await outputsOf(NAME, OWNER);
      tableName = outputs[OUTPUT.jobsTableName] ?? '';
      code = (await functionOf(outputs)).CodeSha256;
      const { job, record } = await trackJob(OWNER, tableName);
      tracked = job;
      expect(record).toMatchObject({ status: 'InProgress', observed_via: 'event' });
    });

    test('nobody is told of jobs, and schedules and logs have the defaults of the construct', async () => {
      const outputs = await outputsOf(NAME, OWNER);
      expect(outputs).not.toHaveProperty(OUTPUT.notificationsTopicArn);
      expect((await functionOf(outputs)).Environment.Variables).toMatchObject({
        POWERTOOLS_LOG_LEVEL: 'INFO',
        POWERTOOLS_SERVICE_NAME: 'bedrock-job-tracker',
      });
    });

    describe('updated to another build, with other parameters', () => {
      let before = 0;
      let outputs: Readonly<Record<string, string>> = {};
      const parameters = {
        NotificationEmail: EMAIL,
        ActiveSweepMinutes: '15',
        LogLevel: 'DEBUG',
        LogRetentionDays: '7',
        MaxConcurrency: '3',
      };

      beforeAll(async () => {
        before = (await table.send(new ScanCommand({ TableName: tableName }))).Count ?? 0;
        await deployPackaged(owner, NAME, parameters, { cwd: secondBuild(owner) });
        outputs = await outputsOf(NAME, OWNER);
      }, 180_000);

      test('keep the table with its records, and track on', async () => {
        expect(outputs[OUTPUT.jobsTableName]).toBe(tableName);
        expect(await recordIn(OWNER, tableName, tracked ?? { arn: '', name: '' })).toMatchObject({
          status: 'InProgress',
        });
        await trackJob(OWNER, tableName);
        expect((await table.send(new ScanCommand({ TableName: tableName }))).Count).toBe(before + 1);
      });

      test('run the new code', async () => {
        expect((await functionOf(outputs)).CodeSha256).not.toBe(code);
      });

      test('take the parameters', async () => {
        expect((await functionOf(outputs)).Environment.Variables).toMatchObject({ POWERTOOLS_LOG_LEVEL: 'DEBUG' });
        expect(await ratesOf(outputs)).toEqual(['rate(15 minutes)']);
        const subscriptions = await awsOf<{ Subscriptions: unknown[] }>(
          ...['sns', 'list-subscriptions-by-topic', '--topic-arn', outputs[OUTPUT.notificationsTopicArn] ?? ''],
        );
        expect(subscriptions.Subscriptions).toMatchObject([{ Protocol: 'email', Endpoint: EMAIL }]);
        expect(JSON.parse(await parameterOf(PARAMETER.settings, OWNER))).toMatchObject({
          stackName: NAME,
          activeSweepMinutes: 15,
          fullSweepMinutes: 1440,
        });
      });
    });
  });

  describe('a second tracker in the account', () => {
    const PREFIX = '/second/jobs';

    test('is refused under the same prefix, and the first one is left alone', async () => {
      await expect(deployPackaged(owner, 'same-names')).rejects.toThrow(
        /Failed to create\/update the stack|already exist/i,
      );
      expect(await statusOf('same-names', OWNER)).toBe('ROLLBACK_COMPLETE');
      const found = await parameterOf(PARAMETER.jobsTableName, OWNER);
      expect(found).toBe((await outputsOf(NAME, OWNER))[OUTPUT.jobsTableName]);
    }, 120_000);

    test('stands beside the first under another prefix, and each tracks the same job', async () => {
      await deployPackaged(owner, 'second-tracker', { ParameterPrefix: PREFIX });
      const second = await parameterOf(parameterUnder(PREFIX, PARAMETER.jobsTableName), OWNER);
      const { job } = await trackJob(OWNER, second);
      const first = (await outputsOf(NAME, OWNER))[OUTPUT.jobsTableName] ?? '';
      expect(second).not.toBe(first);
      await recordIn(OWNER, first, job);
      const { Environment } = await functionOf(await outputsOf('second-tracker', OWNER));
      expect(Environment.Variables).toMatchObject({ POWERTOOLS_SERVICE_NAME: 'second/jobs' });
    }, 180_000);
  });

  describe('wrong parameters', () => {
    test.each([
      ['NotificationEmail', 'nobody', 'must be one e-mail address, such as team@example.com, or empty'],
      ['NotificationEmail', 'a@example.com,b@example.com', 'must be one e-mail address'],
      ['AlarmTopicArn', 'operations', 'must be the ARN of an SNS topic, or empty'],
      ['EventBusArn', 'arn:aws:sns:us-east-1:555555555555:operations', 'must be the ARN of an event bus, or empty'],
      ['EncryptionKeyArn', 'alias/jobs', 'must be the ARN of a KMS key, or empty'],
      ['LogLevel', 'TRACE', 'AllowedValues'],
      ['LogRetentionDays', '91', 'AllowedValues'],
      ['MaxConcurrency', '2.5', 'must be a whole number from 2 to 1000'],
      ['ActiveSweepMinutes', '0', 'AllowedValues'],
      ['FullSweepHours', '1', 'AllowedValues'],
      ['ParameterPrefix', 'jobs', 'must be a path such as /team/bedrock-job-tracker'],
      ['ParameterPrefix', '/aws/jobs', 'must be a path such as'],
      ['ParameterPrefix', '/jobs/', 'must be a path such as'],
    ])('%s=%s is refused', async (name, value, reason) => {
      await expect(deployAgain(owner, 'wrong', { [name]: value }, owner.folder)).rejects.toThrow(reason);
    });

    test('make nothing', async () => {
      const status = await statusOf('wrong', OWNER).catch(() => undefined);
      expect([undefined, 'REVIEW_IN_PROGRESS']).toContain(status);
    });
  });

  describe("the spoke's template", () => {
    test('deploys with what a hub tells it', async () => {
      const parameters = {
        [SPOKE_PARAMETER.hubAccountId]: '111111111111',
        [SPOKE_PARAMETER.hubBusArn]: 'arn:aws:events:us-east-1:111111111111:event-bus/hub',
        [SPOKE_PARAMETER.hubId]: '0123abcd',
        [SPOKE_PARAMETER.hubRoleArns]: 'arn:aws:iam::111111111111:role/track,arn:aws:iam::111111111111:role/sweep',
        [SPOKE_PARAMETER.externalId]: 'bedrock-7f3a',
      };
      await deployPackaged(owner, 'spoke', parameters, { template: 'bedrock-job-tracker-spoke.template.json' });
      expect(await statusOf('spoke', OWNER)).toBe('CREATE_COMPLETE');
    }, 60_000);
  });

  describe('the size of the packaged template', () => {
    test('is what CloudFormation takes from S3', () => {
      const packaged = path.join(owner.folder, 'packaged.yaml');
      expect(statSync(packaged).size).toBeLessThan(1_000_000);
      expect(readFileSync(packaged, 'utf8')).not.toMatch(/cdk-bootstrap|CDKMetadata|aws:cdk/);
    });
  });

  afterAll(async () => {
    const before = (await outputsOf(NAME, OWNER))[OUTPUT.jobsTableName] ?? '';
    for (const name of ['spoke', 'second-tracker', NAME]) await deleteStack(name, OWNER);
    // Deleting a stack keeps its table.
    expect((await table.send(new ScanCommand({ TableName: before }))).Count).toBeGreaterThan(0);
  }, 180_000);
});
