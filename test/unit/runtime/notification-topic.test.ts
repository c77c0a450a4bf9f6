import { describe, expect, it } from '@jest/globals';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { publishInput, snsNotificationTopic } from '../../../lambdas/notify-transition/topic.ts';

const ARN = 'arn:aws:sns:us-east-1:123456789012:notifications';
const notification = {
  subject: 'Bedrock job j failed',
  message: 'It failed.\n',
  attributes: { to: 'Failed', account_id: '123456789012', region: 'us-east-1' },
};

describe('the notification topic on SNS', () => {
  const client = mockClient(SNSClient);
  const topic = snsNotificationTopic(client as unknown as SNSClient, ARN);

  it('publishes subject, message, and attributes that filter policies can ask for', async () => {
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

  it('leaves out an attribute without a value, for which SNS would refuse the whole message', () => {
    const input = publishInput(ARN, { ...notification, attributes: { ...notification.attributes, to: '' } });
    expect(Object.keys(input.MessageAttributes ?? {})).toEqual(['account_id', 'region']);
  });

  it('throws what SNS throws, so that the event is tried again', async () => {
    client.reset();
    client.on(PublishCommand).rejects(new Error('AuthorizationError'));
    await expect(topic.notify(notification)).rejects.toThrow('AuthorizationError');
  });
});
