import path from 'node:path';
import { bundleLambdas } from '../bundle-lambdas.ts';
import { compileByJsii, stageSources } from './construct-jsii.ts';
import { finishPackage } from './finish.ts';

/** The package in the other languages of jsii. */
const TARGETS = {
  python: { distName: 'bedrock-job-tracker', module: 'bedrock_job_tracker' },
  java: {
    package: 'io.github.bedrockjobtracker',
    maven: { groupId: 'io.github.bedrock-job-tracker', artifactId: 'bedrock-job-tracker' },
  },
  dotnet: { namespace: 'BedrockJobTracker', packageId: 'BedrockJobTracker' },
  go: { moduleName: 'github.com/bedrock-job-tracker/bedrock-job-tracker-go' },
} as const;

/** Stages the constructs with the functions that they deploy: CommonJS alone, as jsii makes no other form. */
export async function stageConstruct(staging: string): Promise<void> {
  const { files, imports } = await stageSources(staging, 'lib/index.ts');
  const functions = await bundleLambdas(path.join(staging, 'dist', 'lambdas'));
  await finishPackage(staging, {
    suffix: '',
    manifest: {
      description:
        'Keeps every Amazon Bedrock model customization job of an account as a current, queryable DynamoDB record: AWS CDK constructs.',
      keywords: ['amazon-bedrock', 'fine-tuning', 'model-customization', 'aws-cdk', 'dynamodb', 'eventbridge'],
      author: { name: 'Bedrock job tracker', organization: true },
      type: 'commonjs',
      sideEffects: false,
      exports: {
        '.': { types: './lib/index.d.ts', default: './lib/index.js' },
        './package.json': './package.json',
      },
      // For tools that do not know exports: TypeScript's resolution "node10", with which older CDK apps are set up.
      main: './lib/index.js',
      types: './lib/index.d.ts',
      stability: 'stable',
      jsii: { outdir: 'dist/jsii', targets: TARGETS },
    },
    readme: 'lib/infra/README.md',
    imports,
    bundled: functions.flatMap(({ inputs }) => inputs),
    later: ['.jsii'],
  });
  // Last: it describes the package by its manifest and page.
  await compileByJsii(staging, files);
}
