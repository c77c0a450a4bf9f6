import { describe, expect, it } from '@jest/globals';
import * as sdk from '@aws-sdk/client-bedrock';
import type { JobAnswer } from '../../../lib/simulator/index.ts';
import { DAY, MINUTE } from '../../../lib/domain/time.ts';
import { jobOnWire } from '../../support/fixtures.ts';
import { fullCreate, rftConfig } from '../../unit/simulator/requests.ts';
import { callsOf, clientOf, errorOf, jobInput, start, startStill } from '../../support/integration/simulator.ts';

const full = fullCreate as unknown as sdk.CreateModelCustomizationJobCommandInput;
const membersOf = (schema: unknown): string[] => (schema as [unknown, unknown, unknown, unknown, string[]])[4];
const FOUNDATION = 'arn:aws:bedrock:us-east-1::foundation-model/';
const NOVA = 'amazon.nova-lite-v1:0:300k';
const LLAMA = 'meta.llama3-3-70b-instruct-v1:0:128k';
const UNKNOWN = `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/${NOVA}/aaaaaaaaaaaa`;
const modelOf = (account: string) => `arn:aws:bedrock:us-east-1:${account}:custom-model/${NOVA}/k3j8h5g2f7d4`;
const CUSTOM = modelOf('123456789012');
const job = (fixture: string) => jobOnWire(fixture) as never as JobAnswer;

const tags = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ key: `k${n + from}`, value: 'v' }));

const twice = [...tags(1), ...tags(1)];

describe('Create and Get', () => {
  it('give every field of a full request back, under Get’s names', async () => {
    const { client, get, tagsOf } = await startStill();
    const { jobArn, $metadata } = await client.send(new sdk.CreateModelCustomizationJobCommand(full));
    expect($metadata).toMatchObject({ httpStatusCode: 201, requestId: expect.stringMatching(/^[\da-f-]{36}$/) });
    expect(jobArn).toMatch(
      /^arn:aws:bedrock:us-east-1:123456789012:model-customization-job\/amazon\.nova-lite-v1:0:300k\/[a-z\d]{12}$/,
    );
    const { customModelName, customModelKmsKeyId, baseModelIdentifier, jobTags, customModelTags: _, ...same } = full;
    for (const identifier of [jobArn, fullCreate.jobName])
      expect(await get(identifier)).toMatchObject({
        ...same,
        jobArn,
        status: 'InProgress',
        outputModelName: customModelName,
        outputModelKmsKeyArn: customModelKmsKeyId,
        baseModelArn: FOUNDATION + (baseModelIdentifier ?? ''),
        creationTime: expect.any(Date),
        validationMetrics: [],
      });
    expect(await tagsOf(jobArn)).toEqual(jobTags);
  });

  it('have every member of Get and of the summary once jobs have completed and failed', async () => {
    const { client, create, get, list, steer, time } = await startStill();
    await client.send(new sdk.CreateModelCustomizationJobCommand(full));
    await create('rft', { customizationConfig: { rftConfig } });
    await create('doomed', { vpcConfig: full.vpcConfig });
    await steer('doomed', 'Failed');
    await time.advance(DAY);
    const answers = await Promise.all([fullCreate.jobName, 'rft', 'doomed'].map(get));
    const seen = new Set(answers.flatMap((answer) => Object.keys(answer)));
    expect([...seen].filter((name) => name !== '$metadata').sort()).toEqual(
      membersOf(sdk.GetModelCustomizationJobResponse$).sort(),
    );
    expect(answers.map(({ status, customizationType }) => [status, customizationType])).toEqual([
      ['Completed', 'DISTILLATION'],
      ['Completed', 'REINFORCEMENT_FINE_TUNING'],
      ['Failed', 'FINE_TUNING'],
    ]);
    const listed = new Set((await list()).flatMap((summary) => Object.keys(summary)));
    expect([...listed].sort()).toEqual(membersOf(sdk.ModelCustomizationJobSummary$).sort());
  });

  it.each([
    ['a custom model', CUSTOM, CUSTOM],
    ['a foundation model ARN', FOUNDATION + NOVA, FOUNDATION + NOVA],
  ])('start from %s: Get tells the foundation model, List what was named', async (_, baseModelIdentifier, listed) => {
    const { create, get, list } = await startStill();
    await create('from', { baseModelIdentifier });
    expect(await get('from')).toHaveProperty('baseModelArn', FOUNDATION + NOVA);
    expect(await list()).toMatchObject([{ baseModelArn: listed }]);
  });

  it('start from the name of a custom model once a job has made it', async () => {
    const { create, get, time } = await startStill();
    await create('first');
    const again = () => create('second', { baseModelIdentifier: 'first-model' });
    await expect(again()).rejects.toThrow('The provided model identifier is invalid.');
    await time.advance(DAY);
    await again();
    expect(await get('second')).toHaveProperty('baseModelArn', FOUNDATION + NOVA);
  });

  it.each([
    [NOVA, 'FINE_TUNING', { epochCount: '3' }, { epochCount: '3', batchSize: '1', learningRate: '1.0E-4' }],
    [NOVA, undefined, undefined, { epochCount: '2', batchSize: '1', learningRate: '1.0E-4' }],
    [
      NOVA,
      undefined,
      { learningRate: '1e-5', x: '' },
      { epochCount: '2', batchSize: '1', learningRate: '1e-5', x: '' },
    ],
    [NOVA, 'IMPORTED', undefined, {}],
    [LLAMA, 'FINE_TUNING', { epochCount: '3' }, { epochCount: '3' }],
    ['amazon.nova-canvas-v1:0', 'FINE_TUNING', undefined, {}],
  ] as const)(
    'tell the hyperparameters that %s, %s, trains with when it is given %j',
    async (baseModelIdentifier, customizationType, hyperParameters, told) => {
      const { create, get } = await startStill();
      await create('tells', { baseModelIdentifier, customizationType, hyperParameters });
      expect((await get('tells')).hyperParameters).toEqual(told);
    },
  );

  it.each(['alias/mine', '0f8fad5b-d9cb-469f-a165-70867728950e'])('tell the ARN of the key %s', async (key) => {
    const { create, get } = await startStill();
    await create('keyed', { customModelKmsKeyId: key });
    expect((await get('keyed')).outputModelKmsKeyArn).toMatch(/^arn:aws:kms:us-east-1:123456789012:key\/[\da-f-]{36}$/);
  });
});

