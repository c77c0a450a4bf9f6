import { describe, expect, it } from '@jest/globals';
import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ENV } from '../../lib/contract.ts';
import { propsFromContext } from '../../lib/infra/props/context.ts';
import type { BedrockJobTrackerProps, LogLevel } from '../../lib/infra/props/props.ts';
import { InvalidPropsError, problemsOf } from '../../lib/infra/props/validate-props.ts';
import { permissionsOf } from './permissions.ts';
import { ANYWHERE, makeApp, resourceOf, resourcesOf, synthesize } from './support.ts';

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
      fullSweepEvery: Duration.days(7),
      tagRefreshWindow: Duration.days(0),
      maxConcurrency: 2,
      logRetention: RetentionDays.ONE_WEEK,
      logLevel: 'DEBUG',
      parameterPrefix: '/team/jobs',
    });

  it('sweeps, also when a week is longer than Scheduler keeps trying', () => {
    expect(resourceOf(template(), 'AWS::Scheduler::Schedule', 'ActiveSweep').Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    });
    expect(resourceOf(template(), 'AWS::Scheduler::Schedule', 'FullSweep').Properties).toMatchObject({
      ScheduleExpression: 'rate(7 days)',
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 86_400 } },
    });
  });

  it('functions', () => {
    expect(resourceOf(template(), 'AWS::Lambda::Function', 'ReconcileJobs').Properties).toMatchObject({
      Environment: { Variables: { [ENV.tagRefreshDays]: '0', POWERTOOLS_LOG_LEVEL: 'DEBUG' } },
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

  it('alarms, which go to the one topic', () => {
    const alarmTopicArn = 'arn:aws:sns:us-west-2:111122223333:operations';
    const alarms = resourcesOf(synthesize({ alarmTopicArn }), 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(15);
    for (const [, { Properties }] of alarms) {
      expect(Properties).toMatchObject({ AlarmActions: [alarmTopicArn], OKActions: [alarmTopicArn] });
    }
  });

  it.each([
    [
      'alarmTopicArn',
      'arn:aws:sns:eu-west-1:111122223333:operations',
      'alarmTopicArn is in eu-west-1: alarms reach topics of their own Region alone, which is us-west-2',
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

  it('metrics, whose service tells two trackers apart', () => {
    const variables = resourceOf(synthesize({ parameterPrefix: '/team/jobs' }), 'AWS::Lambda::Function', 'TrackJob');
    expect(variables.Properties).toMatchObject({
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'team/jobs' } },
    });
  });

  it('SSM parameters', () => {
    const names = resourcesOf(template(), 'AWS::SSM::Parameter').map(
      ([, { Properties }]) => Properties as { Name: string },
    );
    expect(names.map(({ Name }) => Name)).toEqual([
      '/team/jobs/jobs-table-name',
      '/team/jobs/jobs-table-arn',
      '/team/jobs/job-events-dead-letter-queue-arn',
      '/team/jobs/tracked-scopes',
      '/team/jobs/sweeps-table-name',
      '/team/jobs/watched-queue-urls',
      '/team/jobs/reconcile-jobs-function-name',
      '/team/jobs/settings',
    ]);
  });
});

describe('wrong props', () => {
  it.each<[string, BedrockJobTrackerProps, string]>([
    [
      'less than a minute',
      { activeSweepEvery: Duration.seconds(30) },
      'activeSweepEvery is 30 seconds: EventBridge Scheduler takes whole minutes, at least 1',
    ],
    [
      'no time at all',
      { activeSweepEvery: Duration.minutes(0) },
      'activeSweepEvery is 0 minutes: EventBridge Scheduler takes whole minutes, at least 1',
    ],
    [
      'a fraction of a minute',
      { fullSweepEvery: Duration.seconds(5400.5) },
      'fullSweepEvery is 1 hour 30 minutes: EventBridge Scheduler takes whole minutes, at least 1',
    ],
    [
      'an order that makes no sense',
      { activeSweepEvery: Duration.hours(2), fullSweepEvery: Duration.hours(1) },
      'fullSweepEvery (1 hour) is more often than activeSweepEvery (2 hours): a full sweep covers the active jobs too',
    ],
    [
      'an order that makes no sense with a default',
      { activeSweepEvery: Duration.hours(36) },
      'fullSweepEvery (1 day) is more often than activeSweepEvery (1 day 12 hours): a full sweep covers the active jobs too',
    ],
    ['half a day', { tagRefreshWindow: Duration.hours(12) }, 'tagRefreshWindow is 12 hours: it takes whole days'],
    [
      'a threshold below the sweep that measures it',
      { longRunningAfter: Duration.minutes(5) },
      'longRunningAfter (5 minutes) is not longer than activeSweepEvery (5 minutes): the age of jobs is measured by ' +
        'the active sweep',
    ],
    [
      'a threshold in seconds',
      { longRunningAfter: Duration.seconds(90) },
      'longRunningAfter is 1 minute 30 seconds: it takes whole minutes, at least 1',
    ],
    [
      'no status to tell of',
      { notifications: { statuses: [] } },
      'notifications.statuses is empty: leave it out for Completed, Failed, Stopped',
    ],
    [
      'a status that is none',
      { notifications: { statuses: ['In Progress'] } },
      'notifications.statuses has "In Progress": a status is a word such as Completed, Failed, Stopped',
    ],
    [
      'an address that is none',
      { notifications: { emails: ['ml-team'] } },
      'notifications.emails has "ml-team": an address looks like team@example.com',
    ],
    ['one at a time', { maxConcurrency: 1 }, 'maxConcurrency is 1: Lambda takes a whole number from 2 to 1000'],
    ['too many', { maxConcurrency: 1001 }, 'maxConcurrency is 1001: Lambda takes a whole number from 2 to 1000'],
    ['a fraction', { maxConcurrency: 2.5 }, 'maxConcurrency is 2.5: Lambda takes a whole number from 2 to 1000'],
    [
      'an unknown level',
      { logLevel: 'LOUD' as LogLevel },
      'logLevel is LOUD: it takes one of DEBUG, INFO, WARN, ERROR',
    ],
    [
      'a relative path',
      { parameterPrefix: 'jobs/' },
      'parameterPrefix is "jobs/": it takes a path like /team/bedrock-job-tracker, without a slash at its end',
    ],
    ['a reserved path', { parameterPrefix: '/aws/jobs' }, 'parameterPrefix is "/aws/jobs": AWS reserves /aws and /ssm'],
    [
      'a token in a schedule',
      { activeSweepEvery: Duration.minutes(Lazy.number({ produce: () => 5 })) },
      'activeSweepEvery must be known when the template is made: a schedule takes no token',
    ],
  ])('%s is refused with a sentence', (_case, props, problem) => {
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
        '  - tagRefreshWindow is 1 hour: it takes whole days\n' +
        '  - maxConcurrency is 0: Lambda takes a whole number from 2 to 1000\n' +
        '  - parameterPrefix is "/": it takes a path like /team/bedrock-job-tracker, without a slash at its end',
    );
  });
});
