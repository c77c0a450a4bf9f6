import { describe, expect, it } from '@jest/globals';
import type { TrackerHealth } from '../../../lib/operator/tracker-health.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import { findJob, nearNames } from '../../../lib/cli/find-job.ts';
import type { JobsClient } from '../../../lib/client/requests.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const EAST = { accountId: '123456789012', region: 'us-east-1' };
const WEST = { accountId: '123456789012', region: 'us-west-2' };
const ARN = 'arn:aws:bedrock:us-west-2:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl';

const HEALTH: TrackerHealth = {
  queues: [],
  scopes: [
    {
      scope: EAST,
      active: { finished_at: '2026-11-21T11:57:00.000Z' },
      full: { finished_at: '2026-11-21T02:00:00.000Z' },
    },
    { scope: WEST, active: { finished_at: '2026-11-21T11:50:00.000Z' } },
  ],
};

const connection = (names: readonly string[], change: Partial<Connection> = {}): Connection => {
  const jobs: Partial<JobsClient> = {
    getJob: () => Promise.resolve({ job: undefined, readUnits: 0.5, requests: 1 }),
    listJobs: () =>
      Promise.resolve({
        jobs: names.map((job_name) => ({ job_name })) as never,
        index: 'by-scope',
        readUnits: 1,
        requests: 1,
      }),
  };
  return {
    tableName: 'jobs',
    region: 'us-east-1',
    jobs,
    health: () => Promise.resolve(HEALTH),
    ...change,
  } as Connection;
};

const refusal = async (text: string, from: Connection, place = {}): Promise<string> => {
  const error: unknown = await findJob(from, text, place, () => NOW).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'JOB_NOT_FOUND' });
  return (error as TrackerError).message;
};

describe('near names', () => {
  const names = ['support-triage-ft-0142', 'support-triage-ft-0143', 'legal-corpus-cpt-7', 'faq-distill'];
  it.each<[string, string[]]>([
    ['support-triage-ft-0141', ['support-triage-ft-0142', 'support-triage-ft-0143']],
    ['SUPPORT-TRIAGE-FT-0142', ['support-triage-ft-0142', 'support-triage-ft-0143']],
    ['legal', ['legal-corpus-cpt-7']],
    ['faq-distil', ['faq-distill']],
    ['zzz', []],
    ['a', []],
  ])('of %s', (text, near) => {
    expect(nearNames(text, names)).toEqual(near);
  });

  it('are three at most, each once, the nearest first', () => {
    expect(nearNames('job-1', ['job-29', 'job-2', 'job-3', 'job-2', 'job-4'])).toEqual(['job-2', 'job-3', 'job-4']);
  });
});

describe('an unknown job', () => {
  it('is told with when the tracker last swept where it waited longest, and with near names', async () => {
    expect(await refusal('triag', connection(['triage', 'other']))).toBe(
      'There is no job triag in table jobs (us-east-1); the tracker last swept 123456789012#us-west-2 10 min ago, ' +
        'and 1 other scope since. Did you mean triage?',
    );
  });

  it('by ARN is told with the last sweep of its own account and Region, without names', async () => {
    expect(await refusal(ARN, connection(['triage']))).toBe(
      `There is no job ${ARN} in table jobs (us-east-1); the tracker last swept 123456789012#us-west-2 10 min ago.`,
    );
  });

  it('by the ARN of a Region that the tracker does not follow says so', async () => {
    expect(await refusal(ARN.replace('us-west-2', 'eu-west-1'), connection([]))).toMatch(
      /; the tracker has never swept 123456789012#eu-west-1\.$/,
    );
  });

  it('by a name and place is told with the last sweep of that place', async () => {
    expect(await refusal('x', connection([]), { account: EAST.accountId, region: EAST.region })).toMatch(
      /; the tracker last swept 123456789012#us-east-1 3 min ago\.$/,
    );
  });

  it('is told all the same where sweeps and names may not be read', async () => {
    const denied = () => Promise.reject(new TrackerError('AWS_REFUSED', 'no'));
    const from = connection([], { health: denied, jobs: { ...connection([]).jobs, listJobs: denied } });
    expect(await refusal('x', from)).toBe('There is no job x in table jobs (us-east-1).');
  });

  it('cannot write on the terminal by its name, nor can the names that are near', async () => {
    const message = await refusal('tri\u001b[2Jage', connection(['tri\u001b[2Jagee']));
    expect(message).toContain('no job triage in');
    expect(message).not.toContain('\u001b');
  });
});
