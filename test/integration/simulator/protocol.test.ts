import { describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { callsOf, clientOf, start, startStill } from '../../support/integration/simulator.ts';

interface RawRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** Sends exactly this: `fetch` would clean up paths and hosts. */
const send = (port: number, { path, method = 'GET', headers = {}, body }: RawRequest) =>
  new Promise<{ status: number; type: unknown; text: string }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, type: response.headers['x-amzn-errortype'], text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('hostile requests', () => {
  const JOBS = '/model-customization-jobs';
  const post = (body: string, path = JOBS): RawRequest => ({ path, method: 'POST', body });
  const rows: [string, RawRequest, number, string][] = [
    ['JSON that breaks off', post('{"jobName":'), 400, 'SerializationException'],
    ['a list as the body', post('[]'), 400, 'SerializationException'],
    ['null as the body', post('null'), 400, 'SerializationException'],
    ['a text as the body', post('"text"'), 400, 'SerializationException'],
    ['bytes that are no text', { ...post(''), body: Buffer.from([0xff, 0xfe, 0x00]) }, 400, 'SerializationException'],
    ['no body', post(''), 400, 'ValidationException'],
    ['very deep JSON', post(`{"jobName":${'['.repeat(200_000)}${']'.repeat(200_000)}}`), 400, 'ValidationException'],
    ['a body of 3 MB', post(`{"jobName":"${'a'.repeat(3e6)}"}`), 413, 'ValidationException'],
    ['a half percent sign', { path: `${JOBS}/%` }, 400, 'SerializationException'],
    ['percent-encoding that is no UTF-8', { path: `${JOBS}/%E0%A4%A` }, 400, 'SerializationException'],
    ['an encoded slash and dots', { path: `${JOBS}/..%2F..%2Fetc%2Fpasswd` }, 400, 'ValidationException'],
    ['an encoded null', { path: `${JOBS}/a%00b` }, 400, 'ValidationException'],
    ['an encoded percent sign, which is decoded once', { path: `${JOBS}/a%252Fb` }, 400, 'ValidationException'],
    ['an identifier of 10 000 characters', { path: `${JOBS}/${'a'.repeat(10_000)}` }, 400, 'ValidationException'],
    ['an identifier that runs away', { path: `${JOBS}/a${'-'.repeat(1000)}!` }, 400, 'ValidationException'],
    [
      'an ARN whose slashes are not encoded',
      { path: `${JOBS}/arn:aws:bedrock:x:1:y/a/b` },
      404,
      'UnknownOperationException',
    ],
    ['an empty identifier', { path: `${JOBS}/` }, 400, 'ValidationException'],
    ['an unknown path', { path: '/model-invocation-jobs' }, 404, 'UnknownOperationException'],
    ['an unknown method', { path: JOBS, method: 'DELETE' }, 404, 'UnknownOperationException'],
    ['HEAD', { path: JOBS, method: 'HEAD' }, 404, 'UnknownOperationException'],
    ['OPTIONS', { path: JOBS, method: 'OPTIONS' }, 404, 'UnknownOperationException'],
    ['a query with bad encoding', { path: `${JOBS}?nameContains=%E0%A4%A` }, 400, 'ValidationException'],
  ];
  it.each(rows)('%s', async (_, raw, status, type) => {
    const simulator = await start();
    const { port } = simulator;
    const answer = await send(port, raw);
    expect([answer.status, answer.type]).toEqual([status, type]);
    if (raw.method !== 'HEAD') expect(JSON.parse(answer.text)).toEqual({ message: expect.stringMatching(/\S/) });
    expect([...simulator.jobs()]).toEqual([]);
    // And it still serves.
    expect((await send(port, { path: JOBS })).status).toBe(200);
  });

  it('ignores what it does not know in a query, and takes the first of several', async () => {
    const { port } = await start();
    const { status, text } = await send(port, { path: '/model-customization-jobs?x=1&maxResults=5&maxResults=0' });
    expect([status, text]).toEqual([200, '{"modelCustomizationJobSummaries":[]}']);
  });
});

describe('the control routes', () => {
  const control = (port: number, path: string, more: Partial<RawRequest> = {}) =>
    send(port, { path: `/_simulator${path}`, ...more });

  it('tells what exists', async () => {
    const { simulator, create } = await startStill();
    await create('one');
    expect(JSON.parse((await control(simulator.port, '')).text)).toMatchObject({
      accountId: '123456789012',
      region: 'us-east-1',
      jobs: 1,
      scopes: [{ accountId: '123456789012', region: 'us-east-1', jobs: 1, byStatus: { InProgress: 1 } }],
    });
    expect((await control(simulator.port, '/nothing')).status).toBe(404);
  });

  it.each([
    ['{"status":"Paused"}', 400, /status must be one of Completed, Failed, Stopped/],
    ['{}', 400, /status is missing/],
    ['{"status":"Completed","failureMessage":"x"}', 400, /failureMessage goes with the status 'Failed' only/],
    ['{"status":"Failed","why":"x"}', 400, /why is not known/],
    ['{', 400, /not valid JSON/],
    ['[]', 400, /status is missing/],
    [`{"status":"Failed","failureMessage":"${'x'.repeat(2049)}"}`, 400, /failureMessage may have 2048/],
  ])('refuses the steering %s', async (body, status, message) => {
    const { simulator, create } = await startStill();
    await create('one');
    const answer = await control(simulator.port, '/jobs/one', { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(message);
  });

  it('ends a job now, by name or ARN, once', async () => {
    const { simulator, create } = await startStill();
    const { jobArn = '' } = await create('by-arn');
    const end = (job: string, body = '{"status":"Failed","failureMessage":"Because."}') =>
      control(simulator.port, `/jobs/${encodeURIComponent(job)}`, { method: 'POST', body });
    expect((await end(jobArn)).status).toBe(200);
    expect(simulator.truth(jobArn)?.job).toMatchObject({ status: 'Failed', failureMessage: 'Because.' });
    expect((await end(jobArn)).status).toBe(409);
    const inAccount = (accountId: string) => callsOf(clientOf(simulator, accountId, 'eu-west-1'));
    for (const account of ['444444444444', '555555555555']) await inAccount(account).create('twice');
    expect((await end('twice')).status).toBe(409);
    // In another scope than the default one, but there is only one of that name.
    await inAccount('111111111111').create('by-name');
    const completed = await end('by-name', '{"status":"Completed"}');
    expect(JSON.parse(completed.text)).toMatchObject({ status: 'Completed', outputModelArn: expect.any(String) });
  });
});
