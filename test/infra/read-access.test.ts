import { describe, expect, it } from '@jest/globals';
import { Stack, type App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  AccountPrincipal,
  AccountRootPrincipal,
  AnyPrincipal,
  ArnPrincipal,
  CanonicalUserPrincipal,
  CompositePrincipal,
  OrganizationPrincipal,
  Role,
  ServicePrincipal,
  StarPrincipal,
  type IGrantable,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Code, Function, Runtime, SingletonFunction, type IVersion } from 'aws-cdk-lib/aws-lambda';
import { ENV } from '../../lib/contract.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { permissionsOf, type Statement } from './permissions.ts';
import { makeApp, makeStack, resourceOf, resourcesOf, toTemplate, variablesOf, type CfnTemplate } from './support.ts';

const HOME = { account: '111122223333', region: 'us-east-1' };
const OTHER = '444455556666';
const OTHER_ROLE = `arn:aws:iam::${OTHER}:role/reader`;
const READS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];

const functionProps = {
  runtime: Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: Code.fromInline('exports.handler = async () => {}'),
};
const templateOf = (stack: Stack): CfnTemplate => toTemplate(Template.fromStack(stack));

const roleElsewhere = (app: App): Role => {
  const other = new Stack(app, 'Other', { env: { ...HOME, account: OTHER } });
  return new Role(other, 'Reader', { roleName: 'reader', assumedBy: new AccountRootPrincipal() });
};

