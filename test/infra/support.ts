import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from '@jest/globals';
import { App, Aws, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { listOf, readable } from '../../scripts/docs/template.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';

/** A home that is not known when the template is made. */
export const ANYWHERE = { account: Aws.ACCOUNT_ID, region: Aws.REGION };

const scratch = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-infra-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

let folders = 0;
/** An empty folder that is gone after the test file. */
export const emptyFolder = (): string => {
  folders += 1;
  const folder = path.join(scratch, folders.toString());
  mkdirSync(folder);
  return folder;
};

/** Stands for the bundles, so that a test of the template needs no build. */
export const stubs = emptyFolder();
for (const name of ['track-job', 'reconcile-jobs', 'publish-transitions', 'notify-transition']) {
  mkdirSync(path.join(stubs, name));
  writeFileSync(path.join(stubs, name, 'index.js'), `exports.handler = async () => '${name}';\n`);
}

export const makeApp = (context: Record<string, unknown> = {}): App => new App({ outdir: emptyFolder(), context });

export const makeStack = (props: BedrockJobTrackerStackProps = {}, app: App = makeApp()): BedrockJobTrackerStack =>
  new BedrockJobTrackerStack(app, undefined, { _codeDirectory: stubs, ...props });

/** The template of the stack with these props. */
export const synthesize = (props: BedrockJobTrackerStackProps = {}): CfnTemplate =>
  toTemplate(Template.fromStack(makeStack(props)));

let standard: CfnTemplate | undefined;
/** The template of the stack as it comes, made once for each test file. */
export const defaultTemplate = (): CfnTemplate => (standard ??= synthesize());

/** Everything that props can add: a hub that tells people. */
export const FULL_PROPS: BedrockJobTrackerStackProps = {
  env: { account: '111122223333', region: 'us-east-1' },
  scopes: [{ accounts: ['111122223333', '444455556666'], regions: ['us-east-1', 'us-west-2'] }],
  spokeExternalId: 'bedrock-7f3a',
  notifications: { emails: ['ml-team@example.com'] },
};

let full: CfnTemplate | undefined;
/** The template of the stack with everything that props can add. */
export const fullTemplate = (): CfnTemplate => (full ??= synthesize(FULL_PROPS));

export const toTemplate = (template: Template): CfnTemplate => template.toJSON() as CfnTemplate;

export interface CfnResource {
  readonly Type: string;
  /** Open as JSON: each test says what it expects to find. */
  readonly Properties: unknown;
  readonly Metadata?: unknown;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly Condition?: string;
}

export interface CfnTemplate {
  readonly Resources: Readonly<Record<string, CfnResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** The resources of a type by logical id. */
export const resourcesOf = (template: Pick<CfnTemplate, 'Resources'>, type: string): [string, CfnResource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

/** The variables of the function whose logical id has this in it, as readable text. */
export const variablesOf = (template: CfnTemplate, name: string): Record<string, string> => {
  const { Environment } = resourceOf(template, 'AWS::Lambda::Function', name).Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  return Object.fromEntries(Object.entries(Environment.Variables).map(([key, value]) => [key, readable(value)]));
};

/** What the two packs of cdk-nag find in a stack, as "<rule> <path>". */
export const findingsOf = (stack: Stack): string[] =>
  [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack) =>
    pack
      .validateScope(stack)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`),
      ),
  );

/** The one resource of a type whose logical id has this in it. */
export const resourceOf = (template: CfnTemplate, type: string, part: string): CfnResource => {
  const found = resourcesOf(template, type).filter(([id]) => id.includes(part));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length.toString()} ${type} are named ${part}`);
  return only[1];
};

export { listOf, readable };
