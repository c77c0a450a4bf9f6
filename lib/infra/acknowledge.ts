import { Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that is argued for. */
export interface Acknowledgement {
  /** A rule, `AwsSolutions-DDB3`, or one finding of it: `AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  /** Why, in ASCII: cdk-nag 2 wants other texts encoded. */
  readonly reason: string;
}

/** Where cdk-nag 3 and the CDK's own report look: what `Validations.of(…).acknowledge` writes. */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

/** Where cdk-nag 2 looks: the metadata of the resource in the template. */
const NAG = 'cdk_nag';

interface Suppressions {
  readonly rules_to_suppress?: readonly unknown[];
}

/**
 * Argues to cdk-nag 2 and 3 for findings on a construct and on all resources in it (ADR 0039).
 *
 * Not by `Validations.of(…).acknowledge`, which came with aws-cdk-lib 2.252 and takes findings such as `Resource::*`
 * since 2.269 alone.
 */
export function acknowledge(scope: IConstruct, ...acknowledgements: readonly Acknowledgement[]): void {
  for (const { id, reason } of acknowledgements)
    scope.node.addMetadata(ACKNOWLEDGED, { [`Annotation::${id}`]: reason });
  const rules = acknowledgements.map(suppressionOf);
  Aspects.of(scope).add(
    {
      visit: (resource) => {
        if (!CfnResource.isCfnResource(resource)) return;
        const { rules_to_suppress: others = [] } = (resource.getMetadata(NAG) ?? {}) as Suppressions;
        resource.addMetadata(NAG, { rules_to_suppress: [...others, ...rules] });
      },
    },
    // Before cdk-nag 2, which is an aspect of the app's: AspectPriority.MUTATING, which came with aws-cdk-lib 2.172.
    { priority: 200 },
  );
}

/** In the words of cdk-nag 2, which refuses an id that names a finding. */
function suppressionOf({ id, reason }: Acknowledgement): object {
  const [, rule = id, finding] = /^([^[]+)\[(.*)\]$/.exec(id) ?? [];
  return { id: rule, reason, ...(finding !== undefined && { applies_to: [finding] }) };
}

/** Argues for a permission on resources that an ARN names by a wildcard. */
export const acknowledgeWildcard = (scope: IConstruct, arn: string, reason: string): void => {
  acknowledge(scope, { id: `AwsSolutions-IAM5[Resource::${named(Stack.of(scope).resolve(arn))}]`, reason });
};

/** A value as cdk-nag writes it in the id of a finding: a reference is the name of what it refers to, as <name>. */
const named = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref: name = '?', 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  return join === undefined ? `<${name}>` : join[1].map(named).join(join[0]);
};
