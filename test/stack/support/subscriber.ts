/** Somebody who subscribes to what the tracker publishes: a queue of their own. */
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { aws, events, eventually, queues, stack, topics } from './aws.ts';
import { physicalIds } from './template.ts';

export interface Subscriber {
  readonly queueArn: string;
  /** The first message that is looked for, of all that have come or come soon. */
  readonly message: <T>(what: string, find: (message: unknown) => T | undefined) => Promise<T>;
  /** All that have come. */
  readonly all: () => readonly unknown[];
}

export const makeSubscriber = async (name: string): Promise<Subscriber> => {
  const queueArn = `arn:aws:sqs:${stack.region}:${stack.account}:${name}`;
  const statement = {
    Effect: 'Allow',
    Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
  };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy: policy } }));
  const received: unknown[] = [];
  const receive = async (): Promise<void> => {
    const { Messages = [] } = await queues.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { Body = '', ReceiptHandle } of Messages) {
      received.push(JSON.parse(Body));
      await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  };
  return {
    queueArn,
    all: () => received,
    message: (what, find) =>
      eventually(what, async () => {
        await receive();
        return received.map(find).find((found) => found !== undefined);
      }),
  };
};

/** Lets a tracker publish on the default bus, on no condition. MiniStack refuses by conditions that it does not know. */
export const allowPublishing = async (stackName = stack.name): Promise<void> => {
  const ids = Object.entries(await physicalIds(stackName));
  const [, role = ''] = ids.find(([id]) => /PublishTransitionsRole[0-9A-F]{8}$/.test(id)) ?? [];
  const bus = `arn:aws:events:${stack.region}:${stack.account}:event-bus/default`;
  const statement = { Effect: 'Allow', Action: 'events:PutEvents', Resource: bus };
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await aws(
    ...['iam', 'put-role-policy', '--role-name', role, '--policy-name', 'without-condition'],
    ...['--policy-document', document],
  );
};

/** Has a bus deliver what matches to the subscriber. */
export const subscribeToBus = async ({ queueArn }: Subscriber, rule: string, pattern: object): Promise<void> => {
  await events.send(new PutRuleCommand({ Name: rule, EventPattern: JSON.stringify(pattern) }));
  await events.send(new PutTargetsCommand({ Rule: rule, Targets: [{ Id: 'subscriber', Arn: queueArn }] }));
};

export const subscribeToTopic = ({ queueArn }: Subscriber, topicArn: string) =>
  topics.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn }));
