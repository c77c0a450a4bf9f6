import { beforeAll, describe, expect, it } from '@jest/globals';
import { Aws, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { BY_STATE_INDEX, ENV, INDEX, METRIC, PARAMETER, TRANSITION_EVENT_SOURCE } from '../../lib/contract.ts';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import type { DeployedTrackerProps } from '../../lib/infra/tracker.ts';
import { permissionsOf } from './permissions.ts';
import { makeApp, readable, resourceOf, toTemplate, type CfnTemplate } from './support.ts';

type Parameters = Readonly<Record<string, { readonly Type: string; readonly Default: string }>>;

const makeConsumer = (props: DeployedTrackerProps = {}) => {
  const stack = new Stack(makeApp(), 'Consumer');
  const tracker = BedrockJobTracker.fromParameterPrefix(stack, 'Tracker', props);
  const reader = (): Function => {
    const code = Code.fromInline('exports.handler = async () => {}');
    return new Function(stack, 'Reader', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
  };
  const template = (): CfnTemplate => toTemplate(Template.fromStack(stack));
  /** The tracker's parameters that CloudFormation reads, each with its logical id. */
  const read = (): Record<string, string> =>
    Object.fromEntries(
      Object.entries((Template.fromStack(stack).toJSON() as { Parameters: Parameters }).Parameters)
        .filter(([id, { Type }]) => Type.startsWith('AWS::SSM::') && id !== 'BootstrapVersion')
        .map(([id, { Default }]) => [Default, id]),
    );
  return { stack, tracker, reader, template, read };
};

describe('a tracker that another stack deployed', () => {
  const PREFIX = '/team/jobs';

  it('asks for nothing that is not used', () => {
    const { tracker, read } = makeConsumer();
    tracker.metric(METRIC.activeJobs);
    expect(read()).toEqual({});
  });

  describe('lets a function read', () => {
    const consumer = makeConsumer({ parameterPrefix: PREFIX });
    let arn = '';
    beforeAll(() => {
      consumer.tracker.grantReadJobs(consumer.reader());
      arn = consumer.read()[`${PREFIX}/jobs-table-arn`] ?? '';
    });

    it('its table and every index, by the parameters under its prefix', () => {
      expect(Object.keys(consumer.read()).sort()).toEqual(
        ['jobs-table-arn', 'sweeps-table-name', 'tracked-scopes'].map((name) => `${PREFIX}/${name}`),
      );
      const table = readable({ Ref: arn });
      const permissions = permissionsOf(consumer.template(), '<ReaderServiceRole>');
      expect(permissions).toContain(`dynamodb:GetItem ${table}`);
      for (const index of Object.values(INDEX)) {
        expect(permissions).toContain(`dynamodb:Query ${table}/index/${index}`);
      }
    });

    it('the registered scopes, as it may be a hub', () => {
      const sweeps = readable({ Ref: consumer.read()[`${PREFIX}/sweeps-table-name`] });
      const arn = `arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/${sweeps}`;
      const permissions = permissionsOf(consumer.template(), '<ReaderServiceRole>');
      expect(permissions.filter((permission) => permission.includes(sweeps))).toEqual([
        `dynamodb:Query ${arn}/index/${BY_STATE_INDEX}`,
      ]);
    });

    it('with the variables by which the client finds them', () => {
      const { Environment } = resourceOf(consumer.template(), 'AWS::Lambda::Function', 'Reader').Properties as {
        Environment: { Variables: Record<string, unknown> };
      };
      expect(Environment.Variables).toEqual({
        [ENV.jobsTable]: { 'Fn::Select': [1, { 'Fn::Split': ['/', afterColons(5, arn)] }] },
        [ENV.scopes]: { 'Fn::Join': [',', { Ref: consumer.read()[`${PREFIX}/tracked-scopes`] }] },
        [ENV.sweepsTable]: { Ref: consumer.read()[`${PREFIX}/sweeps-table-name`] },
      });
    });
  });

  it('lets a function decrypt where it is told the key', () => {
    const { stack, tracker, reader, template } = makeConsumer();
    tracker.grantReadJobs(reader());
    expect(permissionsOf(template(), '<ReaderServiceRole>').join()).not.toContain('kms:');
    const other = makeConsumer({
      encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111122223333:key/k'),
    });
    other.tracker.grantReadJobs(other.reader());
    expect(permissionsOf(other.template(), '<ReaderServiceRole>')).toContain(
      'kms:Decrypt arn:aws:kms:us-east-1:111122223333:key/k',
    );
  });

  it('sends transitions to a target by a rule that names the bus by its ARN, which no bus here can be taken for', () => {
    const { stack, tracker, template, read } = makeConsumer();
    const target = new SqsQueue(new Queue(stack, 'TeamQueue'));
    tracker.addTransitionTarget(stack, 'Team', { target, statuses: ['Failed'] });
    expect(resourceOf(template(), 'AWS::Events::Rule', 'Team').Properties).toMatchObject({
      EventBusName: { Ref: read()[PARAMETER.transitionsBusArn] },
      EventPattern: { source: [TRANSITION_EVENT_SOURCE], detail: { to: ['Failed'] } },
    });
    expect(tracker.transitionsBus).toBe(tracker.transitionsBus);
  });

  it.each([
    { account: '444455556666', region: 'us-east-1' },
    { account: '111122223333', region: 'eu-west-1' },
  ])('adds no rule in a stack of %o, which could not listen', (env) => {
    const app = makeApp();
    const home = new Stack(app, 'Consumer', { env: { account: '111122223333', region: 'us-east-1' } });
    const other = new Stack(app, 'Other', { env });
    const target = new SqsQueue(new Queue(other, 'TeamQueue'));
    const tracker = BedrockJobTracker.fromParameterPrefix(home, 'Tracker');
    expect(() => tracker.addTransitionTarget(other, 'Team', { target })).toThrow(
      `the scope of addTransitionTarget is in ${env.account} in ${env.region}, but transitions are published in 111122223333`,
    );
  });

  it('does not ask for its scopes where a role reads, which has no variables', () => {
    const { stack, tracker, read } = makeConsumer();
    tracker.grantReadJobs(new Role(stack, 'Task', { assumedBy: new AccountRootPrincipal() }));
    expect(Object.keys(read()).sort()).toEqual([PARAMETER.jobsTableArn, PARAMETER.sweepsTableName]);
  });

  it('has the metrics of its prefix', () => {
    const { tracker } = makeConsumer({ parameterPrefix: PREFIX });
    const metric = tracker.metric(METRIC.jobsTracked, { outcome: 'failed' });
    expect(metric.dimensions).toEqual({ service: 'team/jobs', outcome: 'failed' });
    expect(metric.namespace).toBe('BedrockJobTracker');
  });

  it('cannot let in what the policy of the table has to name', () => {
    const { tracker } = makeConsumer({ encryptionKey: new Key(new Stack(makeApp(), 'Keys'), 'Key') });
    expect(() => tracker.grantReadJobs(new AccountPrincipal('444455556666'))).toThrow(
      'names the account 444455556666, which needs a statement in the policy of the jobs table, and this app did not ' +
        'make the table. Call grantReadJobs in the app that did',
    );
  });

  it('can be named several times in a stack, also by other prefixes', () => {
    const { stack, tracker, reader, read } = makeConsumer();
    const fn = reader();
    tracker.grantReadJobs(fn);
    BedrockJobTracker.fromParameterPrefix(stack, 'Again').grantReadJobs(fn);
    BedrockJobTracker.fromParameterPrefix(stack, 'Sandbox', { parameterPrefix: '/sandbox' }).grantReadJobs(fn);
    expect(Object.keys(read()).sort()).toEqual([
      PARAMETER.jobsTableArn,
      PARAMETER.sweepsTableName,
      PARAMETER.trackedScopes,
      '/sandbox/jobs-table-arn',
      '/sandbox/sweeps-table-name',
      '/sandbox/tracked-scopes',
    ]);
  });

  it.each(['no-slash', '/ends/', '/aws/x'])('is refused by the prefix %s, which no parameter can have', (prefix) => {
    expect(() => makeConsumer({ parameterPrefix: prefix })).toThrow(`parameterPrefix is "${prefix}"`);
  });
});

it('is refused by a prefix that only the deployment knows', () => {
  expect(() => makeConsumer({ parameterPrefix: Aws.STACK_NAME })).toThrow('parameterPrefix must be known at synthesis');
});

/** What an ARN that is known at the deployment has after so many colons. */
const afterColons = (count: number, parameter: string) => ({
  'Fn::Select': [count, { 'Fn::Split': [':', { Ref: parameter }] }],
});
