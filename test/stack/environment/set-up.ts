/** The environment of the checks: an emulated AWS, a simulated Bedrock, and the app deployed to them. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { STACK_NAME } from '../../../lib/infra/props/props.ts';
import { bootstrap, CONTEXT, deploy, synthesize } from '../support/cdk.ts';
import type { Stack } from '../support/stack.ts';
import { certificateIn, freePort, makeCertificate, startMinistack } from './ministack.ts';
import { startGroup } from './process.ts';

const NODE_FOLDER = path.resolve(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin');
const ACCOUNT = '111111111111';
const REGION = 'us-east-1';

/** The Pythons of two virtual environments. */
export interface Pythons {
  readonly ministack: string;
  /** Has boto3 and the AWS CLI. */
  readonly clients: string;
}

/**
 * A folder of this run, gone at the end unless something failed. Not inside the project: functions would find its
 * packages there, and so work without what they forgot to bundle.
 */
export const makeFolder = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-stack-'));
  mkdirSync(path.join(folder, 'tmp'));
  return folder;
};

interface Bedrock {
  /** Where functions call it. */
  readonly gate: string;
  /** Where checks steer it. */
  readonly simulator: string;
}

const startBedrock = async (endpoint: string, folder: string): Promise<Bedrock> => {
  const words = [path.join(import.meta.dirname, 'bedrock.ts'), ACCOUNT, REGION, endpoint];
  const child = startGroup(process.execPath, words, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificateIn(folder) },
    output: 'pipe',
  });
  if (child.stdout === null) throw new Error('The simulator has no output.');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return JSON.parse(line) as Bedrock;
};

/** Starts all that a stack needs. What it started runs until its process groups are ended. */
export const startServices = async (pythons: Pythons, folder: string): Promise<Stack> => {
  await makeCertificate(pythons.ministack, folder);
  const port = await freePort();
  const endpoint = `https://localhost:${port}`;
  const bedrock = await startBedrock(endpoint, folder);
  await startMinistack({
    python: pythons.ministack,
    port,
    account: ACCOUNT,
    region: REGION,
    bedrockUrl: bedrock.gate,
    folder,
    nodeFolder: NODE_FOLDER,
  });
  return {
    name: STACK_NAME,
    account: ACCOUNT,
    region: REGION,
    endpoint,
    certificate: certificateIn(folder),
    bedrockUrl: bedrock.simulator,
    python: pythons.clients,
    folder,
    outputs: {},
  };
};

/** Deploys the app. The answer has its outputs. */
export const deployStack = async (stack: Stack): Promise<Stack> => {
  await Promise.all([bootstrap(stack), synthesize(stack, CONTEXT)]);
  return { ...stack, outputs: await deploy(stack) };
};