describe('a loaded job', () => {
  it('is answered exactly as it is, unknown members included', async () => {
    const { simulator, get } = await startStill();
    const loaded = job('distillation-in-progress');
    const strange = { ...loaded, status: 'Paused', customizationConfig: { newConfig: { a: 1 } }, newMember: 1 };
    simulator.load([{ job: strange, tags: { team: 'ml' } }]);
    expect(await get(loaded.jobName)).toMatchObject({
      status: 'Paused',
      customizationConfig: { $unknown: ['newConfig', { a: 1 }] },
    });
    expect(simulator.truth(loaded.jobArn)).toEqual({ job: strange, tags: { team: 'ml' } });
    expect([...simulator.jobs()]).toEqual([{ job: strange, tags: { team: 'ml' } }]);
  });

  const completed = job('fine-tuning-completed');
  const here = { ...completed, jobArn: completed.jobArn.replace('us-west-2', 'us-east-1') };

  it('replaces a job with the same ARN, in every index', async () => {
    const { simulator, create, get, list } = await startStill();
    simulator.load([{ job: here }]);
    const creationTime = '2020-01-01T00:00:00.000Z';
    const renamed = { ...here, jobName: 'renamed', status: 'Failed', outputModelName: 'other', creationTime };
    simulator.load([{ job: { ...renamed, jobName: 'twice-in-one-load' } }, { job: renamed }]);
    expect([...simulator.jobs()]).toEqual([{ job: renamed, tags: {} }]);
    for (const [input, names] of [
      [{}, ['renamed']],
      [{ statusEquals: 'Failed' }, ['renamed']],
      [{ statusEquals: 'Completed' }, []],
      [{ creationTimeAfter: new Date('2021-01-01') }, []],
    ] as const)
      expect((await list(input)).map(({ jobName }) => jobName)).toEqual(names);
    await expect(get(here.jobName)).rejects.toBeInstanceOf(sdk.ResourceNotFoundException);
    // Names that only the replaced job had are free.
    await create(here.jobName, { customModelName: here.outputModelName });
  });

  it.each([
    [{ jobArn: 'job-1' }, 'job-1 is not the ARN of a Bedrock resource.'],
    [{ creationTime: 'once' }, 'The creation time of'],
  ])('is refused with %j, which no list could hold', async (change, message) => {
    const { simulator } = await startStill();
    expect(() => {
      simulator.load([{ job: { ...here, ...change } }]);
    }).toThrow(message);
    expect([...simulator.jobs()]).toEqual([]);
  });

  it('can be stopped', async () => {
    const { simulator, stop, time } = await startStill();
    const loaded = job('distillation-in-progress');
    simulator.load([{ job: loaded }]);
    await stop(loaded.jobArn);
    expect(simulator.truth(loaded.jobArn)?.job).toMatchObject({
      status: 'Stopping',
      statusDetails: { dataProcessingDetails: { status: 'Stopping' }, trainingDetails: { status: 'NotStarted' } },
    });
    await time.advance(2 * MINUTE);
    expect(simulator.truth(loaded.jobArn)?.job.status).toBe('Stopped');
  });
});