describe('a function as a reader', () => {
  it.each<[string, (stack: Stack, fn: Function) => IGrantable]>([
    [
      'an alias',
      (stack, fn) => new Alias(stack, 'Live', { aliasName: 'live', version: fn.currentVersion as IVersion }),
    ],
    ['a version', (_stack, fn) => fn.currentVersion],
  ])('by %s of it, has the permission and the variables itself', (_case, of) => {
    const stack = makeStack();
    stack.tracker.grantReadJobs(of(stack, new Function(stack, 'Reader', functionProps)));
    const template = templateOf(stack);
    expect(permissionsOf(template, '<ReaderServiceRole>')).toContain('dynamodb:Query <TrackerJobsTable.Arn>');
    expect(variablesOf(template, 'Reader')).toHaveProperty(ENV.jobsTable, '<TrackerJobsTable>');
  });

  it('has the variables where it is a singleton, which the CDK does not make a Function', () => {
    const stack = makeStack();
    stack.tracker.grantReadJobs(new SingletonFunction(stack, 'Reader', { ...functionProps, uuid: 'reader' }));
    expect(variablesOf(templateOf(stack), 'SingletonLambdareader')).toHaveProperty(ENV.scopes);
  });

  it('has only the permission where it is imported, as its variables are out of reach', () => {
    const stack = makeStack({ env: HOME });
    const role = Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${HOME.account}:role/reader`);
    const functionArn = `arn:aws:lambda:us-east-1:${HOME.account}:function:reader`;
    stack.tracker.grantReadJobs(Function.fromFunctionAttributes(stack, 'Reader', { functionArn, role }));
    const policy = resourceOf(templateOf(stack), 'AWS::IAM::Policy', 'RolePolicy');
    expect(policy.Properties).toMatchObject({ Roles: ['reader'] });
  });
});

/** The statements of a table's own policy. */
const tablePolicy = (template: CfnTemplate, table = 'JobsTable'): Statement[] => {
  const { ResourcePolicy } = resourceOf(template, 'AWS::DynamoDB::Table', table).Properties as {
    ResourcePolicy?: { PolicyDocument: { Statement: Statement[] } };
  };
  return ResourcePolicy?.PolicyDocument.Statement ?? [];
};
const keyPolicy = (template: CfnTemplate): Statement[] =>
  (resourceOf(template, 'AWS::KMS::Key', 'Key').Properties as { KeyPolicy: { Statement: Statement[] } }).KeyPolicy
    .Statement;

const makeTracker = (props: BedrockJobTrackerStackProps = {}) => {
  const app = makeApp();
  const encryptionKey = new Key(new Stack(app, 'Keys', { env: HOME }), 'Key');
  return { app, encryptionKey, tracker: makeStack({ env: HOME, encryptionKey, ...props }, app) };
};

const BY_CONDITION = { ArnEquals: { 'aws:PrincipalArn': OTHER_ROLE } };

describe('a reader in another account', () => {
  it.each<[string, (stack: Stack) => IGrantable, unknown, object | undefined]>([
    ['an account', () => new AccountPrincipal(OTHER), OTHER, undefined],
    ['a role by its ARN', () => new ArnPrincipal(OTHER_ROLE), { AWS: OTHER_ROLE }, undefined],
    ['an imported role', (stack) => Role.fromRoleArn(stack, 'Reader', OTHER_ROLE), OTHER, BY_CONDITION],
    [
      'an organization',
      () => new OrganizationPrincipal('o-a1b2c3d4e5'),
      { AWS: '*' },
      { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    ],
  ])('is let in by the policies of table and key: %s', (_case, reader, principal, conditions) => {
    const { tracker, encryptionKey } = makeTracker();
    const grant = tracker.tracker.grantReadJobs(reader(tracker));
    expect(grant.success).toBe(true);
    const [statement, ...others] = tablePolicy(templateOf(tracker));
    expect(others).toEqual([]);
    expect(statement).toMatchObject({ Effect: 'Allow', Action: READS, Resource: '*' });
    const json = JSON.stringify(statement);
    expect(json).toContain(typeof principal === 'string' ? `:iam::${principal}:root` : JSON.stringify(principal));
    expect(statement?.Condition).toEqual(conditions);
    const sharing = keyPolicy(templateOf(encryptionKey.stack)).filter(
      ({ Action }) => JSON.stringify(Action) === JSON.stringify(['kms:Decrypt', 'kms:DescribeKey']),
    );
    expect(sharing).toHaveLength(1);
    expect(JSON.stringify(sharing[0]?.Condition)).toMatch(/"kms:ViaService":\[?.*"dynamodb.us-east-1\."/);
    expect(Object.keys(sharing[0]?.Condition ?? {}).sort()).toEqual(
      [...new Set(['StringEquals', ...Object.keys(conditions ?? {})])].sort(),
    );
  });

  it('has its own policy too where the app makes it, in any order of deployment', () => {
    const { app, tracker } = makeTracker({ tableName: 'jobs' });
    const reader = roleElsewhere(app);
    tracker.tracker.grantReadJobs(reader);
    const query = `dynamodb:Query arn:<AWS::Partition>:dynamodb:us-east-1:${HOME.account}:table/jobs`;
    const permissions = permissionsOf(templateOf(reader.stack), '<Reader>');
    expect(permissions).toContain(query);
    // Which key it is the other stack cannot ask. The key's policy names the role.
    expect(permissions).toContain(`kms:Decrypt arn:<AWS::Partition>:kms:us-east-1:${HOME.account}:key/*`);
    expect(tablePolicy(templateOf(tracker))).toHaveLength(1);
    expect([...tracker.dependencies, ...reader.stack.dependencies]).not.toContainEqual(tracker);
    expect(tracker.dependencies).not.toContainEqual(reader.stack);
  });

  it('needs a table whose name is chosen where the app makes it', () => {
    const { app, tracker } = makeTracker();
    expect(() => tracker.tracker.grantReadJobs(roleElsewhere(app))).toThrow(
      'names a role of a stack in 444455556666 in us-east-1, which cannot ask for the name that CloudFormation gave',
    );
  });

  it.each<[string, IGrantable, RegExp]>([
    ['an account', new AccountPrincipal(OTHER), /names the account 444455556666: other accounts cannot use the AWS ma/],
    [
      'an organization',
      new OrganizationPrincipal('o-a1b2c3d4e5'),
      /names \* where {"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}: other/,
    ],
  ])('is refused with the default key, which cannot be shared: %s', (_case, reader, message) => {
    expect(() => makeStack({ env: HOME }).tracker.grantReadJobs(reader)).toThrow(message);
  });

  it('is told to give the stack an env where the account may be the own one', () => {
    expect(() => makeStack().tracker.grantReadJobs(new AccountPrincipal(OTHER))).toThrow(
      "If this is the tracker's account, give its stack an env",
    );
  });

  it.each<[string, IGrantable, string]>([
    ['everyone', new AnyPrincipal(), 'DynamoDB refuses a table that everyone can read'],
    ['everyone and anonymous', new StarPrincipal(), 'DynamoDB refuses a table that everyone can read'],
    [
      'a service',
      new ServicePrincipal('ecs-tasks.amazonaws.com'),
      'names ecs-tasks.amazonaws.com: the policy of a table lets in roles, users and accounts. Name the role',
    ],
    ['a canonical user', new CanonicalUserPrincipal('79a5'), 'names 79a5: the policy of a table lets in roles'],
    [
      'several at once',
      new CompositePrincipal(new ArnPrincipal(OTHER_ROLE), new ArnPrincipal(`${OTHER_ROLE}2`)),
      'it takes one reader at a time. Call it for each',
    ],
  ])('cannot be %s', (_case, reader, message) => {
    expect(() => makeTracker().tracker.tracker.grantReadJobs(reader)).toThrow(message);
  });

  it('warns where the key is imported, whose policy its owner has to change', () => {
    const keyArn = `arn:aws:kms:us-east-1:${HOME.account}:key/11111111-2222-3333-4444-555555555555`;
    const stack = makeStack({ env: HOME, encryptionKeyArn: keyArn });
    stack.tracker.grantReadJobs(new AccountPrincipal(OTHER));
    const [warning, ...others] = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
    expect(others).toEqual([]);
    expect(warning?.entry.data).toContain('must let the account 444455556666 decrypt the jobs table');
  });

  it('is refused where the table is adopted, as its owner alone can change its policy', () => {
    const stack = makeStack({
      env: HOME,
      jobsTableStreamArn: `arn:aws:dynamodb:us-east-1:${HOME.account}:table/Old/stream/2026-11-23T11:30:00.000`,
      encryptionKeyArn: `arn:aws:kms:us-east-1:${HOME.account}:key/11111111-2222-3333-4444-555555555555`,
    });
    expect(() => stack.tracker.grantReadJobs(new AccountPrincipal(OTHER))).toThrow(
      'needs a statement in the policy of the jobs table, and this app did not make the table',
    );
  });
});

describe('a reader of a hub', () => {
  const REGISTRY = 'dynamodb:Query <TrackerSweepsTable.Arn>/index/by-state';
  const HUB: BedrockJobTrackerStackProps = { env: HOME, organizationId: 'o-a1b2c3d4e5', spokeExternalId: 'some-id' };
  const grantAll = (props: BedrockJobTrackerStackProps) => {
    const stack = makeStack(props);
    const reader = new Function(stack, 'Reader', functionProps);
    stack.tracker.grantReadJobs(reader);
    stack.tracker.grantReadModels(reader);
    const template = templateOf(stack);
    return { permissions: permissionsOf(template, '<ReaderServiceRole>'), variables: variablesOf(template, 'Reader') };
  };

  it('may query the registered scopes and nothing else of the sweeps table, whose name it knows', () => {
    const { permissions, variables } = grantAll(HUB);
    expect(permissions.filter((permission) => permission.includes('SweepsTable'))).toEqual([REGISTRY]);
    expect(variables).toMatchObject({ [ENV.scopes]: '*', [ENV.sweepsTable]: '<TrackerSweepsTable>' });
  });

  it('of a single tracker is told its scopes, and nothing of the sweeps table', () => {
    const { permissions, variables } = grantAll({});
    expect(permissions.join()).not.toContain('SweepsTable');
    expect(variables).not.toHaveProperty(ENV.sweepsTable);
  });

  it('in another account is let in by the policy of the sweeps table, to query it alone', () => {
    const { tracker } = makeTracker(HUB);
    tracker.tracker.grantReadJobs(new ArnPrincipal(OTHER_ROLE));
    expect(tablePolicy(templateOf(tracker), 'SweepsTable')).toMatchObject([
      { Effect: 'Allow', Action: 'dynamodb:Query', Resource: '*', Principal: { AWS: OTHER_ROLE } },
    ]);
  });

  it('of a stack in another account may query the sweeps table by the name that follows from tableName', () => {
    const { app, tracker } = makeTracker({ tableName: 'jobs', ...HUB });
    const reader = roleElsewhere(app);
    tracker.tracker.grantReadJobs(reader);
    expect(permissionsOf(templateOf(reader.stack), '<Reader>')).toContain(
      `dynamodb:Query arn:<AWS::Partition>:dynamodb:us-east-1:${HOME.account}:table/jobs-sweeps/index/by-state`,
    );
    expect(tablePolicy(templateOf(tracker), 'SweepsTable')).toHaveLength(1);
  });
});

describe('a reader of the same account', () => {
  it.each<[string, IGrantable]>([
    ['a role by its ARN', new ArnPrincipal(`arn:aws:iam::${HOME.account}:role/reader`)],
    ['the account', new AccountPrincipal(HOME.account)],
  ])('whose policy is out of reach is named in the table’s, even with the default key: %s', (_case, reader) => {
    const stack = makeStack({ env: HOME });
    expect(stack.tracker.grantReadJobs(reader).success).toBe(true);
    expect(tablePolicy(templateOf(stack))).toHaveLength(1);
  });

  it('leaves the table without a policy where its own is enough', () => {
    const stack = makeStack({ env: HOME });
    stack.tracker.grantReadJobs(new Role(stack, 'Reader', { assumedBy: new AccountRootPrincipal() }));
    expect(tablePolicy(templateOf(stack))).toEqual([]);
    expect(resourcesOf(templateOf(stack), 'AWS::IAM::Policy').map(([id]) => id)).toContainEqual(
      expect.stringMatching(/^ReaderDefaultPolicy/),
    );
  });
});
