import { createHash } from 'node:crypto';
import { Names, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, AnyPrincipal, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { SpokeOwners } from '../props/tracked-scopes.ts';

/**
 * The event bus to which spokes forward what Bedrock and CloudTrail tell in other accounts and Regions.
 *
 * What another account puts here is a hint to look, as every event: nothing of it is written. EventBridge says which account
 * and Region it came from, and no sender can forge that.
 */
export class HubBus extends Construct {
  readonly bus: EventBus;
  /**
   * Tells this hub from others in the names of its spokes' roles: 8 characters from the bus's account, Region and name.
   * So it changes only together with the bus's ARN, which spokes are given too.
   */
  readonly hubId: string;

  constructor(scope: Construct, id: string, { organizationId, accounts }: SpokeOwners) {
    super(scope, id);
    // The CDK's own name comes from the stack's id, which two stacks of different names can share.
    const eventBusName = Names.uniqueResourceName(this, { maxLength: 256, separator: '-' });
    const { account, region } = Stack.of(this);
    this.hubId = createHash('sha256').update(`${account}/${region}/${eventBusName}`).digest('hex').slice(0, 8);
    const bus = new EventBus(this, 'Bus', {
      eventBusName,
      description: 'Events about model customization jobs of other accounts and Regions',
    });
    const admit = (sid: string, who: PolicyStatementProps) => {
      const resources = [bus.eventBusArn];
      bus.addToResourcePolicy(new PolicyStatement({ sid, actions: ['events:PutEvents'], resources, ...who }));
    };
    // The own account too: AWS does not say whether EventBridge asks the bus's policy for events of its other Regions.
    if (accounts.length > 0) {
      admit('SpokesMayForward', { principals: accounts.map((each) => new AccountPrincipal(each)) });
    }
    if (organizationId !== undefined) {
      const conditions = { StringEquals: { 'aws:PrincipalOrgID': organizationId } };
      admit('OrganizationMayForward', { principals: [new AnyPrincipal()], conditions });
    }
    this.bus = bus;
  }
}
