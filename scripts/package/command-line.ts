import path from 'node:path';
import { build } from 'esbuild';
import { build as buildSite } from 'vite';
import { ROOT } from './files.ts';
import { finishPackage } from './finish.ts';

/**
 * What the command line imports from node_modules. LevelDB is native code and finds it beside itself, and dynalite must use
 * the very copy of it. The rest is bundled, as some of it (commander) asks npm for a newer Node.js than it needs.
 */
const EXTERNAL = ['abstract-level', 'classic-level', 'dynalite'];

const REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

export interface CommandLineBundle {
  /** What went into it, by absolute path. */
  readonly files: readonly string[];
  /** What it still imports, as the bundle names it. */
  readonly imports: readonly string[];
}

/**
 * Bundles the command line, with the functions that a local run calls, into `bin/bedrock-jobs.js` and the parts that it
 * loads when a command needs them: in one file every start would load them all.
 */
export async function bundleCommandLine(staging: string): Promise<CommandLineBundle> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [path.join('bin', 'bedrock-jobs.ts')],
    outdir: path.join(staging, 'bin'),
    splitting: true,
    chunkNames: 'bedrock-jobs/[name]-[hash]',
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: EXTERNAL,
    // Packages in CommonJS ask for Node's own modules by `require`, which ES modules lack.
    banner: { js: REQUIRE },
    // Names stay, for a stack trace that can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  return {
    files: Object.keys(metafile.inputs).map((file) => path.resolve(ROOT, file)),
    // Its parts import each other too.
    imports: Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external === true).map((each) => each.path),
    ),
  };
}

/** Vite goes by NODE_ENV, whatever mode it is told, and with another one leaves paths of this machine in what it builds. */
const inProduction = async <T>(work: () => Promise<T>): Promise<T> => {
  const { NODE_ENV } = process.env;
  process.env['NODE_ENV'] = 'production';
  try {
    return await work();
  } finally {
    if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = NODE_ENV;
  }
};

/**
 * Builds the dashboard's web application to where the command line looks for it.
 *
 * @returns what went into it, by absolute path
 */
export async function bundleDashboard(staging: string): Promise<string[]> {
  const built = await inProduction(() =>
    buildSite({
      configFile: path.join(ROOT, 'lib', 'dashboard', 'web', 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: path.join(staging, 'dist', 'dashboard') },
    }),
  );
  const outputs = [built].flat().flatMap((each) => ('output' in each ? each.output : []));
  const modules = outputs.flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []));
  // Others are the bundler's own helpers.
  return [...new Set(modules.filter((id) => path.isAbsolute(id)).map((id) => id.replace(/\?.*$/, '')))];
}

/** Stages `bedrock-jobs` with all that it runs on a person's machine: the tracker's functions and the dashboard too. */
export async function stageCommandLine(staging: string): Promise<void> {
  const dashboard = await bundleDashboard(staging);
  const commandLine = await bundleCommandLine(staging);
  await finishPackage(staging, {
    suffix: '-cli',
    manifest: {
      description:
        'bedrock-jobs: Amazon Bedrock customization jobs on the command line, with a dashboard and a local run.',
      keywords: ['amazon-bedrock', 'fine-tuning', 'model-customization', 'cli', 'dashboard'],
      type: 'module',
      bin: { 'bedrock-jobs': './bin/bedrock-jobs.js' },
      exports: { './package.json': './package.json' },
    },
    readme: 'lib/cli/README.md',
    imports: commandLine.imports,
    bundled: [...commandLine.files, ...dashboard],
  });
}

/** Builds a clone's command line for `scripts/command-line.mjs`, and prints the files of the clone that went into it. */
if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  try {
    const { files } = await bundleCommandLine(path.resolve(process.argv[2] ?? ''));
    const own = files.map((file) => path.relative(ROOT, file)).filter((file) => !/^(?:node_modules|\.\.)/.test(file));
    console.log(JSON.stringify(own));
  } catch (error) {
    // The bundler names file and line; a stack trace would only name them.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
