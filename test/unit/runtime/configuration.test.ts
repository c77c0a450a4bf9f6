import { describe, expect, it } from '@jest/globals';
import {
  readNotifyConfiguration,
  readPublishConfiguration,
  readReconcileConfiguration,
  readTrackConfiguration,
} from '../../../lib/runtime/configuration.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';

const ENVIRONMENT = {
  JOBS_TABLE_NAME: 'jobs',
  SWEEPS_TABLE_NAME: 'sweeps',
  TRACKED_SCOPES: '123456789012#us-east-1, 210987654321#eu-west-1',
  TAG_REFRESH_DAYS: '7',
  SWEEP_MINUTES: 'active=5,idle=60,empty=1440,full=1440',
};

describe('the configuration of the functions', () => {
  it('is read from the environment', () => {
    expect(readReconcileConfiguration(ENVIRONMENT)).toEqual({
      jobsTable: 'jobs',
      sweepsTable: 'sweeps',
      tagRefreshDays: 7,
      eventSourceMappings: {},
      periods: {
        active: 5 * MINUTE,
        idle: HOUR,
        empty: DAY,
        full: DAY,
        releaseAfter: DAY,
      },
      named: [
        { accountId: '123456789012', region: 'us-east-1' },
        { accountId: '210987654321', region: 'eu-west-1' },
      ],
    });
    expect(readTrackConfiguration(ENVIRONMENT)).toMatchObject({ jobsTable: 'jobs' });
  });

  it('has no days, queue and named scopes unless they are set', () => {
    const { TAG_REFRESH_DAYS: _, TRACKED_SCOPES: __, ...environment } = ENVIRONMENT;
    const configuration = readReconcileConfiguration(environment);
    expect(configuration).toMatchObject({ named: [] });
    expect(configuration).not.toHaveProperty('tagRefreshDays');
    expect(configuration).not.toHaveProperty('sweepsQueue');
    const SWEEPS_QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/123456789012/sweeps';
    expect(readReconcileConfiguration({ ...environment, SWEEPS_QUEUE_URL }).sweepsQueue).toBe(SWEEPS_QUEUE_URL);
  });

  it.each([undefined, '', 'active=5', 'active=0,idle=1,empty=1', 'active=5,idle=60,empty=1440,hourly=1', 'active=5 '])(
    'refuses the minutes %j',
    (SWEEP_MINUTES) => {
      expect(() => readReconcileConfiguration({ ...ENVIRONMENT, SWEEP_MINUTES })).toThrow(
        /SWEEP_MINUTES (is not set|must be minutes of active, idle, empty)/,
      );
    },
  );

  it('has the event source mappings that sweeps check', () => {
    const read = (text: string) =>
      readReconcileConfiguration({ ...ENVIRONMENT, EVENT_SOURCES: text }).eventSourceMappings;
    expect(read('job-events=a1b2-c3,transitions=d4e5-f6+a7b8-c9')).toEqual({
      'job-events': ['a1b2-c3'],
      transitions: ['d4e5-f6', 'a7b8-c9'],
    });
    expect(() => read('others=a1')).toThrow('EVENT_SOURCES must name sources out of job-events, transitions');
    expect(() => read('transitions=a b')).toThrow('EVENT_SOURCES must name each source with the UUID');
  });

  it('is refused with every problem in one message', () => {
    const broken = { JOBS_TABLE_NAME: 'a b', TRACKED_SCOPES: '1#us-east-1', TAG_REFRESH_DAYS: '-1' };
    expect(() => readReconcileConfiguration(broken)).toThrow(
      /JOBS_TABLE_NAME must be the name.*SWEEPS_TABLE_NAME is not set.*SWEEP_MINUTES is not set.*TRACKED_SCOPES must name scopes.*TAG_REFRESH_DAYS must be a whole number of days/,
    );
    expect(() => readTrackConfiguration({})).toThrow(/JOBS_TABLE_NAME is not set; SWEEPS_TABLE_NAME is not set/);
  });
});

