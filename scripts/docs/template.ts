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
  readonly Outputs: Readonly<Record<string, { readonly Description?: string; readonly Value?: unknown }>>;
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
    const stack = new BedrockJobTrackerStack(app, undefined, {
      _codeDirectory: path.join(folder, 'lambdas'),
      ...props,
    });
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

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: unknown;
}
interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

/** Every statement of every IAM role and policy of the stack, with the role that it belongs to. */
export const iamStatements = (template: StackTemplate): { readonly role: string; readonly statement: Statement }[] => [
  ...resourcesOf<{ readonly Policies?: readonly { readonly PolicyDocument: PolicyDocument }[] }>(
    template,
    'AWS::IAM::Role',
  ).flatMap(({ id, Policies = [] }) =>
    Policies.flatMap(({ PolicyDocument: { Statement } }) =>
      Statement.map((statement) => ({ role: readable({ Ref: id }), statement })),
    ),
  ),
  ...resourcesOf<{ readonly Roles: readonly unknown[]; readonly PolicyDocument: PolicyDocument }>(
    template,
    'AWS::IAM::Policy',
  ).flatMap(({ Roles, PolicyDocument: { Statement } }) =>
    Roles.flatMap((role) => Statement.map((statement) => ({ role: readable(role), statement }))),
  ),
];

/** CloudFormation's functions as readable text, logical ids without their hash: <TrackerJobsTable.Arn>/index/active. */
export const readable = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref, ...functions } = value as {
    Ref?: string;
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
    'Fn::ImportValue'?: string;
  };
  if (Ref !== undefined) return `<${withoutHash(Ref)}>`;
  if (functions['Fn::GetAtt']) return `<${withoutHash(functions['Fn::GetAtt'][0])}.${functions['Fn::GetAtt'][1]}>`;
  if (functions['Fn::Join']) return functions['Fn::Join'][1].map(readable).join(functions['Fn::Join'][0]);
  if (functions['Fn::ImportValue'] !== undefined) return `<${functions['Fn::ImportValue']}>`;
  throw new Error(`Not a reference: ${JSON.stringify(value)}`);
};

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/** One value or a list of them, as a list. */
export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as T[]) : [value as T];
