import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import type { DynamoDBRecord } from 'aws-lambda';
import { parseStreamRecord } from '../../lambdas/publish-transitions/parse-stream-record.ts';
import { entryBytes, transitionEntry } from '../../lib/runtime/transition-bus.ts';
import { parseModelTransition, parseTransition } from '../../lib/client/transition-event.ts';
import { newTransitions } from '../../lib/domain/transitions.ts';
import { modelTransitionDetail, transitionDetail } from '../../lib/domain/transition-event.ts';
import { fixtureNames } from '../support/fixtures.ts';
import { eventOf, newModel, newRecord, streamRecord, writeOf } from '../support/transitions.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileJson, hostileText, mutatedDocument, nested } from './support/inputs.ts';

const RECORDS = fixtureNames('jobs').map((name) => newRecord(name));
const MODEL = newModel();
const WRITES = [
  ...RECORDS.flatMap((record) => [
    writeOf(undefined, record),
    writeOf({ ...record, transitions: record.transitions.slice(0, 1) }, record),
  ]),
  writeOf(undefined, MODEL),
  writeOf(newModel({ transitions: [] }), MODEL),
];

/** Attribute values as DynamoDB writes them, some of a type that there is none of. */
const attribute = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    hostileText.map((S) => ({ S })),
    hostileText.map((N) => ({ N })),
    fc.constantFrom<unknown>({ NULL: true }, { BOOL: false }, { B: 'AAAA' }, { SS: ['a', 'a'] }, { NS: ['x'] }, {}),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc
      .array(fc.tuple(hostileText, tie('value')), { maxLength: 3 })
      .map((entries) => ({ M: Object.fromEntries(entries) })),
    hostileJson,
  ),
})).value;

const records = mutatedDocument(WRITES, attribute).map(
  // Lambda makes the envelope: that it hands over an object is certain, and what is in it is not.
  (record) => Object(record) as DynamoDBRecord,
);

describe('a record of the table’s stream', () => {
  fuzz({
    parser: 'Stream record',
    inputs: records,
    parse: parseStreamRecord,
    codes: ['MESSAGE_NOT_UNDERSTOOD'],
    check: ({ previous, record }) => {
      if (record === undefined) return;
      for (const transition of newTransitions(previous, record)) {
        const detail =
          'model_id' in record ? modelTransitionDetail(record, transition) : transitionDetail(record, transition);
        // What is published fits into an event, and whoever gets it can read it.
        expect(entryBytes(transitionEntry('default', detail))).toBeLessThanOrEqual(262_144);
        const parse = 'model_id' in record ? parseModelTransition : parseTransition;
        expect(parse(eventOf(detail)).detail).toMatchObject({ transition_id: detail.transition_id, to: detail.to });
      }
    },
  });

  const withImage = (NewImage: unknown) => () => parseStreamRecord(streamRecord('INSERT', { NewImage } as never));
  const real = WRITES[0]?.dynamodb?.NewImage;
  refuseHuge('an image', {
    'tags in 100,000 levels': withImage({
      ...real,
      tags: nested(undefined, (inside) => ({ M: { a: inside } }), { S: '' }),
    }),
    'lists in 100,000 levels': withImage({
      ...real,
      transitions: nested(undefined, (inside) => ({ L: [inside] }), { S: '' }),
    }),
    '100,000 transitions that are none': withImage({ ...real, transitions: { L: Array(100_000).fill({ S: 'x' }) } }),
    'a number of 10 MB': withImage({ ...real, job_id: { N: '9'.repeat(10_000_000) } }),
    'a type of 10 MB': withImage({ ...real, job_id: { ['\u001b'.repeat(10_000_000)]: '' } }),
  });
});
