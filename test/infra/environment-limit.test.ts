import { describe, expect, it } from '@jest/globals';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../../lib/contract.ts';
import { makeStack, resourceOf, synthesize } from './support.ts';

const HUB = { account: '111122223333', region: 'ap-southeast-1' };
const accounts = Array.from({ length: 100 }, (_, n) => (100_000_000_000 + n).toString());
/** A hub of as many scopes as one may have, in the Regions with the longest names. */
const hub = (externalIdLength: number) => ({
  env: HUB,
  scopes: [{ accounts, regions: ['ap-southeast-1'] }],
  spokeExternalId: 'x'.repeat(externalIdLength),
});

describe("the variables of a hub's functions", () => {
  it('fit for a hundred scopes and an external id as long as a UUID', () => {
    const { Properties } = resourceOf(synthesize(hub(36)), 'AWS::Lambda::Function', 'ReconcileJobs');
    const { Variables } = (Properties as { Environment: { Variables: Record<string, string> } }).Environment;
    expect(Variables[ENV.scopes]?.split(',')).toHaveLength(100);
  });

  it('are refused at synthesis, not by Lambda in the middle of a deployment, where they do not; the error says what to do', () => {
    expect(() => synthesize(hub(1224))).toThrow(
      /TrackJob\/Function\] The function's environment variables take about \d{4} bytes, and Lambda takes 4096: 2799 are the names of the scopes, 1224 the external id\. Shorten spokeExternalId .* or track some of the scopes by a second tracker\./s,
    );
  });

  it('count as Lambda counts them: as JSON, in bytes', () => {
    const problemsWith = (more: number): string[] => {
      const { trackJobFunction } = makeStack().tracker;
      const { environment } = trackJobFunction.node.defaultChild as CfnFunction;
      const { variables } = trackJobFunction.stack.resolve(environment) as { variables: Record<string, string> };
      const known = Object.entries(variables).filter(([, value]) => typeof value === 'string');
      expect(known.length).toBeGreaterThan(2);
      // What is not known yet counts as what it may become: the table's name 128, the account and Region 32 and a #.
      const size = JSON.stringify(Object.fromEntries(known)).length;
      const unknown = [ENV.jobsTable, ENV.scopes].reduce((sum, name) => sum + name.length + 6, 128 + 32 + 1);
      trackJobFunction.addEnvironment('MORE', 'é'.repeat((4096 - size - unknown - 'MORE'.length - 6) / 2 + more));
      return trackJobFunction.node.validate();
    };
    expect(problemsWith(-1)).toEqual([]);
    expect(problemsWith(1)).toHaveLength(1);
  });
});
