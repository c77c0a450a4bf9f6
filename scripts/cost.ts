import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { STACK_NAME } from '../lib/infra/props/props.ts';
import { BedrockJobTrackerStack } from '../lib/infra/stack.ts';
import { bundleLambdas } from './bundle-lambdas.ts';
import { costDocument, headline } from './cost/document.ts';
import { countTemplate, type CostTemplate } from './cost/template-counts.ts';

const DOCUMENT = path.resolve(import.meta.dirname, '..', 'docs', 'cost.md');

/** The template of the stack as it comes. The functions must be bundled. */
export function defaultStackTemplate(): CostTemplate {
  const outdir = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-cost-'));
  try {
    const app = new App({ outdir });
    new BedrockJobTrackerStack(app, STACK_NAME);
    return app.synth().getStackByName(STACK_NAME).template as CostTemplate;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  await bundleLambdas();
  const counts = countTemplate(defaultStackTemplate());
  writeFileSync(DOCUMENT, costDocument(counts));
  console.log(headline(counts));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) await main();
