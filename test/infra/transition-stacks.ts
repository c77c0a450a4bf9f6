import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { NagPack } from 'cdk-nag';
import { Notifications } from '../../lib/infra/notifications.ts';
import type { BedrockJobTrackerProps } from '../../lib/infra/props/props.ts';
import { withDefaults } from '../../lib/infra/props/validate-props.ts';
import { PublishTransitions } from '../../lib/infra/transitions.ts';
import { JobsTable } from '../../lib/infra/tables.ts';
import { makeApp, stubs, toTemplate, type CfnTemplate } from './support.ts';

/** What a small stack is asked for: props of the tracker, and whether a key of the customer's is there. */
export interface SmallStackOptions {
  readonly props?: BedrockJobTrackerProps;
  readonly withKey?: boolean;
  readonly stack?: StackProps;
}

const emptyStack = ({ props = {}, withKey = false, stack: stackProps = {} }: SmallStackOptions) => {
  const stack = new Stack(makeApp(), 'Small', stackProps);
  const encryptionKey = withKey ? new Key(stack, 'Key', { enableKeyRotation: true }) : undefined;
  const settings = withDefaults({ codeDirectory: stubs, ...props, ...(encryptionKey && { encryptionKey }) });
  // The CDK's types were not written for exactOptionalPropertyTypes.
  return { stack, settings, bus: new EventBus(stack, 'Bus') as IEventBus };
};

/** A stack of a jobs table, a bus, and what publishes the one's transitions on the other. */
export const publishStack = (options: SmallStackOptions = {}) => {
  const { stack, settings, bus } = emptyStack(options);
  const table = { removalPolicy: RemovalPolicy.RETAIN, deletionProtection: true, pointInTimeRecovery: true };
  const jobsTable = new JobsTable(stack, 'JobsTable', { ...table, scopeNames: ['111122223333#us-east-1'] });
  return { stack, construct: new PublishTransitions(stack, 'PublishTransitions', { settings, jobsTable, bus }) };
};

/** A stack of a bus and of what tells people of some statuses. */
export const notificationsStack = (options: SmallStackOptions = {}) => {
  const { stack, settings, bus } = emptyStack(options);
  const construct = new Notifications(stack, 'Notifications', {
    settings,
    bus,
    statuses: ['Failed', 'Completed', 'Failed'],
    emails: ['ml@example.com', 'ops@example.com', 'ml@example.com'],
  });
  return { stack, construct };
};

export const templateOf = ({ stack }: { readonly stack: Stack }): CfnTemplate => toTemplate(Template.fromStack(stack));

/** The findings of a pack of cdk-nag in a stack, as `<rule> <path below the stack>`. */
export const findingsOf = (pack: NagPack, stack: Stack): string[] =>
  pack
    .validateScope(stack)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => `${ruleName} ${constructPath.replace('Small/', '')}`),
    )
    .sort();
