import { describe, expect, it } from '@jest/globals';
import {
  ENV,
  HEARTBEAT_PATTERN,
  MODEL_API_CALL_PATTERN,
  OUTPUT,
  spokeRoleName,
  STATE_CHANGE_PATTERN,
} from '../../lib/contract.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { iamStatements, permissionsOf, type Statement } from './permissions.ts';
import { listOf, readable, resourceOf, resourcesOf, synthesize, variablesOf, type CfnTemplate } from './support.ts';

const HUB = { account: '111122223333', region: 'us-east-1' };
const MEMBER = '444455556666';
const OTHER = '777788889999';
const ORGANIZATION = 'o-a1b2c3d4e5';

const synthesizeHub = (props: BedrockJobTrackerStackProps): CfnTemplate =>
  synthesize({ env: HUB, spokeExternalId: 'bedrock-7f3a', ...props });

/** Two accounts in two Regions, the hub's own among them. */
const hub = () => synthesizeHub({ scopes: [{ accounts: [HUB.account, MEMBER], regions: ['us-east-1', 'us-west-2'] }] });

const ownJobs = `arn:<AWS::Partition>:bedrock:*:${HUB.account}:model-customization-job/*`;
const hubIdOf = (template: CfnTemplate): string => readable(template.Outputs[OUTPUT.hubId]?.Value);
const spokeRole = (region: string, account: string) =>
  `arn:<AWS::Partition>:iam::${account}:role/bedrock-job-tracker-spoke-${hubIdOf(hub())}-${region}`;

