import path from 'node:path';
import { build } from 'vite';
import { ROOT } from './paths.ts';

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
    build({
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
