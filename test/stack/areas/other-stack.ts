import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseTransition } from '../../../lib/client/transition-event.ts';
import { aws, stack, invoke } from '../support/aws.ts';
import { cdk } from '../support/cdk.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob, type CreatedJob } from '../support/jobs.ts';
import { take } from '../support/queues.ts';
import { recordWith } from '../support/records.ts';
import { deleteStack, outputsOf } from '../support/template.ts';
import { SERVICE } from '../service/names.ts';

const APP = path.join(import.meta.dirname, '..', 'service');

describe('a stack of another repository, which knows the prefix of the parameters', () => {
  let running: CreatedJob;

  beforeAll(async () => {
    const bundle = path.join(stack.folder, 'service');
    const entry = path.join(APP, 'reader.ts');
    await build({ entryPoints: [entry], outdir: bundle, bundle: true, platform: 'node', target: 'node24' });
    const app = `${process.execPath} ${path.join(APP, 'app.ts')}`;
    const words = ['--app', app, '--output', `${bundle}.out`, '-c', `bundle=${bundle}`];
    await cdk(stack, ['deploy', '--require-approval', 'never', ...words], stack.folder);
    running = await createJob();
    await putEvents(sampleEvent('state-change-in-progress', running));
    await recordWith(running.arn, 'InProgress');
  }, 120_000);

  afterAll(() => deleteStack(SERVICE.stack));

  test('reads records and an index by the alias of its function', async () => {
    const read = await invoke(`${SERVICE.reader}:${SERVICE.alias}`, { jobArn: running.arn });
    expect(read).toEqual({ status: 'InProgress', running: expect.arrayContaining([running.arn]) as unknown });
  });

  test('gets the transitions that it wants into its own queue', async () => {
    await endJob(running.arn, 'Completed');
    await putEvents(sampleEvent('state-change-completed', running));
    const { [SERVICE.queueOutput]: queueUrl = '' } = await outputsOf(SERVICE.stack);
    const [body = ''] = await take(queueUrl, 1, 20);
    expect(parseTransition(JSON.parse(body)).detail).toMatchObject({ job_arn: running.arn, to: 'Completed' });
  });

  test('has the tracked scopes as the tracker has them', async () => {
    const { Environment } = await aws<{ Environment: { Variables: Record<string, string> } }>(
      ...['lambda', 'get-function-configuration', '--function-name', SERVICE.reader],
    );
    expect(Environment.Variables['TRACKED_SCOPES']).toBe(`${stack.account}#${stack.region}`);
  });
});
