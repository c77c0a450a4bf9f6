import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build, type BuildOptions } from 'esbuild';
import RECORDS from '../fixtures/records/0.1.0.json' with { type: 'json' };
import { startEmbeddedTables, type EmbeddedTables } from '../support/embedded-tables.ts';
import { recordProblems } from '../support/record-schema.ts';
import { describePackage, itHasRightTypes } from './rules.ts';
import {
  addByPnpm,
  compileConsumer,
  filesBelow,
  installPackage,
  readJson,
  succeed,
  writeCodeBlocks,
  type Installed,
} from './support.ts';

jest.setTimeout(180_000);

let installed: Installed;

beforeAll(async () => {
  // A page finds the table by SSM, with a client of the reader's own.
  installed = await installPackage('client', ['@types/node', '@aws-sdk/client-ssm']);
});

afterAll(() => {
  rmSync(installed.scratch, { recursive: true, force: true });
});

describePackage(() => installed, {
  name: 'bedrock-job-tracker-client',
  ships: {
    'public modules and what they import': /^(lib|cjs)\/(contract|(client|domain)\/[\w/-]+)\.(js|d\.ts)$/,
    'the mark of CommonJS': /^cjs\/package\.json$/,
    schemas: /^schemas\/[\w.-]+\.json$/,
  },
  dependencies: ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', 'valibot'],
});

describe('its modules', () => {
  itHasRightTypes(() => installed);

  it('are there in both forms, each with its declarations', () => {
    const files = filesBelow(installed.folder);
    const below = (folder: string) =>
      files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
    const modules = below('lib').filter((file) => file.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(10);
    expect(below('lib')).toEqual(modules.flatMap((file) => [file.replace(/\.js$/, '.d.ts'), file]).sort());
    expect(below('cjs')).toEqual([...below('lib'), 'package.json'].sort());
  });
});

describe('an empty project that installs it', () => {
  let files: string[] = [];
  let problems: string[] = [];
  beforeAll(() => {
    files = writeCodeBlocks(installed.consumer, 'client');
    problems = compileConsumer(installed.consumer, [...files, 'read.ts']);
  });

  it('compiles its code, the declarations of the package and the code blocks of the pages, all strictly', () => {
    expect(files.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  it('reads from an ES module and from CommonJS', async () => {
    expect(await succeed(installed.consumer, 'node', ['read.js'])).toBe('BAD_CURSOR\n');
    expect(await succeed(installed.consumer, 'node', ['read.cjs'])).toBe('BAD_CURSOR for a JobRecord\n');
  });

  it('gets nothing native and runs no script of a package', () => {
    const modules = path.join(installed.consumer, 'node_modules');
    expect(filesBelow(modules).filter((file) => /\.node$|binding\.gyp$/.test(file))).toEqual([]);
    const { packages } = readJson(path.join(installed.consumer, 'package-lock.json')) as {
      packages: Readonly<Record<string, { hasInstallScript?: boolean }>>;
    };
    expect(Object.keys(packages).filter((name) => packages[name]?.hasInstallScript)).toEqual([]);
    expect(['dynalite', 'classic-level', 'aws-cdk-lib'].filter((name) => existsSync(path.join(modules, name)))).toEqual(
      [],
    );
  });

  it('is installed by pnpm, which stops at build scripts', async () => {
    const { code, stdout, stderr } = await addByPnpm(installed);
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  });
});

/** The function of `service.mjs`, bundled by esbuild with these options. */
const bundle = async (options: BuildOptions): Promise<{ readonly file: string; readonly bytes: number }> => {
  const file = path.join(installed.consumer, 'bundle', 'index.cjs');
  const { metafile } = await build({
    absWorkingDir: installed.consumer,
    entryPoints: ['service.mjs'],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    ...options,
    metafile: true,
  });
  return { file, bytes: Object.values(metafile.outputs)[0]?.bytes ?? Infinity };
};

describe('a table that release 0.1.0 has written', () => {
  let tables: EmbeddedTables;
  const read = (...script: readonly string[]) =>
    succeed(installed.consumer, 'node', script, {
      AWS_ENDPOINT_URL_DYNAMODB: tables.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
      JOBS_TABLE_NAME: tables.jobsTable,
      TRACKED_SCOPES: '123456789012#us-east-1',
    });

  beforeAll(async () => {
    tables = await startEmbeddedTables();
    for (const Item of RECORDS) await tables.client.send(new PutCommand({ TableName: tables.jobsTable, Item }));
  });
  afterAll(() => tables.close());

  it('has records that fit the schema of today', () => {
    expect(RECORDS.flatMap(recordProblems)).toEqual([]);
  });

  it('is read, listed, added up and waited for', async () => {
    expect(JSON.parse(await read('records.mjs'))).toEqual({
      records: RECORDS,
      transitions: RECORDS[0]?.transitions,
      byStatus: { Completed: 1, Failed: 1, InProgress: 1, Stopped: 1 },
      waited: RECORDS[0]?.status,
    });
  });

  it('is read by a function of 45 kB beside the SDK of Lambda, as the CDK bundles it', async () => {
    const { bytes } = await bundle({ external: ['@aws-sdk/*', '@smithy/*'] });
    expect(bytes).toBeLessThan(45_000);
  });

  it('is read by a function of 300 kB with the SDK, bundled as the page of the package says', async () => {
    expect(readFileSync(path.join(installed.folder, 'README.md'), 'utf8')).toContain(
      '--main-fields=module,main --external:@aws-sdk/nested-clients',
    );
    const { file, bytes } = await bundle({ mainFields: ['module', 'main'], external: ['@aws-sdk/nested-clients'] });
    expect(bytes).toBeLessThan(300_000);
    // Where it is deployed it has no packages beside it.
    const deployed = path.join(installed.scratch, 'deployed.cjs');
    cpSync(file, deployed);
    const call = `require(process.argv[1]).handler({ jobArn: process.argv[2] }).then((job) => console.log(job.status))`;
    const [first] = RECORDS;
    expect(await read('--eval', call, deployed, String(first?.job_arn))).toBe(`${first?.status}\n`);
  });
});
