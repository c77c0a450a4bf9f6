/** The release as somebody deploys it who has the AWS CLI, and neither Node.js nor a clone. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { AWS_CLI, ensureVenv, findPython } from '../../../scripts/python.ts';
import { stack } from './aws.ts';
import { environmentOf } from './stack.ts';

const run = promisify(execFile);

/** Nobody else's account. */
export const OWNER = { account: '555555555555' } as const;
const BUCKET = 'owner-artifacts';

export interface Owner {
  /** Runs the AWS CLI in a folder. The answer is what it prints. */
  readonly aws: (cwd: string, ...words: readonly string[]) => Promise<string>;
  /** The unpacked release. */
  readonly folder: string;
}

/** Installs the AWS CLI alone, and unpacks the release. */
export const makeOwner = async (): Promise<Owner> => {
  const base = findPython();
  if (base === undefined) throw new Error('There is no Python, though MiniStack runs on one.');
  const python = await ensureVenv(base, AWS_CLI, console.log);
  const release = process.env['RELEASE_FOLDER'] ?? '';
  const file = readdirSync(release).find((name) => /-cloudformation-.*\.zip$/.test(name)) ?? '';
  const folder = path.join(stack.folder, 'unpacked');
  await run(python, ['-m', 'zipfile', '-e', path.join(release, file), folder]);
  const env = { ...environmentOf({ ...stack, ...OWNER }), PATH: path.dirname(python) };
  const aws: Owner['aws'] = async (cwd, ...words) => {
    const { stdout } = await run(python, ['-m', 'awscli', ...words], { cwd, env, maxBuffer: 2 ** 24 });
    return stdout;
  };
  await aws(folder, 's3', 'mb', `s3://${BUCKET}`);
  return { aws, folder };
};

/** What becomes of a parameter of a packaged template is seen without packaging it again. */
export const deployAgain = async (
  { aws }: Owner,
  name: string,
  parameters: Readonly<Record<string, string>>,
  cwd: string,
): Promise<void> => {
  const overrides = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  await aws(
    cwd,
    ...['cloudformation', 'deploy', '--stack-name', name, '--template-file', 'packaged.yaml', '--s3-bucket', BUCKET],
    ...['--capabilities', 'CAPABILITY_NAMED_IAM', '--no-fail-on-empty-changeset'],
    ...(overrides.length > 0 ? ['--parameter-overrides', ...overrides] : []),
  );
};

/** Packages and deploys a template of the release. */
export const deployPackaged = async (
  owner: Owner,
  name: string,
  parameters: Readonly<Record<string, string>> = {},
  { cwd = owner.folder, template = 'bedrock-job-tracker.template.json' } = {},
): Promise<void> => {
  const words = ['--template-file', template, '--s3-bucket', BUCKET, '--output-template-file', 'packaged.yaml'];
  await owner.aws(cwd, 'cloudformation', 'package', ...words);
  await deployAgain(owner, name, parameters, cwd);
};

/** The release once more, with a function whose code is another. */
export const secondBuild = ({ folder }: Owner): string => {
  const second = `${folder}-second`;
  mkdirSync(second);
  cpSync(folder, second, { recursive: true });
  const file = path.join(second, 'functions', 'track-job.zip');
  const { 'index.js': code = new Uint8Array(), ...others } = unzipSync(readFileSync(file));
  const changed = new Uint8Array([...code, ...strToU8('\n// The second build.\n')]);
  writeFileSync(file, zipSync({ 'index.js': changed, ...others }));
  return second;
};
