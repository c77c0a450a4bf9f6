import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { makeHandler } from '../../lambdas/track-job/handler.ts';
import { parseMessage } from '../../lambdas/track-job/parse-message.ts';
import { identifierOf } from '../../lib/domain/identity.ts';
import { PATTERNS } from '../../lib/service-model/model.ts';
import { memoryJobStore, memorySweepStore } from '../support/memory-stores.ts';
import { fakeBedrock, runningJob } from '../support/fake-bedrock.ts';
import { fixtureNames, readFixture } from '../support/fixtures.ts';
import { lambdaContext, sqsEvent } from '../support/sqs-event.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { mutatedBody, nestedJson } from './support/inputs.ts';

const EVENTS = fixtureNames('events').map((name) => readFixture(`events/${name}.json`));
const TEXTS = EVENTS.map((event) => JSON.stringify(event));

const bodies = mutatedBody(EVENTS);

const isRegion = /^[a-z0-9-]{1,20}$/;

describe('a message of the queue', () => {
  fuzz({
    parser: 'Queue message',
    inputs: bodies,
    parse: parseMessage,
    codes: ['MESSAGE_NOT_UNDERSTOOD'],
    check: (message) => {
      if (message.kind !== 'hint') return;
      const { hint, eventTime } = message;
      // Bedrock is asked by nothing but what its model takes.
      expect(PATTERNS.jobIdentifier.matches(identifierOf(hint) ?? '')).toBe(true);
      expect(hint.scope).toEqual({
        accountId: expect.stringMatching(/^\d{12}$/),
        region: expect.stringMatching(isRegion),
      });
      expect(eventTime?.getTime()).not.toBeNaN();
    },
  });

  refuseHuge('a body', {
    'lists in 100,000 levels': () => parseMessage(nestedJson()),
    '10 MB of brackets': () => parseMessage('['.repeat(10_000_000)),
    '10 MB of text': () => parseMessage('\u001b'.repeat(10_000_000)),
    '10 MB of one name': () =>
      parseMessage(JSON.stringify({ ...(EVENTS[0] as object), 'detail-type': 'x'.repeat(10_000_000) })),
  });
  // What is not looked at does no harm.
  refuseHuge(
    'an event',
    {
      'an event whose detail has 100,000 levels': () =>
        parseMessage(
          (TEXTS[0] ?? '').replace(/"detail":\{/, `"detail":{"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)},`),
        ),
    },
    { mayAnswer: true },
  );
});

/** Only what the handler itself does: one batch, its failures, nothing thrown. */
const handle = async (batch: readonly string[]) => {
  const said: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_text: unknown, more: unknown) => void said.push(JSON.stringify(more)),
  };
  const { bedrockOf } = fakeBedrock(runningJob('1'));
  const metrics = { add: () => undefined };
  const handler = makeHandler({
    bedrockOf,
    jobs: memoryJobStore(),
    scopes: memorySweepStore().scopes,
    clock: () => new Date(0),
    log: log as never,
    metrics,
  });
  const { batchItemFailures } = await handler(sqsEvent(...batch), lambdaContext());
  return { failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), said };
};

const isUnderstood = (body: string): boolean => {
  try {
    return parseMessage(body).kind === 'ignored';
  } catch {
    return false;
  }
};

describe('a batch of messages', () => {
  fuzz({
    parser: 'SQS batch',
    // An empty batch never comes.
    inputs: fc.array(bodies, { minLength: 1, maxLength: 4 }),
    parse: async (batch) => {
      const { failed, said } = await handle(batch);
      // The table counts a batch of which all failed as refused.
      if (failed.length === batch.length) throw new Refused(said.join(' '), failed);
      return failed;
    },
    isRefusal: (error) => error instanceof Refused,
    longest: 10_000,
    check: (failed, batch) => {
      // What asks for nothing never goes back; each other message is one that Bedrock here knows nothing of, or broken.
      batch.forEach((body, position) => expect(failed.includes(`m${position}`)).toBe(!isUnderstood(body)));
    },
  });
});

class Refused extends Error {
  readonly failed: readonly string[];

  constructor(message: string, failed: readonly string[]) {
    super(message);
    this.failed = failed;
  }
}
