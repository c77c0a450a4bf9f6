import * as sdk from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { catalogName } from '../../../lib/domain/normalize.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { createRequestOf } from '../../../lib/operator/spec/create-request.ts';
import { formatJobSpec, specOf } from '../../../lib/operator/spec/from-record.ts';
import { MEMBERS_BY_ANSWER } from '../../../lib/operator/spec/schema.ts';
import { fixtureNames, jobOnWire, recordOfFixture as recordOf } from '../../support/fixtures.ts';
import { fieldsOfSchema } from '../../support/sdk-schema.ts';

const IMPORTED = 'imported-completed';
const CREATED = fixtureNames('jobs').filter((name) => name !== IMPORTED);
const COMPLETED = 'fine-tuning-completed';

/** The way of a person: the spec as text, saved, and read again. */
const requestOf = (record: JobRecord) => createRequestOf({ name: 'spec', text: formatJobSpec(specOf(record)) }, {});

/** What Create would be sent to make the job of an answer of Get, by hand. */
const expectedOf = (name: string) => {
  const { jobName, outputModelName, roleArn, baseModelArn, outputModelKmsKeyArn, ...job } = jobOnWire(name);
  const { hyperParameters, trainingDataConfig, validationDataConfig, outputDataConfig, vpcConfig } = job;
  const { customizationType, customizationConfig } = job;
  const all = {
    jobName,
    customModelName: outputModelName,
    roleArn,
    baseModelIdentifier: String(baseModelArn).split('foundation-model/')[1],
    customModelKmsKeyId: outputModelKmsKeyArn,
    ...(JSON.stringify(hyperParameters) !== '{}' && { hyperParameters }),
    ...{
      trainingDataConfig,
      validationDataConfig,
      outputDataConfig,
      vpcConfig,
      customizationType,
      customizationConfig,
    },
    jobTags: [
      { key: 'team', value: 'nlp' },
      { key: 'cost center', value: '0042' },
    ],
    clientRequestToken: expect.stringMatching(/^bedrock-jobs-/) as unknown,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
};

describe('the spec of a job', () => {
  it.each(CREATED)('becomes the request that made it: %s', (name) => {
    expect(requestOf(recordOf(name, {}, { team: 'nlp', 'cost center': '0042' }))).toEqual(expectedOf(name));
  });

  it('has every member of Create that Get tells, whatever Get calls it', () => {
    const told = new Set(fieldsOfSchema(sdk.GetModelCustomizationJobResponse$).map(({ path }) => path));
    const answers = Object.fromEntries(Object.entries(MEMBERS_BY_ANSWER).map(([name, member]) => [member, name]));
    const unknown = fieldsOfSchema(sdk.CreateModelCustomizationJobRequest$)
      .map(({ path }) => path.replace(/^\w+/, (member) => answers[member] ?? member))
      .filter((path) => !told.has(path))
      .map(catalogName);
    // Tags of the job come with another call, and those of the model are not known.
    expect(unknown.filter((path) => !/^(custom_model_)?tags\b/.test(path))).toEqual([]);
    expect(unknown).toContain('tags');
  });

  it('leaves out the token, which stands for the request that made the job', () => {
    expect(specOf(recordOf(COMPLETED)).value).not.toHaveProperty('clientRequestToken');
  });

  it('begins with a comment that says what is not in it', () => {
    const { role_arn: _, ...record } = recordOf(COMPLETED, {}, { 'aws:cloudformation:stack-name': 'x', team: 'nlp' });
    const spec = specOf(record);
    expect(spec.missing).toEqual([
      'jobTags.aws:cloudformation:stack-name: only AWS sets such a tag',
      'roleArn: is missing (or give --role-arn)',
      'customModelTags: the tags of the model are not known',
    ]);
    const lines = formatJobSpec(spec).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      '# The job support-triage-ft-0142 as a spec for bedrock-jobs create --spec.',
      '# Change jobName and customModelName: Bedrock keeps the names of jobs and models.',
      ...spec.missing.map((line) => `# ${line}`),
      '',
    ]);
  });

  it.each([
    [
      'a hyperparameter without a value',
      { hyper_parameters: { epochCount: '2', seed: null } },
      'hyperParameters.seed: has no value',
    ],
    [
      'a member that Bedrock added since',
      { customization_config: { new_config: { a: 1 } } },
      'customizationConfig.new_config: this version does not know it',
    ],
    [
      'a value that Create refuses',
      { output_data_config: { s3_uri: 'file:///tmp' } },
      expect.stringMatching(/^outputDataConfig\.s3Uri: must be s3:\/\/bucket\/key/) as unknown,
    ],
  ])('names %s', (_, change, sentence) => {
    expect(specOf(recordOf(COMPLETED, change)).missing).toContainEqual(sentence);
  });

  it('keeps the keys of maps, which look like members, as they are', () => {
    const filters = { and_all: [{ equals: { projectName_s3Uri: 'a' } }] };
    const record = recordOf('distillation-in-progress');
    const logs = { ...record.training_data_config?.invocation_logs_config, request_metadata_filters: filters };
    expect(requestOf({ ...record, training_data_config: { invocation_logs_config: logs } })).toMatchObject({
      trainingDataConfig: {
        invocationLogsConfig: { requestMetadataFilters: { andAll: [{ equals: { projectName_s3Uri: 'a' } }] } },
      },
    });
  });

  it('names a custom model by its ARN, which is all that is known of it', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/k3j8h5g2f7d4';
    expect(requestOf(recordOf(COMPLETED, { base_model_arn: arn })).baseModelIdentifier).toBe(arn);
  });

  it('says that an imported job cannot be created again', () => {
    expect(() => specOf(recordOf(IMPORTED))).toThrow(
      /^import-hyperpod-nova-pro-9 was imported: Create.* cannot make it again/,
    );
  });

  it('is safe to print, and still the same, where a record holds text that a terminal obeys', () => {
    const hostile = 's3://b/\u009b31m\u202e\u0007"\n# x: y';
    const text = formatJobSpec(specOf(recordOf(COMPLETED, { output_data_config: { s3_uri: hostile } })));
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(() => createRequestOf({ name: 'spec', text }, {})).toThrow(/line \d+: outputDataConfig\.s3Uri: must be s3/);
  });
});
