import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Allows events of one source and these detail types on a bus, and no others. */
export const putEvents = (busArn: string, source: string, detailTypes: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['events:PutEvents'],
    resources: [busArn],
    // Both keys hold several values, one for each entry (ArrayOfString in the service authorization data).
    // ForAllValues also matches a key that is absent, so Null asks for both.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
    conditions: {
      'ForAllValues:StringEquals': { 'events:source': [source], 'events:detail-type': detailTypes },
      Null: { 'events:source': 'false', 'events:detail-type': 'false' },
    },
  });

/**
 * The role that EventBridge Scheduler takes for the schedules of one group alone: its guard against a confused deputy.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 */
export const schedulerRole = (
  scope: Construct,
  scheduleGroupArn: string,
  policies: Readonly<Record<string, PolicyStatement[]>>,
): Role =>
  new Role(scope, 'SchedulerRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': Stack.of(scope).account, 'aws:SourceArn': scheduleGroupArn },
      },
    }),
    inlinePolicies: Object.fromEntries(
      Object.entries(policies).map(([name, statements]) => [name, new PolicyDocument({ statements })]),
    ),
  });
