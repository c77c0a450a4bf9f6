import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { bundling } from '../../../scripts/bundle-lambdas.ts';
import type { Variant } from './variants.ts';

/** One thing done otherwise than what ships. */
interface Idea {
  readonly name: string;
  /** How the bundle differs. */
  readonly change?: BuildOptions;
  /** Flags of Node.js. */
  readonly flags?: readonly string[];
  /** More variables, by the folder of the idea's bundle. */
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
}

const ES_MODULE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** In place of the chain of sources of credentials. */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: 'environment-credentials',
      pluginData: resolveDir,
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'environment-credentials' }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: pluginData as string,
    }));
  },
};

/** What ships does, and would be slower or larger without. */
const KEPT: readonly Idea[] = [
  { name: "without: ES modules of packages (esbuild's order for Node.js)", change: { mainFields: ['main', 'module'] } },
  { name: 'without: minified', change: { minify: false } },
  { name: "without: the SDK's schemas of used calls alone", change: { plugins: [] } },
  { name: 'without: other sources of credentials left out', change: { external: [] } },
  {
    name: 'without: stack traces mapped when looked at (`--enable-source-maps`)',
    change: { inject: [] },
    flags: ['--enable-source-maps'],
  },
  { name: 'without: the SDK in the bundle', change: { external: ['@aws-sdk/*', '@smithy/*'] } },
];

const NOT_KEPT: readonly Idea[] = [
  {
    name: 'with: an ES module',
    change: { format: 'esm', outExtension: { '.js': '.mjs' }, banner: { js: ES_MODULE } },
  },
  {
    name: 'with: credentials of the environment alone',
    change: { plugins: [...bundling([], '').plugins, environmentCredentials] },
  },
  {
    name: "with: V8's compile cache",
    environment: (folder) => ({ NODE_COMPILE_CACHE: join(folder, 'compile-cache') }),
  },
];

const variantOf = async (
  { name, change = {}, flags = [], environment }: Idea,
  fn: string,
  folder: string,
): Promise<Variant> => {
  await mkdir(folder, { recursive: true });
  await build({ ...bundling([fn], folder), ...change });
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  const file = join(folder, fn, `index${change.outExtension?.['.js'] ?? '.js'}`);
  const bytes = { [fn]: (await stat(file)).size };
  return { name, files: { [fn]: file }, bytes, flags, ...(environment && { environment: environment(folder) }) };
};

/** The function as it would be with one thing done otherwise. */
export const makeIdeas = (fn: string, folder: string): Promise<readonly Variant[]> =>
  Promise.all([...KEPT, ...NOT_KEPT].map((idea, number) => variantOf(idea, fn, join(folder, String(number)))));
