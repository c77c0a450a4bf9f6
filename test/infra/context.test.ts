import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CONTEXT_SETTINGS, propsFromContext, spokePropsFromContext } from '../../lib/infra/props/context.ts';
import { STACK_NAME } from '../../lib/infra/props/props.ts';
import { JOB_ENDS, withDefaults } from '../../lib/infra/props/validate-props.ts';
import { ANYWHERE, makeApp } from './support.ts';

const read = (context: Record<string, unknown>) => propsFromContext(makeApp(context).node, ANYWHERE);

describe('the CDK context', () => {
  it('gives no prop that it does not name, so that the defaults hold', () => {
    expect(read({})).toEqual({});
  });

  it('reads text, as -c on the command line gives it', () => {
    expect(
      read({
        activeSweepMinutes: '10',
        idleSweepMinutes: '30',
        emptySweepMinutes: '720',
        fullSweepHours: '12',
        releaseAfterHours: '48',
        sweepConcurrency: '40',
        tagRefreshDays: '0',
        maxConcurrency: '7',
        logRetentionDays: '30',
        logLevel: 'debug',
        removalPolicy: 'destroy',
        deletionProtection: 'false',
        pointInTimeRecovery: 'true',
        parameterPrefix: '/team/jobs',
        stackName: 'TeamJobs',
        jobsTableName: 'Old-JobsTable.1',
        schedulesEnabled: 'false',
        memorySize: '1024',
        reservedConcurrentExecutions: '10',
        vpcId: 'vpc-0a1b2c3d',
        subnetIds: 'subnet-0a1b2c3d,subnet-4e5f6a7b',
        securityGroupIds: 'sg-0a1b2c3d',
        tableName: 'acme-jobs',
        alarmThresholds: 'trackJobErrors=5, stateChangesMissed=0.9',
      }),
    ).toEqual({
      activeSweepEvery: Duration.minutes(10),
      idleSweepEvery: Duration.minutes(30),
      emptySweepEvery: Duration.minutes(720),
      fullSweepEvery: Duration.hours(12),
      releaseAfter: Duration.hours(48),
      sweepConcurrency: 40,
      tagRefreshWindow: Duration.days(0),
      maxConcurrency: 7,
      logRetention: 30,
      logLevel: 'DEBUG',
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
      pointInTimeRecovery: true,
      parameterPrefix: '/team/jobs',
      stackName: 'TeamJobs',
      jobsTableName: 'Old-JobsTable.1',
      schedulesEnabled: false,
      memorySize: 1024,
      reservedConcurrentExecutions: 10,
      vpcId: 'vpc-0a1b2c3d',
      subnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
      securityGroupIds: ['sg-0a1b2c3d'],
      tableName: 'acme-jobs',
      alarmThresholds: { trackJobErrors: { threshold: 5 }, stateChangesMissed: { threshold: 0.9 } },
    });
  });

  it('refuses another prefix for the stack of the default name, which would overwrite the first tracker', () => {
    expect(() => read({ parameterPrefix: '/team/jobs' })).toThrow(
      'parameterPrefix is "/team/jobs" without a stackName: it would overwrite the tracker of the stack ' +
        'BedrockJobTracker. Give a second tracker a stackName of its own, or stackName=BedrockJobTracker to change the first',
    );
    expect(read({ parameterPrefix: '/bedrock-job-tracker' })).toEqual({ parameterPrefix: '/bedrock-job-tracker' });
    expect(read({ parameterPrefix: '/team', stackName: 'BedrockJobTracker' })).toMatchObject({
      parameterPrefix: '/team',
    });
  });

  it.each(['two words', '1st', 'under_score', ''])(
    'refuses the stack name "%s", as CloudFormation does',
    (stackName) => {
      const sentence = `stackName is "${stackName}": it takes a letter, then up to 127 letters, digits and hyphens`;
      expect(() => read({ stackName })).toThrow(sentence);
      expect(() => spokePropsFromContext(makeApp({ stackName }).node)).toThrow(sentence);
    },
  );

  it('reads numbers and booleans, as cdk.json gives them', () => {
    expect(read({ maxConcurrency: 7, deletionProtection: false })).toEqual({
      maxConcurrency: 7,
      deletionProtection: false,
    });
  });

  it('makes scopes of accounts and Regions, and notifications of addresses and statuses', () => {
    const context = {
      accounts: '111122223333, 444455556666',
      regions: ['us-east-1', 'us-west-2'],
      spokeExternalId: 'bedrock-7f3a',
      organizationId: 'o-a1b2c3d4e5',
      notifyEmails: 'ml-team@example.com',
      notifyStatuses: 'Failed,Stopped',
    };
    expect(propsFromContext(makeApp(context).node, { account: '111122223333', region: 'us-east-1' })).toEqual({
      scopes: [{ accounts: ['111122223333', '444455556666'], regions: ['us-east-1', 'us-west-2'] }],
      spokeExternalId: 'bedrock-7f3a',
      organizationId: 'o-a1b2c3d4e5',
      notifications: { emails: ['ml-team@example.com'], statuses: ['Failed', 'Stopped'] },
    });
  });

  it('reads what operators set', () => {
    const arns = {
      alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:operations',
      transitionsBusArn: 'arn:aws:events:us-east-1:111122223333:event-bus/team',
      encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    };
    const flags = { alarms: 'false', dashboard: 'false', tracing: 'true' };
    expect(read({ ...arns, ...flags, longRunningHours: '72' })).toEqual({
      ...arns,
      alarms: false,
      dashboard: false,
      tracing: true,
      longRunningAfter: Duration.hours(72),
    });
  });

  it('lists what is wrong with scopes, ARNs and addresses in one message', () => {
    const context = {
      accounts: '1111,1111',
      regions: 'mars-1',
      notifyEmails: 'nobody',
      alarmTopicArn: 'operations',
      longRunningHours: '0',
      notifyStatuses: 'Failed,',
    };
    const home = { account: '111122223333', region: 'us-east-1' };
    expect(() => propsFromContext(makeApp(context).node, home)).toThrow(
      [
        'Bedrock job tracker: 8 settings are wrong.',
        '  - notifyStatuses is "Failed,": it takes statuses, separated by commas',
        '  - accounts and regions name the account "1111": an account id has 12 digits',
        '  - accounts and regions name the Region "mars-1", which is not known to have Amazon Bedrock: correct it, or ' +
          'add it to knownRegions if AWS has added it',
        '  - accounts and regions name 1111 in mars-1 more than once',
        "  - spokeExternalId is missing: other accounts' spokes ask the hub for it",
        '  - longRunningHours is 0 hours: it takes whole minutes, at least 1',
        '  - notifyEmails has "nobody": an address looks like team@example.com',
        '  - alarmTopicArn is "operations": it takes the ARN of an SNS topic',
      ].join('\n'),
    );
  });

  it('lists everything that it does not understand, in the words of the context', () => {
    expect(() =>
      read({
        activeSweepMinutes: '-5',
        fullSweepHours: 'daily',
        tagRefreshDays: 1.5,
        maxConcurrency: '1',
        logRetentionDays: '',
        logLevel: 'loud',
        removalPolicy: 'keep',
        deletionProtection: 'no',
        pointInTimeRecovery: {},
        parameterPrefix: 'team',
        stackName: 'Team',
      }),
    ).toThrow(
      [
        'Bedrock job tracker: 10 settings are wrong.',
        '  - activeSweepMinutes is "-5": it takes a whole number of minutes',
        '  - fullSweepHours is "daily": it takes a whole number of hours',
        '  - tagRefreshDays is "1.5": it takes a whole number of days',
        '  - logRetentionDays is "": it takes a whole number',
        '  - logLevel is "loud": it takes one of DEBUG, INFO, WARN, ERROR',
        '  - removalPolicy is "keep": it takes retain or destroy',
        '  - deletionProtection is "no": it takes true or false',
        '  - pointInTimeRecovery is not a text or a list of texts: it takes true or false',
        '  - maxConcurrency is 1: Lambda takes a whole number from 2 to 1000',
        '  - parameterPrefix is "team": it takes a path like /team/bedrock-job-tracker, without a slash at its end',
      ].join('\n'),
    );
  });

  it('speaks of its own keys when values contradict each other', () => {
    expect(() => read({ activeSweepMinutes: '120', fullSweepHours: '1' })).toThrow(
      'fullSweepHours (1 hour) is more often than activeSweepMinutes (2 hours)',
    );
  });

  it('reads who may have spokes', () => {
    const home = { account: '111122223333', region: 'us-east-1' };
    const context = {
      organizationId: 'o-a1b2c3d4e5',
      spokeAccounts: '444455556666,777788889999',
      spokeExternalId: 'secret',
    };
    expect(propsFromContext(makeApp(context).node, home)).toEqual({
      ...context,
      spokeAccounts: ['444455556666', '777788889999'],
    });
  });

  it.each(
    Object.entries(CONTEXT_SETTINGS).flatMap(([key, { default: value = '' }]) =>
      /^\w|^\//.test(value) ? [[key, value]] : [],
    ),
  )('documents the default of %s as it is: %s', (key, value) => {
    const given = read({ [key]: value, ...(key === 'parameterPrefix' && { stackName: 'Other' }) });
    const plain = (props: object) =>
      Object.entries(props).map(([name, one]) => [
        name,
        one instanceof Duration ? one.toMilliseconds() : (one as unknown),
      ]);
    const defaults = { ...withDefaults({ notifications: { statuses: [...JOB_ENDS] } }), stackName: STACK_NAME };
    expect(Object.fromEntries(plain(defaults))).toMatchObject(
      Object.fromEntries(plain({ ...given, stackName: STACK_NAME })) as Record<string, unknown>,
    );
  });

  it('can set each prop that is no path on the machine, and what is made elsewhere by ARN', () => {
    const values = Object.values(CONTEXT_SETTINGS).map(({ sets }) => sets);
    expect(new Set(values).size).toBe(values.length);
    const source = readFileSync(path.join(import.meta.dirname, '../../lib/infra/props/props.ts'), 'utf8');
    const [, body = ''] = source.split('export interface BedrockJobTrackerProps {');
    const [own = ''] = body.split('\n}');
    const props = [...own.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name = '']) => name);
    const nested: Readonly<Record<string, string[] | undefined>> = {
      scopes: ['accounts', 'regions'],
      notifications: ['notifyEmails', 'notifyStatuses', 'notifyIdleModels'],
      jobsTable: ['jobsTableName'],
      vpc: ['vpcId'],
      vpcSubnets: ['subnetIds'],
      securityGroups: ['securityGroupIds'],
      logGroup: ['logGroupName'],
      // One function at a time, and a models table, only in code.
      functions: [],
      modelsTable: [],
    };
    const byArn = ['alarmTopic', 'transitionsBus', 'encryptionKey'];
    const expected = props
      .filter((name) => name !== '_codeDirectory')
      .flatMap((name) => nested[name] ?? (byArn.includes(name) ? `${name}Arn` : name));
    expect(values.toSorted()).toEqual([...expected, 'stackName'].toSorted());
  });
});
