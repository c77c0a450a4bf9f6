import { describe, expect, it } from '@jest/globals';
import type { TrackerHealth } from '../../../lib/operator/tracker-health.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import { findJob } from '../../../lib/cli/job-argument.ts';
import type { JobsClient } from '../../../lib/client/requests.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const ACCOUNT = '123456789012';
const ARN = `arn:aws:bedrock:us-west-2:${ACCOUNT}:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl`;

const HEALTH: TrackerHealth = {
  queues: [],
  scopes: [
    {
      scope: { accountId: ACCOUNT, region: 'us-east-1' },
      active: { finished_at: '2026-11-21T11:57:00.000Z' },
      full: { finished_at: '2026-11-21T02:00:00.000Z' },
    },
    { scope: { accountId: ACCOUNT, region: 'us-west-2' }, active: { finished_at: '2026-11-21T11:50:00.000Z' } },
  ],
};

const refusal = async (text: string, place = {}, change: Partial<Connection> = {}): Promise<string> => {
  const jobs: Partial<JobsClient> = {
    getJob: () => Promise.resolve({ job: undefined, readUnits: 0.5, requests: 1 }),
    listJobs: () =>
      Promise.resolve({
        jobs: [{ job_arn: 'arn:x', job_name: 'triage\u001b[2J' }] as never,
        index: 'by-scope',
        readUnits: 1,
        requests: 1,
      }),
    ...change.jobs,
  };
  const connection: Partial<Connection> = {
    tableName: 'jobs',
    region: 'us-east-1',
    health: () => Promise.resolve(HEALTH),
    ...change,
    jobs: jobs as JobsClient,
  };
  const error: unknown = await findJob(connection as Connection, text, place, () => NOW).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'JOB_NOT_FOUND' });
  return (error as TrackerError).message;
};

describe('an unknown job', () => {
  it.each<[string, object, RegExp]>([
    ['triag', {}, /us-west-2 10 min ago, and 1 other scope since\. Did you mean triage\?$/],
    [ARN, {}, /; the tracker last swept 123456789012#us-west-2 10 min ago\.$/],
    [ARN.replace('us-west-2', 'eu-west-1'), {}, /; the tracker has never swept 123456789012#eu-west-1\.$/],
    ['x', { account: ACCOUNT, region: 'us-east-1' }, /; the tracker last swept 123456789012#us-east-1 3 min ago\.$/],
    ['x', { account: ACCOUNT }, /us-west-2 10 min ago, and 1 other scope since\.$/],
  ])('%s in %j is told with when the tracker last looked there, and with near names', async (text, place, sentence) => {
    const message = await refusal(text, place);
    expect(message).toMatch(sentence);
    expect(message).not.toContain('\u001b');
  });

  it('may be an older model, which needs its ARN where not all jobs were searched', async () => {
    const advice = " If it is an older custom model's name, give the model's ARN.";
    const page = { jobs: [], index: 'by-status', readUnits: 1_000, requests: 9 };
    const searched = (cursor?: string) =>
      refusal('old-model', {}, { jobs: { listJobs: () => Promise.resolve({ ...page, cursor }) } as never });
    expect(await searched()).not.toContain(advice);
    expect(await searched('more')).toBe(`${await searched()}${advice}`);
  });

  it('is told all the same where sweeps and names may not be read', async () => {
    const denied = () => Promise.reject(new TrackerError('AWS_REFUSED', 'no'));
    const change: Partial<Connection> = { health: denied, jobs: { listJobs: denied } as never };
    expect(await refusal('x', {}, change)).toBe('There is no job x in table jobs (us-east-1).');
  });
});
