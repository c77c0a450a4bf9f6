import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Description: string }>>;
}

/** The functions by what begins the logical ids of their parts. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  TrackerTrackJob: 'track-job',
  TrackerReconcileJobs: 'reconcile-jobs',
  TrackerPublishTransitions: 'publish-transitions',
  TrackerNotifications: 'notify-transition',
};

/** The function that a resource belongs to. */
export const functionName = (id: string): string =>
  Object.entries(FUNCTIONS).find(([start]) => id.startsWith(start))?.[1] ?? '';

/** The template of a stack, with stubs in place of the bundled functions. */
export function synthesize(props: BedrockJobTrackerStackProps = {}): StackTemplate {
  const folder = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-docs-'));
  try {
    for (const name of Object.values(FUNCTIONS)) {
      mkdirSync(path.join(folder, 'lambdas', name), { recursive: true });
      writeFileSync(path.join(folder, 'lambdas', name, 'index.js'), '');
    }
    const app = new App({ outdir: path.join(folder, 'cdk.out') });
    const stack = new BedrockJobTrackerStack(app, undefined, { codeDirectory: path.join(folder, 'lambdas'), ...props });
    return app.synth().getStackArtifact(stack.artifactId).template as StackTemplate;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The properties of every resource of a type, with its logical id. */
export const resourcesOf = <T>(template: StackTemplate, type: string): (T & { readonly id: string })[] =>
  Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties }]) => ({ ...(Properties as T), id }));
