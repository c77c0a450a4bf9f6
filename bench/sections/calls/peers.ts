import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureVenv, findPython, type VirtualEnvironment } from '../../../scripts/lib/python.mjs';
import { HISTORY_SCOPE } from '../../support/history.ts';
import type { MeasureOptions } from '../../section.ts';
import { collectActive, collectAll, type Collected } from './stand-ins.ts';

/** Another program that keeps an account's jobs, in one run of it. */
export interface Peer {
  readonly name: string;
  /** Seconds that it took to collect, and how many jobs it found. */
  readonly collect: (bedrockUrl: string) => Promise<Collected>;
}

interface PeerProgram {
  readonly title: string;
  /** The 12 of the oldest Python 3.12 that it runs on. */
  readonly python: number;
  readonly environment: VirtualEnvironment;
  readonly script: string;
  readonly standIn: Peer['collect'];
}

export const FIX: PeerProgram = {
  title: 'Fix Inventory 4.2.0',
  python: 12,
  environment: {
    name: 'fix-venv',
    // It reads its data by pkg_resources, which later versions of setuptools lack.
    pins: ['fixinventory-plugin-aws==4.2.0', 'boto3==1.44.5', 'setuptools==80.9.0'],
  },
  script: 'collect_fix.py',
  standIn: collectAll,
};

export const CUSTODIAN: PeerProgram = {
  title: 'Cloud Custodian 0.9.53',
  python: 10,
  environment: { name: 'custodian-venv', pins: ['c7n==0.9.53', 'boto3==1.43.103'] },
  script: 'collect_custodian.py',
  standIn: collectActive,
};

const run = promisify(execFile);

const collectBy = async (python: string, script: string, bedrockUrl: string): Promise<Collected> => {
  const { accountId, region } = HISTORY_SCOPE;
  const { stdout } = await run(python, [join(import.meta.dirname, script)], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL_BEDROCK: bedrockUrl,
      AWS_ACCESS_KEY_ID: accountId,
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: region,
      PYTHONWARNINGS: 'ignore',
    },
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Collected;
};

const standInOf = ({ title, standIn }: PeerProgram): Peer => ({
  name: `${title} (its algorithm on the SDK for JavaScript)`,
  collect: standIn,
});

/** The program in a virtual environment, made where it is missing; its algorithm where that cannot be, or takes too long. */
export const preparePeer = async (program: PeerProgram, { quick, say }: MeasureOptions): Promise<Peer> => {
  if (quick) return standInOf(program);
  const { title, environment, script } = program;
  const base = findPython(program.python);
  try {
    if (base === undefined) throw new Error(`it needs Python 3.${program.python} or newer`);
    const python = await ensureVenv(base, environment, say);
    return { name: title, collect: (url) => collectBy(python, script, url) };
  } catch (error) {
    say(`${title} cannot be installed, its algorithm stands in: ${error instanceof Error ? error.message : ''}`);
    return standInOf(program);
  }
};
