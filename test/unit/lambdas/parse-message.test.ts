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
const TRIAGE_JOB = { scope: USW2, jobArn: TRIAGE, jobId: 'q7w2e9r4t1y6' };
const INTENT_JOB = { scope: USE1, jobArn: INTENT, jobId: 'd4f5g6h7j8k9' };

describe('parseMessage', () => {
  it.each<[name: string, hint: object, tells: string | undefined]>([
    ['state-change-in-progress', { ...TRIAGE_JOB, jobName: 'support-triage-ft-0142' }, 'state-change'],
    ['state-change-completed', { ...TRIAGE_JOB, jobName: 'support-triage-ft-0142' }, 'state-change'],
    ['state-change-stopping', { ...INTENT_JOB, jobName: 'command-intent-14' }, 'state-change'],
    ['state-change-stopped', { ...INTENT_JOB, jobName: 'command-intent-14' }, 'state-change'],
    [
      'state-change-failed-documented-shape',
      { scope: USE1, jobName: 'marketing-copy-ft-3', jobId: 'r5t6y7u8i9o0' },
      'state-change',
    ],
    ['cloudtrail-create', { ...TRIAGE_JOB, jobName: 'support-triage-ft-0142' }, 'creation'],
    ['cloudtrail-stop-by-arn', INTENT_JOB, undefined],
    ['cloudtrail-stop-by-name', { scope: USE1, jobName: 'command-intent-14' }, undefined],
    ['cloudtrail-tag', TRIAGE_JOB, undefined],
    ['cloudtrail-untag', TRIAGE_JOB, undefined],
  ])('takes the job, the kind of event and its time from %s, and nothing else', (name, hint, tells) => {
    const eventTime = new Date(String(event(name)['time']));
    const from = { accountId: event(name)['account'], region: event(name)['region'] };
    const told = tells === undefined ? {} : { tells };
    expect(parse(event(name))).toEqual({ from, kind: 'hint', hint, eventTime, ...told });
  });

  const INVALID_TIMES = [
    '',
    'yesterday',
    '2026-08-10',
    '2026-02-30T25:00:00Z',
    '2026-08-10T08:00:00+02',
    1_786_324_792,
  ];
  it.each([...INVALID_TIMES, undefined, null, {}])('ignores the invalid time %j', (time) => {
    const { eventTime: _, ...rest } = parse(event('state-change-completed')) as { eventTime: Date };
    expect(parse({ ...event('state-change-completed'), time })).toEqual(rest);
  });

  it('reads a time with an offset or a fraction', () => {
    const read = (time: string) => parse({ ...event('cloudtrail-tag'), time });
    const eventTime = new Date('2026-08-10T08:00:00.250Z');
    expect(read('2026-08-10T08:00:00.25Z')).toMatchObject({ eventTime });
    expect(read('2026-08-10T10:00:00.250+02:00')).toMatchObject({ eventTime });
  });

  it('decodes the ARN of a recorded stop that CloudTrail left percent-encoded', () => {
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
  ])('reads %s with percent-encoded %s like a plain one', (name, member, parameters) => {
    const encoded = Object.entries(parameters).map(([key, value]) => [key, encodeURIComponent(value)]);
    const withThem = (values: unknown) => parse(withDetail(name, { [member]: values }));
    expect(withThem(Object.fromEntries(encoded))).toEqual(withThem(parameters));
  });

  it.each(['arn%3Aaws%ZZ', '50%', '%E0%A4%A'])('leaves %s as it is, which cannot be decoded', (jobIdentifier) => {
    const stop = withDetail('cloudtrail-stop-by-name', { requestParameters: { jobIdentifier } });
    expect(() => parse(stop)).toThrow(`jobName "${jobIdentifier}"`);
  });

  it.each([
    ['cloudtrail-create-denied', 'denied call'],
    ['cloudtrail-tag-other-resource', 'another resource'],
  ])('ignores %s, as there is no job to look at', (name, because) => {
    expect(parse(event(name))).toMatchObject({ kind: 'ignored', because });
  });

  it('reads an unknown status, and details of undocumented types', () => {
    const odd = withDetail('state-change-completed', { jobStatus: 'Paused', hyperParameters: 7, creationTime: null });
    expect(parse(odd)).toMatchObject({ kind: 'hint' });
  });

  it('takes the scope from a full ARN rather than from the event, as a hub sees events of others', () => {
    expect(parse({ ...event('state-change-completed'), region: 'eu-west-1' })).toMatchObject({ hint: { scope: USW2 } });
  });

  it('takes from a heartbeat the scope of its envelope, whatever its detail says', () => {
    const heartbeat = { ...event('state-change-completed'), 'detail-type': 'Spoke Heartbeat', source: 'anybody' };
    const detail = { account: '999999999999', region: 'eu-west-1', jobArn: TRIAGE };
    expect(parse({ ...heartbeat, detail })).toEqual({ kind: 'heartbeat', from: USW2 });
  });

  it('refuses an event of one account about a job of another', () => {
    const foreign = { ...event('state-change-completed'), account: '999999999999' };
    expect(() => parse(foreign)).toThrow(
      'An event of account 999999999999 names a job of account 123456789012: an account can only tell of its own jobs.',
    );
  });

  const CHANGE = event('state-change-completed');
  const NO_JOB = /neither a full job ARN nor a valid job name/;
  const DOCUMENTED = 'state-change-failed-documented-shape';
  it.each<[what: string, body: unknown, message: RegExp]>([
    ['a text that is not JSON', '{"detail":', /the body is not JSON \(.+\)/],
    ['a string', '"hello"', /the event: detail-type must be/],
    ['null', 'null', /the event: detail-type must be/],
    ['another kind of event', event('scheduled'), /detail-type must be ".+", ".+" or ".+", not "Scheduled Event"/],
    [
      'another API call',
      withDetail('cloudtrail-stop-by-arn', { eventName: 'CreateModelCopyJob' }),
      /detail\.eventName: eventName must be a call/,
    ],
    ['an event without an account', { ...CHANGE, account: undefined }, /account/],
    ['an account of 3 digits', { ...CHANGE, account: '123' }, /account must have 12 digits/],
    ['an event without detail', { ...CHANGE, detail: undefined }, /detail/],
    ['neither ARN nor name', { ...CHANGE, detail: {} }, NO_JOB],
    ['a short ARN and an invalid name', withDetail(DOCUMENTED, { jobName: '../../etc' }), /jobName "\.\.\/\.\.\/etc"/],
    ['a name of a megabyte', withDetail(DOCUMENTED, { jobName: '-'.repeat(1_000_000) }), NO_JOB],
    [
      'a create without an ARN in its answer or a name',
      withDetail('cloudtrail-create', { responseElements: null, requestParameters: null }),
      NO_JOB,
    ],
  ])('refuses %s, and says what is wrong', (_what, content, message) => {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    expect(() => parseMessage(body)).toThrow(message);
    try {
      parseMessage(body);
    } catch (error) {
      expect(hasCode(error, 'MESSAGE_NOT_UNDERSTOOD')).toBe(true);
      expect((error as Error).message.length).toBeLessThan(1500);
    }
  });
});

