import * as bedrock from '@aws-sdk/client-bedrock';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import { SERVICES } from '../../../../lib/cli/doctor/evidence.ts';
import { createAnonymizer, type Schema } from '../../../../lib/cli/doctor/record/anonymize.ts';
import { fixtureNames, jobOnWire } from '../../../support/fixtures.ts';

const ANSWERS: Readonly<Record<string, Schema>> = {
  GetModelCustomizationJob: bedrock.GetModelCustomizationJobResponse$,
  ListModelCustomizationJobs: bedrock.ListModelCustomizationJobsResponse$,
  ListTagsForResource: bedrock.ListTagsForResourceResponse$,
  DescribeTrails: cloudtrail.DescribeTrailsResponse$,
  GetEventSelectors: cloudtrail.GetEventSelectorsResponse$,
  LookupEvents: cloudtrail.LookupEventsResponse$,
  DescribeRule: eventbridge.DescribeRuleResponse$,
  ListTargetsByRule: eventbridge.ListTargetsByRuleResponse$,
  GetFunctionConfiguration: lambda.FunctionConfiguration$,
  GetEventSourceMapping: lambda.EventSourceMappingConfiguration$,
  ListObjectsV2: s3.ListObjectsV2Output$,
  ListSchedules: scheduler.ListSchedulesOutput$,
  ListSubscriptionsByTopic: sns.ListSubscriptionsByTopicResponse$,
  GetQueueAttributes: sqs.GetQueueAttributesResult$,
};

const KINDS = 13;

/** Texts that somebody may have chosen, each of words that are found again: `zq1v`, `zq2v` and so on. */
const hostileTexts = (shift: number) => {
  let words = 0;
  const word = () => `zq${(words += 1).toString(36)}v`;
  const account = () => String(700_000_000_000 + (words += 1));
  const kinds = [
    word,
    () => `${word()}@${word()}.${word()}`,
    () => `The user ${word()} said: "${word()}", ${account()}.\n${word()}`,
    () =>
      `arn:aws:bedrock:us-east-1:${account()}:model-customization-job/${word()}.${word()}-${word()}:0/${word()}00000`,
    () => `arn:${word()}:${word()}:${word()}:${word()}:${word()}/${word()}:${word()}`,
    () => encodeURIComponent(`arn:aws:iam::${account()}:role/${word()}/${word()}`),
    () => `s3://${word()}/${word()}/model-customization-job-${word()}/training_artifacts/${word()}.csv`,
    () => `https://${word()}.${word()}/${account()}/${word()}?${word()}=${word()}`,
    () => JSON.stringify({ [word()]: word(), requestParameters: { jobName: word(), [word()]: [word()] } }),
    () => `${word()}: ${account()}/${word()}\u202e${word()}`,
    () => `{"${word()}": broken`,
    () => `amazon.${word()}:0:256k`,
    () => `2026-01-01T00:00:00Z ${word()}`,
  ];
  let next = shift;
  return { text: () => kinds[(next += 1) % KINDS]?.() ?? '', word };
};

type Texts = ReturnType<typeof hostileTexts>;
const resolve = (schema: Schema): Schema => {
  if (typeof schema === 'function') return resolve((schema as () => Schema)());
  return Array.isArray(schema) && typeof schema[0] !== 'number' ? resolve(schema[0]) : schema;
};

/** An answer that has a hostile text wherever the schema has one, in each of its kinds, and members that no schema has. */
const hostileAnswer = (schema: Schema, texts: Texts, depth = 0): unknown => {
  const resolved = resolve(schema);
  const kind: unknown = Array.isArray(resolved) ? resolved[0] : resolved;
  const [, , , , first, second] = Array.isArray(resolved) ? (resolved as Schema[]) : [];
  const map = (value: () => unknown) => ({ [texts.word()]: value(), [texts.text()]: value() });
  if (Array.isArray(resolved) && (kind === 3 || kind === 4)) {
    const members = (first as string[]).map((name, index): [string, unknown] => [
      name,
      depth > 8 ? texts.text() : hostileAnswer((second as Schema[])[index], texts, depth + 1),
    ]);
    return Object.fromEntries([...members, [texts.word(), { [texts.word()]: [texts.text(), texts.text()] }]]);
  }
  if (kind === 1 && Array.isArray(resolved)) return [hostileAnswer(first, texts, depth + 1)];
  if (kind === 2 && Array.isArray(resolved)) return map(() => hostileAnswer(second, texts, depth + 1));
  if (typeof kind === 'number' && kind >= 128) return map(texts.text);
  if (typeof kind === 'number' && kind >= 64) return [texts.text()];
  return texts.text();
};

