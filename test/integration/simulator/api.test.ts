import { describe, expect, it } from '@jest/globals';
import * as sdk from '@aws-sdk/client-bedrock';
import { readFileSync } from 'node:fs';
import type { JobAnswer } from '../../../lib/simulator/index.ts';
import { fullCreate, rftConfig } from '../../unit/simulator/requests.ts';
import { DAY } from '../../../lib/domain/time.ts';
import { clientOf, jobInput, start, startStill } from '../../support/integration/simulator.ts';

const {
  CreateModelCustomizationJobCommand: Create,
  GetModelCustomizationJobCommand: Get,
  ListModelCustomizationJobsCommand: List,
  StopModelCustomizationJobCommand: Stop,
  ListTagsForResourceCommand: ListTags,
  TagResourceCommand: Tag,
  UntagResourceCommand: Untag,
} = sdk;

const full = fullCreate as unknown as sdk.CreateModelCustomizationJobCommandInput;
const membersOf = (schema: unknown): string[] => (schema as [unknown, unknown, unknown, unknown, string[]])[4];
const UNKNOWN =
  'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/aaaaaaaaaaaa';
const days = (count: number) => count * DAY;

const tags = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ key: `k${n + from}`, value: 'v' }));

describe('Create and Get', () => {
  it('gives every field of a full request back, under Get’s names', async () => {
    const { client } = await startStill();
    const { jobArn, $metadata } = await client.send(new Create(full));
    expect($metadata.httpStatusCode).toBe(201);
    expect($metadata.requestId).toMatch(/^[\da-f-]{36}$/);
    expect(jobArn).toMatch(
      /^arn:aws:bedrock:us-east-1:123456789012:model-customization-job\/amazon\.nova-lite-v1:0:300k\/[a-z\d]{12}$/,
    );
    const {
      customModelName,
      customModelKmsKeyId,
      baseModelIdentifier,
      jobTags,
      customModelTags: _,
      ...same
    } = fullCreate;
    for (const jobIdentifier of [jobArn, fullCreate.jobName])
      expect(await client.send(new Get({ jobIdentifier }))).toMatchObject({
        ...same,
        jobArn,
        status: 'InProgress',
        outputModelName: customModelName,
        outputModelKmsKeyArn: customModelKmsKeyId,
        baseModelArn: `arn:aws:bedrock:us-east-1::foundation-model/${baseModelIdentifier}`,
        creationTime: expect.any(Date),
        validationMetrics: [],
      });
    const tags = await client.send(new ListTags({ resourceARN: jobArn }));
    expect(tags.tags).toEqual(jobTags);
  });

  it('has had every member of Get and of the summary once jobs have completed and failed', async () => {
    const { client, time, simulator } = await startStill();
    await client.send(new Create(full));
    await client.send(new Create(jobInput('rft', { customizationConfig: { rftConfig } })));
    await client.send(new Create(jobInput('doomed', { vpcConfig: fullCreate.vpcConfig as never })));
    await fetch(`${simulator.url}/_simulator/jobs/doomed`, { method: 'POST', body: '{"status":"Failed"}' });
    await time.advance(days(1));
    const answers = await Promise.all(
      [fullCreate.jobName, 'rft', 'doomed'].map((jobIdentifier) => client.send(new Get({ jobIdentifier }))),
    );
    const seen = new Set(answers.flatMap((answer) => Object.keys(answer)));
    expect([...seen].filter((name) => name !== '$metadata').sort()).toEqual(
      membersOf(sdk.GetModelCustomizationJobResponse$).sort(),
    );
    expect(answers.map(({ status, customizationType }) => [status, customizationType])).toEqual([
      ['Completed', 'DISTILLATION'],
      ['Completed', 'REINFORCEMENT_FINE_TUNING'],
      ['Failed', 'FINE_TUNING'],
    ]);
    const { modelCustomizationJobSummaries = [] } = await client.send(new List({}));
    const listed = new Set(modelCustomizationJobSummaries.flatMap((summary) => Object.keys(summary)));
    expect([...listed].sort()).toEqual(membersOf(sdk.ModelCustomizationJobSummary$).sort());
  });

  it.each([
    [
      'a custom model',
      'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/k3j8h5g2f7d4',
      true,
    ],
    ['a foundation model ARN', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k', false],
  ])(
    'starts from %s: Get tells the foundation model, List what was named',
    async (_, baseModelIdentifier, listedAsNamed) => {
      const { client } = await startStill();
      const { jobArn } = await client.send(new Create(jobInput('from', { baseModelIdentifier })));
      const foundation = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k';
      expect((await client.send(new Get({ jobIdentifier: jobArn }))).baseModelArn).toBe(foundation);
      const { modelCustomizationJobSummaries } = await client.send(new List({}));
      expect(modelCustomizationJobSummaries?.[0]?.baseModelArn).toBe(listedAsNamed ? baseModelIdentifier : foundation);
    },
  );

  const llama = 'meta.llama3-3-70b-instruct-v1:0:128k';
  const nova = 'amazon.nova-lite-v1:0:300k';
  it.each([
    [nova, 'FINE_TUNING', { epochCount: '3' }, { epochCount: '3', batchSize: '1', learningRate: '1.0E-4' }],
    [nova, undefined, undefined, { epochCount: '2', batchSize: '1', learningRate: '1.0E-4' }],
    [
      nova,
      undefined,
      { learningRate: '1e-5', x: '' },
      { epochCount: '2', batchSize: '1', learningRate: '1e-5', x: '' },
    ],
    [nova, 'IMPORTED', undefined, {}],
    [llama, 'FINE_TUNING', { epochCount: '3' }, { epochCount: '3' }],
    ['amazon.nova-canvas-v1:0', 'FINE_TUNING', undefined, {}],
  ] as const)(
    'tells of %s, %s, with hyperparameters %j those that it trains with',
    async (baseModelIdentifier, customizationType, hyperParameters, told) => {
      const { client } = await startStill();
      await client.send(
        new Create(jobInput('tells', {
          baseModelIdentifier,
          ...(customizationType && { customizationType }),
          ...(hyperParameters && { hyperParameters }),
        })),
      ); // prettier-ignore
      expect((await client.send(new Get({ jobIdentifier: 'tells' }))).hyperParameters).toEqual(told);
    },
  );

  it('starts from the name of a custom model once a job has made it', async () => {
    const { client, time } = await startStill();
    await client.send(new Create(jobInput('first')));
    const again = new Create(jobInput('second', { baseModelIdentifier: 'first-model' }));
    await expect(client.send(again)).rejects.toThrow('The provided model identifier is invalid.');
    await time.advance(days(1));
    await client.send(again);
    const { baseModelArn } = await client.send(new Get({ jobIdentifier: 'second' }));
    expect(baseModelArn).toBe('arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k');
  });

  it.each(['alias/mine', '0f8fad5b-d9cb-469f-a165-70867728950e'])(
    'tells the ARN of the key %s',
    async (customModelKmsKeyId) => {
      const { client } = await startStill();
      await client.send(new Create(jobInput('keyed', { customModelKmsKeyId })));
      const { outputModelKmsKeyArn } = await client.send(new Get({ jobIdentifier: 'keyed' }));
      expect(outputModelKmsKeyArn).toMatch(/^arn:aws:kms:us-east-1:123456789012:key\/[\da-f-]{36}$/);
    },
  );

  it('answers a loaded job exactly as it is, unknown members included', async () => {
    const simulator = await start();
    const job = JSON.parse(readFileSync('test/fixtures/jobs/distillation-in-progress.json', 'utf8')) as JobAnswer;
    const strange = { ...job, status: 'Paused', customizationConfig: { newConfig: { a: 1 } }, newMember: 1 };
    simulator.load([{ job: strange, tags: { team: 'ml' } }]);
    const answer = await clientOf(simulator).send(new Get({ jobIdentifier: job.jobName }));
    expect(answer).toMatchObject({ status: 'Paused', customizationConfig: { $unknown: ['newConfig', { a: 1 }] } });
    expect(simulator.truth(job.jobArn)).toEqual({ job: strange, tags: { team: 'ml' } });
    expect([...simulator.jobs()]).toEqual([{ job: strange, tags: { team: 'ml' } }]);
  });
});

describe('loading', () => {
  const base = JSON.parse(readFileSync('test/fixtures/jobs/fine-tuning-completed.json', 'utf8')) as JobAnswer;
  const job = { ...base, jobArn: base.jobArn.replace('us-west-2', 'us-east-1') };

  it('replaces a job with the same ARN, in every index', async () => {
    const { simulator, client } = await startStill();
    simulator.load([{ job }]);
    const renamed = {
      ...job,
      jobName: 'renamed',
      status: 'Failed',
      outputModelName: 'other',
      creationTime: '2020-01-01T00:00:00.000Z',
    };
    simulator.load([{ job: { ...renamed, jobName: 'twice-in-one-load' } }, { job: renamed }]);
    expect([...simulator.jobs()]).toEqual([{ job: renamed, tags: {} }]);
    for (const [input, names] of [
      [{}, ['renamed']],
      [{ statusEquals: 'Failed' }, ['renamed']],
      [{ statusEquals: 'Completed' }, []],
      [{ creationTimeAfter: new Date('2021-01-01') }, []],
    ] as const) {
      const { modelCustomizationJobSummaries } = await client.send(new List(input));
      expect(modelCustomizationJobSummaries?.map(({ jobName }) => jobName)).toEqual(names);
    }
    await expect(client.send(new Get({ jobIdentifier: job.jobName }))).rejects.toBeInstanceOf(
      sdk.ResourceNotFoundException,
    );
    // Names that only the replaced job had are free.
    await client.send(new Create(jobInput(job.jobName, { customModelName: job.outputModelName })));
  });

  it('refuses what no list could hold', async () => {
    const { simulator } = await startStill();
    expect(() => {
      simulator.load([{ job: { ...job, jobArn: 'job-1' } }]);
    }).toThrow('job-1 is not the ARN of a Bedrock job.');
    expect(() => {
      simulator.load([{ job: { ...job, creationTime: 'once' } }]);
    }).toThrow('The creationTime of');
    expect([...simulator.jobs()]).toEqual([]);
  });
});

describe('what Create refuses', () => {
  it('refuses a job name that any job has, ended or not, and a model name that is in use', async () => {
    const { client, time } = await startStill();
    await client.send(new Create(jobInput('one')));
    const sameName = client.send(new Create(jobInput('one', { customModelName: 'other' })));
    await expect(sameName).rejects.toThrow('The provided job name is currently in use.');
    const sameModel = new Create(jobInput('two', { customModelName: 'one-model' }));
    await expect(client.send(sameModel)).rejects.toThrow('The provided custom model name is currently in use.');
    await client.send(new Stop({ jobIdentifier: 'one' }));
    await time.advance(days(1));
    await expect(client.send(new Create(jobInput('one')))).rejects.toBeInstanceOf(sdk.ValidationException);
    // The stopped job made no model: its model's name is free again.
    await client.send(sameModel);
  });

  it('answers the same token and request with the same job, and another request with ConflictException', async () => {
    const { client, simulator } = await startStill();
    const input = jobInput('once', { clientRequestToken: 'token-1', hyperParameters: { a: '1', b: '2' } });
    const first = await client.send(new Create(input));
    const second = await client.send(new Create({ ...input, hyperParameters: { b: '2', a: '1' } }));
    expect(second.jobArn).toBe(first.jobArn);
    expect([...simulator.jobs()]).toHaveLength(1);
    const different = client.send(new Create({ ...input, jobName: 'twice', customModelName: 'twice' }));
    await expect(different).rejects.toBeInstanceOf(sdk.ConflictException);
  });

  it('lets one of two simultaneous requests for one name win', async () => {
    const { client, simulator } = await startStill();
    const both = await Promise.allSettled(
      [1, 2].map((n) => client.send(new Create(jobInput('race', { customModelName: `m${n}` })))),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([...simulator.jobs()]).toHaveLength(1);
  });

  it('keeps to a quota of active jobs where there is one', async () => {
    const { client, time } = await startStill({ maxActiveJobs: 2 });
    await client.send(new Create(jobInput('a')));
    await client.send(new Create(jobInput('b')));
    await expect(client.send(new Create(jobInput('c')))).rejects.toBeInstanceOf(sdk.ServiceQuotaExceededException);
    await time.advance(days(1));
    await client.send(new Create(jobInput('c')));
  });

  it.each([
    [
      'another Region’s model',
      { baseModelIdentifier: 'arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0' },
      sdk.ValidationException,
    ],
    [
      'another account’s model',
      { baseModelIdentifier: 'arn:aws:bedrock:us-east-1:999999999999:custom-model/amazon.nova-lite-v1:0/k3j8h5g2f7d4' },
      sdk.AccessDeniedException,
    ],
    [
      'a tag key twice',
      {
        jobTags: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
      sdk.ValidationException,
    ],
    [
      'a model tag key twice',
      {
        customModelTags: [
          { key: 'a', value: '1' },
          { key: 'a', value: '1' },
        ],
      },
      sdk.ValidationException,
    ],
    ['51 tags', { jobTags: tags(51) }, sdk.TooManyTagsException],
    ['51 tags of the model', { customModelTags: tags(51) }, sdk.TooManyTagsException],
    ['an id whose ARN Get could not tell', { baseModelIdentifier: 'amazon.x.ab' }, sdk.ValidationException],
  ])('refuses %s', async (_, more, error) => {
    const { client, simulator } = await startStill();
    await expect(client.send(new Create(jobInput('refused', more)))).rejects.toBeInstanceOf(error);
    expect([...simulator.jobs()]).toEqual([]);
  });

  const foundation = 'arn:aws:bedrock:us-east-1::foundation-model/';
  const noSuchModel = 'The provided model identifier is invalid.';
  const notJsonl = (uri: string) => `Provided S3 location is invalid: ${uri}. Input data must be in .jsonl format`;
  it.each([
    ['anthropic.claude-3-sonnet-20240229-v1:0', {}, noSuchModel],
    [`${foundation}amazon.nova-lite-v1:0`, {}, noSuchModel],
    [
      `${foundation}amazon.nova-lite-v1:0:300k`,
      { trainingDataConfig: { s3Uri: 's3://acme-ft/training-data/' } },
      notJsonl('s3://acme-ft/training-data/'),
    ],
    [
      'amazon.nova-lite-v1:0:300k',
      { validationDataConfig: { validators: [{ s3Uri: 's3://acme-ft/validation.csv' }] } },
      notJsonl('s3://acme-ft/validation.csv'),
    ],
    ['amazon.nova-lite-v1:0:300k', { trainingDataConfig: { s3Uri: 's3://acme-ft/train.jsonl' } }, undefined],
    ['amazon.nova-canvas-v1:0', {}, undefined],
    [
      'amazon.nova-pro-v1:0:300k',
      { customizationType: 'IMPORTED' as const, trainingDataConfig: { s3Uri: 's3://acme-artifacts/nova-pro/' } },
      undefined,
    ],
  ])('takes %s with %j: %s', async (baseModelIdentifier, more, refusal) => {
    const { client, simulator } = await startStill();
    const call = client.send(new Create(jobInput('asked', { baseModelIdentifier, ...more })));
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toEqual(
      refusal === undefined ? undefined : expect.objectContaining({ name: 'ValidationException', message: refusal }),
    );
    expect([...simulator.jobs()]).toHaveLength(refusal === undefined ? 1 : 0);
  });

  it('names all problems of a request in one message', async () => {
    const { client } = await startStill();
    const refused = client.send(new Create(jobInput('no spaces please', { roleArn: 'me' })));
    await expect(refused).rejects.toThrow(
      /^3 validation errors detected: .*'jobName'.*; .*'customModelName'.*; .*'roleArn'/,
    );
  });
});

describe('Stop', () => {
  it('goes through Stopping to Stopped, and only from InProgress', async () => {
    const { client, time } = await startStill();
    await client.send(new Create(jobInput('halt')));
    await time.advance(600_000);
    await client.send(new Stop({ jobIdentifier: 'halt' }));
    const stopping = await client.send(new Get({ jobIdentifier: 'halt' }));
    expect(stopping).toMatchObject({ status: 'Stopping', statusDetails: { trainingDetails: { status: 'Stopping' } } });
    expect(stopping.endTime).toBeUndefined();
    await expect(client.send(new Stop({ jobIdentifier: 'halt' }))).rejects.toBeInstanceOf(sdk.ConflictException);
    await time.advance(180_000);
    const stopped = await client.send(new Get({ jobIdentifier: 'halt' }));
    expect(stopped).toMatchObject({ status: 'Stopped', endTime: expect.any(Date) });
    expect(stopped.outputModelArn).toBeUndefined();
    await expect(client.send(new Stop({ jobIdentifier: 'halt' }))).rejects.toBeInstanceOf(sdk.ConflictException);
  });

  it('stops a loaded job too', async () => {
    const { simulator, client, time } = await startStill();
    const job = JSON.parse(readFileSync('test/fixtures/jobs/distillation-in-progress.json', 'utf8')) as JobAnswer;
    simulator.load([{ job }]);
    await client.send(new Stop({ jobIdentifier: job.jobArn }));
    expect(simulator.truth(job.jobArn)?.job).toMatchObject({
      status: 'Stopping',
      statusDetails: { dataProcessingDetails: { status: 'Stopping' }, trainingDetails: { status: 'NotStarted' } },
    });
    await time.advance(120_000);
    expect(simulator.truth(job.jobArn)?.job.status).toBe('Stopped');
  });
});

describe('tags', () => {
  it('adds, overwrites and takes away; unknown keys do not matter', async () => {
    const { client } = await startStill();
    const { jobArn: resourceARN } = await client.send(
      new Create(jobInput('tagged', { jobTags: [{ key: 'a', value: '1' }] })),
    );
    await client.send(new Tag({ resourceARN, tags: [{ key: 'a', value: '2' }, { key: '__proto__', value: 'x' }] })); // prettier-ignore
    await client.send(new Untag({ resourceARN, tagKeys: ['unknown'] }));
    expect((await client.send(new ListTags({ resourceARN }))).tags).toEqual([
      { key: 'a', value: '2' },
      { key: '__proto__', value: 'x' },
    ]);
    await client.send(new Untag({ resourceARN, tagKeys: ['a', '__proto__'] }));
    expect((await client.send(new ListTags({ resourceARN }))).tags).toEqual([]);
  });

  it('allows 50 after the call, and changes nothing beyond that', async () => {
    const { client } = await startStill();
    const { jobArn: resourceARN } = await client.send(new Create(jobInput('many', { jobTags: tags(40) })));
    for (const added of [tags(11, 40), tags(51), tags(200)]) {
      const tooMany: unknown = await client
        .send(new Tag({ resourceARN, tags: added }))
        .catch((error: unknown) => error);
      expect(tooMany).toBeInstanceOf(sdk.TooManyTagsException);
      expect(tooMany).toMatchObject({ resourceName: resourceARN });
      expect((await client.send(new ListTags({ resourceARN }))).tags).toHaveLength(40);
    }
    await client.send(new Tag({ resourceARN, tags: tags(50) }));
    expect((await client.send(new ListTags({ resourceARN }))).tags).toHaveLength(50);
    const twice = client.send(new Tag({ resourceARN, tags: [...tags(1), ...tags(1)] }));
    await expect(twice).rejects.toBeInstanceOf(sdk.ValidationException);
  });

  it.each([
    ['an unknown job', UNKNOWN, sdk.ResourceNotFoundException],
    ['a guardrail', 'arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123def456', sdk.ResourceNotFoundException],
    ['a bare identifier', 'identifier-without-an-arn', sdk.ResourceNotFoundException],
    ['another account’s job', UNKNOWN.replace('123456789012', '999999999999'), sdk.AccessDeniedException],
    ['another Region’s job', UNKNOWN.replace('us-east-1', 'eu-west-1'), sdk.ValidationException],
  ])('has none for %s', async (_, resourceARN, error) => {
    const { client } = await startStill();
    for (const command of [
      new ListTags({ resourceARN }),
      new Tag({ resourceARN, tags: [] }),
      new Untag({ resourceARN, tagKeys: [] }),
    ])
      await expect(client.send(command as InstanceType<typeof Tag>)).rejects.toBeInstanceOf(error);
  });
});

describe('scopes', () => {
  it('keeps jobs, names and tokens of accounts and Regions apart', async () => {
    const simulator = await start();
    const clients = [
      clientOf(simulator),
      clientOf(simulator, '111111111111', 'us-east-1'),
      clientOf(simulator, '111111111111', 'eu-central-1'),
      clientOf(simulator, '111111111111', 'us-gov-west-1'),
    ];
    const input = jobInput('same', { clientRequestToken: 'same' });
    const arns: string[] = [];
    for (const client of clients) arns.push((await client.send(new Create(input))).jobArn ?? '');
    expect(arns.map((arn) => arn.split(':model')[0])).toEqual([
      'arn:aws:bedrock:us-east-1:123456789012',
      'arn:aws:bedrock:us-east-1:111111111111',
      'arn:aws:bedrock:eu-central-1:111111111111',
      'arn:aws-us-gov:bedrock:us-gov-west-1:111111111111',
    ]);
    for (const [index, client] of clients.entries()) {
      const { modelCustomizationJobSummaries } = await client.send(new List({}));
      expect(modelCustomizationJobSummaries?.map(({ jobArn }) => jobArn)).toEqual([arns[index]]);
    }
    const [own, ...foreign] = clients;
    await expect(own?.send(new Get({ jobIdentifier: arns[1] }))).rejects.toBeInstanceOf(sdk.AccessDeniedException);
    await expect(foreign[0]?.send(new Get({ jobIdentifier: arns[2] }))).rejects.toBeInstanceOf(sdk.ValidationException);
  });

  it('serves plain requests in the default scope, and refuses signatures that say nothing', async () => {
    const simulator = await start({ accountId: '222222222222', region: 'ap-south-1' });
    const create = await fetch(`${simulator.url}/model-customization-jobs`, {
      method: 'POST',
      body: JSON.stringify(jobInput('plain')),
    });
    expect(await create.json()).toEqual({ jobArn: expect.stringContaining(':ap-south-1:222222222222:') });
    for (const authorization of [
      'AWS4-HMAC-SHA256 nothing',
      'AWS4-HMAC-SHA256 Credential=k/20260810/US_EAST/bedrock/aws4_request',
    ]) {
      const answer = await fetch(`${simulator.url}/model-customization-jobs`, { headers: { authorization } });
      expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([400, 'IncompleteSignatureException']);
    }
    const bearer = await fetch(`${simulator.url}/model-customization-jobs/plain`, {
      headers: { authorization: 'Bearer key' },
    });
    expect(bearer.status).toBe(200);
  });
});

describe('errors', () => {
  it.each([
    [{ jobIdentifier: 'nobody' }, sdk.ResourceNotFoundException, 404],
    [{ jobIdentifier: UNKNOWN }, sdk.ResourceNotFoundException, 404],
    [{ jobIdentifier: 'no such name' }, sdk.ValidationException, 400],
    [{ jobIdentifier: '' }, sdk.ValidationException, 400],
    [{ jobIdentifier: UNKNOWN.replace('123456789012', '999999999999') }, sdk.AccessDeniedException, 403],
  ])('Get and Stop of %j', async (input, type, httpStatusCode) => {
    const { client } = await startStill();
    const error: unknown = await client.send(new Get(input)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name: type.name, $metadata: { httpStatusCode, requestId: expect.any(String) } });
    expect((error as Error).message).not.toBe('');
    if (input.jobIdentifier !== '') await expect(client.send(new Stop(input))).rejects.toBeInstanceOf(type);
  });
});