describe('Create', () => {
  it('refuses a job name that any job has, ended or not, and a model name that is in use', async () => {
    const { create, stop, time } = await startStill();
    await create('one');
    await expect(create('one', { customModelName: 'other' })).rejects.toThrow(
      'The provided job name is currently in use.',
    );
    const sameModel = () => create('two', { customModelName: 'one-model' });
    await expect(sameModel()).rejects.toThrow('The provided custom model name is currently in use.');
    await stop('one');
    await time.advance(DAY);
    await expect(create('one')).rejects.toBeInstanceOf(sdk.ValidationException);
    // The stopped job made no model: its model's name is free again.
    await sameModel();
  });

  it('answers the same token and request with the same job, and another request with ConflictException', async () => {
    const { create, simulator } = await startStill();
    const clientRequestToken = 'token-1';
    const first = await create('once', { clientRequestToken, hyperParameters: { a: '1', b: '2' } });
    const second = await create('once', { clientRequestToken, hyperParameters: { b: '2', a: '1' } });
    expect(second.jobArn).toBe(first.jobArn);
    expect([...simulator.jobs()]).toHaveLength(1);
    await expect(create('twice', { clientRequestToken })).rejects.toBeInstanceOf(sdk.ConflictException);
  });

  it('lets one of two simultaneous requests for one name win', async () => {
    const { create, simulator } = await startStill();
    const both = await Promise.allSettled([1, 2].map((n) => create('race', { customModelName: `m${n}` })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([...simulator.jobs()]).toHaveLength(1);
  });

  it('keeps to a quota of active jobs where there is one', async () => {
    const { create, time } = await startStill({ maxActiveJobs: 2 });
    await create('a');
    await create('b');
    await expect(create('c')).rejects.toBeInstanceOf(sdk.ServiceQuotaExceededException);
    await time.advance(DAY);
    await create('c');
  });

  const noSuchModel = 'The provided model identifier is invalid.';
  const notJsonl = (uri: string) => `Provided S3 location is invalid: ${uri}. Input data must be in .jsonl format`;
  const trainedOn = (s3Uri: string) => ({ trainingDataConfig: { s3Uri } });
  const base = (baseModelIdentifier: string) => ({ baseModelIdentifier });
  it.each<[what: string, request: Partial<typeof full>, name: string, message: unknown]>([
    [
      'another Region’s model',
      base(`${FOUNDATION.replace('east-1', 'west-2')}${NOVA}`),
      'ValidationException',
      expect.any(String),
    ],
    ['another account’s model', base(modelOf('999999999999')), 'AccessDeniedException', expect.any(String)],
    ['a tag key twice', { jobTags: twice }, 'ValidationException', expect.any(String)],
    ['a model tag key twice', { customModelTags: twice }, 'ValidationException', expect.any(String)],
    ['51 tags', { jobTags: tags(51) }, 'TooManyTagsException', expect.any(String)],
    ['51 tags of the model', { customModelTags: tags(51) }, 'TooManyTagsException', expect.any(String)],
    ['an id whose ARN Get could not tell', base('amazon.x.ab'), 'ValidationException', expect.any(String)],
    [
      'a model that nobody can customize',
      base('anthropic.claude-3-sonnet-20240229-v1:0'),
      'ValidationException',
      noSuchModel,
    ],
    [
      'a model without its context length',
      base(`${FOUNDATION}amazon.nova-lite-v1:0`),
      'ValidationException',
      noSuchModel,
    ],
    [
      'a folder as training data',
      trainedOn('s3://acme-ft/data/'),
      'ValidationException',
      notJsonl('s3://acme-ft/data/'),
    ],
    [
      'validation data in another format',
      { validationDataConfig: { validators: [{ s3Uri: 's3://acme-ft/validation.csv' }] } },
      'ValidationException',
      notJsonl('s3://acme-ft/validation.csv'),
    ],
  ])('refuses %s', async (_, request, name, message) => {
    const { create, simulator } = await startStill();
    expect(await errorOf(create('refused', request))).toMatchObject({ name, message });
    expect([...simulator.jobs()]).toEqual([]);
  });

  it.each([
    ['training data as JSON lines', trainedOn('s3://acme-ft/train.jsonl')],
    ['a model of images, which has one version', base('amazon.nova-canvas-v1:0')],
    [
      'a folder of artifacts to import',
      { customizationType: 'IMPORTED' as const, ...trainedOn('s3://acme/nova-pro/') },
    ],
  ])('accepts %s', async (_, request) => {
    const { create, simulator } = await startStill();
    await create('accepted', request);
    expect([...simulator.jobs()]).toHaveLength(1);
  });

  it('names all problems of a request in one message', async () => {
    const { create } = await startStill();
    await expect(create('no spaces please', { roleArn: 'me' })).rejects.toThrow(
      /^3 validation errors detected: .*'jobName'.*; .*'customModelName'.*; .*'roleArn'/,
    );
  });
});

it('Stop leads through Stopping to Stopped, and only from InProgress', async () => {
  const { create, get, stop, time } = await startStill();
  await create('halt');
  await time.advance(10 * MINUTE);
  await stop('halt');
  const stopping = await get('halt');
  expect(stopping).toMatchObject({ status: 'Stopping', statusDetails: { trainingDetails: { status: 'Stopping' } } });
  expect(stopping.endTime).toBeUndefined();
  await expect(stop('halt')).rejects.toBeInstanceOf(sdk.ConflictException);
  await time.advance(3 * MINUTE);
  const stopped = await get('halt');
  expect(stopped).toMatchObject({ status: 'Stopped', endTime: expect.any(Date) });
  expect(stopped.outputModelArn).toBeUndefined();
  await expect(stop('halt')).rejects.toBeInstanceOf(sdk.ConflictException);
});

describe('tags', () => {
  it('are added, overwritten and taken away; unknown keys do not matter', async () => {
    const { create, tag, tagsOf, untag } = await startStill();
    const { jobArn } = await create('tagged', { jobTags: [{ key: 'a', value: '1' }] });
    const changed = [
      { key: 'a', value: '2' },
      { key: '__proto__', value: 'x' },
    ];
    await tag(jobArn, changed);
    await untag(jobArn, ['unknown']);
    expect(await tagsOf(jobArn)).toEqual(changed);
    await untag(jobArn, ['a', '__proto__']);
    expect(await tagsOf(jobArn)).toEqual([]);
  });

  it('are 50 at most after the call, which changes nothing beyond that', async () => {
    const { create, tag, tagsOf } = await startStill();
    const { jobArn } = await create('many', { jobTags: tags(40) });
    for (const added of [tags(11, 40), tags(51), tags(200)]) {
      const tooMany = await errorOf(tag(jobArn, added));
      expect(tooMany).toMatchObject({ name: 'TooManyTagsException', resourceName: jobArn });
      expect(await tagsOf(jobArn)).toHaveLength(40);
    }
    await tag(jobArn, tags(50));
    expect(await tagsOf(jobArn)).toHaveLength(50);
    await expect(tag(jobArn, twice)).rejects.toBeInstanceOf(sdk.ValidationException);
  });

  it.each([
    ['an unknown job', UNKNOWN, sdk.ResourceNotFoundException],
    ['a guardrail', 'arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123def456', sdk.ResourceNotFoundException],
    ['a bare identifier', 'identifier-without-an-arn', sdk.ResourceNotFoundException],
    ['another account’s job', UNKNOWN.replace('123456789012', '999999999999'), sdk.AccessDeniedException],
    ['another Region’s job', UNKNOWN.replace('us-east-1', 'eu-west-1'), sdk.ValidationException],
  ])('are refused for %s', async (_, arn, error) => {
    const { tag, tagsOf, untag } = await startStill();
    for (const call of [tagsOf(arn), tag(arn, []), untag(arn, [])]) await expect(call).rejects.toBeInstanceOf(error);
  });
});

describe('scopes', () => {
  it('keep jobs, names and tokens of accounts and Regions apart', async () => {
    const simulator = await start();
    const scopes = [
      callsOf(clientOf(simulator)),
      callsOf(clientOf(simulator, '111111111111', 'us-east-1')),
      callsOf(clientOf(simulator, '111111111111', 'eu-central-1')),
      callsOf(clientOf(simulator, '111111111111', 'us-gov-west-1')),
    ];
    const arns: string[] = [];
    for (const { create } of scopes) arns.push((await create('same', { clientRequestToken: 'same' })).jobArn ?? '');
    expect(arns.map((arn) => arn.split(':model')[0])).toEqual([
      'arn:aws:bedrock:us-east-1:123456789012',
      'arn:aws:bedrock:us-east-1:111111111111',
      'arn:aws:bedrock:eu-central-1:111111111111',
      'arn:aws-us-gov:bedrock:us-gov-west-1:111111111111',
    ]);
    for (const [index, { list }] of scopes.entries()) expect(await list()).toMatchObject([{ jobArn: arns[index] }]);
    await expect(scopes[0]?.get(arns[1])).rejects.toBeInstanceOf(sdk.AccessDeniedException);
    await expect(scopes[1]?.get(arns[2])).rejects.toBeInstanceOf(sdk.ValidationException);
  });

  it('are the default for plain requests; a signature without one is refused', async () => {
    const { url } = await start({ accountId: '222222222222', region: 'ap-south-1' });
    const ask = (path: string, init: RequestInit) => fetch(`${url}/model-customization-jobs${path}`, init);
    const created = await ask('', { method: 'POST', body: JSON.stringify(jobInput('plain')) });
    expect(await created.json()).toEqual({ jobArn: expect.stringContaining(':ap-south-1:222222222222:') });
    for (const scope of ['nothing', 'Credential=k/20260810/US_EAST/bedrock/aws4_request']) {
      const answer = await ask('', { headers: { authorization: `AWS4-HMAC-SHA256 ${scope}` } });
      expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([400, 'IncompleteSignatureException']);
    }
    expect((await ask('/plain', { headers: { authorization: 'Bearer key' } })).status).toBe(200);
  });
});

it.each([
  ['nobody', sdk.ResourceNotFoundException, 404],
  [UNKNOWN, sdk.ResourceNotFoundException, 404],
  ['no such name', sdk.ValidationException, 400],
  ['', sdk.ValidationException, 400],
  [UNKNOWN.replace('123456789012', '999999999999'), sdk.AccessDeniedException, 403],
])('Get and Stop of %j fail', async (identifier, type, httpStatusCode) => {
  const { get, stop } = await startStill();
  const error = await errorOf(get(identifier));
  expect(error).toBeInstanceOf(type);
  expect(error).toMatchObject({
    name: type.name,
    message: expect.stringMatching(/\S/),
    $metadata: { httpStatusCode, requestId: expect.any(String) },
  });
  if (identifier !== '') await expect(stop(identifier)).rejects.toBeInstanceOf(type);
});
