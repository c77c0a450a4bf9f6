import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { aws, stack } from '../support/aws.ts';
import { createJob, endJob } from '../support/jobs.ts';
import { environmentOf } from '../support/stack.ts';
import { sweep } from '../support/sweeps.ts';
import { physicalIds, resourcesOf } from '../support/template.ts';

const ENTRY = path.resolve(import.meta.dirname, '../../../bin/bedrock-jobs.ts');

interface Check {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
}

/** `bedrock-jobs doctor` as a person who works in the account starts it. */
const doctor = async (): Promise<{ readonly code: number; readonly checks: readonly Check[] }> => {
  const env = { ...environmentOf(stack), AWS_ENDPOINT_URL_BEDROCK: stack.bedrockUrl };
  const run = promisify(execFile)(process.execPath, [ENTRY, 'doctor', '--json'], { env });
  const { code, stdout } = await run.then(
    ({ stdout: text }) => ({ code: 0, stdout: text }),
    (error: unknown) => error as { code: number; stdout: string },
  );
  return { code, checks: (JSON.parse(stdout) as { checks: Check[] }).checks };
};

const DEPLOYMENT = ['versions', 'functions', 'rules', 'mappings', 'schedules', 'queue', 'bus'];
const BEDROCK = ['list-get-times', 'unique-names', 'job-arns', 'list-order', 'statuses', 'tags'];

describe('the doctor', () => {
  beforeAll(async () => {
    await createJob();
    await endJob((await createJob()).arn, 'Completed');
    await sweep('full');
    await sweep('active');
  });

  test('finds that the stack is deployed as it should be, and the simulator as is assumed of Bedrock', async () => {
    const { checks } = await doctor();
    const wanted = checks.filter(({ id }) => [...DEPLOYMENT, ...BEDROCK, 'sweeps'].includes(id));
    expect(wanted.filter(({ outcome }) => outcome === 'does not hold')).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === 'holds').map(({ id }) => id)).toEqual(
      expect.arrayContaining([...DEPLOYMENT, ...BEDROCK]),
    );
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
    const { code, checks } = await doctor();
    expect(code).toBe(1);
    for (const [id, part] of [
      ['mappings', uuid],
      ['rules', name],
    ] as const) {
      const found = checks.find((check) => check.id === id);
      expect(found).toMatchObject({ outcome: 'does not hold', detail: expect.stringContaining(part) as unknown });
    }
    await aws('lambda', 'update-event-source-mapping', '--uuid', uuid, '--enabled');
    await aws('events', 'enable-rule', '--name', name);
  });
});
