import { describe, expect, it } from '@jest/globals';
import {
  formatScope,
  groupByJob,
  identifierOf,
  isJobArn,
  type JobHint,
  jobIdOf,
  parseJobArn,
  parseScope,
  parseScopes,
  readScopes,
} from '../../../lib/domain/identity.ts';
import { fixtureNames, jobOnWire, SCOPE } from '../../support/fixtures.ts';

const FULL = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-2-lite-v1:0:256k/z9x8c7v6b5n4';
const SHORT = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/z9x8c7v6b5n4';

/** An ARN of some length that is right in all else. */
const inPartitionOf = (length: number) => FULL.replace('arn:aws:', `arn:aws-${'x'.repeat(length - FULL.length - 1)}:`);

describe('a job ARN', () => {
  it('may be as long as Bedrock allows', () => {
    expect(inPartitionOf(1011)).toHaveLength(1011);
    expect(parseJobArn(inPartitionOf(1011))).toMatchObject({ jobId: 'z9x8c7v6b5n4' });
  });

  it.each(fixtureNames('jobs'))('of %s is understood', (name) => {
    const arn = String(jobOnWire(name)['jobArn']);
    expect(parseJobArn(arn)).toMatchObject({ partition: 'aws', accountId: '123456789012', jobId: arn.slice(-12) });
  });

  it('has its parts in every partition', () => {
    expect(parseJobArn(FULL.replace('arn:aws:', 'arn:aws-us-gov:'))).toEqual({
      partition: 'aws-us-gov',
      region: 'us-east-1',
      accountId: '123456789012',
      baseModelId: 'amazon.nova-2-lite-v1:0:256k',
      jobId: 'z9x8c7v6b5n4',
    });
  });

  it.each([
    ['the short form of documented events', SHORT],
    ['another resource', FULL.replace('model-customization-job', 'custom-model')],
    ['an account of 11 digits', FULL.replace('123456789012', '12345678901')],
    ['an id of 11 characters', FULL.slice(0, -1)],
    ['something before it', ` ${FULL}`],
    ['something after it', `${FULL}\n`],
    ['a text of a megabyte', `arn:aws:bedrock:${'a.'.repeat(500_000)}`],
    ['an empty text', ''],
    ['longer than any of Bedrock', inPartitionOf(1012)],
  ])('is not %s', (_what, text) => {
    expect(parseJobArn(text)).toBeUndefined();
  });

  it('has its id in the full and the short form', () => {
    expect([FULL, SHORT].map(jobIdOf)).toEqual(['z9x8c7v6b5n4', 'z9x8c7v6b5n4']);
    expect([FULL, SHORT, 'arn:aws:bedrock:us-east-1:1:guardrail/abc123def456'].map(isJobArn)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each(['no ARN', `${FULL}/more`, FULL.slice(0, -1), `${SHORT}5`])('gives no id in "%s"', (text) => {
    expect(jobIdOf(text)).toBeUndefined();
  });

  it('is not recognized inside another text', () => {
    expect(isJobArn(`see ${FULL}`)).toBe(false);
  });
});

describe('a scope', () => {
  it('is written as account#region and read back', () => {
    expect(parseScope(formatScope(SCOPE))).toEqual(SCOPE);
  });
  it.each([
    '12345678901#us-east-1',
    '0123456789012#us-east-1',
    '123456789012',
    '123456789012#',
    '123456789012#US',
    '123456789012#us-east-1 ',
    `123456789012#${'a'.repeat(21)}`,
    'x',
  ])('is not %s', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });
});

describe('a list of scopes', () => {
  const WEST = { accountId: '111122223333', region: 'us-west-2' };
  const FORM = 'must name scopes as <account id of 12 digits>#<Region>, separated by commas';

  it('is read in its order, each scope once, with blanks around', () => {
    const text = ` ${formatScope(WEST)},, ${formatScope(SCOPE)} ,${formatScope(WEST)},`;
    expect(parseScopes(text)).toEqual({ scopes: [WEST, SCOPE] });
  });

  it('tells every entry that is not a scope', () => {
    expect(parseScopes(`1#us-east-1,${formatScope(WEST)},x\u001b`)).toEqual({
      scopes: [WEST],
      problem: `${FORM}; these are not scopes: "1#us-east-1", "x"`,
    });
  });

  it.each(['', ' , '])('must not be empty: %j', (text) => {
    expect(parseScopes(text)).toEqual({ scopes: [], problem: FORM });
  });

  it.each([undefined, '', ' '])('may be absent where it is optional: %j', (text) => {
    expect(readScopes(text, 'The variable X')).toEqual([]);
  });

  it('is refused whole where one entry is wrong, with the name of the list', () => {
    expect(() => readScopes(`${formatScope(WEST)},x`, 'The variable X')).toThrow(
      expect.objectContaining({
        code: 'BAD_CONFIGURATION',
        message: `The variable X ${FORM}; these are not scopes: "x". Correct it or remove it.`,
      }),
    );
  });
});

describe('groupByJob', () => {
  const hint = (change: Partial<JobHint>): JobHint => ({ scope: SCOPE, ...change });
  const full = hint({ jobArn: FULL, jobName: 'a', jobId: 'z9x8c7v6b5n4' });
  const short = hint({ jobName: 'a', jobId: 'z9x8c7v6b5n4' });
  const byName = hint({ jobName: 'a' });
  const byArn = hint({ jobArn: FULL, jobId: 'z9x8c7v6b5n4' });

  it.each<[string, JobHint[]]>([
    ['the same ARN twice', [full, full]],
    ['a full and a short ARN', [short, byArn]],
    ['a short and a full ARN, and another name', [short, byArn, hint({ jobName: 'b', jobId: 'z9x8c7v6b5n4' })]],
  ])('makes one group, with the full ARN if known, of %s', (_what, hints) => {
    const groups = groupByJob(hints);
    expect(groups.map(({ positions }) => positions)).toEqual([hints.map((_hint, position) => position)]);
    expect(groups[0]?.hint).toMatchObject({ jobArn: FULL });
  });

  it.each<[string, JobHint[]]>([
    ['a name, and an id with that name', [byName, full]],
    ['an id, and its name alone', [short, byName]],
    ['two names', [byName, hint({ jobName: 'b' })]],
    ['one name in two Regions', [byName, { ...byName, scope: { ...SCOPE, region: 'us-west-2' } }]],
    ['a message that names nothing', [byArn, hint({})]],
    ['two ids of one name', [short, hint({ jobName: 'a', jobId: 'aaaaaaaaaaaa' })]],
  ])('keeps apart %s', (_what, hints) => {
    expect(groupByJob(hints)).toHaveLength(2);
  });

  it('identifies a job by its full ARN, else by its name', () => {
    expect([full, byArn, byName, hint({ jobId: 'z9x8c7v6b5n4' })].map(identifierOf)).toEqual([
      FULL,
      FULL,
      'a',
      undefined,
    ]);
  });
});
