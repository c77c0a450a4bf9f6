import { describe, expect, it } from '@jest/globals';
import { parseMessage } from '../../../lambdas/track-job/parse-message.ts';
import { hasCode } from '../../../lib/domain/errors.ts';
import { readFixture } from '../../support/fixtures.ts';

type Event = Record<string, unknown> & { detail: Record<string, unknown> };
const event = (name: string): Event => readFixture(`events/${name}.json`) as Event;
const parse = (document: unknown) => parseMessage(JSON.stringify(document));
const withDetail = (name: string, change: Record<string, unknown>): Event => {
  const original = event(name);
  return { ...original, detail: { ...original.detail, ...change } };
};

const USW2 = { accountId: '123456789012', region: 'us-west-2' };
const USE1 = { accountId: '123456789012', region: 'us-east-1' };
const TRIAGE =
  'arn:aws:bedrock:us-west-2:123456789012:model-customization-job/meta.llama3-3-70b-instruct-v1:0:128k/q7w2e9r4t1y6';
const INTENT =
  'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/cohere.command-text-v14:7:4k/d4f5g6h7j8k9';

describe('parseMessage', () => {
  it.each<[name: string, hint: object, tells: string | undefined]>([
    [
      'state-change-in-progress',
      { scope: USW2, jobArn: TRIAGE, jobName: 'support-triage-ft-0142', jobId: 'q7w2e9r4t1y6' },
      'state-change',
    ],
    [
      'state-change-completed',
      { scope: USW2, jobArn: TRIAGE, jobName: 'support-triage-ft-0142', jobId: 'q7w2e9r4t1y6' },
      'state-change',
    ],
    [
      'state-change-stopping',
      { scope: USE1, jobArn: INTENT, jobName: 'command-intent-14', jobId: 'd4f5g6h7j8k9' },
      'state-change',
    ],
    [
      'state-change-stopped',
      { scope: USE1, jobArn: INTENT, jobName: 'command-intent-14', jobId: 'd4f5g6h7j8k9' },
      'state-change',
    ],
    [
      'state-change-failed-documented-shape',
      { scope: USE1, jobName: 'marketing-copy-ft-3', jobId: 'r5t6y7u8i9o0' },
      'state-change',
    ],
    [
      'cloudtrail-create',
      { scope: USW2, jobArn: TRIAGE, jobName: 'support-triage-ft-0142', jobId: 'q7w2e9r4t1y6' },
      'creation',
    ],
    ['cloudtrail-stop-by-arn', { scope: USE1, jobArn: INTENT, jobId: 'd4f5g6h7j8k9' }, undefined],
    ['cloudtrail-stop-by-name', { scope: USE1, jobName: 'command-intent-14' }, undefined],
    ['cloudtrail-tag', { scope: USW2, jobArn: TRIAGE, jobId: 'q7w2e9r4t1y6' }, undefined],
    ['cloudtrail-untag', { scope: USW2, jobArn: TRIAGE, jobId: 'q7w2e9r4t1y6' }, undefined],
  ])('takes from %s which job to look at, what it tells and when it was, and nothing else', (name, hint, tells) => {
    const eventTime = new Date(String(event(name)['time']));
    expect(parse(event(name))).toEqual({ kind: 'hint', hint, eventTime, ...(tells === undefined ? {} : { tells }) });
  });

  it.each([
    undefined,
    null,
    '',
    'yesterday',
    '2026-08-10',
    1_786_324_792,
    '2026-02-30T25:00:00Z',
    '2026-08-10T08:00:00+02',
    {},
  ])('looks at the job of an event with the time %j all the same', (time) => {
    const { hint } = parse(event('state-change-completed')) as { hint: object };
    expect(parse({ ...event('state-change-completed'), time })).toEqual({ kind: 'hint', hint, tells: 'state-change' });
  });

  it('reads a time with an offset or a fraction: such are ISO-8601 too', () => {
    const read = (time: string) => parse({ ...event('cloudtrail-tag'), time });
    const eventTime = new Date('2026-08-10T08:00:00.250Z');
    expect(read('2026-08-10T08:00:00.25Z')).toMatchObject({ eventTime });
    expect(read('2026-08-10T10:00:00.250+02:00')).toMatchObject({ eventTime });
  });

  it('takes the decoded ARN of a recorded stop whose identifier CloudTrail left percent-encoded', () => {
    expect(parse(event('cloudtrail-stop-encoded-arn'))).toMatchObject({
      kind: 'hint',
      hint: {
        scope: USE1,
        jobArn:
          'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghwxyz',
        jobId: 'abcdefghwxyz',
      },
    });
  });

  it.each<[name: string, member: 'requestParameters' | 'responseElements', parameters: Record<string, string>]>([
    ['cloudtrail-create', 'responseElements', { jobArn: TRIAGE }],
    ['cloudtrail-create', 'requestParameters', { jobName: 'support+triage' }],
    ['cloudtrail-stop-by-arn', 'requestParameters', { jobIdentifier: INTENT }],
    ['cloudtrail-stop-by-name', 'requestParameters', { jobIdentifier: 'command+intent-14' }],
    ['cloudtrail-tag', 'requestParameters', { resourceARN: TRIAGE }],
    ['cloudtrail-untag', 'requestParameters', { resourceARN: TRIAGE }],
    [
      'cloudtrail-tag-other-resource',
      'requestParameters',
      { resourceARN: 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/abcdefghwxyz' },
    ],
  ])('reads %s with encoded %s as it reads plain ones', (name, member, parameters) => {
    const encoded = Object.entries(parameters).map(([key, value]) => [key, encodeURIComponent(value)]);
    const withThem = (values: unknown) => parse(withDetail(name, { [member]: values }));
    expect(withThem(Object.fromEntries(encoded))).toEqual(withThem(parameters));
  });

  it.each(['arn%3Aaws%ZZ', '50%', '%E0%A4%A'])('leaves %s as it is, which nothing can decode', (jobIdentifier) => {
    const stop = withDetail('cloudtrail-stop-by-name', { requestParameters: { jobIdentifier } });
    expect(() => parse(stop)).toThrow(`jobName "${jobIdentifier}"`);
  });

  it.each([
    ['cloudtrail-create-denied', 'denied call'],
    ['cloudtrail-tag-other-resource', 'another resource'],
  ])('ignores %s: there is no job to look at', (name, because) => {
    expect(parse(event(name))).toEqual({ kind: 'ignored', because });
  });

  it('reads a status that is not known yet, and details of other types than documented', () => {
    const odd = withDetail('state-change-completed', { jobStatus: 'Paused', hyperParameters: 7, creationTime: null });
    expect(parse(odd)).toMatchObject({ kind: 'hint' });
  });

  it('looks at the scope of a full ARN, not at that of the event: a hub sees events of others', () => {
    expect(parse({ ...event('state-change-completed'), region: 'eu-west-1' })).toMatchObject({ hint: { scope: USW2 } });
  });

  it.each<[what: string, body: string, message: RegExp]>([
    ['no JSON', '{"detail":', /the body is not JSON \(.+\)/],
    ['a text', '"hello"', /the event: detail-type must be/],
    ['null', 'null', /the event: detail-type must be/],
    [
      'another kind of event',
      JSON.stringify(event('scheduled')),
      /detail-type must be ".+" or ".+", not "Scheduled Event"/,
    ],
    [
      'another API call',
      JSON.stringify(withDetail('cloudtrail-stop-by-arn', { eventName: 'DeleteCustomModel' })),
      /detail\.eventName: eventName must be a call/,
    ],
    ['no account', JSON.stringify({ ...event('state-change-completed'), account: undefined }), /account/],
    [
      'an account of 3 digits',
      JSON.stringify({ ...event('state-change-completed'), account: '123' }),
      /account must have 12 digits/,
    ],
    ['no detail', JSON.stringify({ ...event('state-change-completed'), detail: undefined }), /detail/],
    [
      'neither ARN nor name',
      JSON.stringify(withDetail('state-change-completed', { jobArn: undefined, jobName: undefined })),
      /neither a full job ARN nor a valid job name/,
    ],
    [
      'a short ARN and no valid name',
      JSON.stringify(withDetail('state-change-failed-documented-shape', { jobName: '../../etc' })),
      /jobName "\.\.\/\.\.\/etc"/,
    ],
    [
      'a name of a megabyte',
      JSON.stringify(withDetail('state-change-failed-documented-shape', { jobName: '-'.repeat(1_000_000) })),
      /neither a full job ARN/,
    ],
    [
      'a create without an ARN in its answer or a name',
      JSON.stringify(withDetail('cloudtrail-create', { responseElements: null, requestParameters: null })),
      /neither a full job ARN/,
    ],
  ])('refuses %s, saying what was wrong', (_what, body, message) => {
    expect(() => parseMessage(body)).toThrow(message);
    try {
      parseMessage(body);
    } catch (error) {
      expect(hasCode(error, 'MESSAGE_NOT_UNDERSTOOD')).toBe(true);
      expect((error as Error).message.length).toBeLessThan(1500);
    }
  });
});
