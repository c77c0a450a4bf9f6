import { cp } from 'node:fs/promises';
import path from 'node:path';
import { both, compileLibrary } from './compile.ts';
import { ROOT } from './files.ts';
import { finishPackage } from './finish.ts';

/** Stages the read API with the schemas of what it reads. */
export async function stageClient(staging: string): Promise<void> {
  const imports = await compileLibrary(staging, 'lib/client/index.ts');
  await cp(path.join(ROOT, 'schemas'), path.join(staging, 'schemas'), { recursive: true });
  await finishPackage(staging, {
    suffix: '-client',
    manifest: {
      description: 'Reads the records of the Bedrock job tracker: jobs by ARN, name or index, histories, and waiting.',
      keywords: ['amazon-bedrock', 'fine-tuning', 'model-customization', 'dynamodb'],
      type: 'module',
      sideEffects: false,
      exports: { '.': both('client/index'), './schemas/*': './schemas/*', './package.json': './package.json' },
      // For TypeScript's resolution "node10", which does not know exports.
      main: './cjs/client/index.js',
      types: './cjs/client/index.d.ts',
    },
    readme: 'lib/client/README.md',
    imports,
  });
}
