import { describe, expect } from '@jest/globals';
import { formatScope, isJobArn, jobIdOf, parseJobArn, parseScope, parseScopes } from '../../lib/domain/identity.ts';
import { PATTERNS } from '../../lib/service-model/model.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileText, mutatedText, weighted } from './support/inputs.ts';

const TEXTS = [
  'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl',
  'arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:model-customization-job/meta.llama3-3-70b-instruct-v1:0/q7w2e9r4t1y6',
  'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/abcdefghijkl',
  '123456789012#us-east-1,111122223333#eu-west-1',
  '123456789012#us-east-1',
];

class Unknown extends Error {}

describe('an identifier', () => {
  fuzz({
    parser: 'ARNs and scopes',
    inputs: weighted([3, mutatedText(TEXTS)], [1, hostileText]),
    // They refuse by undefined.
    parse: (text) => {
      const found = {
        arn: parseJobArn(text),
        scope: parseScope(text),
        scopes: parseScopes(text).scopes,
        id: jobIdOf(text),
        is: isJobArn(text),
      };
      if (found.arn === undefined && found.scope === undefined && found.scopes.length === 0)
        throw new Unknown('not known');
      return found;
    },
    isRefusal: (error) => error instanceof Unknown,
    check: ({ arn, scope, scopes, id, is }, text) => {
      if (scope !== undefined) expect(formatScope(scope)).toBe(text);
      for (const each of scopes) expect(text).toContain(formatScope(each));
      if (arn === undefined) return;
      // Bedrock's own pattern takes it, and its parts make it up.
      expect(PATTERNS.jobArn.matches(text)).toBe(true);
      expect(
        `arn:${arn.partition}:bedrock:${arn.region}:${arn.accountId}:model-customization-job/${arn.baseModelId}/${arn.jobId}`,
      ).toBe(text);
      expect([is, id]).toEqual([true, arn.jobId]);
    },
  });

  const both = (text: string) => () => [parseJobArn(text), parseScope(text), jobIdOf(text), isJobArn(text)];
  refuseHuge(
    'a text',
    {
      '10 MB of a base model': both(
        `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/${'a-.'.repeat(3_000_000)}`,
      ),
      '1,000 characters that nearly match': both(
        `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/${'a'.repeat(940)}!`,
      ),
      '10 MB of colons': both(':'.repeat(10_000_000)),
      '10 MB of slashes': both('/'.repeat(10_000_000)),
      '100,000 scopes that are none': () => parseScopes('1#,'.repeat(100_000)),
      '1 MB of commas': () => parseScopes(','.repeat(1_000_000)),
    },
    { mayAnswer: true },
  );
});
