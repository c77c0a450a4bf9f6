import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../../lib/local/embedded-dynamodb.ts';
import { startBedrockSimulator, type BedrockSimulator } from '../../../lib/simulator/index.ts';

let simulator: BedrockSimulator;
let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  simulator = await startBedrockSimulator({ failureRate: 0 });
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(async () => {
  await simulator.close();
  await dynamoDb.close();
});

const JOB = JSON.stringify({
  jobName: 'planted',
  customModelName: 'planted',
  roleArn: 'arn:aws:iam::123456789012:role/R',
  baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
  trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
  outputDataConfig: { s3Uri: 's3://acme-output/' },
});
const TABLES = { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' };
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
  'x-amz-date': '20260101T000000Z',
};

interface Question {
  readonly url: string;
  readonly path: string;
  readonly method: string;
  readonly body: string;
  readonly more?: Readonly<Record<string, string>>;
}

const SERVERS = {
  'the simulated Bedrock': () => ({ url: simulator.url, path: '/model-customization-jobs', method: 'POST', body: JOB }),
  'the simulated S3': () => ({ url: simulator.url, path: '/acme-output?list-type=2', method: 'GET', body: '' }),
  'the simulator’s control': () => ({ url: simulator.url, path: '/_simulator/faults', method: 'PUT', body: '{}' }),
  'the same, its path encoded': () => ({ url: simulator.url, path: '/%5Fsimulator/faults', method: 'PUT', body: '{}' }),
  'the embedded DynamoDB': () => ({
    url: dynamoDb.url,
    path: '/',
    method: 'POST',
    body: '{}',
    more: { ...TABLES, ...SIGNED },
  }),
} satisfies Record<string, () => Question>;

/** Over a socket, as `fetch` lets nobody set these headers. */
const ask = (server: keyof typeof SERVERS, headers: Readonly<Record<string, string>>) =>
  new Promise<{ status: number; text: string; allowed: unknown }>((resolve, reject) => {
    const { url, path, method, body, more = {} }: Question = SERVERS[server]();
    const asking = request(new URL(path, url), { method, headers: { ...more, ...headers } }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, text, allowed: answer.headers['access-control-allow-origin'] }),
      );
    });
    asking.on('error', reject).end(body);
  });

describe.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])('%s', (server) => {
  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page without an origin of its own', { origin: 'null' }],
    ['a page whose name was turned to this machine', { host: 'evil.example' }],
    ['such a page, on this port', { host: 'localhost.evil.example:8422' }],
    ['a page whose origin only begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['a picture or form of another site', { 'sec-fetch-site': 'cross-site' }],
  ])('gives nothing to %s, and does nothing for it', async (_who, headers) => {
    const before = [...simulator.jobs()].length;
    expect(await ask(server, headers)).toMatchObject({ status: 403, allowed: undefined });
    expect([...simulator.jobs()]).toHaveLength(before);
  });

  it.each([
    ['a program that calls it 127.0.0.1', {}],
    ['a program that calls it localhost', { host: 'localhost:8422' }],
    ['a program that calls it [::1]', { host: '[::1]:8422' }],
    ['a page of this machine', { origin: 'http://localhost:5173' }],
  ])('answers %s', async (_name, headers) => {
    expect((await ask(server, headers)).status).not.toBe(403);
  });
});

it('the embedded DynamoDB answers no question that a browser asks ahead for another site', async () => {
  const answer = await fetch(dynamoDb.url, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});
