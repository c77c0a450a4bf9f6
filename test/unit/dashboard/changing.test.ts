import { describe, expect, it } from '@jest/globals';
import type { JobActions } from '../../../lib/dashboard/server/dependencies.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { aRecord, changeHeaders, fakeJobs, jobAddress, startDashboard } from '../../support/dashboard-server.ts';

const JOB = aRecord('job');

const recordedActions = (refusal?: Error) => {
  const calls: unknown[][] = [];
  const record =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
      return refusal ? Promise.reject(refusal) : Promise.resolve();
    };
  const createLike = () => Promise.reject(new Error('Nobody asked for a job.'));
  const actions: JobActions = { stop: record('stop'), tag: record('tag'), untag: record('untag'), createLike };
  return { actions, calls };
};

/** Asks for a change as the dashboard's page does. */
const change = async (method: string, path: string, body: string | undefined, refusal?: Error) => {
  const { actions, calls } = recordedActions(refusal);
  const dashboard = startDashboard({ jobs: fakeJobs([JOB]).jobs, actions });
  const headers = await changeHeaders(dashboard);
  const answer = await dashboard.ask(path, { method, headers, ...(body !== undefined && { body }) });
  return { answer, calls };
};

const stop = `${jobAddress(JOB.job_arn)}/stop`;
const tags = `${jobAddress(JOB.job_arn)}/tags`;

describe('a change of a job', () => {
  it.each([
    ['POST', stop, undefined, ['stop', JOB]],
    ['PUT', tags, '{"tags":{"team":"search","note":""}}', ['tag', JOB, { team: 'search', note: '' }]],
    [
      'PUT',
      tags,
      '{"tags":{"constructor":"a","__proto__":"b"}}',
      ['tag', JOB, JSON.parse('{"constructor":"a","__proto__":"b"}')],
    ],
    ['DELETE', tags, '{"keys":["team","note"]}', ['untag', JOB, ['team', 'note']]],
  ] as const)('is made by %s %s with %s', async (method, path, body, call) => {
    const { answer, calls } = await change(method, path, body);
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
    expect(calls).toEqual([call]);
  });

  it.each([
    ['PUT', tags, undefined],
    ['PUT', tags, '{'],
    ['PUT', tags, 'null'],
    ['PUT', tags, '{}'],
    ['PUT', tags, '{"tags":{}}'],
    ['PUT', tags, '{"tags":["a"]}'],
    ['PUT', tags, '{"tags":"a"}'],
    ['PUT', tags, '{"tags":{"":"a"}}'],
    ['PUT', tags, '{"tags":{"a":1}}'],
    ['PUT', tags, JSON.stringify({ tags: { a: 'b'.repeat(257) } })],
    ['PUT', tags, JSON.stringify({ tags: { ['a'.repeat(129)]: 'b' } })],
    ['PUT', tags, JSON.stringify({ tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ''])) })],
    ['DELETE', tags, undefined],
    ['DELETE', tags, '{"keys":[]}'],
    ['DELETE', tags, '{"keys":"a"}'],
    ['DELETE', tags, '{"keys":[""]}'],
    ['DELETE', tags, '{"keys":[{}]}'],
  ])('by %s %s is refused with the body %.60s', async (method, path, body) => {
    const { answer, calls } = await change(method, path, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(/^Send \{/) as unknown });
    expect(calls).toEqual([]);
  });

  it.each([
    ['POST', 'stop'],
    ['PUT', 'tags'],
    ['DELETE', 'tags'],
  ])('by %s …/%s needs a job in the table', async (method, what) => {
    const body = '{"tags":{"a":"b"},"keys":["a"]}';
    const { answer, calls } = await change(method, `${jobAddress(`${JOB.job_arn}x`)}/${what}`, body);
    expect(answer.status).toBe(404);
    expect(calls).toEqual([]);
  });

  it.each([
    ['ACCESS_DENIED', 403],
    ['THROTTLED', 429],
    ['AWS_REFUSED', 502],
  ] as const)('that AWS refuses (%s) answers %d and the sentence', async (code, status) => {
    const { answer } = await change('POST', stop, undefined, new TrackerError(code, 'A sentence.'));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: 'A sentence.' });
  });
});
