import { App, Validations, type Environment } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { propsFromContext } from '../lib/infra/context.ts';
import { BedrockJobTrackerStack, STACK_NAME } from '../lib/infra/stack.ts';
import { MissingBundleError } from '../lib/infra/tracker-function.ts';
import { InvalidPropsError } from '../lib/infra/validate-props.ts';

// The CDK app that `npx cdk synth` and `npx cdk deploy` run. It asks AWS nothing, so it works without credentials.

/**
 * The account and Region that the CDK's command line found by the credentials. Without credentials it says us-east-1
 * and no account: then the template names neither, and fits any.
 */
function targetEnvironment(): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return account === undefined || region === undefined ? {} : { account, region };
}

function main(): void {
  const app = new App();
  new BedrockJobTrackerStack(app, STACK_NAME, { ...propsFromContext(app.node), env: targetEnvironment() });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
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