describe('the access to scopes of other accounts', () => {
  const SPOKES = {
    HOME_ACCOUNT_ID: '123456789012',
    SPOKE_ROLE_ARN: 'arn:aws:iam::{account}:role/bedrock-job-tracker-spoke-{region}',
    SPOKE_EXTERNAL_ID: 'a-shared-word',
    AWS_REGION: 'us-east-1',
  };

  it('uses a role if there is one', () => {
    const expected = {
      homeAccount: '123456789012',
      homeRegion: 'us-east-1',
      roleArn: SPOKES.SPOKE_ROLE_ARN,
      externalId: 'a-shared-word',
    };
    expect(readReconcileConfiguration({ ...ENVIRONMENT, ...SPOKES }).spokes).toEqual(expected);
    expect(readTrackConfiguration({ ...ENVIRONMENT, ...SPOKES }).spokes).toEqual(expected);
  });

  it("uses the function's own credentials without spokes, and for the home account", () => {
    expect(readTrackConfiguration(ENVIRONMENT)).not.toHaveProperty('spokes');
    expect(readTrackConfiguration({ ...ENVIRONMENT, HOME_ACCOUNT_ID: '123456789012' })).not.toHaveProperty('spokes');
  });

  it.each<[what: string, change: Record<string, string | undefined>, problems: string[]]>([
    ['no account id', { HOME_ACCOUNT_ID: '1234' }, ['HOME_ACCOUNT_ID must be an account id of 12 digits']],
    ['no home account', { HOME_ACCOUNT_ID: undefined }, ['HOME_ACCOUNT_ID is not set, but SPOKE_ROLE_ARN is']],
    ['no external id', { SPOKE_EXTERNAL_ID: undefined }, ['SPOKE_EXTERNAL_ID is not set, but SPOKE_ROLE_ARN is']],
    ['no Region of its own', { AWS_REGION: undefined }, ['AWS_REGION is not set, but SPOKE_ROLE_ARN is']],
    ['an external id that STS refuses', { SPOKE_EXTERNAL_ID: 'a b' }, ['SPOKE_EXTERNAL_ID must be an external id']],
    [
      'an external id without a role',
      { SPOKE_ROLE_ARN: undefined },
      ['SPOKE_EXTERNAL_ID is set without SPOKE_ROLE_ARN'],
    ],
    [
      'a role without placeholders and no external id',
      { SPOKE_ROLE_ARN: 'arn:aws:iam::210987654321:role/spoke', SPOKE_EXTERNAL_ID: undefined },
      [
        'SPOKE_ROLE_ARN must be the ARN of a role with {account} in place of the account id',
        'SPOKE_ROLE_ARN must have {region} in the name of the role',
        'SPOKE_EXTERNAL_ID is not set, but SPOKE_ROLE_ARN is',
      ],
    ],
    [
      'a role for all Regions',
      { SPOKE_ROLE_ARN: 'arn:aws-us-gov:iam::{account}:role/spoke' },
      ['SPOKE_ROLE_ARN must have {region} in the name of the role'],
    ],
  ])('is refused with %s, with every problem in one message', (_what, change, problems) => {
    const environment = { ...ENVIRONMENT, ...SPOKES, JOBS_TABLE_NAME: 'a b', ...change };
    for (const read of [readTrackConfiguration, readReconcileConfiguration]) {
      for (const problem of ['JOBS_TABLE_NAME must be the name', ...problems]) {
        expect(() => read(environment)).toThrow(problem);
      }
    }
  });

  it('is refused with one problem too', () => {
    const { SPOKE_EXTERNAL_ID: _, ...rest } = SPOKES;
    const read = () => readTrackConfiguration({ ...ENVIRONMENT, ...rest });
    expect(read).toThrow(TrackerError);
    expect(read).toThrow('The stack sets these variables: deploy it again.');
  });
});

describe('the configuration of publish-transitions and notify-transition', () => {
  it.each(['default', 'my/partner.bus-1', 'arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/default'])(
    'takes the bus %s',
    (bus) => {
      expect(readPublishConfiguration({ TRANSITIONS_BUS: bus })).toEqual({ bus, redactFailureMessages: false });
    },
  );

  it.each([undefined, '', 'a b', 'arn:aws:sqs:us-east-1:123456789012:queue'])('refuses the bus %j', (bus) => {
    expect(() => readPublishConfiguration({ TRANSITIONS_BUS: bus })).toThrow(/TRANSITIONS_BUS (is not set|must be)/);
  });

  it('reads whether to redact failure messages', () => {
    const read = (redact: string) =>
      readPublishConfiguration({ TRANSITIONS_BUS: 'default', REDACT_FAILURE_MESSAGES: redact }).redactFailureMessages;
    expect([read('true'), read('false')]).toEqual([true, false]);
    expect(() => read('yes')).toThrow('REDACT_FAILURE_MESSAGES must be true or false');
  });

  it('takes the ARN of a topic, and nothing else', () => {
    const topicArn = 'arn:aws:sns:us-east-1:123456789012:Tracker-Topic_1';
    expect(readNotifyConfiguration({ NOTIFICATIONS_TOPIC_ARN: topicArn })).toEqual({ topicArn });
    expect(() => readNotifyConfiguration({})).toThrow('NOTIFICATIONS_TOPIC_ARN is not set');
    expect(() => readNotifyConfiguration({ NOTIFICATIONS_TOPIC_ARN: 'topic' })).toThrow(
      'must be the ARN of an SNS topic',
    );
  });
});
