import { describe, expect } from '@jest/globals';
import { makeHandler } from '../../lambdas/notify-transition/handler.ts';
import {
  isModelTransitionEvent,
  isTransitionEvent,
  parseModelTransition,
  parseTransition,
} from '../../lib/client/transition-event.ts';
import type { Notification } from '../../lib/domain/notification.ts';
import { fixtureNames } from '../support/fixtures.ts';
import { detailOf, eventOf, modelDetailOf, newModel, newRecord } from '../support/transitions.ts';
import { checkMessage, fuzz, refuseHuge } from './support/harness.ts';
import { hostileValue, mutatedDocument, nested } from './support/inputs.ts';

const EVENTS = fixtureNames('jobs').map((name) => eventOf(detailOf(newRecord(name))));
const MODEL_EVENTS = newModel().transitions.map((transition) => eventOf(modelDetailOf(newModel(), transition)));
const [EVENT] = EVENTS;

/** What the function tells people about an event. */
const notify = async (event: unknown): Promise<Notification> => {
  const told: Notification[] = [];
  const topic = { notify: (notification: Notification) => Promise.resolve(void told.push(notification)) };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await makeHandler({ topic: topic, log })(event);
  return told[0] ?? { subject: '', message: '', attributes: { to: '', account_id: '', region: '' } };
};

describe('an event about a transition', () => {
  fuzz({
    parser: 'Transition event',
    inputs: mutatedDocument(EVENTS, hostileValue),
    parse: async (event) => ({ event: parseTransition(event), notification: await notify(event) }),
    codes: ['NOT_A_TRANSITION'],
    check: ({ event, notification }, given) => {
      // As it came, fields that are not known included.
      expect(event).toBe(given);
      expect(isTransitionEvent(event)).toBe(true);
      // SNS refuses other subjects: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
      expect(notification.subject).toMatch(/^[ -~]{1,100}$/);
      checkMessage(notification.message, 64 * 1024, true);
    },
  });

  fuzz({
    parser: 'Model transition event',
    inputs: mutatedDocument(MODEL_EVENTS, hostileValue),
    parse: async (event) => ({ event: parseModelTransition(event), notification: await notify(event) }),
    codes: ['NOT_A_TRANSITION'],
    check: ({ event, notification }, given) => {
      expect(event).toBe(given);
      expect(isModelTransitionEvent(event)).toBe(true);
      expect(notification.subject).toMatch(/^[ -~]{1,100}$/);
      checkMessage(notification.message, 64 * 1024, true);
    },
  });

  const withDetail = (change: object) => () => parseTransition({ ...EVENT, detail: { ...EVENT?.detail, ...change } });
  refuseHuge('an event', {
    'tags in 100,000 levels': withDetail({ tags: { a: nested() } }),
    '100,000 tags that are none': withDetail({
      tags: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`\u001b${n}`, n])),
    }),
    '100,000 resources that are none': () => parseTransition({ ...EVENT, resources: Array(100_000).fill(1) }),
    'a version of 10 MB': withDetail({ version: '\u001b'.repeat(10_000_000) }),
    'a name of 10 MB that is a list': withDetail({ job_name: [nested()] }),
  });
});
