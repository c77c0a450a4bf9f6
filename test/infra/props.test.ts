import { describe, expect, it } from '@jest/globals';
import { CfnParameter, Duration, Fn, Lazy, RemovalPolicy, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ENV, PARAMETER, parameterUnder } from '../../lib/contract.ts';
import { propsFromContext } from '../../lib/infra/props/context.ts';
import type { BedrockJobTrackerProps } from '../../lib/infra/props/props.ts';
import { trackedScopes } from '../../lib/infra/props/tracked-scopes.ts';
import { InvalidPropsError, problemsOf } from '../../lib/infra/props/validate-props.ts';
import { permissionsOf } from './permissions.ts';
import { ANYWHERE, makeApp, makeStack, readable, resourceOf, resourcesOf, synthesize, toTemplate } from './support.ts';

describe('opting out of what is safe by default', () => {
  const template = () =>
    synthesize({ removalPolicy: RemovalPolicy.DESTROY, deletionProtection: false, pointInTimeRecovery: false });

  it('lets the jobs table go with the stack', () => {
    expect(resourceOf(template(), 'AWS::DynamoDB::Table', 'JobsTable')).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });

  it('turns point-in-time recovery off for both tables', () => {
    for (const [, { Properties }] of resourcesOf(template(), 'AWS::DynamoDB::Table')) {
      expect(Properties).toMatchObject({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } });
    }
  });

  it('refuses to delete the table with the stack while DynamoDB refuses to delete it', () => {
    const problems = (removalPolicy: RemovalPolicy) => problemsOf({ removalPolicy }, ANYWHERE);
    expect(problems(RemovalPolicy.DESTROY)).toEqual([
      'removalPolicy is "destroy" while deletionProtection is on: the stack could neither be deleted nor roll back its ' +
        'creation. Set deletionProtection to false, or leave removalPolicy out',
    ]);
    expect(problems(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)).toEqual([
      'removalPolicy is "retain-on-update-or-delete" while deletionProtection is on: the stack could not roll back its ' +
        'creation. Set deletionProtection to false, or leave removalPolicy out',
    ]);
    expect(problems(RemovalPolicy.RETAIN)).toEqual([]);
  });
});

