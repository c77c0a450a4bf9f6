/**
 * Amazon Bedrock for the deployed functions: the simulator behind a gate, in a process of its own, until standard
 * input ends. Jobs live a thousand times slower than in reality, so that they change when a check says so. Prints both
 * addresses as one JSON line.
 *
 *   node test/stack/environment/bedrock.ts <account> <region> <address of the emulated AWS>
 */
import { createAdaptorServer } from '@hono/node-server';
import { GetAccessKeyInfoCommand, STSClient } from '@aws-sdk/client-sts';
import { listen } from '../../../lib/loopback.ts';
import { startBedrockSimulator } from '../../../lib/simulator/index.ts';

const [account = '', region = '', endpoint = ''] = process.argv.slice(2);
const credentials = { accessKeyId: account, secretAccessKey: 'test' };
const sts = new STSClient({ region, endpoint, credentials });
const simulator = await startBedrockSimulator({ accountId: account, region, speed: 0.001, failureRate: 0 });

const accounts = new Map<string, Promise<string | undefined>>();
/** Whose access key this is, as STS tells AWS's services. */
const accountOf = (accessKeyId: string): Promise<string | undefined> => {
  const known = accounts.get(accessKeyId);
  if (known !== undefined) return known;
  const asked = sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId })).then(({ Account }) => Account);
  accounts.set(accessKeyId, asked);
  asked.catch(() => accounts.delete(accessKeyId));
  return asked;
};

/** The simulator takes an access key for an account where it has the form of one; a role session's key has not. */
const withAccount = async (authorization: string): Promise<string> => {
  const key = /\bCredential=(?<key>\w+)\//.exec(authorization)?.groups?.['key'];
  const owner = key === undefined ? undefined : await accountOf(key);
  return key === undefined || owner === undefined ? authorization : authorization.replace(`=${key}/`, `=${owner}/`);
};

const pass = async (request: Request): Promise<Response> => {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.delete('host');
  headers.delete('connection');
  const authorization = headers.get('authorization');
  if (authorization !== null) headers.set('authorization', await withAccount(authorization));
  const body = request.method === 'GET' ? {} : { body: await request.arrayBuffer() };
  return fetch(simulator.url + pathname + search, { method: request.method, headers, ...body });
};

const gate = await listen(createAdaptorServer({ fetch: pass, overrideGlobalObjects: false }), 0);
process.stdout.write(`${JSON.stringify({ gate: `http://127.0.0.1:${gate.port}`, simulator: simulator.url })}\n`);
process.stdin.resume().once('end', () => {
  void Promise.all([gate.close(), simulator.close()]);
});