/** Every word and account of a value's texts and keys. */
const tokensOf = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/zq[0-9a-z]+v|7\d{11}/g)].map(([token]) => token);

describe('a recording', () => {
  it.each(Object.entries(ANSWERS))(
    'keeps nothing of a hostile answer of %s, at any depth and in any key',
    (_, schema) => {
      // Each member meets each kind of text.
      for (let shift = 0; shift < KINDS; shift += 1) {
        const hostile = hostileAnswer(schema, hostileTexts(shift));
        const tokens = tokensOf(hostile);
        expect(tokens.length).toBeGreaterThan(5);
        const kept = JSON.stringify(createAnonymizer(SERVICES).answer(hostile, schema));
        expect(tokens.filter((token) => kept.includes(token))).toEqual([]);
      }
    },
  );

  it.each(fixtureNames('jobs'))(
    'keeps of the job %s its numbers, times, statuses and the names of its members',
    (name) => {
      const job = jobOnWire(name);
      const kept = createAnonymizer(SERVICES).answer(job, bedrock.GetModelCustomizationJobResponse$) as typeof job;
      const known = Object.keys(job).filter((member) => member in kept);
      expect(known.length).toBeGreaterThan(8);
      for (const member of ['status', 'customizationType', 'trainingMetrics'])
        expect(kept[member]).toEqual(job[member]);
      expect(kept['creationTime']).toMatchObject({ __class__: 'datetime', year: expect.any(Number) as unknown });
      for (const member of ['jobName', 'roleArn', 'jobArn']) expect(kept[member]).not.toEqual(job[member]);
    },
  );

  it('keeps microseconds, in the form of recorded answers', () => {
    const job = { creationTime: '2026-08-10T12:34:56.123456Z' };
    expect(createAnonymizer(SERVICES).answer(job, bedrock.GetModelCustomizationJobResponse$)).toEqual({
      creationTime: {
        __class__: 'datetime',
        year: 2026,
        month: 8,
        day: 10,
        hour: 12,
        minute: 34,
        second: 56,
        microsecond: 123_456,
      },
    });
  });

  it('replaces the same text by the same, so that what belongs together still does', () => {
    const { answer, text } = createAnonymizer(SERVICES);
    const arn = 'arn:aws:bedrock:eu-west-1:987654321098:model-customization-job/amazon.secret-v1:0:256k/z9x8c7v6b5n4';
    const shown = text(arn);
    expect(shown).toBe(
      'arn:aws:bedrock:eu-west-1:111122223333:model-customization-job/amazon.name1:0:256k/j00000000001',
    );
    expect(text(encodeURIComponent(arn))).toBe(encodeURIComponent(shown));
    expect(text('987654321098')).toBe('111122223333');
    expect(text('s3://acme/out/model-customization-job-z9x8c7v6b5n4/training_artifacts')).toBe(
      's3://name2/name3/model-customization-job-j00000000001/training_artifacts',
    );
    expect(answer({ Contents: [{ Key: 'out/validation_artifacts/acme' }] }, s3.ListObjectsV2Output$)).toEqual({
      Contents: [{ Key: 'name3/validation_artifacts/name2' }],
    });
  });

  it('replaces a status that the SDK does not know: it may be anything', () => {
    const { answer } = createAnonymizer(SERVICES);
    expect(answer({ status: 'Paused by Eve' }, bedrock.GetModelCustomizationJobResponse$)).toEqual({ status: 'name1' });
  });

  it('keeps the form of a CloudTrail record, whose JSON is inside a text', () => {
    const record = {
      eventName: 'StopModelCustomizationJob',
      requestParameters: { jobIdentifier: 'secret' },
      sourceIPAddress: '10.0.0.1',
    };
    const events = { Events: [{ CloudTrailEvent: JSON.stringify(record) }] };
    const kept = createAnonymizer(SERVICES).answer(events, cloudtrail.LookupEventsResponse$) as typeof events;
    expect(JSON.parse(kept.Events[0]?.CloudTrailEvent ?? '')).toEqual({
      eventName: 'StopModelCustomizationJob',
      requestParameters: { jobIdentifier: 'name1' },
      name2: 'name3',
    });
  });
});
