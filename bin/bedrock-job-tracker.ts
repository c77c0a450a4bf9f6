import { App, Aws, Validations, type Environment } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { propsFromContext, spokePropsFromContext } from '../lib/infra/props/context.ts';
import { PARAMETER_PREFIX } from '../lib/contract.ts';
import type { AdoptedTable } from '../lib/infra/adopt-table.ts';
import { STACK_NAME, type BedrockJobTrackerStackProps } from '../lib/infra/props/props.ts';
import { BedrockJobTrackerSpoke, SPOKE_STACK_NAME } from '../lib/infra/hub/spoke.ts';
import { BedrockJobTrackerStack } from '../lib/infra/stack.ts';
import { InvalidPropsError } from '../lib/infra/props/validate-props.ts';

// The CDK app that `npx cdk synth` and `npx cdk deploy` run. It works without credentials, unless it adopts a table: then
// it asks AWS about that.

/**
 * The account and Region that the CDK's command line found by the credentials. Without credentials it says us-east-1
 * and no account: then the template names neither, and fits any.
 */
function targetEnvironment(): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return account === undefined || region === undefined ? {} : { account, region };
}

/** One stack at a time, so that `npx cdk deploy` need not be told which: the tracker, or with `-c stack=spoke` the spoke. */
async function addStack(app: App): Promise<void> {
  const wanted: unknown = app.node.tryGetContext('stack') ?? 'tracker';
  if (wanted === 'spoke') {
    const props = spokePropsFromContext(app.node);
    new BedrockJobTrackerSpoke(app, props.stackName ?? SPOKE_STACK_NAME, props);
    return;
  }
  if (wanted !== 'tracker') throw new InvalidPropsError([`stack is "${String(wanted)}": it takes tracker or spoke`]);
  const env = targetEnvironment();
  const home = { account: env.account ?? Aws.ACCOUNT_ID, region: env.region ?? Aws.REGION };
  const { jobsTableName, ...props } = propsFromContext(app.node, home);
  const adopted = jobsTableName === undefined ? {} : await adopt(jobsTableName, props, env);
  new BedrockJobTrackerStack(app, props.stackName ?? STACK_NAME, { ...props, ...adopted, env });
}

async function adopt(name: string, props: BedrockJobTrackerStackProps, { region }: Environment): Promise<AdoptedTable> {
  // The AWS SDK is loaded only where it is needed.
  const { findJobsTable } = await import('../lib/infra/adopt-table.ts');
  const { parameterPrefix = PARAMETER_PREFIX, deletionProtection = true } = props;
  return findJobsTable({ name, region, parameterPrefix, deletionProtection });
}

async function main(): Promise<void> {
  const app = new App();
  await addStack(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  app.synth();
}

/** The codes of the user's mistakes: the sentences help, a stack trace would not. */
const MISTAKES = ['INVALID_TRACKER_PROPS', 'MISSING_BUNDLE', 'TABLE_NOT_ADOPTED'];

try {
  await main();
} catch (error) {
  if (!(error instanceof Error && 'code' in error && MISTAKES.includes(String(error.code)))) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
