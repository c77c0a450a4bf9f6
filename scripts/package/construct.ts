import path from 'node:path';
import { bundleLambdas } from '../bundle-lambdas.ts';
import { both, compileLibrary } from './compile.ts';
import { finishPackage } from './finish.ts';

/** Stages the constructs with the functions that they deploy. */
export async function stageConstruct(staging: string): Promise<void> {
  const imports = await compileLibrary(staging, 'lib/index.ts');
  const functions = await bundleLambdas(path.join(staging, 'dist', 'lambdas'));
  await finishPackage(staging, {
    suffix: '',
    manifest: {
      description:
        'Keeps every Amazon Bedrock model customization job of an account as a current, queryable DynamoDB record: AWS CDK constructs.',
      keywords: ['amazon-bedrock', 'fine-tuning', 'model-customization', 'aws-cdk', 'dynamodb', 'eventbridge'],
      type: 'module',
      sideEffects: false,
      exports: { '.': both('index'), './package.json': './package.json' },
      // For tools that do not know exports: TypeScript's resolution "node10", with which older CDK apps are set up.
      main: './cjs/index.js',
      types: './cjs/index.d.ts',
    },
    readme: 'lib/infra/README.md',
    imports,
    bundled: functions.flatMap(({ inputs }) => inputs),
  });
}
