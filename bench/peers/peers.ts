import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureVenv, findPython, type VirtualEnvironment } from '../../scripts/python.ts';
import type { MeasureOptions } from '../section.ts';
import { HISTORY_SCOPE } from '../support/history.ts';

/** Another program that keeps an account's jobs, in one run of it. */
export interface Peer {
  readonly name: string;
  readonly collect: (bedrockUrl: string) => Promise<unknown>;
}

interface PeerProgram {
  readonly name: string;
  /** The 12 of the oldest Python 3.12 that it runs on. */
  readonly python: number;
  readonly environment: VirtualEnvironment;
  readonly script: string;
}

export const FIX: PeerProgram = {
  name: 'Fix Inventory 4.2.0',
  python: 12,
  environment: {
    name: 'fix-venv',
    // It reads its data by pkg_resources, which later versions of setuptools lack.
    pins: ['fixinventory-plugin-aws==4.2.0', 'boto3==1.44.5', 'setuptools==80.9.0'],
  },
  script: 'collect_fix.py',
};

export const CUSTODIAN: PeerProgram = {
  name: 'Cloud Custodian 0.9.53',
  python: 10,
  environment: { name: 'custodian-venv', pins: ['c7n==0.9.53', 'boto3==1.43.103'] },
  script: 'collect_custodian.py',
};

const collectBy = (python: string, script: string, bedrockUrl: string) =>
  promisify(execFile)(python, [join(import.meta.dirname, script)], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_BEDROCK: bedrockUrl,
      AWS_ACCESS_KEY_ID: HISTORY_SCOPE.accountId,
      AWS_DEFAULT_REGION: HISTORY_SCOPE.region,
      PYTHONWARNINGS: 'ignore',
    },
    maxBuffer: 2 ** 24,
  });

/** The program in a virtual environment, made where it is missing; undefined where it cannot be, or takes too long. */
export const preparePeer = async (
  { name, python: minor, environment, script }: PeerProgram,
  { quick, say }: MeasureOptions,
): Promise<Peer | undefined> => {
  if (quick) return undefined;
  const base = findPython(minor);
  try {
    if (base === undefined) throw new Error(`it needs Python 3.${minor} or later`);
    const python = await ensureVenv(base, environment, say);
    return { name, collect: (url) => collectBy(python, script, url) };
  } catch (error) {
    say(`${name} cannot be installed and is left out: ${error instanceof Error ? error.message : ''}`);
    return undefined;
  }
};
