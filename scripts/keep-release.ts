/**
 * Keeps a released version for the tests of upgrades:
 *
 *   npx node scripts/keep-release.ts <tag or commit>
 *
 * It checks the commit out beside this one, installs and builds it there, and writes what somebody has who deployed it to
 * `test/fixtures/releases/<version>.json.br`: the assemblies that its CDK app makes, functions included, and its client.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

/** The app's context for each assembly that is kept. The first one is deployed by the full-stack test. */
export const ASSEMBLIES = {
  tracker: { activeSweepMinutes: '60', notifyEmails: 'ops@example.com' },
  hub: {
    accounts: '111122223333,444455556666',
    regions: 'us-east-1,us-west-2',
    spokeExternalId: 'bedrock-7f3a9c',
    notifyEmails: 'ops@example.com',
  },
  spoke: { stack: 'spoke' },
} as const;
export type AssemblyName = keyof typeof ASSEMBLIES;

/** The account and Region of the hub: to know its own scope it needs both. */
export const HUB_HOME = { account: '111122223333', region: 'us-east-1' } as const;

/** What is kept of a version. */
export interface KeptRelease {
  readonly version: string;
  readonly commit: string;
  /** Texts by path: `<assembly>/<file of the CDK's cloud assembly>`, and `client.cjs` with all that it imports. */
  readonly files: Readonly<Record<string, string>>;
}

const ROOT = path.resolve(import.meta.dirname, '..');
const RELEASES = path.join(ROOT, 'test', 'fixtures', 'releases');

/** Runs a program, and answers what it prints. */
const run = (command: string, words: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) => {
  const { status, stdout } = spawnSync(command, words, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status ?? 'a signal'}.`);
  return stdout.trim();
};

/** The texts below a folder that match, by their paths there. */
const textsOf = (folder: string, patterns: readonly string[]): [file: string, text: string][] =>
  globSync([...patterns], { cwd: folder })
    .sort()
    .map((file) => [file.replaceAll(path.sep, '/'), readFileSync(path.join(folder, file), 'utf8')]);

/** What the app of a checkout makes; the functions only where somebody deploys them. */
const assemblyOf = (checkout: string, name: AssemblyName): [string, string][] => {
  const folder = path.join(checkout, 'cdk.out', name);
  const { context } = JSON.parse(readFileSync(path.join(checkout, 'cdk.json'), 'utf8')) as { context?: object };
  run(process.execPath, ['bin/bedrock-job-tracker.ts'], checkout, {
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...ASSEMBLIES[name] }),
    ...(name === 'hub' && { CDK_DEFAULT_ACCOUNT: HUB_HOME.account, CDK_DEFAULT_REGION: HUB_HOME.region }),
  });
  const deployed = ['manifest.json', '*.metadata.json', '*.assets.json', 'asset.*/index.js'];
  return textsOf(folder, ['*.template.json', ...(name === 'tracker' ? deployed : [])]).map(([file, text]) => [
    `${name}/${file}`,
    text,
  ]);
};

/** The client with all that it imports, as a service bundles it. */
const clientOf = async (checkout: string): Promise<string> => {
  const { outputFiles } = await build({
    absWorkingDir: checkout,
    entryPoints: ['lib/client/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

const keep = async (checkout: string): Promise<KeptRelease> => {
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'], checkout);
  run(process.execPath, ['scripts/bundle-lambdas.ts'], checkout);
  const { version } = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as { version: string };
  const names = Object.keys(ASSEMBLIES) as AssemblyName[];
  const files = [...names.flatMap((name) => assemblyOf(checkout, name)), ['client.cjs', await clientOf(checkout)]];
  return {
    version,
    commit: run('git', ['rev-parse', 'HEAD'], checkout),
    files: Object.fromEntries(files) as KeptRelease['files'],
  };
};

/** The functions share most of their code: a window over all of them makes it count once. */
const pack = (release: KeptRelease): Buffer =>
  brotliCompressSync(JSON.stringify(release), {
    params: {
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    },
  });

const main = async (ref: string): Promise<void> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-release-'));
  const checkout = path.join(folder, 'checkout');
  try {
    run('git', ['worktree', 'add', '--detach', checkout, ref], ROOT);
    const release = await keep(checkout);
    const file = path.join(RELEASES, `${release.version}.json.br`);
    mkdirSync(RELEASES, { recursive: true });
    writeFileSync(file, pack(release));
    console.log(`Kept ${release.version} (${release.commit.slice(0, 7)}) in ${path.relative(ROOT, file)}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    run('git', ['worktree', 'prune'], ROOT);
  }
};

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const [ref] = process.argv.slice(2);
  if (ref === undefined)
    throw new Error('Give the tag or commit of the release: npx node scripts/keep-release.ts v0.2.0');
  void main(ref);
}
