import { App, Aws, Validations, type Environment } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { propsFromContext, spokePropsFromContext } from '../lib/infra/props/context.ts';
import { STACK_NAME } from '../lib/infra/props/stack-props.ts';
import { BedrockJobTrackerSpoke, SPOKE_STACK_NAME } from '../lib/infra/hub/spoke.ts';
import { BedrockJobTrackerStack } from '../lib/infra/stack.ts';
import { MissingBundleError } from '../lib/infra/tracker-function.ts';
import { InvalidPropsError } from '../lib/infra/props/validate-props.ts';

// The CDK app that `npx cdk synth` and `npx cdk deploy` run. It asks AWS nothing, so it works without credentials.

/**
 * The account and Region that the CDK's command line found by the credentials. Without credentials it says us-east-1
 * and no account: then the template names neither, and fits any.
 */
function targetEnvironment(): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return account === undefined || region === undefined ? {} : { account, region };
}

/** One stack at a time, so that `npx cdk deploy` need not be told which: the tracker, or with `-c stack=spoke` the spoke. */
function addStack(app: App): void {
  const wanted: unknown = app.node.tryGetContext('stack') ?? 'tracker';
  if (wanted === 'spoke') {
    const props = spokePropsFromContext(app.node);
    new BedrockJobTrackerSpoke(app, props.stackName ?? SPOKE_STACK_NAME, props);
    return;
  }
  if (wanted !== 'tracker') throw new InvalidPropsError([`stack is "${String(wanted)}": it takes tracker or spoke`]);
  const env = targetEnvironment();
  const home = { account: env.account ?? Aws.ACCOUNT_ID, region: env.region ?? Aws.REGION };
  const props = propsFromContext(app.node, home);
  new BedrockJobTrackerStack(app, props.stackName ?? STACK_NAME, { ...props, env });
}

function main(): void {
  const app = new App();
  addStack(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof InvalidPropsError || error instanceof MissingBundleError)) throw error;
  // The user's mistake: the sentences help, a stack trace would not.
  console.error(error.message);
  process.exitCode = 2;
}
