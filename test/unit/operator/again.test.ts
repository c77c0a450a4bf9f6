import { BedrockClient, CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { TrackerError } from '../../../lib/domain/errors.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { createLike, differencesOf, likeJob, nameWith, requestLike } from '../../../lib/operator/again.ts';
import type { RequestFlags } from '../../../lib/operator/spec/flags.ts';
import { recordOfFixture as recordOf } from '../../support/fixtures.ts';
import { awsError } from '../../support/sdk-answers.ts';

const COMPLETED = 'fine-tuning-completed';
const RFT = 'reinforcement-fine-tuning-completed';

/** A table that knows jobs of these names, and several of the ambiguous ones. */
const jobsNamed = (names: readonly string[], ambiguous: readonly string[] = []) => ({
  getJob: (name: string) =>
    ambiguous.includes(name)
      ? Promise.reject(new TrackerError('AMBIGUOUS_JOB', 'two jobs'))
      : Promise.resolve({ job: names.includes(name) ? recordOf(COMPLETED) : undefined, readUnits: 1, requests: 1 }),
});

const like = (record: JobRecord, flags: RequestFlags = {}, taken: readonly string[] = []) =>
  likeJob(record, flags, jobsNamed(taken));

const requestOf = async (...args: Parameters<typeof like>) => requestLike(await like(...args));

describe('a job like another one', () => {
  it('is asked for by the same request under new names, with a token of its own', async () => {
    const record = recordOf(COMPLETED, {}, { team: 'nlp' });
    const request = await requestOf(record);
    expect(request).toMatchObject({
      jobName: 'support-triage-ft-0142-2',
      customModelName: 'support-triage-llama33-v3-2',
      roleArn: record.role_arn,
      hyperParameters: record.hyper_parameters,
      jobTags: [{ key: 'team', value: 'nlp' }],
    });
    expect(request.clientRequestToken).toMatch(/^bedrock-jobs-/);
    expect(await requestOf(record)).toEqual(request);
  });

  it('differs in what the flags give and leave out', async () => {
    const record = recordOf(COMPLETED, {}, { team: 'nlp', 'cost.center': '7' });
    const made = await like(record, {
      hyperParameter: ['epochCount=3', 'seed=1'],
      without: ['vpcConfig', 'hyperParameters.batchSize', 'jobTags.cost.center'],
    });
    const differences = differencesOf(made.spec, requestLike(made));
    expect(differences).toEqual([
      { path: 'jobName', before: 'support-triage-ft-0142', after: 'support-triage-ft-0142-2' },
      { path: 'customModelName', before: 'support-triage-llama33-v3', after: 'support-triage-llama33-v3-2' },
      { path: 'hyperParameters.batchSize', before: '1' },
      { path: 'hyperParameters.epochCount', before: '2', after: '3' },
      { path: 'vpcConfig.subnetIds[0]', before: 'subnet-0a1b2c3d4e5f60718' },
      { path: 'vpcConfig.subnetIds[1]', before: 'subnet-0b2c3d4e5f6071829' },
      { path: 'vpcConfig.securityGroupIds[0]', before: 'sg-0c3d4e5f60718293a' },
      { path: 'jobTags.cost.center', before: '7' },
      { path: 'hyperParameters.seed', after: '1' },
    ]);
  });

  it('leaves out a tag whose key begins with the key of another one', async () => {
    const record = recordOf(COMPLETED, {}, { cost: '1', 'cost.center': '7' });
    const { jobTags } = await requestOf(record, { without: ['jobTags.cost.center'] });
    expect(jobTags).toEqual([{ key: 'cost', value: '1' }]);
  });

  it('names what cannot be left out', async () => {
    await expect(requestOf(recordOf(COMPLETED), { without: ['hyperParameters.warmup', 'a'] })).rejects.toThrow(
      "--without: 'hyperParameters.warmup' is not there to be left out\n  --without: 'a' is not there",
    );
  });

  it('of reinforcement fine-tuning has its hyperparameters where such a job has them, as numbers', async () => {
    const { hyperParameters, customizationConfig } = await requestOf(recordOf(RFT), {
      hyperParameter: ['learningRate=1e-6', 'reasoningEffort=low'],
    });
    expect(hyperParameters).toBeUndefined();
    expect(customizationConfig?.rftConfig?.hyperParameters).toMatchObject({
      learningRate: 0.000001,
      reasoningEffort: 'low',
      batchSize: 32,
    });
    await expect(requestOf(recordOf(RFT), { hyperParameter: ['epochs=2'] })).rejects.toThrow(
      /--hyper-parameter epochs: is not a name of the API: use one of epochCount/,
    );
  });

  it('does not belong to the sweep of the other one', async () => {
    expect((await requestOf(recordOf(COMPLETED, {}, { sweep: 'x', team: 'nlp' }))).jobTags).toEqual([
      { key: 'team', value: 'nlp' },
    ]);
  });

  it.each([
    ['tone', [], 'tone-2'],
    ['tone', ['tone', 'tone-2', 'tone-3'], 'tone-4'],
    ['tone-2', ['tone', 'tone-2'], 'tone-3'],
    ['tone-7', ['tone-7'], 'tone-7-2'],
    ['tone-0142', ['tone'], 'tone-0142-2'],
    ['a'.repeat(63), [], `${'a'.repeat(61)}-2`],
    [`${'a'.repeat(60)}-bc`, [], `${'a'.repeat(60)}-2`],
  ])('of %s, where %j are taken, is called %s', async (job_name, taken, name) => {
    expect(await requestOf(recordOf(COMPLETED, { job_name }), {}, taken)).toMatchObject({ jobName: name });
  });

  it('has the number of the first free name in the name of its model too', async () => {
    const record = recordOf(COMPLETED, { job_name: 'tone-2', output_model_name: 'tone_v1-2' });
    expect(await requestOf(record, {}, ['tone', 'tone-2'])).toMatchObject({ customModelName: 'tone_v1-3' });
  });

  it('takes a name of several jobs as taken, and asks for a name after 98 of them', async () => {
    const record = recordOf(COMPLETED, { job_name: 'tone' });
    expect((await likeJob(record, {}, jobsNamed([], ['tone-2']))).first).toBe(3);
    const all = Array.from({ length: 100 }, (_, number) => `tone-${number}`);
    await expect(like(record, {}, all)).rejects.toThrow('All names to tone-99 are taken: give --job-name.');
  });

  it('has the names that are given', async () => {
    const made = await like(recordOf(COMPLETED), { jobName: 'mine', customModelName: 'mine' });
    expect(requestLike(made)).toMatchObject({ jobName: 'mine', customModelName: 'mine' });
    expect(made.isNumbered).toBe(false);
  });
});

describe('names with an end', () => {
  it.each([
    ['tone', '2', 'tone-2'],
    ['tone_', '2', 'tone-2'],
    ['a'.repeat(70), 'lr1e-5', `${'a'.repeat(56)}-lr1e-5`],
  ])('%s and %s make %s', (base, end, name) => {
    expect(nameWith(base, end)).toBe(name);
  });
});

describe('creating a job like another one', () => {
  const bedrock = mockClient(BedrockClient);
  const taken = awsError('ValidationException', 'The provided job name is currently in use.');
  const create = async (flags: RequestFlags) =>
    createLike(new BedrockClient({ region: 'us-west-2' }), await like(recordOf(COMPLETED), flags));

  it('takes the next name where Bedrock knows a job that the tracker has not seen', async () => {
    bedrock.reset();
    bedrock.on(CreateModelCustomizationJobCommand).rejectsOnce(taken).resolves({ jobArn: 'arn' });
    const { jobArn, request } = await create({});
    expect([jobArn, request.jobName]).toEqual(['arn', 'support-triage-ft-0142-3']);
  });

  it.each([
    ['a name that was given', { jobName: 'mine', customModelName: 'mine' }, taken],
    ['anything else', {}, awsError('ValidationException', 'The role cannot be assumed.')],
  ])('ends with the refusal of %s', async (_, flags, refusal) => {
    bedrock.reset();
    bedrock.on(CreateModelCustomizationJobCommand).rejects(refusal);
    await expect(create(flags)).rejects.toBe(refusal);
    expect(bedrock.calls()).toHaveLength(1);
  });
});
