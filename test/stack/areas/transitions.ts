import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseTransition, type TransitionEvent } from '../../../lib/client/transition-event.ts';
import {
  MODEL_TRANSITION_DETAIL_TYPE,
  OUTPUT,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_EVENT_SOURCE,
} from '../../../lib/contract.ts';
import { aws, output } from '../support/aws.ts';
import { NOTIFIED } from '../support/cdk.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob } from '../support/jobs.ts';
import {
  allowPublishing,
  makeSubscriber,
  subscribeToBus,
  subscribeToTopic,
  type Subscriber,
} from '../support/subscriber.ts';
import { sweep } from '../support/records.ts';
import { resourcesOf } from '../support/template.ts';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/**
 * The function may put events of the tracker's own source and type alone. MiniStack does not know those two condition
 * keys of EventBridge and refuses, so that the template is looked at and the function gets the permission without them.
 */
const grantWithoutCondition = async (): Promise<void> => {
  const statements = resourcesOf('AWS::IAM::Policy', 'PublishTransitionsRole').flatMap(
    ({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
  );
  const [statement, ...others] = statements.filter(({ Action }) => Action === 'events:PutEvents');
  expect(others).toEqual([]);
  expect(statement?.Condition).toEqual({
    'ForAllValues:StringEquals': {
      'events:source': [TRANSITION_EVENT_SOURCE],
      'events:detail-type': [TRANSITION_DETAIL_TYPE, MODEL_TRANSITION_DETAIL_TYPE],
    },
    Null: { 'events:source': 'false', 'events:detail-type': 'false' },
  });
  await allowPublishing();
};

describe('transitions', () => {
  let subscriber: Subscriber;
  let reader: Subscriber;

  beforeAll(async () => {
    await grantWithoutCondition();
    [subscriber, reader] = [await makeSubscriber('subscriber'), await makeSubscriber('reader')];
    await subscribeToBus(subscriber, 'subscriber', {
      source: [TRANSITION_EVENT_SOURCE],
      'detail-type': [TRANSITION_DETAIL_TYPE],
    });
    await subscribeToTopic(reader, output(OUTPUT.notificationsTopicArn));
    // The first sweep of a scope is its backfill.
    await sweep('active');
  }, 30_000);

  const eventAbout = (arn: string, to: string): Promise<TransitionEvent> =>
    subscriber.message(`a transition of ${arn} to ${to}`, (message) => {
      const event = parseTransition(message);
      const { job_arn, task, to: status } = event.detail;
      return job_arn === arn && task === undefined && status === to ? event : undefined;
    });

  test('each change of a job reaches a subscriber as one event that the client reads', async () => {
    const job = await createJob({ team: 'ml' });
    await putEvents(sampleEvent('state-change-in-progress', job));
    const first = await eventAbout(job.arn, 'InProgress');
    expect(first.detail).toMatchObject({ job_name: job.name, from: null, via: 'event', tags: { team: 'ml' } });
    await endJob(job.arn, 'Completed');
    await putEvents(...Array.from({ length: 3 }, () => sampleEvent('state-change-completed', job)));
    const second = await eventAbout(job.arn, 'Completed');
    expect(second.detail).toMatchObject({ from: 'InProgress', to: 'Completed', output_model_arn: expect.any(String) });
    const ids = subscriber.all().map((message) => parseTransition(message).detail.transition_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a change that only a sweep saw reaches a subscriber as well', async () => {
    const job = await createJob();
    await sweep('active');
    expect((await eventAbout(job.arn, 'InProgress')).detail).toMatchObject({ from: null, via: 'sweep' });
  });

  test('the end of a job reaches the people who are to be told, in words', async () => {
    const job = await createJob();
    await endJob(job.arn, 'Failed', 'The training data has no records.');
    await putEvents(sampleEvent('state-change-failed-documented-shape', job));
    const { Subject, Message } = await reader.message(`a notification about ${job.name}`, (message) => {
      const notification = message as Record<'Subject' | 'Message', string>;
      return notification.Message.includes(job.name) ? notification : undefined;
    });
    expect(Subject).toMatch(/failed/i);
    expect(Message).toContain('The training data has no records.');
  });

  test('the e-mail address of the props is subscribed', async () => {
    const { Subscriptions } = await aws<{ Subscriptions: { Protocol: string; Endpoint: string }[] }>(
      ...['sns', 'list-subscriptions-by-topic', '--topic-arn', output(OUTPUT.notificationsTopicArn)],
    );
    expect(Subscriptions).toContainEqual(expect.objectContaining({ Protocol: 'email', Endpoint: NOTIFIED }));
  });
});
