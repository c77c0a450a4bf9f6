import { Stack } from 'aws-cdk-lib';
import type { CfnFunction, Function } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../contract.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: all variables of a function, as JSON. */
const MAX_BYTES = 4096;

/** What CloudFormation puts in place of a reference: pseudo parameters at their longest, names and ARNs at a generous length. */
const PSEUDO_PARAMETERS: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 20,
};
const REFERENCE = 128;
/** What references within a variable become where that is known: the UUIDs of event source mappings. */
const REFERENCES: Readonly<Record<string, number>> = { [ENV.eventSources]: 36 };

/** The bytes of a resolved value: text counts as it is, a reference by what it may become. */
function bytesOf(value: unknown, ofReference = REFERENCE): number {
  if (typeof value !== 'object' || value === null) return Buffer.byteLength(String(value));
  const { Ref: reference, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (join !== undefined) {
    const [separator, parts] = join;
    return parts.reduce<number>((sum, part) => sum + bytesOf(part, ofReference) + Buffer.byteLength(separator), 0);
  }
  return PSEUDO_PARAMETERS[reference ?? ''] ?? ofReference;
}

/** The braces, and for each variable its quotes, colon and comma. */
const jsonBytes = (variables: Readonly<Record<string, unknown>>): number =>
  Object.entries(variables).reduce(
    (sum, [name, value]) => sum + bytesOf(name) + bytesOf(value, REFERENCES[name]) + 6,
    2,
  );

/**
 * Refuses the synthesis where a function's variables outgrow Lambda, which would say so in the middle of a deployment.
 * Scopes and the external id are what grows.
 */
export function limitEnvironment(fn: Function): void {
  fn.node.addValidation({
    validate: () => {
      const { environment } = fn.node.defaultChild as CfnFunction;
      const { variables = {} } = Stack.of(fn).resolve(environment) as { variables?: Readonly<Record<string, unknown>> };
      const bytes = jsonBytes(variables);
      if (bytes <= MAX_BYTES) return [];
      const scopes = bytesOf(variables[ENV.scopes] ?? '');
      const externalId = bytesOf(variables[ENV.spokeExternalId] ?? '');
      return [
        `The function's environment variables take about ${bytes.toString()} bytes, and Lambda takes ` +
          `${MAX_BYTES.toString()}: ${scopes.toString()} are the names of the scopes, ${externalId.toString()} the ` +
          'external id. Shorten spokeExternalId (36 characters, such as a UUID, are plenty), or track some of the ' +
          'scopes by a second tracker.',
      ];
    },
  });
}
