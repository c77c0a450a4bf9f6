import { describe, expect, it } from '@jest/globals';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { iamStatements, type Statement } from './permissions.ts';
import { listOf, readable, resourcesOf, synthesize, type CfnTemplate } from './support.ts';

// Who outside of a hub it lets in, and where it goes: the template's policies, decided as IAM decides.

const HUB = '111122223333';
const [MEMBER, OUTSIDER] = ['444455556666', '999999999999'];
const ORGANIZATION = 'o-a1b2c3d4e5';
/** The organization of an account; an outsider has none, or another one. */
const organizationOf = (account: string): string | undefined => (account === OUTSIDER ? undefined : ORGANIZATION);

const hub = (props: BedrockJobTrackerStackProps): CfnTemplate =>
  synthesize({ env: { account: HUB, region: 'us-east-1' }, spokeExternalId: 'bedrock-7f3a', ...props });

/** True if every condition holds. Only StringEquals is known: a statement with another operator admits nobody. */
const holds = (condition: unknown, keys: Readonly<Record<string, string | undefined>>): boolean =>
  Object.entries((condition ?? {}) as Record<string, Record<string, unknown>>).every(([operator, wanted]) =>
    Object.entries(wanted).every(
      ([key, values]) => operator === 'StringEquals' && listOf(values).includes(keys[key] ?? 'none'),
    ),
  );

/** Whether a statement of the hub bus lets an account put events. */
const mayForward = (template: CfnTemplate, account: string): boolean =>
  resourcesOf(template, 'AWS::Events::EventBusPolicy')
    .map(([, { Properties }]) => (Properties as { Statement: Statement }).Statement)
    .some(({ Effect, Principal, Condition }) => {
      const principals = listOf(Principal?.['AWS'] as unknown).map(readable);
      const isNamed = principals.includes('*') || principals.includes(`arn:<AWS::Partition>:iam::${account}:root`);
      return Effect === 'Allow' && isNamed && holds(Condition, { 'aws:PrincipalOrgID': organizationOf(account) });
    });

/** Whether a function may take a role of the spokes' name that an account made. */
const mayEnter = (template: CfnTemplate, role: string, account: string): boolean =>
  iamStatements(template)
    .filter((entry) => entry.role === role && listOf(entry.statement.Action).includes('sts:AssumeRole'))
    .some(({ statement: { Resource, Condition } }) => {
      const patterns = listOf(Resource).map(readable);
      const keys = { 'aws:ResourceOrgID': organizationOf(account), 'aws:ResourceAccount': account };
      return patterns.some((one) => one.includes('::*:role/') || one.includes(account)) && holds(Condition, keys);
    });

describe.each<[string, BedrockJobTrackerStackProps]>([
  ['a hub of an organization', { organizationId: ORGANIZATION }],
  ['a hub of named accounts', { spokeAccounts: [MEMBER] }],
  ['a hub of named scopes', { scopes: [{}, { accounts: [MEMBER] }] }],
  [
    'a hub of an organization that also names a scope',
    { organizationId: ORGANIZATION, scopes: [{ accounts: [MEMBER] }] },
  ],
])('%s', (_hub, props) => {
  let made: CfnTemplate | undefined;
  const template = () => (made ??= hub(props));

  it('lets a member put events, and an outsider none', () => {
    expect([MEMBER, OUTSIDER].map((account) => mayForward(template(), account))).toEqual([true, false]);
  });

  it.each(['<TrackerTrackJobRole>', '<TrackerReconcileJobsRole>'])(
    "%s may take the role of a member's spoke, and not one that an outsider made",
    (role) => {
      expect([MEMBER, OUTSIDER].map((account) => mayEnter(template(), role, account))).toEqual([true, false]);
    },
  );

  it('takes roles of the name of its spokes alone', () => {
    const resources = iamStatements(template())
      .filter(({ statement }) => listOf(statement.Action).includes('sts:AssumeRole'))
      .flatMap(({ statement }) => listOf(statement.Resource).map(readable));
    expect(resources.length).toBeGreaterThan(0);
    for (const each of resources) {
      expect(each).toMatch(/^arn:<AWS::Partition>:iam::(\*|\d{12}):role\/bedrock-job-tracker-spoke-[0-9a-f]{8}-/);
    }
  });
});
