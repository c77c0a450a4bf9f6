/** The same app from npm and from the wheel, with the oldest CDK and with the newest that both registries have. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { buildWheel, ensureCdk } from '../../scripts/package/construct-languages.ts';
import { OLDEST_CDK } from '../../scripts/package/manifest.ts';
import { findPython } from '../../scripts/python.ts';
import {
  compileConsumer,
  filesBelow,
  installPackage,
  linkPackages,
  readJson,
  releaseFolder,
  ROOT,
  succeed,
  type Installed,
} from './support.ts';

jest.setTimeout(600_000);

type Versions = Readonly<Record<string, string>>;

const CDKS: readonly (readonly [which: string, versions: Versions])[] = [
  ['the oldest CDK', OLDEST_CDK],
  ['the newest CDK of both registries', { 'aws-cdk-lib': '2.275.0', constructs: '10.8.1' }],
];
const python = findPython();
const itWithPython = python === undefined ? it.skip : it;
if (python === undefined) console.warn('The wheel is not tested: this machine has no Python 3.10 or later with venv.');

let installed: Installed;
let wheel = '';
beforeAll(async () => {
  installed = await installPackage('construct', ['@types/node']);
  if (python === undefined) return;
  const { name, version } = installed.manifest;
  wheel =
    releaseFolder === undefined
      ? await buildWheel(path.join(installed.scratch, 'construct'), installed.scratch)
      : path.join(releaseFolder, `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`);
});
afterAll(() => {
  rmSync(installed.scratch, { recursive: true, force: true });
});

const folderFor = (versions: Versions): string => path.join(installed.scratch, `cdk-${versions['aws-cdk-lib'] ?? ''}`);

/** The consumer's project, with a CDK of these versions. */
const consumerWith = async (versions: Versions): Promise<string> => {
  const folder = folderFor(versions);
  cpSync(installed.consumer, folder, { recursive: true, verbatimSymlinks: true });
  linkPackages(folder, Object.keys(versions), path.dirname(await ensureCdk(versions)));
  return folder;
};

/** The Python of a fresh virtual environment with the wheel and a CDK of these versions, all from the registry. */
const pythonWith = async (base: string, versions: Versions): Promise<string> => {
  const venv = path.join(folderFor(versions), 'venv');
  await succeed(installed.scratch, base, ['-m', 'venv', venv]);
  const own = path.join(venv, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  const pins = Object.entries(versions).map(([name, version]) => `${name}==${version}`);
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-compile'];
  await succeed(installed.scratch, own, ['-m', 'pip', 'install', ...quiet, wheel, ...pins]);
  return own;
};

/** The templates of an app, by stack. */
const templatesOf = async (folder: string, command: string, app: string): Promise<Record<string, unknown>> => {
  const assembly = path.join(folder, `cdk.out-${path.extname(app)}`);
  await succeed(folder, command, [app], { CDK_OUTDIR: assembly, PYTHONDONTWRITEBYTECODE: '1' });
  const files = filesBelow(assembly).filter((file) => /^\w+\.template\.json$/.test(file));
  return Object.fromEntries(files.map((file) => [file, readJson(path.join(assembly, file))]));
};

const ALWAYS = [
  '"PointInTimeRecoveryEnabled":true',
  '"DeletionProtectionEnabled":true',
  '"SSEEnabled":true',
  '"SqsManagedSseEnabled":true',
  '"Runtime":"nodejs24.x"',
  '"FunctionResponseTypes":["ReportBatchItemFailures"]',
  '"redrivePermission":"denyAll"',
  '"State":"ENABLED"',
];
const IF_ASKED = [
  '"Sid":"AllowPublishThroughSSLOnly"',
  '"aws:PrincipalOrgID":"o-a1b2c3d4e5"',
  '"PointInTimeRecoveryEnabled":false',
  '"ReservedConcurrentExecutions":6',
  '"SecurityGroupIds":["sg-0a1b2c3d"]',
  '"State":"DISABLED"',
  '"KmsMasterKeyId"',
];

describe.each(CDKS)('with %s', (_which, versions) => {
  let folder = '';
  let fromNpm: Record<string, unknown> = {};
  beforeAll(async () => {
    folder = await consumerWith(versions);
    cpSync(path.join(ROOT, 'test', 'package', 'consumer', 'python'), folder, { recursive: true });
    fromNpm = await templatesOf(folder, 'node', 'everything.mjs');
  });

  it('compiles an app and synthesizes one of every prop, each stack with what keeps it safe', () => {
    expect(compileConsumer(folder, ['app-commonjs.cts'])).toEqual([]);
    expect(Object.keys(fromNpm)).toHaveLength(7);
    // An older CDK leaves out what it does not know, without a word.
    const plain = JSON.stringify(fromNpm['Plain.template.json']);
    const everything = JSON.stringify(fromNpm['Everything.template.json']);
    expect(ALWAYS.filter((words) => !plain.includes(words))).toEqual([]);
    expect(IF_ASKED.filter((words) => !everything.includes(words))).toEqual([]);
  });

  itWithPython('synthesizes the same from the wheel, and says what is wrong with props in the same words', async () => {
    const own = await pythonWith(python ?? '', versions);
    expect(await templatesOf(folder, own, 'everything.py')).toEqual(fromNpm);
    expect(JSON.parse(await succeed(folder, own, ['wrong.py']))).toEqual({
      'two props':
        'Bedrock job tracker: 2 settings are wrong.\n  - maxConcurrency is 1: Lambda takes a whole number from 2 to 1000\n' +
        '  - logLevel is LOUD: it takes one of DEBUG, INFO, WARN, ERROR',
      'a nested prop': expect.stringContaining('scopes names the account "12": an account id has 12 digits'),
      'a control sequence': expect.stringContaining('parameterPrefix is " [31mno line": it takes a path'),
      'a number in place of a text': expect.stringMatching(/log_level.*must be.*str/),
      'a prop that does not exist': expect.stringContaining("unexpected keyword argument 'max_concurency'"),
    });
  });
});

interface Assembly {
  readonly types: Readonly<Record<string, { readonly properties?: readonly { readonly name: string }[] }>>;
}

describe('the app of every prop', () => {
  it.each(['BedrockJobTrackerProps', 'BedrockJobTrackerStackProps', 'DeployedTrackerProps', 'TransitionTargetProps'])(
    'has every one of %s, in both languages',
    (props) => {
      const { types } = readJson(path.join(installed.folder, '.jsii')) as Assembly;
      const names = (types[`bedrock-job-tracker.${props}`]?.properties ?? []).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(1);
      const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, '_$&').toLowerCase();
      const missing = (file: string, word: (name: string) => string) => {
        const text = readFileSync(path.join(ROOT, 'test', 'package', 'consumer', file), 'utf8');
        return names.filter((name) => !new RegExp(`\\b${word(name)}\\b`).test(text));
      };
      expect(missing('construct/everything.mjs', (name) => name)).toEqual([]);
      expect(missing('python/everything.py', snakeCase)).toEqual([]);
    },
  );
});
