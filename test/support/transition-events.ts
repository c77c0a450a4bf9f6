import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { transitionEntry } from '../../lib/runtime/transition-bus.ts';
import type { TransitionDetail } from '../../lib/domain/transition-event.ts';

/** The event that EventBridge delivers for an entry. */
export const delivered = ({ Source, DetailType, Resources, Detail }: PutEventsRequestEntry) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': DetailType ?? '',
  source: Source ?? '',
  account: '123456789012',
  time: '2026-08-09T21:23:11Z',
  region: 'us-east-1',
  resources: Resources ?? [],
  detail: JSON.parse(Detail ?? '') as Record<string, unknown>,
});

/** The event that a subscriber gets of a transition. */
export const eventOf = (detail: TransitionDetail) => delivered(transitionEntry('default', detail));
