import { describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { jobInput, start } from '../../support/integration/simulator.ts';

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
      { path: `${JOBS}/arn:aws:bedrock:us-east-1:1:model-customization-job/a/b` },
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

  it.each([
    ['a foreign host', { host: 'rebound.example:4000' }, 403],
    ['a host that only begins like ours', { host: 'localhost.evil.example' }, 403],
    ['a foreign origin', { origin: 'https://evil.example' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['an origin that only begins like ours', { origin: 'http://127.0.0.1.evil.example' }, 403],
    ['localhost', { host: 'localhost:80' }, 200],
    ['IPv6 loopback', { host: '[::1]:80' }, 200],
    ['a local page', { origin: 'http://localhost:5173' }, 200],
  ])('%s', async (_, headers, status) => {
    const { port } = await start();
    for (const path of ['', '/faults', '/counts']) expect((await control(port, path, { headers })).status).toBe(status);
    const steering = await control(port, '/jobs/x', { method: 'POST', headers, body: '{"status":"Failed"}' });
    expect(steering.status).toBe(status === 200 ? 404 : 403);
    const encoded = await send(port, { path: '/%5Fsimulator/faults', method: 'PUT', headers, body: '{}' });
    expect(encoded.status).not.toBe(status === 200 ? 403 : 200);
  });

  it('tells what exists', async () => {
    const { port, url } = await start();
    await fetch(`${url}/model-customization-jobs`, { method: 'POST', body: JSON.stringify(jobInput('one')) });
    expect(JSON.parse((await control(port, '')).text)).toMatchObject({
      accountId: '123456789012',
      region: 'us-east-1',
      jobs: 1,
      scopes: [{ accountId: '123456789012', region: 'us-east-1', jobs: 1, byStatus: { InProgress: 1 } }],
    });
    expect((await control(port, '/nothing')).status).toBe(404);
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
    const { port, url } = await start();
    await fetch(`${url}/model-customization-jobs`, { method: 'POST', body: JSON.stringify(jobInput('one')) });
    const answer = await control(port, '/jobs/one', { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(message);
  });

  it('ends a job now, by name or ARN, once', async () => {
    const simulator = await start();
    const create = (name: string, headers = {}) =>
      fetch(`${simulator.url}/model-customization-jobs`, {
        method: 'POST',
        body: JSON.stringify(jobInput(name)),
        headers,
      });
    const { jobArn } = (await (await create('by-arn')).json()) as { jobArn: string };
    await create('by-name', {
      authorization: 'AWS4-HMAC-SHA256 Credential=111111111111/20260810/eu-west-1/bedrock/aws4_request',
    });
    const body = '{"status":"Failed","failureMessage":"Because."}';
    const path = `/jobs/${encodeURIComponent(jobArn)}`;
    expect((await control(simulator.port, path, { method: 'POST', body })).status).toBe(200);
    expect(simulator.truth(jobArn)?.job).toMatchObject({ status: 'Failed', failureMessage: 'Because.' });
    expect((await control(simulator.port, path, { method: 'POST', body })).status).toBe(409);
    const ambiguous = {
      authorization: 'AWS4-HMAC-SHA256 Credential=333333333333/20260810/eu-west-1/bedrock/aws4_request',
    };
    for (const account of ['444444444444', '555555555555'])
      await create('twice', { authorization: ambiguous.authorization.replace('333333333333', account) });
    expect((await control(simulator.port, '/jobs/twice', { method: 'POST', body })).status).toBe(409);
    // In another scope than the default one, but there is only one of that name.
    const completed = await control(simulator.port, '/jobs/by-name', {
      method: 'POST',
      body: '{"status":"Completed"}',
    });
    expect(JSON.parse(completed.text)).toMatchObject({ status: 'Completed', outputModelArn: expect.any(String) });
  });
});
