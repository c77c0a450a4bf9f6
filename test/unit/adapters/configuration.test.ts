import { describe, expect, it } from '@jest/globals';
import {
  readNotifyConfiguration,
  readPublishConfiguration,
  readReconcileConfiguration,
  readTrackConfiguration,
} from '../../../lib/adapters/configuration.ts';

const ENVIRONMENT = {
  JOBS_TABLE_NAME: 'jobs',
  SWEEPS_TABLE_NAME: 'sweeps',
  TRACKED_SCOPES: '123456789012#us-east-1, 210987654321#eu-west-1',
  TAG_REFRESH_DAYS: '7',
};

describe('the configuration of the functions', () => {
  it('is read from the environment', () => {
    expect(readReconcileConfiguration(ENVIRONMENT)).toEqual({
      jobsTable: 'jobs',
      sweepsTable: 'sweeps',
      tagRefreshDays: 7,
      scopes: [
        { accountId: '123456789012', region: 'us-east-1' },
        { accountId: '210987654321', region: 'eu-west-1' },
      ],
    });
    expect(readTrackConfiguration(ENVIRONMENT)).toMatchObject({ jobsTable: 'jobs' });
  });

  it('compares tags for 30 days where nothing else is said', () => {
    const { TAG_REFRESH_DAYS: _, ...environment } = ENVIRONMENT;
    expect(readReconcileConfiguration(environment).tagRefreshDays).toBe(30);
  });

  it('is refused with every problem in one message', () => {
    const broken = { JOBS_TABLE_NAME: 'a b', TRACKED_SCOPES: '1#us-east-1', TAG_REFRESH_DAYS: '-1' };
    expect(() => readReconcileConfiguration(broken)).toThrow(
      /JOBS_TABLE_NAME must be the name.*TRACKED_SCOPES must name scopes.*SWEEPS_TABLE_NAME is not set.*TAG_REFRESH_DAYS must be a whole number of days/,
    );
    expect(() => readTrackConfiguration({})).toThrow(/JOBS_TABLE_NAME is not set; TRACKED_SCOPES is not set/);
  });
});

describe('the configuration of publish-transitions and notify-transition', () => {
  it.each(['default', 'my/partner.bus-1', 'arn:aws-us-gov:events:us-gov-west-1:123456789012:event-bus/default'])(
    'takes the bus %s',
    (bus) => {
      expect(readPublishConfiguration({ TRANSITIONS_BUS: bus })).toEqual({ bus });
    },
  );

  it.each([undefined, '', 'a b', 'arn:aws:sqs:us-east-1:123456789012:queue'])('refuses the bus %j', (bus) => {
    expect(() => readPublishConfiguration({ TRANSITIONS_BUS: bus })).toThrow(/TRANSITIONS_BUS (is not set|must be)/);
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
