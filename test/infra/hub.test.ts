import { describe, expect, it } from '@jest/globals';
import { ENV, MODEL_API_CALL_PATTERN, OUTPUT, spokeRoleName, STATE_CHANGE_PATTERN } from '../../lib/contract.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { permissionsOf, type Statement } from './permissions.ts';
import { listOf, readable, resourcesOf, synthesize, variablesOf, type CfnTemplate } from './support.ts';

const HUB = { account: '111122223333', region: 'us-east-1' };
const MEMBER = '444455556666';

const synthesizeHub = (props: BedrockJobTrackerStackProps): CfnTemplate =>
  synthesize({ env: HUB, spokeExternalId: 'bedrock-7f3a', ...props });

/** Two accounts in two Regions, the hub's own among them. */
const hub = () => synthesizeHub({ scopes: [{ accounts: [HUB.account, MEMBER], regions: ['us-east-1', 'us-west-2'] }] });

const jobs = (region: string) => `arn:<AWS::Partition>:bedrock:${region}:${HUB.account}:model-customization-job/*`;
const hubIdOf = (template: CfnTemplate): string => readable(template.Outputs[OUTPUT.hubId]?.Value);
const spokeRole = (region: string, account = MEMBER) =>
  `arn:<AWS::Partition>:iam::${account}:role/bedrock-job-tracker-spoke-${hubIdOf(hub())}-${region}`;

describe('a hub', () => {
  it.each(['<TrackerTrackJobRole>', '<TrackerReconcileJobsRole>'])(
    '%s reads its own account by itself in each Region, and others by the roles of their spokes',
    (role) => {
      const permissions = permissionsOf(hub(), role).filter((line) => /-job\/\*$|^sts:/.test(line));
      expect(permissions).toEqual([
        ...['GetModelCustomizationJob', 'ListTagsForResource'].flatMap((action) =>
          ['us-east-1', 'us-west-2'].map((region) => `bedrock:${action} ${jobs(region)}`),
        ),
        `sts:AssumeRole ${spokeRole('us-east-1')}`,
        `sts:AssumeRole ${spokeRole('us-west-2')}`,
      ]);
    },
  );

  it.each(['TrackJob', 'ReconcileJobs'])('%s knows its scopes and how to reach those of other accounts', (name) => {
    const { [ENV.spokeRoleArn]: roleArn, ...others } = variablesOf(hub(), name);
    expect(others).toMatchObject({
      [ENV.scopes]: '111122223333#us-east-1,111122223333#us-west-2,444455556666#us-east-1,444455556666#us-west-2',
      [ENV.homeAccount]: HUB.account,
      [ENV.spokeExternalId]: 'bedrock-7f3a',
    });
    expect(roleArn).toBe(spokeRole('{region}', '{account}'));
  });

  it('listens on its own bus as on the default bus, for the same events', () => {
    const rules = resourcesOf(hub(), 'AWS::Events::Rule').map(([, { Properties }]) => {
      const { EventBusName, EventPattern } = Properties as { EventBusName?: unknown; EventPattern: unknown };
      return [EventBusName === undefined ? 'default' : readable(EventBusName), EventPattern];
    });
    expect(rules).toEqual([
      ['default', STATE_CHANGE_PATTERN],
      ['default', MODEL_API_CALL_PATTERN],
      ['<TrackerHubBus>', STATE_CHANGE_PATTERN],
      ['<TrackerHubBus>', MODEL_API_CALL_PATTERN],
    ]);
  });

  it('has an id that spokes put into the name of their role, and no other hub has it', () => {
    const scopes = [{ accounts: [MEMBER] }];
    const ids = [
      {},
      { stackName: 'Staging' },
      { env: { account: '777788889999', region: 'us-east-1' } },
      { env: { ...HUB, region: 'us-west-2' } },
    ].map((props) => hubIdOf(synthesizeHub({ scopes, ...props })));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(hubIdOf(synthesizeHub({ scopes, parameterPrefix: '/team' }))).toBe(ids[0]);
    // IAM's limit for a role's name, with the longest Region that the props take.
    expect(spokeRoleName(ids[0] ?? '', 'a'.repeat(20)).length).toBeLessThanOrEqual(64);
  });

  it('of other accounts alone may do nothing with the jobs of its own, and does not listen to its events', () => {
    const template = synthesizeHub({ scopes: [{ accounts: [MEMBER] }] });
    const permissions = permissionsOf(template, '<TrackerReconcileJobsRole>');
    expect(permissions.filter((line) => line.startsWith('bedrock:'))).toEqual([]);
    for (const [, { Properties }] of resourcesOf(template, 'AWS::Events::Rule')) {
      expect(Properties).toHaveProperty('EventBusName');
    }
  });

  it('keeps its policies and variables within their limits at a hundred scopes', () => {
    const accounts = Array.from({ length: 100 }, (_, n) => (100_000_000_000 + n).toString());
    const template = synthesizeHub({ scopes: [{ accounts, regions: ['ap-southeast-2'] }] });
    const [policy] = resourcesOf(template, 'AWS::IAM::Policy').filter(([id]) => id.includes('ReconcileJobs'));
    expect(lengthOf(policy?.[1].Properties)).toBeLessThan(10_240);
    expect(lengthOf(variablesOf(template, 'ReconcileJobs'))).toBeLessThan(4096);
  });
});

