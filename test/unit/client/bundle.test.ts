import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Metafile, type Format } from 'esbuild';

const ENTRY = path.join(import.meta.dirname, '..', '..', '..', 'lib', 'client', 'index.ts');
const KB = 1000;

const bundle = async (format: Format): Promise<{ readonly size: number; readonly meta: Metafile }> => {
  const { outputFiles, metafile } = await build({
    ...{ entryPoints: [ENTRY], bundle: true, minify: true, write: false, metafile: true, logLevel: 'error' },
    ...{ platform: 'node', target: 'node20', format, packages: 'external' },
  });
  return { size: outputFiles[0]?.contents.length ?? 0, meta: metafile };
};

describe('the client, bundled', () => {
  let bundles: Awaited<ReturnType<typeof bundle>>[] = [];
  beforeAll(async () => {
    bundles = await Promise.all([bundle('esm'), bundle('cjs')]);
  });

  it('has less than 48 kB of own code for jobs, models and events, in both forms', () => {
    for (const { size } of bundles) {
      expect(size).toBeGreaterThan(10 * KB);
      expect(size).toBeLessThan(48 * KB);
    }
  });

  it('takes along two packages of the SDK and valibot, and no CDK', () => {
    for (const { meta } of bundles) {
      const imports = Object.values(meta.outputs).flatMap((output) => output.imports.map((each) => each.path));
      expect([...new Set(imports)].filter((name) => !name.startsWith('node:')).sort()).toEqual([
        '@aws-sdk/client-dynamodb',
        '@aws-sdk/lib-dynamodb',
        'valibot',
      ]);
    }
  });
});