describe('a call that changes a model or what serves it', () => {
  const MODEL = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl';
  const DEPLOYMENT = 'arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl';
  const THROUGHPUT = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl';
  const FOUNDATION = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0';
  const call = (eventName: string, requestParameters: unknown, responseElements: unknown = null) =>
    parse(withDetail('cloudtrail-stop-by-arn', { eventName, requestParameters, responseElements }));
  const deployments = (identifier: string) => [{ list: 'deployments', identifier }];
  const throughputs = (identifier: string) => [{ list: 'provisioned_throughputs', identifier }];

  it.each<[name: string, request: unknown, response: unknown, models: string[], serving: object[]]>([
    ['CreateCustomModel', { modelName: 'mine' }, { modelArn: MODEL }, [MODEL], []],
    ['CreateCustomModel', { modelName: 'mine' }, null, ['mine'], []],
    ['DeleteCustomModel', { modelIdentifier: encodeURIComponent(MODEL) }, null, [MODEL], []],
    ['DeleteCustomModel', { modelIdentifier: 'mine' }, null, ['mine'], []],
    [
      'CreateCustomModelDeployment',
      { modelArn: MODEL, modelDeploymentName: 'd' },
      { customModelDeploymentArn: DEPLOYMENT },
      [MODEL],
      deployments(DEPLOYMENT),
    ],
    [
      'UpdateCustomModelDeployment',
      { modelArn: MODEL, customModelDeploymentIdentifier: 'd' },
      null,
      [MODEL],
      deployments('d'),
    ],
    [
      'DeleteCustomModelDeployment',
      { customModelDeploymentIdentifier: encodeURIComponent(DEPLOYMENT) },
      null,
      [],
      deployments(DEPLOYMENT),
    ],
    [
      'CreateProvisionedModelThroughput',
      { modelId: 'mine', provisionedModelName: 't' },
      { provisionedModelArn: THROUGHPUT },
      ['mine'],
      throughputs(THROUGHPUT),
    ],
    [
      'UpdateProvisionedModelThroughput',
      { provisionedModelId: 't', desiredModelId: MODEL },
      null,
      [MODEL],
      throughputs('t'),
    ],
    ['DeleteProvisionedModelThroughput', { provisionedModelId: THROUGHPUT }, null, [], throughputs(THROUGHPUT)],
    ['TagResource', { resourceARN: MODEL, tags: [] }, null, [MODEL], []],
    ['UntagResource', { resourceARN: encodeURIComponent(MODEL), tagKeys: [] }, null, [MODEL], []],
  ])('%s of %j, answered by %j, names what to look at', (name, request, response, models, serving) => {
    const hint = { scope: USE1, models, serving };
    expect(call(name, request, response)).toEqual({ from: USE1, kind: 'models', hint });
  });

  it.each([DEPLOYMENT, THROUGHPUT])('is ignored for tags of %s, which no record has', (resourceARN) => {
    expect(call('TagResource', { resourceARN })).toMatchObject({ kind: 'ignored', because: 'another resource' });
  });

  it.each([FOUNDATION, 'amazon.nova-lite-v1:0'])('is ignored for a throughput of %s', (modelId) => {
    const answer = { provisionedModelArn: THROUGHPUT };
    expect(call('CreateProvisionedModelThroughput', { modelId }, answer)).toMatchObject({ kind: 'ignored' });
  });

  it.each([
    {},
    { modelIdentifier: '../../etc' },
    { modelIdentifier: DEPLOYMENT },
    { modelIdentifier: 'x'.repeat(1_000_000) },
    null,
  ])('is refused where it names nothing that Bedrock takes: %j', (request) => {
    expect(() => call('DeleteCustomModel', request)).toThrow(/names neither a custom model nor what serves one/);
  });
});
