import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  codeOfFunctions,
  compileConsumer,
  filesBelow,
  install,
  pack,
  readJson,
  ROOT,
  run,
  runTool,
  startCommand,
  succeed,
  writeCodeBlocks,
} from './support.ts';

jest.setTimeout(180_000);

const PEERS = ['aws-cdk-lib', 'constructs'];
const scratch = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-package-'));
/** What npm unpacks is what counts; the staging folder could hold more. */
const consumer = path.join(scratch, 'consumer');
const installed = path.join(consumer, 'node_modules', 'bedrock-job-tracker');
let tarball = '';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

const manifest = () => readJson(path.join(installed, 'package.json')) as Manifest;
const lambdas = readdirSync(path.join(ROOT, 'lambdas')).filter((name) =>
  existsSync(path.join(ROOT, 'lambdas', name, 'index.ts')),
);

beforeAll(async () => {
  // In the project, as the package is staged for real: maps name their sources from there.
  const staging = path.join(ROOT, 'dist', 'package-under-test');
  const build = await run(ROOT, process.execPath, ['scripts/build-package.ts', staging]);
  if (build.code !== 0) throw new Error(build.stderr);
  tarball = await pack(staging, scratch);
  mkdirSync(consumer);
  writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  await install(consumer, tarball, [...PEERS, '@types/node']);
  cpSync(path.join(ROOT, 'test', 'package', 'consumer'), consumer, { recursive: true });
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('the tarball', () => {
  /** Everything that may ship, and nothing of it may be missing. */
  const SHIPS: Readonly<Record<string, RegExp>> = {
    'the manifest': /^package\.json$/,
    'pages for people': /^(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^docs\/[\w/-]+\.(md|png)$/,
    'the licence and those of bundled packages': /^(LICENSE|THIRD-PARTY-NOTICES\.txt)$/,
    'what it is made of': /^sbom\.cdx\.json$/,
    'public modules and what they import': /^(lib|cjs)\/(index|contract|(client|domain|infra)\/[\w/-]+)\.(js|d\.ts)$/,
    'the mark of CommonJS': /^cjs\/package\.json$/,
    'the bundled functions': /^dist\/lambdas\/(package\.json|[\w-]+\/index\.js(\.map)?)$/,
    'the dashboard': /^dist\/dashboard\/(index\.html|favicon\.svg|assets\/[\w-]+\.(js|css))$/,
    'the command line': /^bin\/bedrock-jobs(\/[\w-]+)?\.js$/,
    // No schemas yet is no fault; where the project has them, they ship.
    ...(existsSync(path.join(ROOT, 'schemas')) && { schemas: /^schemas\/[\w.-]+\.json$/ }),
  };

  it('has the files that belong there and no other: no test, no source, no map of one', () => {
    const files = filesBelow(installed);
    expect(files.filter((file) => !Object.values(SHIPS).some((pattern) => pattern.test(file)))).toEqual([]);
    expect(Object.keys(SHIPS).filter((name) => !files.some((file) => SHIPS[name]?.test(file)))).toEqual([]);
  });

  it('says nothing of the machine that made it, and holds no secret', () => {
    const texts = filesBelow(installed)
      .filter((file) => !file.endsWith('.png'))
      .map((file) => [file, readFileSync(path.join(installed, file), 'utf8')] as const);
    const found = (what: string | RegExp) =>
      texts
        .filter(([, text]) => (typeof what === 'string' ? text.includes(what) : what.test(text)))
        .map(([file]) => file);
    for (const folder of [ROOT, homedir(), scratch, realpathSync(ROOT)].filter((each) => each.length > 5)) {
      expect([folder, found(folder)]).toEqual([folder, []]);
    }
    expect(found(/\/(?:home|Users)\/\w+\/|[A-Z]:\\\\Users\\\\/)).toEqual([]);
    expect(found(/-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_\w{36}|\bnpm_\w{36}/)).toEqual([]);
    // Those of AWS's documents end in EXAMPLE, as ours do.
    expect(found(/\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[A-Z0-9]{16}\b/)).toEqual([]);
  });

  it('has maps that name their sources from where they lie, and no test among them', () => {
    const maps = filesBelow(installed).filter((file) => file.endsWith('.map'));
    expect(maps.length).toBe(lambdas.length);
    for (const map of maps) {
      const { sources, sourceRoot = '' } = readJson(path.join(installed, map)) as {
        sources: string[];
        sourceRoot?: string;
      };
      expect([map, sourceRoot, sources.filter((source) => path.isAbsolute(source) || /^\w+:/.test(source))]).toEqual([
        map,
        '',
        [],
      ]);
      expect(sources.filter((source) => /(^|\/)(test|\.env|\.git|\.cache|\.local)(\/|$)/.test(source))).toEqual([]);
    }
  });

  it('has every package of its bundles, and those that it brings along, in its bill of materials', () => {
    const { components } = readJson(path.join(installed, 'sbom.cdx.json')) as {
      components: { name: string; version: string }[];
    };
    const listed = components.map(({ name, version }) => `${name} ${version}`);
    const notices = readFileSync(path.join(installed, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const bundled = [...notices.matchAll(/^(@?[\w./-]+ \d+\.\d+\.\d+\S*) \(/gm)].map(([, name = '']) => name);
    expect(bundled.length).toBeGreaterThan(30);
    expect(bundled.filter((name) => !listed.includes(name))).toEqual([]);
    const names = components.map(({ name }) => name);
    expect(Object.keys(manifest().dependencies).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('has every module in both forms, each with its declarations', () => {
    const files = filesBelow(installed);
    const below = (folder: string) =>
      files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
    const modules = below('lib').filter((file) => file.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(10);
    expect(below('lib')).toEqual(modules.flatMap((file) => [file.replace(/\.js$/, '.d.ts'), file]).sort());
    expect(below('cjs')).toEqual([...below('lib'), 'package.json'].sort());
  });

  it('has every function of lambdas/ and no other', () => {
    const functions = readdirSync(path.join(installed, 'dist', 'lambdas')).filter((name) => name !== 'package.json');
    expect(functions).toEqual(lambdas);
  });

  it('names no TypeScript file: nobody who installs it has one', () => {
    const modules = filesBelow(installed).filter((file) => /^(lib|cjs)\//.test(file) && !file.endsWith('.json'));
    const naming = modules.filter((file) =>
      /['"]\.[^'"\n]*\.ts['"]/.test(readFileSync(path.join(installed, file), 'utf8')),
    );
    expect(naming).toEqual([]);
  });

  it('can be published, and brings no more packages along than these', () => {
    const { private: isPrivate, dependencies, peerDependencies } = manifest();
    expect(isPrivate).toBeUndefined();
    // A package more is a decision: docs/adr/0013-two-manifests.md.
    const expected = [
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/lib-dynamodb',
      'abstract-level',
      'classic-level',
      'dynalite',
      'valibot',
    ];
    expect(Object.keys(dependencies)).toEqual(expected);
    expect(Object.keys(peerDependencies)).toEqual(PEERS);
    expect(manifest()).not.toHaveProperty('optionalDependencies');
    expect(manifest()).not.toHaveProperty('scripts');
  });

  it('tells the licences of packages that are inside the bundles', () => {
    const notices = readFileSync(path.join(installed, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['@middy/core', '@aws-sdk/client-bedrock', 'commander', 'preact', 'uplot'])
      expect(notices).toContain(`\n${name} `);
    expect(notices).not.toContain('no licence named');
  });

  it('has no link that leads nowhere in its pages', () => {
    const pages = filesBelow(installed).filter((file) => file.endsWith('.md'));
    const broken = pages.flatMap((page) => {
      const text = readFileSync(path.join(installed, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
      return [...text.matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)]
        .filter(([, link = '']) => !existsSync(path.join(installed, path.dirname(page), link)))
        .map(([, link]) => `${page}: ${link ?? ''}`);
    });
    expect(broken).toEqual([]);
  });

  it('is clean for publint', async () => {
    const check = `
      import { readFile } from 'node:fs/promises';
      import { publint } from 'publint';
      import { formatMessage } from 'publint/utils';
      const { buffer } = await readFile(process.argv[1]);
      const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
      console.log(JSON.stringify(messages.map((message) => formatMessage(message, pkg))));`;
    const messages = await succeed(ROOT, process.execPath, ['--input-type=module', '--eval', check, tarball]);
    expect(JSON.parse(messages)).toEqual([]);
  });

  it('has types that are right for every module resolution, by arethetypeswrong', async () => {
    const bin = '@arethetypeswrong/cli/dist/index.js';
    const { stdout } = await runTool(ROOT, bin, [tarball, '--profile', 'strict', '--format', 'json']);
    const { analysis } = JSON.parse(stdout) as { analysis: { problems: unknown[]; entrypoints: object } };
    expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(['.', './client']));
    expect(analysis.problems).toEqual([]);
  });
});

const bundleOf = (name: string): string =>
  readFileSync(path.join(installed, 'dist', 'lambdas', name, 'index.js'), 'utf8');

/** Runs an app on the machine's own Node.js: which functions of the package are in what it made. */
const synthesize = async (folder: string, app: string): Promise<string[]> => {
  const assembly = path.join(scratch, `cdk.out-${path.basename(folder)}-${app}`);
  await succeed(folder, 'node', [app], { CDK_OUTDIR: assembly });
  return codeOfFunctions(assembly).map(
    (code) => lambdas.find((name) => bundleOf(name) === code) ?? 'not a bundle of the package',
  );
};

const ALWAYS = ['publish-transitions', 'reconcile-jobs', 'track-job'];

describe('an empty project that installs it', () => {
  let files: string[] = [];
  let problems: string[] = [];
  beforeAll(() => {
    files = writeCodeBlocks(consumer);
    problems = compileConsumer(consumer, [...files, 'app.ts', 'app-commonjs.cts', 'read.ts']);
  });

  it('compiles its code, the declarations of the package and the code blocks of docs/library.md, all strictly', () => {
    expect(files.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  it.each(['app.js', 'app.mjs', 'app-commonjs.cjs'])('synthesizes %s, and every function has its code', async (app) => {
    const functions = await synthesize(consumer, app);
    expect(functions).toEqual(expect.arrayContaining(ALWAYS));
    expect(functions).not.toContain('not a bundle of the package');
  });

  it('synthesizes the apps of docs/library.md', async () => {
    const apps = files.filter((file) => readFileSync(path.join(consumer, file), 'utf8').includes('app.synth()'));
    expect(apps.length).toBeGreaterThan(1);
    for (const app of apps) {
      expect(await synthesize(consumer, app.replace(/ts$/, 'js'))).toEqual(expect.arrayContaining(ALWAYS));
    }
  });

  it('synthesizes where the package lies behind a link, as pnpm has it', async () => {
    const linked = path.join(scratch, 'linked');
    mkdirSync(path.join(linked, 'node_modules'), { recursive: true });
    for (const name of [...PEERS, 'bedrock-job-tracker']) {
      symlinkSync(path.join(consumer, 'node_modules', name), path.join(linked, 'node_modules', name), 'junction');
    }
    cpSync(path.join(consumer, 'app.mjs'), path.join(linked, 'app.mjs'));
    expect(await synthesize(linked, 'app.mjs')).toEqual(expect.arrayContaining(ALWAYS));
  });

  it('reads by the client from an ES module and from CommonJS, without loading the CDK', async () => {
    expect(await succeed(consumer, 'node', ['read.js'])).toBe('BAD_CURSOR\n');
    expect(await succeed(consumer, 'node', ['read.cjs'])).toBe('BAD_CURSOR\n0 files of the CDK\n');
  });

  it('has the command bedrock-jobs', async () => {
    const help = await succeed(consumer, 'npx', ['--no', '--', 'bedrock-jobs', '--help']);
    expect(help).toContain('Usage: npx bedrock-jobs');
  });

  it('tracks simulated jobs by the bundled functions: bedrock-jobs local', async () => {
    const local = startCommand(consumer, path.join(installed, 'bin', 'bedrock-jobs.js'), [
      ...['local', '--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0', '--data-dir', 'data'],
      // Sweeps alone find the jobs, so both functions' code has to run on this Node.js.
      ...['--no-events', '--sweep-every', '1', '--speed', '2000'],
    ]);
    try {
      expect(await local.line(/InProgress → Completed|→ Failed| failed:/)).not.toMatch(/ failed:/);
      // The dashboard is built and found.
      const [page = ''] = /http:\S+/.exec(await local.line(/Dashboard/)) ?? [];
      expect(await (await fetch(page)).text()).toContain('<div id="app">');
    } finally {
      expect(await local.stop()).toBe(0);
    }
  });
});

describe('docs/api', () => {
  it('is what typedoc makes of the docstrings, without a warning: npm run docs:api', async () => {
    const out = path.join(scratch, 'api');
    const { code, stdout, stderr } = await runTool(ROOT, 'typedoc/bin/typedoc', ['--out', out]);
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    const made = filesBelow(out);
    expect(filesBelow(path.join(ROOT, 'docs', 'api'))).toEqual(made);
    for (const file of made) {
      expect(readFileSync(path.join(ROOT, 'docs', 'api', file), 'utf8')).toBe(
        readFileSync(path.join(out, file), 'utf8'),
      );
    }
  });
});