/** About what CloudFormation makes of it, a reference being as long as an ARN. */
const lengthOf = (value: unknown): number =>
  JSON.stringify(value)
    .replaceAll('{"Ref":"AWS::Partition"}', 'aws')
    .replaceAll(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) => `"${parts.replaceAll(/[",]/g, '')}"`)
    .replaceAll(/\{"Fn::GetAtt":\[.*?\]\}/g, 'x'.repeat(100)).length;

const root = (account: string): string => `arn:<AWS::Partition>:iam::${account}:root`;
const principalsOf = (statement: Statement | undefined): string[] =>
  listOf(statement?.Principal?.['AWS'] as unknown).map(readable);

describe('the policy of the hub bus', () => {
  const statements = (template: CfnTemplate): Statement[] =>
    resourcesOf(template, 'AWS::Events::EventBusPolicy').map(
      ([, { Properties }]) => (Properties as { Statement: Statement }).Statement,
    );

  it('lets the accounts put events that the scopes name', () => {
    const [statement, ...others] = statements(hub());
    expect(others).toEqual([]);
    expect(statement).toMatchObject({ Effect: 'Allow', Action: 'events:PutEvents' });
    expect(readable(statement?.Resource)).toBe('<TrackerHubBus.Arn>');
    expect(principalsOf(statement)).toEqual([HUB.account, MEMBER].map(root));
  });

  it('lets an organization put events where one is named', () => {
    const organizationId = 'o-a1b2c3d4e5';
    const [statement] = statements(synthesizeHub({ organizationId, scopes: [{ accounts: [MEMBER] }] }));
    expect(statement).toMatchObject({
      Principal: { AWS: '*' },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': organizationId } },
    });
  });

  it('lets the own account put events from other Regions', () => {
    const [statement] = statements(synthesizeHub({ scopes: [{ regions: ['us-east-1', 'us-west-2'] }] }));
    expect(principalsOf(statement)).toEqual([root(HUB.account)]);
  });

  it('lets the own account put none where it has no spoke', () => {
    const [statement] = statements(synthesizeHub({ scopes: [{}, { accounts: [MEMBER] }] }));
    expect(principalsOf(statement)).toEqual([root(MEMBER)]);
  });
});

describe('a tracker of its own account and Region', () => {
  it.each([
    ['by default', {}],
    ['by name', { scopes: [{ accounts: [HUB.account], regions: [HUB.region] }] }],
  ])('%s has no bus, assumes no role and offers nothing to spokes', (_case, props) => {
    const template = synthesize({ env: HUB, ...props });
    expect(resourcesOf(template, 'AWS::Events::EventBus')).toEqual([]);
    expect(permissionsOf(template, '<TrackerTrackJobRole>').filter((line) => line.startsWith('sts:'))).toEqual([]);
    expect(variablesOf(template, 'TrackJob')).not.toHaveProperty(ENV.spokeRoleArn);
    expect(template.Outputs).not.toHaveProperty(OUTPUT.hubBusArn);
  });
});
