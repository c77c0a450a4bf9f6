import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUT, PARAMETER, SWEEPS, type TrackerSettings } from '../../../lib/contract.ts';
import { aws, output, parameterOf, stack } from '../support/aws.ts';
import { createJob, endJob } from '../support/jobs.ts';
import { environmentOf } from '../support/stack.ts';
import { sweep } from '../support/records.ts';
import { physicalIds, resourcesOf } from '../support/template.ts';

const PERMISSIONS = path.resolve(import.meta.dirname, '../../../docs/permissions.md');
const ENTRY = path.resolve(import.meta.dirname, '../../../bin/bedrock-jobs.ts');

interface Check {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
}

/** `bedrock-jobs doctor` as a person who works in the account starts it. */
const doctor = async (credentials = {}): Promise<{ readonly code: number; readonly checks: readonly Check[] }> => {
  const env = { ...environmentOf(stack), AWS_ENDPOINT_URL_BEDROCK: stack.bedrockUrl, ...credentials };
  const run = promisify(execFile)(process.execPath, [ENTRY, 'doctor', '--json'], { env });
  const { code, stdout } = await run.then(
    ({ stdout: text }) => ({ code: 0, stdout: text }),
    (error: unknown) => error as { code: number; stdout: string },
  );
  return { code, checks: (JSON.parse(stdout) as { checks: Check[] }).checks };
};

/** The policies of docs/permissions.md that the doctor takes, with the names of this stack. */
const policyOfDoctor = async (): Promise<string> => {
  const page = await readFile(PERMISSIONS, 'utf8');
  const statements = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].flatMap(
    ([, json = '']) => (JSON.parse(json) as { Statement: { Sid: string }[] }).Statement,
  );
  const below = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const taken = ['Read', 'Health', 'Loss curves', 'Doctor'].map(below).join('\n');
  const named = ['FindTheFunction', 'LookAtJobs', 'ListJobs'];
  const Statement = statements.filter(({ Sid }) => taken.includes(`"Sid": "${Sid}"`) || named.includes(Sid));
  const { eventSourceMappings } = JSON.parse(await parameterOf(PARAMETER.settings)) as TrackerSettings;
  const sweepsTable = await parameterOf(PARAMETER.sweepsTableName);
  const last = (text: string) => text.split(/[/:]/).at(-1) ?? '';
  const queueOrFunction = (name: string) => stack.outputs[`${name}Name`] ?? last(output(`${name}Url`));
  return JSON.stringify({ Version: '2012-10-17', Statement })
    .replaceAll('111122223333', stack.account)
    .replaceAll('us-east-1', stack.region)
    .replaceAll(/(?<=table\/)JobsTable/g, output(OUTPUT.jobsTableName))
    .replaceAll(/(?<=table\/)ModelsTable/g, output(OUTPUT.modelsTableName))
    .replaceAll(/(?<=table\/)SweepsTable/g, sweepsTable)
    .replaceAll('JobEventsMapping', eventSourceMappings.jobEvents)
    .replaceAll('ModelTransitionsMapping', eventSourceMappings.modelTransitions ?? '')
    .replaceAll('TransitionsMapping', eventSourceMappings.transitions)
    .replaceAll('NotificationsTopic', last(output(OUTPUT.notificationsTopicArn)))
    .replaceAll(/(?<=:)\w+(?:Queue|Function)(?=")/g, queueOrFunction);
};

/** Access keys of somebody new in the account who has these policies and nothing else. */
const somebodyWith = async (policy: string) => {
  const user = ['--user-name', 'doctor'];
  await aws('iam', 'create-user', ...user);
  await aws('iam', 'put-user-policy', ...user, '--policy-name', 'doctor', '--policy-document', policy);
  const { AccessKey } = await aws<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>(
    ...['iam', 'create-access-key', ...user],
  );
  return { AWS_ACCESS_KEY_ID: AccessKey.AccessKeyId, AWS_SECRET_ACCESS_KEY: AccessKey.SecretAccessKey };
};

/** Checks whose calls MiniStack asks IAM for on every resource, where AWS asks for the one that is named. */
const UNNAMED = ['rules', 'mappings', 'bus'];
const DEPLOYMENT = ['versions', 'functions', 'rules', 'mappings', 'schedules', 'queue', 'bus'];
const BEDROCK = ['list-get-times', 'unique-names', 'job-arns', 'list-order', 'statuses', 'tags'];

describe('the doctor', () => {
  beforeAll(async () => {
    await createJob();
    await endJob((await createJob()).arn, 'Completed');
    for (const kind of SWEEPS) await sweep(kind);
  });

  test('finds that the stack is deployed as it should be, and the simulator as is assumed of Bedrock', async () => {
    const { checks } = await doctor();
    const wanted = checks.filter(({ id }) => [...DEPLOYMENT, ...BEDROCK, 'sweeps'].includes(id));
    expect(wanted.filter(({ outcome }) => outcome === 'does not hold')).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === 'holds').map(({ id }) => id)).toEqual(
      expect.arrayContaining([...DEPLOYMENT, ...BEDROCK]),
    );
  });

  test('needs no more than docs/permissions.md gives it', async () => {
    const holding = ({ checks }: Awaited<ReturnType<typeof doctor>>) =>
      checks.filter(({ outcome, id }) => outcome === 'holds' && !UNNAMED.includes(id)).map(({ id }) => id);
    const [all, own] = [await doctor(), await doctor(await somebodyWith(await policyOfDoctor()))];
    expect(holding(own)).toEqual(holding(all));
    expect(holding(own)).toEqual(expect.arrayContaining(['functions', 'schedules', 'queue', 'tags', 'sweeps']));
  });

  test('finds that there is no trail until there is one', async () => {
    const trail = async () => (await doctor()).checks.find(({ id }) => id === 'trail');
    expect(await trail()).toMatchObject({ outcome: 'does not hold' });
    await aws('s3api', 'create-bucket', '--bucket', 'trail-of-the-doctor');
    await aws('cloudtrail', 'create-trail', '--name', 'doctor', '--s3-bucket-name', 'trail-of-the-doctor');
    await aws('cloudtrail', 'start-logging', '--name', 'doctor');
    expect(await trail()).toMatchObject({ outcome: 'holds' });
    await aws('cloudtrail', 'delete-trail', '--name', 'doctor');
  });

  test('finds a mapping and a rule that somebody disabled', async () => {
    const ids = await physicalIds();
    const [mapping] = resourcesOf('AWS::Lambda::EventSourceMapping', 'JobEventsQueue');
    const [rule] = resourcesOf('AWS::Events::Rule', 'StateChange');
    const uuid = ids[mapping?.id ?? ''] ?? '';
    const name = ids[rule?.id ?? ''] ?? '';
    await aws('lambda', 'update-event-source-mapping', '--uuid', uuid, '--no-enabled');
    await aws('events', 'disable-rule', '--name', name);
    try {
      const { code, checks } = await doctor();
      expect(code).toBe(1);
      for (const [id, part] of [
        ['mappings', uuid],
        ['rules', name],
      ] as const) {
        const found = checks.find((check) => check.id === id);
        expect(found).toMatchObject({ outcome: 'does not hold', detail: expect.stringContaining(part) as unknown });
      }
    } finally {
      // Later areas need both.
      await aws('lambda', 'update-event-source-mapping', '--uuid', uuid, '--enabled');
      await aws('events', 'enable-rule', '--name', name);
    }
  });
});