describe('props reach what they are about', () => {
  const template = () =>
    synthesize({
      activeSweepEvery: Duration.minutes(1),
      idleSweepEvery: Duration.minutes(15),
      emptySweepEvery: Duration.hours(2),
      fullSweepEvery: Duration.days(7),
      releaseAfter: Duration.hours(12),
      tagRefreshWindow: Duration.days(0),
      maxConcurrency: 2,
      logRetention: RetentionDays.ONE_WEEK,
      logLevel: 'DEBUG',
      parameterPrefix: '/team/jobs',
    });

  it('sweeps, also when a week is longer than Scheduler keeps trying', () => {
    const weekly = synthesize({
      activeSweepEvery: Duration.days(7),
      longRunningAfter: Duration.days(9),
      fullSweepEvery: Duration.days(7),
    });
    expect(resourceOf(template(), 'AWS::Scheduler::Schedule', 'SweepsActive').Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    });
    expect(resourceOf(weekly, 'AWS::Scheduler::Schedule', 'SweepsActive').Properties).toMatchObject({
      ScheduleExpression: 'rate(7 days)',
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 86_400 } },
    });
  });

  it('functions', () => {
    expect(resourceOf(template(), 'AWS::Lambda::Function', 'ReconcileJobs').Properties).toMatchObject({
      Environment: {
        Variables: {
          [ENV.tagRefreshDays]: '0',
          [ENV.sweepMinutes]: 'active=1,idle=15,empty=120,full=10080,models=60,usage=1440',
          [ENV.releaseAfterHours]: '12',
          POWERTOOLS_LOG_LEVEL: 'DEBUG',
          // The dimension of the metrics that tells two trackers apart.
          POWERTOOLS_SERVICE_NAME: 'team/jobs',
        },
      },
    });
    expect(resourceOf(template(), 'AWS::Lambda::EventSourceMapping', 'TrackJob').Properties).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    expect(resourceOf(template(), 'AWS::Logs::LogGroup', 'TrackJob').Properties).toMatchObject({ RetentionInDays: 7 });
  });

  it("traces, with X-Ray's two actions for each function and no more", () => {
    const traced = synthesize({ tracing: true });
    for (const [, { Properties }] of resourcesOf(traced, 'AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({ TracingConfig: { Mode: 'Active' } });
    }
    const added = permissionsOf(traced, '<TrackerTrackJobRole>').filter(
      (permission) => !permissionsOf(synthesize(), '<TrackerTrackJobRole>').includes(permission),
    );
    expect(added).toEqual(['xray:PutTelemetryRecords *', 'xray:PutTraceSegments *']);
  });

  it('alarms and dashboard, which can be left out', () => {
    const without = synthesize({ alarms: false, dashboard: false });
    expect(resourcesOf(without, 'AWS::CloudWatch::Alarm')).toEqual([]);
    expect(resourcesOf(without, 'AWS::CloudWatch::Dashboard')).toEqual([]);
    expect(resourcesOf(synthesize({ alarms: false }), 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
  });

  it.each([
    [
      'alarmTopicArn',
      'arn:aws:sns:eu-west-1:111122223333:operations',
      'alarmTopicArn is in eu-west-1: alarms reach only topics of their own Region, which is us-west-2',
    ],
    [
      'encryptionKeyArn',
      'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      "encryptionKeyArn is in 111122223333 in eu-west-1: it takes a key of the stack's own account and Region, " +
        '111122223333 in us-west-2',
    ],
    [
      'encryptionKeyArn',
      'arn:aws:kms:us-west-2:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      "encryptionKeyArn is in 444455556666 in us-west-2: it takes a key of the stack's own account and Region, " +
        '111122223333 in us-west-2',
    ],
  ])('refuses the %s %s', (name, arn, problem) => {
    const env = { account: '111122223333', region: 'us-west-2' };
    expect(() => synthesize({ env, [name]: arn })).toThrow(problem);
    expect(() => propsFromContext(makeApp({ [name]: arn }).node, env)).toThrow(problem);
    expect(() => synthesize({ [name]: arn })).not.toThrow();
  });

  it('lets alarms go to the topic of another account', () => {
    const env = { account: '111122223333', region: 'us-west-2' };
    expect(() => synthesize({ env, alarmTopicArn: 'arn:aws:sns:us-west-2:444455556666:operations' })).not.toThrow();
  });

  it('parameters of CloudFormation, whose values are known only where the template is deployed', () => {
    const stack = makeStack({
      logLevel: Fn.ref('Level'),
      logRetention: Token.asNumber({ Ref: 'Days' }) as unknown as RetentionDays,
      maxConcurrency: Token.asNumber({ Ref: 'Concurrency' }),
      parameterPrefix: Fn.ref('Prefix'),
    });
    for (const [name, type] of Object.entries({
      Level: 'String',
      Days: 'Number',
      Concurrency: 'Number',
      Prefix: 'String',
    }))
      new CfnParameter(stack, name, { type });
    const tokens = toTemplate(Template.fromStack(stack));
    expect(resourceOf(tokens, 'AWS::Lambda::Function', 'TrackJob').Properties).toMatchObject({
      Environment: {
        Variables: {
          POWERTOOLS_LOG_LEVEL: { Ref: 'Level' },
          // "a/b" of "/a/b": CloudFormation can only split.
          POWERTOOLS_SERVICE_NAME: {
            'Fn::Select': [1, { 'Fn::Split': ['|/', { 'Fn::Join': ['', ['|', { Ref: 'Prefix' }]] }] }],
          },
        },
      },
    });
    expect(resourceOf(tokens, 'AWS::Logs::LogGroup', 'TrackJob').Properties).toMatchObject({
      RetentionInDays: { Ref: 'Days' },
    });
    expect(resourceOf(tokens, 'AWS::Lambda::EventSourceMapping', 'TrackJob').Properties).toMatchObject({
      ScalingConfig: { MaximumConcurrency: { Ref: 'Concurrency' } },
    });
    const { Name } = resourceOf(tokens, 'AWS::SSM::Parameter', 'TrackedScopes').Properties as { Name: unknown };
    expect(readable(Name)).toBe('<Prefix>/tracked-scopes');
  });

  it('SSM parameters', () => {
    const names = resourcesOf(template(), 'AWS::SSM::Parameter').map(
      ([, { Properties }]) => (Properties as { Name: string }).Name,
    );
    expect(names.sort()).toEqual(
      Object.values(PARAMETER)
        .map((name) => parameterUnder('/team/jobs', name))
        .sort(),
    );
  });
});

describe('wrong props are refused with a sentence', () => {
  it.each<[BedrockJobTrackerProps, string]>([
    [{ activeSweepEvery: Duration.seconds(30) }, 'activeSweepEvery is 30 seconds: it takes whole minutes, at least 1'],
    [{ activeSweepEvery: Duration.minutes(0) }, 'activeSweepEvery is 0 minutes: it takes whole minutes, at least 1'],
    [
      { fullSweepEvery: Duration.seconds(5400.5) },
      'fullSweepEvery is 1 hour 30 minutes: it takes whole minutes, at least 1',
    ],
    [
      { activeSweepEvery: Duration.hours(2), fullSweepEvery: Duration.hours(1) },
      'fullSweepEvery (1 hour) is more often than activeSweepEvery (2 hours): a full sweep covers the active jobs too',
    ],
    [
      { activeSweepEvery: Duration.hours(36) },
      'fullSweepEvery (1 day) is more often than activeSweepEvery (1 day 12 hours): a full sweep covers the active jobs too',
    ],
    [{ idleAfter: Duration.hours(36) }, 'idleAfter is 1 day 12 hours: it takes whole days, 1 to 455'],
    [{ idleAfter: Duration.days(456) }, 'idleAfter is 456 days: it takes whole days, 1 to 455'],
    [
      { modelSweepEvery: Duration.seconds(90) },
      'modelSweepEvery is 1 minute 30 seconds: it takes whole minutes, at least 1',
    ],
    [{ models: false, modelUsage: true }, 'modelUsage has no effect where models is false: leave one of them out'],
    [
      { models: false, idleAfter: Duration.days(7) },
      'idleAfter has no effect where models is false: leave one of them out',
    ],
    [
      { modelUsage: false, idleAfter: Duration.days(7) },
      'idleAfter has no effect where modelUsage is false: leave one of them out',
    ],
    [
      { modelUsage: false, notifications: { idleModels: true } },
      'notifications.idleModels has no effect where modelUsage is false: leave one of them out',
    ],
    [
      { tableName: 'n'.repeat(249) },
      `tableName is "${'n'.repeat(249)}": DynamoDB takes 3 to 255 letters, digits and _.-, and the models table adds "-models"`,
    ],
    [{ tagRefreshWindow: Duration.hours(12) }, 'tagRefreshWindow is 12 hours: it takes whole days, at least 0'],
    [
      { longRunningAfter: Duration.minutes(5) },
      'longRunningAfter (5 minutes) is not longer than activeSweepEvery (5 minutes): the age of jobs is measured by ' +
        'the active sweep',
    ],
    [
      { longRunningAfter: Duration.seconds(90) },
      'longRunningAfter is 1 minute 30 seconds: it takes whole minutes, at least 1',
    ],
    [
      { notifications: { statuses: [] } },
      'notifications.statuses is empty: leave it out for Completed, Failed, Stopped',
    ],
    [
      { notifications: { statuses: ['In Progress'] } },
      'notifications.statuses has "In Progress": a status is a word such as Completed, Failed, Stopped',
    ],
    [
      { notifications: { emails: ['ml-team'] } },
      'notifications.emails has "ml-team": an address looks like team@example.com',
    ],
    [
      { notifications: { emails: Token.asList({ Ref: 'Emails' }) } },
      'notifications.emails must be known at synthesis: each address gets a subscription',
    ],
    [
      { scopes: [{ regions: Token.asList({ Ref: 'Regions' }) }] },
      'the lists of scopes must be known at synthesis: the permissions name each account and Region',
    ],
    [{ maxConcurrency: 1 }, 'maxConcurrency is 1: Lambda takes a whole number from 2 to 1000'],
    [{ maxConcurrency: 1001 }, 'maxConcurrency is 1001: Lambda takes a whole number from 2 to 1000'],
    [{ maxConcurrency: 2.5 }, 'maxConcurrency is 2.5: Lambda takes a whole number from 2 to 1000'],
    [{ logLevel: 'LOUD' }, 'logLevel is LOUD: it takes one of DEBUG, INFO, WARN, ERROR'],
    [
      { parameterPrefix: 'jobs/' },
      'parameterPrefix is "jobs/": it takes a path like /team/bedrock-job-tracker, without a slash at its end',
    ],
    [
      { runbookUrl: 'docs/runbook.md' },
      'runbookUrl is "docs/runbook.md": it takes an address like https://wiki.example.com/runbook, with other characters as %20',
    ],
    [
      { runbookUrl: 'https://wiki.example.com/runbook#alarms' },
      'runbookUrl is "https://wiki.example.com/runbook#alarms": it takes an address like https://wiki.example.com/runbook, ' +
        'without "#", as each alarm adds its own paragraph',
    ],
    [
      { runbookUrl: `https://wiki.example.com/${'a'.repeat(500)}` },
      'runbookUrl has 525 characters: it takes at most 450',
    ],
    [{ parameterPrefix: '/aws/jobs' }, 'parameterPrefix is "/aws/jobs": AWS reserves /aws and /ssm'],
    [
      { activeSweepEvery: Duration.minutes(Lazy.number({ produce: () => 5 })) },
      'activeSweepEvery must be known at synthesis',
    ],
  ])('%j: %s', (props, problem) => {
    expect(problemsOf(props, ANYWHERE)).toEqual([problem]);
  });

  it('a retention that CloudWatch Logs does not know is refused with those that it does', () => {
    expect(problemsOf(JSON.parse('{"logRetention":91}') as BedrockJobTrackerProps, ANYWHERE)).toEqual([
      expect.stringMatching(/^logRetention is 91: it takes one of 1, 3, 5, .*, 9999$/),
    ]);
  });

  it.each<[string, BedrockJobTrackerProps]>([
    ['nothing', {}],
    ['the smallest', { activeSweepEvery: Duration.minutes(1), fullSweepEvery: Duration.minutes(1), maxConcurrency: 2 }],
    ['the largest', { maxConcurrency: 1000, logRetention: RetentionDays.INFINITE }],
    ['minutes in seconds', { activeSweepEvery: Duration.seconds(120) }],
    ['undefined for the default', { activeSweepEvery: undefined } as unknown as BedrockJobTrackerProps],
  ])('%s is accepted', (_case, props) => {
    expect(problemsOf(props, ANYWHERE)).toEqual([]);
  });

  it('come back all at once, in one message', () => {
    const attempt = () => synthesize({ maxConcurrency: 0, tagRefreshWindow: Duration.hours(1), parameterPrefix: '/' });
    expect(attempt).toThrow(InvalidPropsError);
    expect(attempt).toThrow(
      'Bedrock job tracker: 3 settings are wrong.\n' +
        '  - tagRefreshWindow is 1 hour: it takes whole days, at least 0\n' +
        '  - maxConcurrency is 0: Lambda takes a whole number from 2 to 1000\n' +
        '  - parameterPrefix is "/": it takes a path like /team/bedrock-job-tracker, without a slash at its end',
    );
  });
});

const HUB = { account: '111122223333', region: 'us-east-1' };
const MEMBER = '444455556666';
const externalId = { spokeExternalId: 'bedrock-7f3a' };

describe('the tracked scopes', () => {
  it('are the account and Region of the stack where none is named', () => {
    expect(trackedScopes([{}], HUB)).toEqual([{ ...HUB, isHome: true }]);
  });

  it('are each of the accounts in each of the Regions', () => {
    const scopes = trackedScopes([{ accounts: [HUB.account, MEMBER], regions: ['us-east-1', 'us-west-2'] }], HUB);
    expect(scopes.map(({ account, region, isHome }) => [account, region, isHome])).toEqual([
      [HUB.account, 'us-east-1', true],
      [HUB.account, 'us-west-2', false],
      [MEMBER, 'us-east-1', false],
      [MEMBER, 'us-west-2', false],
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

describe('wrong scopes are refused with a sentence', () => {
  const accounts = (count: number) => Array.from({ length: count }, (_, n) => (100_000_000_000 + n).toString());

  it.each<[BedrockJobTrackerProps, string]>([
    [
      { ...externalId, scopes: [{ accounts: ['44445555666'] }] },
      'scopes names the account "44445555666": an account id has 12 digits',
    ],
    [
      { scopes: [{ regions: ['us-east-1', 'cn-north-1'] }] },
      'scopes names the Region "cn-north-1", which is not known to have Amazon Bedrock: correct it, or add it to ' +
        'knownRegions if AWS has added it',
    ],
    [
      { ...externalId, scopes: [{ accounts: [MEMBER] }, { accounts: [MEMBER, '777788889999'] }] },
      'scopes names 444455556666 in us-east-1 more than once',
    ],
    [{ scopes: [{}, { accounts: [HUB.account] }] }, 'scopes names 111122223333 in us-east-1 more than once'],
    [{ scopes: [] }, 'scopes is empty: leave it out to track the account and Region of the stack'],
    [
      { scopes: [{ regions: [] }] },
      'scopes has an empty list of accounts or regions: leave it out for the account or Region of the stack',
    ],
    [{ scopes: [{ accounts: [MEMBER] }] }, "spokeExternalId is missing: other accounts' spokes ask the hub for it"],
    [
      { scopes: [{ accounts: [MEMBER] }], spokeExternalId: 'a b' },
      'spokeExternalId is "a b": it takes 2 to 1224 of a-z, A-Z, 0-9 and +=,.@:/_-',
    ],
    [{ ...externalId, organizationId: 'acme' }, 'organizationId is "acme": it looks like o-a1b2c3d4e5'],
    [{ organizationId: 'o-a1b2c3d4e5' }, "spokeExternalId is missing: other accounts' spokes ask the hub for it"],
    [{ spokeAccounts: [MEMBER] }, "spokeExternalId is missing: other accounts' spokes ask the hub for it"],
    [
      { ...externalId, spokeAccounts: ['44445555666'] },
      'spokeAccounts names the account "44445555666": an account id has 12 digits',
    ],
    [{ spokeAccounts: [] }, 'spokeAccounts is empty: leave it out, or name the accounts of the spokes'],
    [
      { ...externalId, spokeAccounts: accounts(201) },
      'scopes and spokeAccounts name 201 accounts for spokes: the policy of an event bus holds 200. Name the organization ' +
        'of the accounts instead, as organizationId',
    ],
    [
      { ...externalId, organizationId: 'o-a1b2c3d4e5', sweepConcurrency: 20, reservedConcurrentExecutions: 20 },
      'reservedConcurrentExecutions is 20: reconcile-jobs needs at least 21, for sweepConcurrency and to start sweeps',
    ],
  ])('%j: %s', (props, problem) => {
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

  it.each<[string, BedrockJobTrackerProps]>([
    ['200 accounts', { ...externalId, spokeAccounts: accounts(200) }],
    ['an organization and no scope of its own', { ...externalId, organizationId: 'o-a1b2c3d4e5', scopes: [] }],
    ['spokes in other Regions of the own account alone', { spokeAccounts: [HUB.account] }],
  ])('%s are accepted', (_case, props) => {
    expect(problemsOf(props, HUB)).toEqual([]);
  });

  it.each<BedrockJobTrackerProps>([
    { scopes: [{ regions: ['us-west-2'] }] },
    { ...externalId, organizationId: 'o-a1b2c3d4e5' },
    { ...externalId, spokeAccounts: [MEMBER] },
  ])('%j needs to know the account and Region of the stack: they decide what is granted', (props) => {
    expect(problemsOf(props, ANYWHERE)).toEqual([
      "scopes, organizationId and spokeAccounts need to know the stack's own account and Region: give the stack an env with " +
        'both, or credentials to the CDK (CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION)',
    ]);
  });
});
