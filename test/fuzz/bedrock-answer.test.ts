import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { bedrockJobs } from '../../lib/runtime/bedrock-jobs.ts';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import { advance } from '../../lib/domain/advance.ts';
import { canonicalJson } from '../../lib/domain/text.ts';
import { normalize, type BedrockAnswer } from '../../lib/domain/normalize.ts';
import type { JobSnapshot } from '../../lib/domain/record.ts';
import { fixtureNames, jobAnswer, jobOnWire, observation, readFixture, SCOPE } from '../support/fixtures.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileJson, mutatedBody, mutatedDocument, nested, nestedMaps, weighted } from './support/inputs.ts';

const NAMES = fixtureNames('jobs');
const JOBS = NAMES.map(jobOnWire);
const LISTS = ['api/list-page-1', 'api/list-page-2'].map((name) => readFixture(`${name}.json`));
const TAGS = readFixture('api/list-tags.json');
const ARN = String(JOBS[0]?.['jobArn']);

let responseBody = new Uint8Array();
const CLIENT = new BedrockClient({
  region: 'us-east-1',
  credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  maxAttempts: 1,
  requestHandler: {
    handle: () => {
      const headers = { 'content-type': 'application/json' };
      return Promise.resolve({ response: { statusCode: 200, headers, body: responseBody } });
    },
  } as never,
});

/** Bedrock that answers each call with a body, by the SDK's own client. */
const answering = (body: string) => {
  responseBody = new TextEncoder().encode(body);
  return bedrockJobs(CLIENT, SCOPE);
};

/** What the SDK's deserializer can make besides JSON. */
const sdkValue = weighted(
  [3, hostileJson],
  [1, fc.constantFrom<unknown>(undefined, NaN, Infinity, -Infinity, new Date(NaN), [undefined, NaN])],
  [1, fc.date()],
);

/** What the table takes of a snapshot, and gives back. */
const throughTheTable = (snapshot: JobSnapshot): unknown => unmarshall(marshall(snapshot, MARSHALL_OPTIONS));

const checkSnapshot = (snapshot: JobSnapshot): void => {
  // A snapshot is plain JSON that the table can hold, and comes back as it was; else every look would find a change.
  const content = canonicalJson(snapshot);
  const kept = canonicalJson(throughTheTable(snapshot));
  if (kept !== content) expect(kept).toBe(content);
  const first = advance(undefined, snapshot);
  if (!('record' in first)) throw new Error('A first snapshot makes a record.');
  expect(advance(first.record, snapshot).outcome).toBe('unchanged');
};

const snapshotOf = (answer: BedrockAnswer, tags: Readonly<Record<string, string>> = {}): JobSnapshot =>
  normalize(answer, observation({ jobIdentifier: ARN, tags }));

describe('an answer of Bedrock', () => {
  fuzz({
    parser: 'GetModelCustomizationJob answer',
    inputs: mutatedBody(JOBS),
    parse: async (text) => snapshotOf(await answering(text).getJob(ARN)),
    codes: ['INVALID_JOB'],
    check: checkSnapshot,
  });

  fuzz({
    parser: 'ListTagsForResource answer',
    inputs: mutatedBody([TAGS]),
    parse: async (text) => snapshotOf(jobAnswer('fine-tuning-completed'), await answering(text).listTags(ARN)),
    codes: ['INVALID_JOB'],
    check: checkSnapshot,
  });

  fuzz({
    parser: 'ListModelCustomizationJobs answer',
    // The token of a page would lead to the same page for ever: who asks is answered a last page.
    inputs: mutatedBody(LISTS).map((text) => text.replaceAll('nextToken', 'notAToken')),
    parse: async (text) => Array.fromAsync(answering(text).listJobs({})),
    codes: ['INVALID_JOB'],
    check: (jobs) => {
      for (const job of jobs) {
        expect(job.job_arn).not.toBe('');
        for (const member of ['job_arn', 'status', 'creation_time', 'last_modified_time', 'end_time'] as const)
          expect(['string', 'undefined']).toContain(typeof job[member]);
      }
    },
  });

  fuzz({
    parser: 'SDK answer of any shape',
    inputs: mutatedDocument(NAMES.map(jobAnswer), sdkValue).map((answer) => Object(answer) as BedrockAnswer),
    parse: (answer) => snapshotOf(answer),
    codes: ['INVALID_JOB'],
    check: checkSnapshot,
  });

  const unknownUnion = (value: unknown) => () =>
    snapshotOf({ ...jobAnswer('fine-tuning-completed'), customizationConfig: { $unknown: ['new', value] } });
  refuseHuge(
    'an answer',
    {
      'lists in 100,000 levels': unknownUnion(nested()),
      'maps in 100,000 levels': unknownUnion(nestedMaps()),
      'a body in 100,000 levels': async () =>
        snapshotOf(await answering(`{"status":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).getJob(ARN)),
      'a body of 10 MB that is no JSON': async () =>
        snapshotOf(await answering('\u001b'.repeat(10_000_000)).getJob(ARN)),
    },
    { codes: ['INVALID_JOB'] },
  );
});
