import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describePackage, itHasRightTypes } from './rules.ts';
import {
  codeOfFunctions,
  compileConsumer,
  installPackage,
  LAMBDAS,
  linkPackages,
  succeed,
  writeCodeBlocks,
  type Installed,
} from './support.ts';

jest.setTimeout(180_000);

const PEERS = ['aws-cdk-lib', 'constructs'];
let installed: Installed;

beforeAll(async () => {
  installed = await installPackage('construct', [...PEERS, '@types/node']);
});

afterAll(() => {
  rmSync(installed.scratch, { recursive: true, force: true });
});

describePackage(() => installed, {
  name: 'bedrock-job-tracker',
  ships: {
    'public modules and what they import': /^lib\/(index|contract|(domain|infra)\/[\w/-]+)\.(js|d\.ts)$/,
    'its API for other languages': /^\.jsii$/,
    'the bundled functions': /^dist\/lambdas\/(package\.json|[\w-]+\/index\.js(\.map)?)$/,
  },
  dependencies: [],
  peers: PEERS,
  bundles: ['@middy/core', '@aws-sdk/client-bedrock', '@aws-lambda-powertools/logger'],
});

describe('its modules', () => {
  itHasRightTypes(() => installed);

  it('come with every function of lambdas/ and no other', () => {
    const functions = readdirSync(path.join(installed.folder, 'dist', 'lambdas'));
    expect(functions.filter((name) => name !== 'package.json')).toEqual(LAMBDAS);
  });
});

it('has a page without blocks of TypeScript, which jsii would show as Python on PyPI', () => {
  expect(readFileSync(path.join(installed.folder, 'README.md'), 'utf8')).not.toMatch(/^```ts/m);
});

const bundleOf = (name: string): string =>
  readFileSync(path.join(installed.folder, 'dist', 'lambdas', name, 'index.js'), 'utf8');

/** Runs an app on the machine's own Node.js: which functions of the package are in what it made. */
const synthesize = async (folder: string, app: string): Promise<string[]> => {
  const assembly = path.join(installed.scratch, `cdk.out-${path.basename(folder)}-${app}`);
  await succeed(folder, 'node', [app], { CDK_OUTDIR: assembly });
  return codeOfFunctions(assembly).map(
    (code) => LAMBDAS.find((name) => bundleOf(name) === code) ?? 'not a bundle of the package',
  );
};

const ALWAYS = ['publish-transitions', 'reconcile-jobs', 'track-job'];

describe('an empty project that installs it', () => {
  let files: string[] = [];
  let problems: string[] = [];
  beforeAll(() => {
    files = writeCodeBlocks(installed.consumer, 'construct');
    problems = compileConsumer(installed.consumer, [...files, 'app.ts', 'app-commonjs.cts']);
  });

  it('compiles its code, the declarations of the package and the code blocks of docs/library.md, all strictly', () => {
    expect(files.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  it.each(['app.js', 'app.mjs', 'app-commonjs.cjs'])('synthesizes %s, and every function has its code', async (app) => {
    const functions = await synthesize(installed.consumer, app);
    expect(functions).toEqual(expect.arrayContaining(ALWAYS));
    expect(functions).not.toContain('not a bundle of the package');
  });

  it('synthesizes the apps of docs/library.md', async () => {
    const apps = files.filter((file) =>
      readFileSync(path.join(installed.consumer, file), 'utf8').includes('app.synth()'),
    );
    expect(apps.length).toBeGreaterThan(1);
    for (const app of apps) {
      expect(await synthesize(installed.consumer, app.replace(/ts$/, 'js'))).toEqual(expect.arrayContaining(ALWAYS));
    }
  });

  it('synthesizes where the package lies behind a link, as pnpm has it', async () => {
    const linked = path.join(installed.scratch, 'linked');
    mkdirSync(linked);
    linkPackages(linked, [...PEERS, 'bedrock-job-tracker'], installed.consumer);
    cpSync(path.join(installed.consumer, 'app.mjs'), path.join(linked, 'app.mjs'));
    expect(await synthesize(linked, 'app.mjs')).toEqual(expect.arrayContaining(ALWAYS));
  });
});
