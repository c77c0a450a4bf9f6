import { describe, expect, it, jest } from '@jest/globals';
import { makeHandler } from '../../../lambdas/notify-transition/handler.ts';
import type { Notification } from '../../../lib/domain/notification.ts';
import { detailOf, newRecord } from '../../support/transition-details.ts';
import { eventOf } from '../../support/transition-events.ts';

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
  it('tells of the transition that the event is about, and logs that it did', async () => {
    const { handle, sent, log } = setUp();
    await handle(event);
    expect(sent.map(({ subject }) => subject)).toEqual(['Bedrock job marketing-copy-ft-3 failed in us-east-1']);
    expect(log.info).toHaveBeenCalledWith(
      'notification sent',
      expect.objectContaining({ job_arn: event.detail['job_arn'], to: 'Failed', via: 'event' }),
    );
    expect(JSON.stringify(log.info.mock.calls)).not.toContain('GetObject');
  });

  it.each([undefined, {}, { ...event, source: 'aws.bedrock' }])('throws for %j, and tells nobody', async (other) => {
    const { handle, sent } = setUp();
    await expect(handle(other)).rejects.toThrow('Not an event about a transition');
    expect(sent).toEqual([]);
  });

  it('throws where the topic refused, so that Lambda tries again, and logs nothing as sent', async () => {
    const { handle, log } = setUp(new Error('throttled'));
    await expect(handle(event)).rejects.toThrow('throttled');
    expect(log.info).not.toHaveBeenCalled();
  });
});
