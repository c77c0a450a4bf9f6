import { describe, expect, it } from '@jest/globals';
import type { BedrockJobTrackerProps } from '../../lib/infra/props/props.ts';
import { trackedScopes } from '../../lib/infra/props/tracked-scopes.ts';
import { problemsOf } from '../../lib/infra/props/validate-props.ts';
import { ANYWHERE } from './support.ts';

const HUB = { account: '111122223333', region: 'us-east-1' };
const MEMBER = '444455556666';
const externalId = { spokeExternalId: 'bedrock-7f3a' };

describe('the tracked scopes', () => {
  it('are the account and Region of the stack where none is named', () => {
    expect(trackedScopes([{}], HUB)).toEqual([{ ...HUB, isHomeAccount: true, isHome: true }]);
  });

  it('are each of the accounts in each of the Regions', () => {
    const scopes = trackedScopes([{ accounts: [HUB.account, MEMBER], regions: ['us-east-1', 'us-west-2'] }], HUB);
    expect(
      scopes.map(({ account, region, isHomeAccount, isHome }) => [account, region, isHomeAccount, isHome]),
    ).toEqual([
      [HUB.account, 'us-east-1', true, true],
      [HUB.account, 'us-west-2', true, false],
      [MEMBER, 'us-east-1', false, false],
      [MEMBER, 'us-west-2', false, false],
    ]);
  });

  it('can be some accounts in some Regions and others in others', () => {
    const scopes = trackedScopes([{}, { accounts: [MEMBER], regions: ['eu-west-1'] }], HUB);
    expect(scopes.map(({ account, region }) => `${account} ${region}`)).toEqual([
      '111122223333 us-east-1',
      '444455556666 eu-west-1',
    ]);
  });
});

describe('wrong scopes', () => {
  const accounts = (count: number) => Array.from({ length: count }, (_, n) => (100_000_000_000 + n).toString());

  it.each<[string, BedrockJobTrackerProps, string]>([
    [
      'an account id of 11 digits',
      { ...externalId, scopes: [{ accounts: ['44445555666'] }] },
      'scopes names the account "44445555666": an account id has 12 digits',
    ],
    [
      'a Region that Bedrock lacks',
      { scopes: [{ regions: ['us-east-1', 'cn-north-1'] }] },
      'scopes names the Region "cn-north-1", which is not known to have Amazon Bedrock: mend its name, or give it as ' +
        'knownRegions too if AWS has added it',
    ],
    [
      'two scopes alike',
      { ...externalId, scopes: [{ accounts: [MEMBER] }, { accounts: [MEMBER, '777788889999'] }] },
      'scopes names 444455556666 in us-east-1 more than once',
    ],
    [
      'the home scope by default and by name',
      { scopes: [{}, { accounts: [HUB.account] }] },
      'scopes names 111122223333 in us-east-1 more than once',
    ],
    ['no scope', { scopes: [] }, 'scopes is empty: leave it out to track the account and Region of the stack'],
    [
      'no Region',
      { scopes: [{ regions: [] }] },
      'scopes has an empty list of accounts or regions: leave it out for the account or Region of the stack',
    ],
    [
      'another account without the external id',
      { scopes: [{ accounts: [MEMBER] }] },
      "spokeExternalId is missing: other accounts' spokes ask the hub for it",
    ],
    [
      'an external id with a space',
      { scopes: [{ accounts: [MEMBER] }], spokeExternalId: 'a b' },
      'spokeExternalId is "a b": it takes 2 to 1224 of a-z, A-Z, 0-9 and +=,.@:/_-',
    ],
    [
      'an organization that is none',
      { organizationId: 'acme' },
      'organizationId is "acme": it looks like o-a1b2c3d4e5',
    ],
    [
      'more than the policy and the variables of a function hold',
      { ...externalId, scopes: [{ accounts: accounts(101) }] },
      'scopes names 101 accounts and Regions: a tracker follows at most 100',
    ],
  ])('%s is refused with a sentence', (_case, props, problem) => {
    expect(problemsOf(props, HUB)).toEqual([problem]);
  });

  it('all problems come at once', () => {
    const scopes = [
      { accounts: ['1'], regions: ['mars-1'] },
      { accounts: ['1'], regions: ['mars-1'] },
    ];
    expect(problemsOf({ scopes, maxConcurrency: 1 }, HUB)).toHaveLength(5);
  });

  it('a Region that AWS has added since is accepted once it is named as known', () => {
    expect(problemsOf({ scopes: [{ regions: ['us-south-9'] }], knownRegions: ['us-south-9'] }, HUB)).toEqual([]);
  });

  it.each(['', 'us-south-9-and-much-more', 'us south 9'])('a known Region named "%s" is refused', (region) => {
    expect(problemsOf({ knownRegions: [region] }, HUB)).toEqual([
      `knownRegions names "${region}": the name of a Region has up to 20 of a-z, 0-9 and -`,
    ]);
  });

  it('the Region of the stack itself must have Bedrock', () => {
    expect(problemsOf({}, { ...HUB, region: 'cn-north-1' })).toHaveLength(1);
  });

  it('are accepted up to a hundred', () => {
    expect(problemsOf({ ...externalId, scopes: [{ accounts: accounts(100) }] }, HUB)).toEqual([]);
  });

  it('names need a stack whose own account and Region are known: which of them it is decides what is granted', () => {
    expect(problemsOf({ scopes: [{ regions: ['us-west-2'] }] }, ANYWHERE)).toEqual([
      "scopes names accounts or Regions, so the stack's own must be known: give the stack an env with account and " +
        'region, or credentials to the CDK (CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION)',
    ]);
  });
});
