import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  App,
  BootstraplessSynthesizer,
  type FileAssetLocation,
  type FileAssetSource,
  type IStackSynthesizer,
  type Stack,
} from 'aws-cdk-lib';
import { BedrockJobTrackerSpoke } from '../../lib/infra/hub/spoke.ts';
import { STACK_NAME, type BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { BedrockJobTrackerStack } from '../../lib/infra/stack.ts';
import type { Json, JsonObject, Template } from './json.ts';
import { mergeVariants } from './merge-variants.ts';
import { PARAMETERS, type Parameter } from './parameters.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** Where the template of a release looks for a function's code: a path that `aws cloudformation package` uploads. */
export const codeFile = (name: string): string => `functions/${name}.zip`;

/** The code of functions stays a path beside the template, so nothing needs a bootstrapped account. */
class LocalCode extends BootstraplessSynthesizer {
  override addFileAsset({ fileName = '' }: FileAssetSource): FileAssetLocation {
    const objectKey = codeFile(path.basename(fileName));
    return { bucketName: 'local', objectKey, httpUrl: objectKey, s3ObjectUrl: objectKey };
  }
}

/** An app with the flags of `npx cdk`. Assets stay where they are; no variant is valid alone, as it lacks the parameters. */
const makeApp = (outdir: string): App => {
  const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as { context: JsonObject };
  return new App({
    outdir,
    analyticsReporting: false,
    // Half of the time of a synthesis.
    stackTraces: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false,
    context: { ...context, 'aws:cdk:disable-asset-staging': true },
  });
};

const templateOf = (app: App, stack: Stack): Template =>
  app.synth().getStackArtifact(stack.artifactId).template as Template;

/** The choices of the parameters: the props of each option, the last of which is taken where no condition holds. */
const choicesOf = (parameters: readonly Parameter[]) =>
  parameters.flatMap(({ options, otherwise = {} }) =>
    options === undefined
      ? []
      : [{ conditions: Object.keys(options), props: [...Object.values(options).map(({ props }) => props), otherwise] }],
  );

/**
 * The template that a release deploys without the CDK: the stack of the app, with parameters in place of props. Props
 * that only carry a value are references; those that decide what is made are conditions, by a variant for each
 * combination of their options.
 *
 * @param codeDirectory the bundled functions
 * @param outdir what the CDK synthesizes goes there
 */
export function packagedTemplate(
  codeDirectory: string,
  outdir: string,
  parameters: Readonly<Record<string, Parameter>> = PARAMETERS,
): Template {
  const list = Object.values(parameters);
  const ownCode: BedrockJobTrackerStackProps = { _codeDirectory: codeDirectory };
  const fixed = Object.assign({}, ownCode, ...list.map(({ props }) => props ?? {})) as BedrockJobTrackerStackProps;
  const choices = choicesOf(list);
  const merged = mergeVariants(
    choices.map(({ conditions }) => conditions),
    (options) => {
      const chosen = options.map((option, choice) => choices[choice]?.props[option]);
      return synthesize(Object.assign({}, fixed, ...chosen) as BedrockJobTrackerStackProps, outdir);
    },
  );
  const conditions = list.flatMap(({ options = {}, conditions: own = {} }) => [
    ...Object.entries(own),
    ...Object.entries(options).map(([name, { when }]): [string, Json] => [name, when]),
  ]);
  const { Description = '', Conditions = {}, Metadata: _, ...rest } = merged;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description,
    Metadata: { 'AWS::CloudFormation::Interface': interfaceOf(parameters), 'cfn-lint': CFN_LINT },
    Parameters: Object.fromEntries(Object.entries(parameters).map(([name, { definition }]) => [name, definition])),
    Conditions: { ...Object.fromEntries(conditions), ...(Conditions as JsonObject) },
    ...rest,
  };
}

/** W3005 is about the CDK's own dependencies; W3002 says that the template must be packaged, which it must. */
const CFN_LINT = { config: { ignore_checks: ['W3002', 'W3005'] } };

function synthesize(props: BedrockJobTrackerStackProps, outdir: string): Template {
  const app = makeApp(outdir);
  const synthesizer = new LocalCode() as IStackSynthesizer;
  const template = templateOf(app, new BedrockJobTrackerStack(app, STACK_NAME, { ...props, synthesizer }));
  const resources = Object.entries(template.Resources).map(([id, resource]) => [id, withLocalCode(resource)]);
  return { ...template, Resources: Object.fromEntries(resources) as Template['Resources'] };
}

/**
 * `aws cloudformation package` looks for a path in place of the bucket and key. What cdk-nag reads goes: it differs with what
 * is granted, and no condition can decide metadata.
 */
function withLocalCode({ Metadata: _, ...resource }: JsonObject): JsonObject {
  if (resource['Type'] !== 'AWS::Lambda::Function') return resource;
  const { Code, ...properties } = resource['Properties'] as JsonObject;
  const { S3Key: Path = '' } = Code as JsonObject;
  return { ...resource, Properties: { Code: Path, ...properties } };
}

/** How the console groups the parameters, and what it calls them. */
function interfaceOf(parameters: Readonly<Record<string, Parameter>>): JsonObject {
  const entries = Object.entries(parameters);
  const groups = [...new Set(entries.map(([, { group }]) => group))];
  return {
    ParameterGroups: groups.map((group) => ({
      Label: { default: group },
      Parameters: entries.filter(([, each]) => each.group === group).map(([name]) => name),
    })),
    ParameterLabels: Object.fromEntries(entries.map(([name, { label }]) => [name, { default: label }])),
  };
}

/** The template of a spoke: it has parameters already. */
export function spokeTemplate(outdir: string): Template {
  const app = makeApp(outdir);
  return { AWSTemplateFormatVersion: '2010-09-09', ...templateOf(app, new BedrockJobTrackerSpoke(app)) };
}
