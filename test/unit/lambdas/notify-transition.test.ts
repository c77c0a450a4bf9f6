import { describe, expect, it, jest } from '@jest/globals';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { makeHandler, publishInput, snsNotificationTopic } from '../../../lambdas/notify-transition/handler.ts';
import type { Notification } from '../../../lib/domain/notification.ts';
import { detailOf, eventOf, newRecord } from '../../support/transitions.ts';

const setUp = (failure?: Error) => {
  const sent: Notification[] = [];
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const notify = (notification: Notification) => {
    sent.push(notification);
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  };
  return { sent, log, handle: makeHandler({ topic: { notify }, log }) };
};
const event = eventOf(detailOf(newRecord('fine-tuning-failed')));

describe('the notify-transition handler', () => {
  it('sends and logs a notification about the transition', async () => {
    const { handle, sent, log } = setUp();
    await handle(event);
    expect(sent.map(({ subject }) => subject)).toEqual(['Bedrock job marketing-copy-ft-3 failed in us-east-1']);
    expect(log.info).toHaveBeenCalledWith(
      'notification sent',
      expect.objectContaining({ job_arn: event.detail['job_arn'], to: 'Failed', via: 'event' }),
    );
    expect(JSON.stringify(log.info.mock.calls)).not.toContain('GetObject');
  });

  it.each([undefined, {}, { ...event, source: 'aws.bedrock' }])('throws for %j, and sends nothing', async (other) => {
    const { handle, sent } = setUp();
    await expect(handle(other)).rejects.toThrow('Not an event about a transition');
    expect(sent).toEqual([]);
  });

  it('throws if the topic refuses, and logs nothing as sent', async () => {
    const { handle, log } = setUp(new Error('throttled'));
    await expect(handle(event)).rejects.toThrow('throttled');
    expect(log.info).not.toHaveBeenCalled();
  });
});

const ARN = 'arn:aws:sns:us-east-1:123456789012:notifications';
const notification = {
  subject: 'Bedrock job j failed',
  message: 'It failed.\n',
  attributes: { to: 'Failed', account_id: '123456789012', region: 'us-east-1' },
};

describe('the notification topic on SNS', () => {
  const client = mockClient(SNSClient);
  const topic = snsNotificationTopic(client as unknown as SNSClient, ARN);

  it('publishes subject, message, and attributes for filter policies', async () => {
    client.reset();
    client.on(PublishCommand).resolves({ MessageId: 'm' });
    await topic.notify(notification);
    expect(client.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toEqual([
      {
        TopicArn: ARN,
        Subject: 'Bedrock job j failed',
        Message: 'It failed.\n',
        MessageAttributes: {
          to: { DataType: 'String', StringValue: 'Failed' },
          account_id: { DataType: 'String', StringValue: '123456789012' },
          region: { DataType: 'String', StringValue: 'us-east-1' },
        },
      },
    ]);
  });

  it('leaves out an empty attribute, which SNS refuses', () => {
    const input = publishInput(ARN, { ...notification, attributes: { ...notification.attributes, to: '' } });
    expect(Object.keys(input.MessageAttributes ?? {})).toEqual(['account_id', 'region']);
  });

  it('throws the error of SNS', async () => {
    client.reset();
    client.on(PublishCommand).rejects(new Error('AuthorizationError'));
    await expect(topic.notify(notification)).rejects.toThrow('AuthorizationError');
  });
});
