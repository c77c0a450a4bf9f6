import { createHash } from 'node:crypto';
import { Names, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { TrackedScope } from '../props/tracked-scopes.ts';

export interface HubBusProps {
  readonly scopes: readonly TrackedScope[];
  readonly organizationId?: string;
}

/**
 * The event bus to which spokes forward what Bedrock and CloudTrail tell in other accounts and Regions.
 *
 * What another account puts here is a hint to look, as every event: nothing of it is written, and of an account that
 * is not tracked not even that follows.
 */
export class HubBus extends Construct {
  readonly bus: EventBus;
  /**
   * Tells this hub from others in the names of its spokes' roles: 8 characters from the bus's account, Region and name.
   * So it changes only together with the bus's ARN, which spokes are given too.
   */
  readonly hubId: string;

  constructor(scope: Construct, id: string, props: HubBusProps) {
    super(scope, id);
    // The CDK's own name comes from the stack's id, which two stacks of different names can share.
    const eventBusName = Names.uniqueResourceName(this, { maxLength: 256, separator: '-' });
    const { account, region } = Stack.of(this);
    this.hubId = createHash('sha256').update(`${account}/${region}/${eventBusName}`).digest('hex').slice(0, 8);
    const bus = new EventBus(this, 'Bus', {
      eventBusName,
      description: 'Events about model customization jobs of other accounts and Regions',
    });
    // The own account too: AWS does not say whether EventBridge asks the bus's policy for events of its other Regions.
    const accounts = [...new Set(props.scopes.filter(({ isHome }) => !isHome).map(({ account }) => account))];
    bus.addToResourcePolicy(
      new PolicyStatement({
        sid: 'SpokesMayForward',
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        ...(props.organizationId === undefined
          ? { principals: accounts.map((account) => new AccountPrincipal(account)) }
          : {
              principals: [new AnyPrincipal()],
              conditions: { StringEquals: { 'aws:PrincipalOrgID': props.organizationId } },
            }),
      }),
    );
    this.bus = bus;
  }
}