describe('a hub', () => {
  it.each(['<TrackerTrackJobRole>', '<TrackerReconcileJobsRole>'])(
    '%s reads its own account by itself in any Region where it may have a spoke, and others by the roles of their spokes',
    (role) => {
      const permissions = permissionsOf(hub(), role).filter((line) => /-job\/\*$|^sts:/.test(line));
      expect(permissions).toEqual([
        ...['GetModelCustomizationJob', 'ListTagsForResource'].map((action) => `bedrock:${action} ${ownJobs}`),
        `sts:AssumeRole ${spokeRole('*', '*')}`,
      ]);
    },
  );

  it.each<[string, BedrockJobTrackerStackProps, object[]]>([
    [
      'the accounts of the scopes',
      { scopes: [{ accounts: [HUB.account, MEMBER] }] },
      [{ 'aws:ResourceAccount': [MEMBER] }],
    ],
    [
      'the accounts that may have spokes',
      { spokeAccounts: [MEMBER, OTHER] },
      [{ 'aws:ResourceAccount': [MEMBER, OTHER] }],
    ],
    [
      'the organization, whatever accounts are named in it',
      { organizationId: ORGANIZATION, scopes: [{}, { accounts: [MEMBER] }] },
      [{ 'aws:ResourceOrgID': ORGANIZATION }],
    ],
    [
      'the organization and accounts outside of it',
      { organizationId: ORGANIZATION, spokeAccounts: [OTHER] },
      [{ 'aws:ResourceOrgID': ORGANIZATION }, { 'aws:ResourceAccount': [OTHER] }],
    ],
  ])('takes the roles that %s own alone', (_case, props, owners) => {
    const statements = iamStatements(synthesizeHub(props))
      .filter(({ role, statement }) => role === '<TrackerTrackJobRole>' && statement.Action === 'sts:AssumeRole')
      .map(({ statement }) => statement.Condition);
    expect(statements).toEqual(owners.map((owner) => ({ StringEquals: owner })));
  });

  it('reads its own Region alone where its own account may have no spoke', () => {
    const template = synthesizeHub({ spokeAccounts: [MEMBER] });
    const own = permissionsOf(template, '<TrackerTrackJobRole>').filter((line) => line.endsWith('-job/*'));
    expect(own.length).toBeGreaterThan(0);
    for (const line of own) expect(line).toContain(`:${HUB.region}:${HUB.account}:`);
  });

  it.each(['TrackJob', 'ReconcileJobs'])(
    '%s knows when scopes are due and how to reach those of other accounts',
    (name) => {
      const { [ENV.spokeRoleArn]: roleArn, ...others } = variablesOf(hub(), name);
      expect(others).toMatchObject({
        [ENV.sweepMinutes]: 'active=5,idle=60,empty=1440,full=1440,models=60,usage=1440',
        [ENV.homeAccount]: HUB.account,
        [ENV.spokeExternalId]: 'bedrock-7f3a',
      });
      expect(roleArn).toBe(spokeRole('{region}', '{account}'));
    },
  );

  it('names the scopes that it tracks without a word from a spoke, if there are any', () => {
    expect(variablesOf(hub(), 'ReconcileJobs')[ENV.scopes]).toBe(
      '111122223333#us-east-1,111122223333#us-west-2,444455556666#us-east-1,444455556666#us-west-2',
    );
    const registered = synthesizeHub({ organizationId: ORGANIZATION, scopes: [] });
    expect(variablesOf(registered, 'ReconcileJobs')).not.toHaveProperty(ENV.scopes);
  });

  it.each([
    [{}, 20],
    [{ reservedConcurrentExecutions: 10 }, 9],
    [{ reservedConcurrentExecutions: 50, functions: { reconcileJobs: { reservedConcurrentExecutions: 3 } } }, 2],
  ])('with %j sweeps %i scopes at once, so that one more invocation can start sweeps', (props, most) => {
    const mapping = resourceOf(
      synthesizeHub({ spokeAccounts: [MEMBER], ...props }),
      'AWS::Lambda::EventSourceMapping',
      'ReconcileJobs',
    );
    expect(mapping.Properties).toMatchObject({ ScalingConfig: { MaximumConcurrency: most } });
  });

  it('puts a message for each scope into a queue, and reads one at a time with so many functions as it is told', () => {
    const template = synthesizeHub({ spokeAccounts: [MEMBER], sweepConcurrency: 40 });
    expect(variablesOf(template, 'ReconcileJobs')[ENV.sweepsQueue]).toBe('<TrackerReconcileJobsQueue>');
    expect(resourceOf(template, 'AWS::Lambda::EventSourceMapping', 'ReconcileJobs').Properties).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': [expect.stringContaining('ReconcileJobsQueue'), 'Arn'] },
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 40 },
    });
    const queue = resourceOf(template, 'AWS::SQS::Queue', 'ReconcileJobsQueue').Properties as {
      RedrivePolicy: { deadLetterTargetArn: unknown };
    };
    const { Timeout } = resourceOf(template, 'AWS::Lambda::Function', 'ReconcileJobs').Properties as {
      Timeout: number;
    };
    expect(queue).toMatchObject({ MessageRetentionPeriod: 3600, RedrivePolicy: { maxReceiveCount: 3 } });
    // SQS gives a message up after so many receives before it forgets it.
    expect(queue).toMatchObject({ VisibilityTimeout: Timeout });
    expect(3 * Timeout).toBeLessThan(3600);
    expect(readable(queue.RedrivePolicy.deadLetterTargetArn)).toBe('<TrackerReconcileJobsUndeliveredQueue.Arn>');
    expect(permissionsOf(template, '<TrackerReconcileJobsRole>')).toEqual(
      expect.arrayContaining(
        ['DeleteMessage', 'ReceiveMessage', 'SendMessage'].map(
          (action) => `sqs:${action} <TrackerReconcileJobsQueue.Arn>`,
        ),
      ),
    );
  });

  it('listens on its own bus as on the default bus, for the same events and for heartbeats', () => {
    const rules = resourcesOf(hub(), 'AWS::Events::Rule').map(([, { Properties }]) => {
      const { EventBusName, EventPattern } = Properties as { EventBusName?: unknown; EventPattern: unknown };
      return [EventBusName === undefined ? 'default' : readable(EventBusName), EventPattern];
    });
    expect(rules).toEqual([
      ['default', STATE_CHANGE_PATTERN],
      ['default', MODEL_API_CALL_PATTERN],
      ['<TrackerHubBus>', STATE_CHANGE_PATTERN],
      ['<TrackerHubBus>', MODEL_API_CALL_PATTERN],
      ['<TrackerHubBus>', HEARTBEAT_PATTERN],
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

  it('keeps its policies within their limits with as many accounts as it takes', () => {
    const spokeAccounts = Array.from({ length: 200 }, (_, n) => (100_000_000_000 + n).toString());
    const template = synthesizeHub({ spokeAccounts });
    const role = resourceOf(template, 'AWS::IAM::Policy', 'ReconcileJobs');
    const bus = resourceOf(template, 'AWS::Events::EventBusPolicy', 'Hub');
    for (const { Properties } of [role, bus]) expect(lengthOf(Properties)).toBeLessThan(10_240);
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

  it('lets an organization put events where one is named, and accounts outside of it', () => {
    const template = synthesizeHub({
      organizationId: ORGANIZATION,
      spokeAccounts: [OTHER],
      scopes: [{ accounts: [MEMBER] }],
    });
    const [accounts, organization, ...others] = statements(template);
    expect(others).toEqual([]);
    expect(principalsOf(accounts)).toEqual([root(OTHER)]);
    expect(organization).toMatchObject({
      Principal: { AWS: '*' },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } },
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
  ])('%s has no bus and no queue of sweeps, assumes no role and offers nothing to spokes', (_case, props) => {
    const template = synthesize({ env: HUB, ...props });
    expect(resourcesOf(template, 'AWS::Events::EventBus')).toEqual([]);
    expect(variablesOf(template, 'ReconcileJobs')).not.toHaveProperty(ENV.sweepsQueue);
    expect(permissionsOf(template, '<TrackerTrackJobRole>').filter((line) => line.startsWith('sts:'))).toEqual([]);
    expect(variablesOf(template, 'TrackJob')).not.toHaveProperty(ENV.spokeRoleArn);
    expect(template.Outputs).not.toHaveProperty(OUTPUT.hubBusArn);
  });
});
