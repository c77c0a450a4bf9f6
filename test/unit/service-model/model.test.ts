import { describe, expect, it } from '@jest/globals';
import {
  CreateRequest,
  JobRequest,
  ListRequest,
  ListTagsRequest,
  TagRequest,
  UntagRequest,
} from '../../../lib/service-model/model.ts';
import { check, summarize } from '../../../lib/service-model/validation.ts';
import { changed, fullCreate, rftConfig } from '../simulator/requests.ts';

const NULL = 'Member must not be null';
const atLeast = (length: number) => `Member must have length greater than or equal to ${length}`;
const atMost = (length: number) => `Member must have length less than or equal to ${length}`;
const minimum = (value: number) => `Member must have value greater than or equal to ${value}`;
const maximum = (value: number) => `Member must have value less than or equal to ${value}`;
const pattern = expect.stringMatching(/^Member must satisfy regular expression pattern: /);
const values = expect.stringMatching(/^Member must satisfy enum value set: \[/);
const keys = expect.stringMatching(/^Map keys must satisfy constraint: \[/);
const mapValue = expect.stringMatching(/^Map value must satisfy constraint: \[/);
const exactlyOne = expect.stringMatching(/^Member must have exactly one of these members set: \[/);

const constraintsOf = (schema: Parameters<typeof check>[0], input: unknown) =>
  check(schema, input).problems?.map(({ path, constraint }) => [path, constraint]) ?? [];

const inArn = (resource: string) => `arn:aws:bedrock:us-east-1:123456789012:${resource}`;
const s3 = (length: number) => `s3://bucket/${'a'.repeat(length - 12)}`;
const tagList = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '' }));
const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
/** Where AWS counts list items from one and calls each a member. */
const awsPath = (path: string) =>
  path.replaceAll(/\.(\d+)(?=\.|$)/g, (_, index: string) => `.${Number(index) + 1}.member`);

const filters = 'trainingDataConfig.invocationLogsConfig.requestMetadataFilters';
const teacher = 'customizationConfig.distillationConfig.teacherModelConfig';
const rft = 'customizationConfig.rftConfig';
const withRft = changed(fullCreate, 'customizationConfig', { rftConfig });
const withEquals = changed(fullCreate, filters, { equals: { a: 'b' } });

describe('CreateModelCustomizationJob: what the model refuses', () => {
  it('accepts a request with every member', () => {
    expect(check(CreateRequest, fullCreate)).toEqual({ request: fullCreate });
    expect(check(CreateRequest, withRft).problems).toBeUndefined();
  });

  const rows: [path: string, value: unknown, constraint: unknown, request?: unknown][] = [
    ...[
      'jobName',
      'customModelName',
      'roleArn',
      'baseModelIdentifier',
      'trainingDataConfig',
      'outputDataConfig',
    ].flatMap((path): [string, unknown, unknown][] => [
      [path, undefined, NULL],
      [path, null, NULL],
    ]),
    ['jobName', 'a'.repeat(64), atMost(63)],
    ['jobName', '-starts-with-dash', pattern],
    ['jobName', 'under_score', pattern],
    ['jobName', 7, 'Member must be a string'],
    ['customModelName', 'a'.repeat(64), atMost(63)],
    ['customModelName', 'two--dashes', pattern],
    ['customModelName', 'dot.ted', pattern],
    ['roleArn', `arn:aws:iam::123456789012:role/${'a'.repeat(2018)}`, atMost(2048)],
    ['roleArn', 'arn:aws:iam::123456789012:user/alice', pattern],
    ['clientRequestToken', 'a'.repeat(257), atMost(256)],
    ['clientRequestToken', 'ends-with-', pattern],
    ['baseModelIdentifier', 'a'.repeat(2049), atMost(2048)],
    ['baseModelIdentifier', 'no such model', pattern],
    ['baseModelIdentifier', 'amazon.nova:0:300k:more', pattern],
    ['customizationType', 'MAGIC', values],
    ['customizationType', 'fine_tuning', values],
    ['customModelKmsKeyId', 'a'.repeat(2049), atMost(2048)],
    ['customModelKmsKeyId', 'not-36-characters', pattern],
    ['jobTags', tagList(201), atMost(200)],
    ['jobTags', {}, 'Member must be a list'],
    ['jobTags.0.key', undefined, NULL],
    ['jobTags.1.value', undefined, NULL],
    ['jobTags.1.key', 'k'.repeat(129), atMost(128)],
    ['jobTags.1.key', 'bad!', pattern],
    ['jobTags.1.value', 'v'.repeat(257), atMost(256)],
    ['jobTags.1.value', 'ümlaut', pattern],
    ['jobTags.0', null, NULL],
    ['customModelTags', tagList(201), atMost(200)],
    ['customModelTags.0.key', 'bad#', pattern],
    ['trainingDataConfig', 'text', 'Member must be a structure'],
    ['outputDataConfig', [], 'Member must be a structure'],
    ['customizationConfig', [], 'Member must be a structure'],
    ['trainingDataConfig.s3Uri', s3(1025), atMost(1024)],
    ['trainingDataConfig.s3Uri', 'https://bucket/key', pattern],
    ['trainingDataConfig.s3Uri', 's3://Bucket/key', pattern],
    ['trainingDataConfig.s3Uri', 's3://bucket/key with space', pattern],
    ['trainingDataConfig.invocationLogsConfig.usePromptResponse', 'yes', 'Member must be a boolean'],
    ['trainingDataConfig.invocationLogsConfig.invocationLogSource', undefined, NULL],
    ['trainingDataConfig.invocationLogsConfig.invocationLogSource', {}, exactlyOne],
    ['trainingDataConfig.invocationLogsConfig.invocationLogSource', { newSource: {} }, exactlyOne],
    ['trainingDataConfig.invocationLogsConfig.invocationLogSource.s3Uri', 'x', pattern],
    [filters, {}, exactlyOne],
    [filters, { equals: { a: 'b' }, notEquals: { a: 'b' } }, exactlyOne],
    [`${filters}.equals`, {}, atLeast(1), withEquals],
    [`${filters}.equals`, { a: 'b', c: 'd' }, atMost(1), withEquals],
    [`${filters}.equals`, { '': 'b' }, keys, withEquals],
    [`${filters}.equals`, { ['k'.repeat(257)]: 'b' }, keys, withEquals],
    [`${filters}.equals`, { 'bad!': 'b' }, keys, withEquals],
    [`${filters}.equals`, { a: 'v'.repeat(257) }, mapValue, withEquals],
    [`${filters}.equals`, { a: 'bad!' }, mapValue, withEquals],
    [`${filters}.equals`, { a: 1 }, 'Member must be a map of strings', withEquals],
    [`${filters}.andAll`, [], atLeast(1)],
    [`${filters}.andAll`, times(17, { equals: { a: 'b' } }), atMost(16)],
    [`${filters}.andAll.1.notEquals`, { a: 'b', c: 'd' }, atMost(1)],
    [filters, { orAll: [] }, undefined],
    ['validationDataConfig.validators', undefined, NULL],
    ['validationDataConfig.validators', times(11, { s3Uri: 's3://bucket/key' }), atMost(10)],
    ['validationDataConfig.validators.0.s3Uri', undefined, NULL],
    ['validationDataConfig.validators.0.s3Uri', 's3://a', pattern],
    ['outputDataConfig.s3Uri', undefined, NULL],
    ['outputDataConfig.s3Uri', 's3://bucket//twice', pattern],
    ['hyperParameters', [], 'Member must be a map of strings'],
    ['hyperParameters', { epochCount: 2 }, 'Member must be a map of strings'],
    ['vpcConfig.subnetIds', undefined, NULL],
    ['vpcConfig.subnetIds', [], atLeast(1)],
    ['vpcConfig.subnetIds', times(17, 'subnet-1'), atMost(16)],
    ['vpcConfig.subnetIds.0', 's'.repeat(33), atMost(32)],
    ['vpcConfig.subnetIds.0', '', pattern],
    ['vpcConfig.securityGroupIds', undefined, NULL],
    ['vpcConfig.securityGroupIds', [], atLeast(1)],
    ['vpcConfig.securityGroupIds', times(6, 'sg-1'), atMost(5)],
    ['vpcConfig.securityGroupIds.0', 's'.repeat(33), atMost(32)],
    ['vpcConfig.securityGroupIds.0', 'sg_1', pattern],
    ['customizationConfig', {}, exactlyOne],
    ['customizationConfig', { ...fullCreate.customizationConfig, rftConfig }, exactlyOne],
    ['customizationConfig.distillationConfig.teacherModelConfig', undefined, NULL],
    [`${teacher}.teacherModelIdentifier`, undefined, NULL],
    [`${teacher}.teacherModelIdentifier`, 'not a model', pattern],
    [`${teacher}.maxResponseLengthForInference`, 1.5, 'Member must be an integer'],
    [`${teacher}.maxResponseLengthForInference`, '1000', 'Member must be an integer'],
    [`${rft}.graderConfig`, {}, exactlyOne, withRft],
    [`${rft}.graderConfig.lambdaGrader.lambdaArn`, undefined, NULL, withRft],
    [`${rft}.graderConfig.lambdaGrader.lambdaArn`, 'arn:aws:lambda:nowhere', pattern, withRft],
    [
      `${rft}.graderConfig.lambdaGrader.lambdaArn`,
      `arn:aws:lambda:us-east-1:123456789012:function:${'f'.repeat(466)}`,
      atMost(512),
      withRft,
    ],
    [`${rft}.hyperParameters.epochCount`, 0, minimum(1), withRft],
    [`${rft}.hyperParameters.epochCount`, 51, maximum(50), withRft],
    [`${rft}.hyperParameters.batchSize`, 15, minimum(16), withRft],
    [`${rft}.hyperParameters.batchSize`, 513, maximum(512), withRft],
    [`${rft}.hyperParameters.learningRate`, 0.00000009, minimum(1e-7), withRft],
    [`${rft}.hyperParameters.learningRate`, 0.0011, maximum(0.001), withRft],
    [`${rft}.hyperParameters.learningRate`, 'NaN', 'Member must be a number', withRft],
    [`${rft}.hyperParameters.maxPromptLength`, true, 'Member must be an integer', withRft],
    [`${rft}.hyperParameters.maxPromptLength`, 3e9, 'Member must be an integer', withRft],
    [`${rft}.hyperParameters.trainingSamplePerPrompt`, 1, minimum(2), withRft],
    [`${rft}.hyperParameters.trainingSamplePerPrompt`, 17, maximum(16), withRft],
    [`${rft}.hyperParameters.inferenceMaxTokens`, 'many', 'Member must be an integer', withRft],
    [`${rft}.hyperParameters.reasoningEffort`, 'extreme', values, withRft],
    [`${rft}.hyperParameters.evalInterval`, 0, minimum(1), withRft],
    [`${rft}.hyperParameters.evalInterval`, 101, maximum(100), withRft],
  ];

  it.each(rows.filter(([, , constraint]) => constraint !== undefined))(
    'refuses %s = %j, and that alone',
    (path, value, constraint, request = fullCreate) => {
      expect(constraintsOf(CreateRequest, changed(request, path, value))).toEqual([[awsPath(path), constraint]]);
    },
  );

  it.each(['jobName', 'customModelName', 'clientRequestToken', 'baseModelIdentifier', 'customModelKmsKeyId'])(
    'refuses an empty %s for its length and its pattern',
    (path) => {
      expect(constraintsOf(CreateRequest, changed(fullCreate, path, ''))).toEqual([
        [path, atLeast(1)],
        [path, pattern],
      ]);
    },
  );

  const accepted: [path: string, value: unknown, request?: unknown][] = [
    ...Object.keys(fullCreate)
      .filter((name) => !/^(?:jobName|customModelName|roleArn|baseModel|training|output)/.test(name))
      .flatMap((name): [string, unknown][] => [
        [name, undefined],
        [name, null],
      ]),
    ['jobName', 'a'.repeat(63)],
    ['jobName', 'a+b.c--d-'],
    ['customModelName', `${'ab_'.repeat(20)}a-b`],
    ['roleArn', 'arn:aws-us-gov:iam:::role/r'],
    ['roleArn', `arn:aws:iam::123456789012:role/${'a'.repeat(2017)}`],
    ['clientRequestToken', 'a'.repeat(256)],
    ['baseModelIdentifier', inArn('custom-model/amazon.nova-lite-v1:0:300k/k3j8h5g2f7d4')],
    ['baseModelIdentifier', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'],
    ['baseModelIdentifier', 'my-custom_model'],
    ['customModelKmsKeyId', 'alias/my-key'],
    ['customModelKmsKeyId', '0f8fad5b-d9cb-469f-a165-70867728950e'],
    ['jobTags', []],
    ['jobTags', tagList(200)],
    ['trainingDataConfig', {}],
    ['trainingDataConfig.s3Uri', s3(1024)],
    ['trainingDataConfig.invocationLogsConfig.requestMetadataFilters', undefined],
    [`${filters}.andAll`, [{}]],
    [`${filters}.andAll`, times(16, { equals: { a: '' } })],
    ['validationDataConfig.validators', []],
    ['validationDataConfig.validators', times(10, { s3Uri: 's3://bucket' })],
    ['hyperParameters', {}],
    ['hyperParameters', { 'any key at all!': '' }],
    [`${teacher}.teacherModelIdentifier`, inArn('inference-profile/us.amazon.nova-premier-v1:0')],
    [`${teacher}.maxResponseLengthForInference`, -1],
    [rft, {}, withRft],
    [`${rft}.hyperParameters`, {}, withRft],
    [`${rft}.hyperParameters.batchSize`, 512, withRft],
    ['memberOfTomorrow', { a: 1 }],
  ];

  it.each(accepted)('accepts %s = %j', (path, value, request = fullCreate) => {
    expect(constraintsOf(CreateRequest, changed(request, path, value))).toEqual([]);
  });

  it('drops members that the model does not know, as the service does', () => {
    const { request } = check(CreateRequest, { ...fullCreate, memberOfTomorrow: 1 });
    expect(request).toEqual(fullCreate);
  });
});

describe('requests that name a job', () => {
  const good = [
    inArn('model-customization-job/amazon.nova-2-lite-v1:0:256k/z9x8c7v6b5n4'),
    'arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:model-customization-job/a.bc/z9x8c7v6b5n4',
    'faq-distill-2026.05',
    'a+b',
    'n'.repeat(1011),
  ];
  const bad: [unknown, unknown][] = [
    [undefined, NULL],
    ['', pattern],
    ['n'.repeat(1012), atMost(1011)],
    ['under_score', pattern],
    ['-a', pattern],
    ['a b', pattern],
    // The short ARN of AWS's own event sample: the API accepts it nowhere.
    [inArn('model-customization-job/abcdefghwxyz'), pattern],
    [inArn('model-customization-job/amazon.nova-lite-v1:0:300k/short'), pattern],
    [inArn('model-customization-job/amazon.nova-lite-v1:0:300k/Z9X8C7V6B5N4'), pattern],
    ['arn:aws:bedrock:us-east-1:12345:model-customization-job/amazon.nova-lite-v1:0/z9x8c7v6b5n4', pattern],
    [`${inArn('model-customization-job/amazon.nova-lite-v1:0/z9x8c7v6b5n4')}\n`, pattern],
  ];
  it.each(good)('accepts %s', (jobIdentifier) => {
    expect(constraintsOf(JobRequest, { jobIdentifier })).toEqual([]);
  });
  it.each(bad)('refuses %j', (jobIdentifier, constraint) => {
    expect(constraintsOf(JobRequest, { jobIdentifier })).toEqual([['jobIdentifier', constraint]]);
  });
});

describe('ListModelCustomizationJobs: what the model refuses', () => {
  const time = 'Member must be an ISO-8601 timestamp';
  const bad: [string, string, unknown][] = [
    ['creationTimeAfter', 'yesterday', time],
    ['creationTimeAfter', '2026-13-01T00:00:00Z', time],
    ['creationTimeBefore', '1786320000', time],
    ['statusEquals', 'completed', values],
    ['statusEquals', 'NotStarted', values],
    ['nameContains', 'n'.repeat(64), atMost(63)],
    ['nameContains', '_', pattern],
    ['maxResults', '0', minimum(1)],
    ['maxResults', '-5', minimum(1)],
    ['maxResults', '1001', maximum(1000)],
    ['maxResults', '10.5', 'Member must be an integer'],
    ['maxResults', 'ten', 'Member must be an integer'],
    ['maxResults', '', 'Member must be an integer'],
    ['nextToken', '', atLeast(1)],
    ['nextToken', 't'.repeat(2049), atMost(2048)],
    ['nextToken', 'with space', pattern],
    ['sortBy', 'Name', values],
    ['sortOrder', 'Sideways', values],
  ];
  it.each(bad)('refuses %s=%s', (name, value, constraint) => {
    expect(constraintsOf(ListRequest, { [name]: value })).toEqual([[name, constraint]]);
  });

  it('reads times as milliseconds and numbers as numbers', () => {
    const query = {
      creationTimeAfter: '2026-08-10T00:00:00Z',
      creationTimeBefore: '2026-08-10T02:00:00.250+01:00',
      maxResults: '1000',
      statusEquals: 'Stopping',
      nameContains: 'ft-',
      nextToken: 'token',
      sortBy: 'CreationTime',
      sortOrder: 'Ascending',
    };
    expect(check(ListRequest, query).request).toEqual({
      ...query,
      creationTimeAfter: Date.UTC(2026, 7, 10),
      creationTimeBefore: Date.UTC(2026, 7, 10, 1, 0, 0, 250),
      maxResults: 1000,
    });
    expect(check(ListRequest, {}).request).toEqual({});
  });
});

describe('tags: what the model refuses', () => {
  const resourceARN = inArn('model-customization-job/amazon.nova-lite-v1:0:300k/z9x8c7v6b5n4');
  const arns: [unknown, unknown][] = [
    [undefined, NULL],
    ['short', atLeast(20)],
    [`arn:aws:bedrock:us-east-1:123456789012:guardrail/${'g'.repeat(1000)}`, atMost(1011)],
    ['arn:aws:s3:::bucket-with-a-long-name', pattern],
    [inArn('model-customization-job/abcdefghwxyz'), pattern],
    [inArn('unheard-of/abcdefghwxyz'), pattern],
  ];
  it.each(arns)('refuses the resource %j in all three operations', (arn, constraint) => {
    expect(constraintsOf(ListTagsRequest, { resourceARN: arn })).toEqual([['resourceARN', constraint]]);
    expect(constraintsOf(TagRequest, { resourceARN: arn, tags: [] })).toEqual([['resourceARN', constraint]]);
    expect(constraintsOf(UntagRequest, { resourceARN: arn, tagKeys: [] })).toEqual([['resourceARN', constraint]]);
  });
  it.each([
    resourceARN,
    inArn('custom-model/imported/b7v6c5x4z3a2'),
    inArn('guardrail/abc123def456'),
    inArn('inference-profile/us.amazon.nova-premier-v1:0'),
    inArn('provisioned-model/abcdefghwxyz'),
    'a-bare-identifier-of-twenty',
  ])('accepts the resource %s', (arn) => {
    expect(constraintsOf(ListTagsRequest, { resourceARN: arn })).toEqual([]);
  });

  const tagRows: [string, unknown, unknown][] = [
    ['tags', undefined, NULL],
    ['tags', tagList(201), atMost(200)],
    ['tags.0.key', undefined, NULL],
    ['tags.0.key', 'k'.repeat(129), atMost(128)],
    ['tags.0.key', 'no?', pattern],
    ['tags.0.value', undefined, NULL],
    ['tags.0.value', 'v'.repeat(257), atMost(256)],
    ['tags.0.value', 'no?', pattern],
  ];
  it.each(tagRows)('refuses %s = %j', (path, value, constraint) => {
    const request = { resourceARN, tags: [{ key: 'a', value: 'b' }] };
    expect(constraintsOf(TagRequest, changed(request, path, value))).toEqual([[awsPath(path), constraint]]);
  });

  const keyRows: [string, unknown, unknown][] = [
    ['tagKeys', undefined, NULL],
    ['tagKeys', times(201, 'k'), atMost(200)],
    ['tagKeys.1', 'k'.repeat(129), atMost(128)],
    ['tagKeys.1', 'no?', pattern],
  ];
  it.each(keyRows)('refuses %s = %j', (path, value, constraint) => {
    const request = { resourceARN, tagKeys: ['a', 'b'] };
    expect(constraintsOf(UntagRequest, changed(request, path, value))).toEqual([[awsPath(path), constraint]]);
  });
});

describe('the message of a refusal', () => {
  const messageOf = (request: unknown) => summarize(check(CreateRequest, request).problems ?? []);

  it('names every problem at once, in the words of AWS', () => {
    const request = { ...fullCreate, jobName: 'no spaces', vpcConfig: undefined, outputDataConfig: null };
    expect(messageOf(request)).toBe(
      "2 validation errors detected: Value 'no spaces' at 'jobName' failed to satisfy constraint: Member must satisfy " +
        'regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9\\+\\-\\.])*; ' +
        "Value null at 'outputDataConfig' failed to satisfy constraint: Member must not be null",
    );
    expect(messageOf(changed(fullCreate, 'jobTags.1.key', '!'))).toMatch(
      /^1 validation error detected: Value '!' at 'jobTags\.2\.member\.key' failed/,
    );
  });

  it('does not repeat what the model marks as sensitive', () => {
    const message = messageOf(changed(fullCreate, filters, { equals: { secret: 'word!' } }));
    expect(message).toContain(`Value at '${filters}.equals' failed`);
    expect(message).not.toContain('word');
  });

  it('stays readable for hostile values', () => {
    expect(messageOf({ ...fullCreate, jobName: 'x'.repeat(900_000) }).length).toBeLessThan(600);
    const nested: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(messageOf({ ...fullCreate, jobName: nested, unknown: nested }).length).toBeLessThan(600);
    expect(messageOf({ ...fullCreate, jobTags: times(300_000, 0) }).length).toBeLessThan(40_000);
  });
});
