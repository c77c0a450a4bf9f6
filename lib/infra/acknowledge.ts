import { Aspects, CfnResource } from 'aws-cdk-lib';
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
