/** MiniStack, an emulator of AWS, with IAM and TLS enforced, on a port and a certificate of its own. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runGroup, startGroup } from './process.ts';

const HERE = import.meta.dirname;
const READY_WITHIN_MS = 60_000;

export interface MinistackOptions {
  /** The Python of a virtual environment that has MiniStack. */
  readonly python: string;
  readonly port: number;
  /** The account of callers whose access key is neither an account id nor a session's. */
  readonly account: string;
  readonly region: string;
  /** Where functions find Amazon Bedrock. */
  readonly bedrockUrl: string;
  /** Makes the certificate, and holds the log and all files of the emulator. */
  readonly folder: string;
  /** Goes first on the PATH: functions run on the `node` that is found there, whatever runtime they declare. */
  readonly nodeFolder: string;
}

/** A port of 127.0.0.1 that was free just now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

export const certificateIn = (folder: string): string => path.join(folder, 'cert.pem');

/** A certificate that no other run has, so that this run can talk to no other run's emulator. */
export const makeCertificate = async (python: string, folder: string): Promise<void> => {
  const code = await runGroup(python, [path.join(HERE, 'certificate.py'), folder], { env: process.env });
  if (code !== 0) throw new Error('The certificate could not be made: see the message of Python above.');
};

const isReady = async (port: number, ca: Buffer): Promise<boolean> => {
  try {
    const asked = request({ host: '127.0.0.1', port, path: '/_ministack/ready', ca, timeout: 5000 }).end();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume: () => void }];
    answer.resume();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
};

/** Starts the emulator. It runs until its process group is ended, at the latest when this process ends. */
export const startMinistack = async (options: MinistackOptions): Promise<void> => {
  const { python, port, account, region, folder } = options;
  const log = path.join(folder, 'ministack.log');
  const child = startGroup(python, [path.join(HERE, 'serve_ministack.py')], {
    cwd: folder,
    log,
    env: {
      PATH: `${options.nodeFolder}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TMPDIR: path.join(folder, 'tmp'),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: port.toString(),
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: region,
      AUTH: 'true',
      AWS_SECRET_ACCESS_KEY: 'test',
      USE_SSL: '1',
      MINISTACK_SSL_CERT: certificateIn(folder),
      MINISTACK_SSL_KEY: path.join(folder, 'key.pem'),
      NODE_EXTRA_CA_CERTS: certificateIn(folder),
      AWS_ENDPOINT_URL_BEDROCK: options.bedrockUrl,
      SFTP_ENABLED: '0',
      IOT_MTLS_ENABLED: '0',
    },
  });
  const ca = readFileSync(certificateIn(folder));
  const end = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(port, ca))) {
    if (child.exitCode !== null) throw new Error(`MiniStack has ended by itself: see ${log}.`);
    if (Date.now() > end) throw new Error(`MiniStack is not ready after ${READY_WITHIN_MS / 1000} s: see ${log}.`);
    await pause(100);
  }
};
