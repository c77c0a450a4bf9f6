import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createRequestOf } from '../../../lib/operator/spec/create-request.ts';
import type { RequestFlags } from '../../../lib/operator/spec/flags.ts';

const EXAMPLE = readFileSync('docs/examples/fine-tuning.yaml', 'utf8');

const request = (text: string, flags: RequestFlags = {}) => createRequestOf({ name: 'job.yaml', text }, flags);

const messageOf = (text: string | undefined, flags: RequestFlags = {}): string => {
  try {
    createRequestOf(text === undefined ? undefined : { name: 'job.yaml', text }, flags);
  } catch (error) {
    expect(error).toMatchObject({ code: 'BAD_SPEC' });
    return (error as Error).message;
  }
  throw new Error('There was no problem.');
};

/** The problems, without the line that counts them. */
const problems = (text: string | undefined, flags: RequestFlags = {}): string[] =>
  messageOf(text, flags)
    .split('\n')
    .slice(1)
    .map((line) => line.trim());

const edit = (from: string, to: string): string => {
  expect(EXAMPLE).toContain(from);
  return EXAMPLE.replace(from, to);
};
const append = (more: string): string => `${EXAMPLE}\n${more}`;
const APPENDED = `line ${EXAMPLE.split('\n').length + 1}:`;
const JOB_TAGS = '  team: support\n  cost-center: 0042';

describe('a spec', () => {
  it('becomes the request that it describes, tags as the API has them', () => {
    expect(request(EXAMPLE)).toMatchObject({
      jobName: 'support-tone-2026-11-21',
      validationDataConfig: { validators: [{ s3Uri: 's3://acme-training/support/validation.jsonl' }] },
      hyperParameters: { epochCount: '2', learningRate: '1.0E-5', batchSize: '1' },
      jobTags: [
        { key: 'team', value: 'support' },
        { key: 'cost-center', value: '0042' },
      ],
    });
  });

  it.each(['1e-5', '0.00001000', '0x10', '1_000', '012', '.5', 'true', '"1e-5"', '12345678901234567890'])(
    'keeps a hyperparameter as it is written: %s',
    (written) => {
      const { hyperParameters } = request(edit('1.0E-5\n  batchSize', `${written}\n  batchSize`));
      expect(hyperParameters?.['learningRate']).toBe(written.replaceAll('"', ''));
    },
  );

  it('may be JSON with tabs, whose numbers stay as they are written too', () => {
    const { clientRequestToken: _, ...plain } = request(EXAMPLE);
    const json = JSON.stringify(plain, null, '\t').replace('"1.0E-5"', '1.0E-5');
    expect(request(json)).toEqual(request(EXAMPLE));
  });

  it('has numbers where the API has numbers', () => {
    const rftConfig = 'customizationConfig: {rftConfig: {hyperParameters: {epochCount: 3, learningRate: 1e-5}}}';
    const text = append(rftConfig).replace('FINE_TUNING', 'REINFORCEMENT_FINE_TUNING');
    expect(request(text).customizationConfig).toEqual({
      rftConfig: { hyperParameters: { epochCount: 3, learningRate: 0.00001 } },
    });
  });

  it('may list tags, and a member without a value is absent', () => {
    const parsed = request(`${edit(JOB_TAGS, '  - {key: team, value: 7}')}\ncustomModelKmsKeyId:`);
    expect(parsed.jobTags).toEqual([{ key: 'team', value: '7' }]);
    expect(parsed).not.toHaveProperty('customModelKmsKeyId');
  });

  it('may use a part twice by an alias', () => {
    const aliased = edit('customModelTags:\n  team: support', 'customModelTags: *tags');
    const { jobTags, customModelTags } = request(aliased.replace('jobTags:', 'jobTags: &tags'));
    expect(customModelTags).toEqual(jobTags);
  });
});

describe('flags', () => {
  it('win over the spec, tags and hyperparameters one by one', () => {
    const flags = {
      jobName: 'other',
      trainingData: 's3://acme-training/new.jsonl',
      validationData: ['s3://acme-training/v1', 's3://acme-training/v2'],
      hyperParameter: ['epochCount=3', 'note=a=b'],
      tag: ['team=search'],
      subnet: ['subnet-1'],
      securityGroup: ['sg-1', 'sg-2'],
    };
    expect(request(EXAMPLE, flags)).toMatchObject({
      jobName: 'other',
      trainingDataConfig: { s3Uri: 's3://acme-training/new.jsonl' },
      validationDataConfig: { validators: [{ s3Uri: 's3://acme-training/v1' }, { s3Uri: 's3://acme-training/v2' }] },
      hyperParameters: { epochCount: '3', learningRate: '1.0E-5', batchSize: '1', note: 'a=b' },
      jobTags: [
        { key: 'cost-center', value: '0042' },
        { key: 'team', value: 'search' },
      ],
      vpcConfig: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1', 'sg-2'] },
    });
  });

  it('suffice without a spec', () => {
    const flags = {
      jobName: 'tone',
      customModelName: 'tone-v1',
      roleArn: 'arn:aws:iam::111122223333:role/Bedrock',
      baseModel: 'amazon.nova-micro-v1:0:128k',
      type: 'DISTILLATION',
      trainingData: 's3://acme-training/train.jsonl',
      output: 's3://acme-output/',
      teacherModel: 'amazon.nova-pro-v1:0',
      maxResponseLength: '1000',
      clientRequestToken: 'mine',
    };
    const teacherModelConfig = {
      teacherModelIdentifier: 'amazon.nova-pro-v1:0',
      maxResponseLengthForInference: 1000,
    };
    expect(createRequestOf(undefined, flags)).toEqual({
      jobName: 'tone',
      customModelName: 'tone-v1',
      roleArn: 'arn:aws:iam::111122223333:role/Bedrock',
      baseModelIdentifier: 'amazon.nova-micro-v1:0:128k',
      customizationType: 'DISTILLATION',
      trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
      outputDataConfig: { s3Uri: 's3://acme-output/' },
      customizationConfig: { distillationConfig: { teacherModelConfig } },
      clientRequestToken: 'mine',
    });
  });

  it('are named in their problems', () => {
    const flags = {
      roleArn: 'me',
      hyperParameter: ['epochCount', '=1', 'a=1', 'a=2', '__proto__=1'],
      tag: ['team=ü', 'aws:x=1'],
      maxResponseLength: 'long',
    };
    expect(problems(EXAMPLE, flags)).toEqual([
      "--role-arn: must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/BedrockCustomization, got 'me'",
      "--tag team: must hold only letters a-z, digits, spaces and . _ : / = + @ -, got 'ü'",
      'customizationConfig.distillationConfig.teacherModelConfig.teacherModelIdentifier: is missing (or give --teacher-model)',
      "--max-response-length: must be a whole number, got 'long'",
      "--hyper-parameter: must be key=value, got 'epochCount'",
      "--hyper-parameter: must be key=value, got '=1'",
      "--hyper-parameter: gives 'a' twice",
      "--hyper-parameter: '__proto__' cannot be a name",
    ]);
  });
});

describe('the token of a request', () => {
  const tokenOf = (text: string, flags: RequestFlags = {}) => request(text, flags).clientRequestToken;

  it('is the same for the same content, however it is written', () => {
    const { clientRequestToken: _, jobTags = [], ...rest } = request(EXAMPLE);
    const turned = Object.fromEntries(Object.entries({ ...rest, jobTags: jobTags.toReversed() }).reverse());
    expect(tokenOf(JSON.stringify(turned))).toBe(tokenOf(EXAMPLE));
    expect(tokenOf(EXAMPLE)).toMatch(/^bedrock-jobs-[0-9a-f]{64}$/);
  });

  it.each<RequestFlags>([{ hyperParameter: ['epochCount=3'] }, { tag: ['team=x'] }, { jobName: 'other' }])(
    'differs for other content: %j',
    (flags) => {
      expect(tokenOf(EXAMPLE, flags)).not.toBe(tokenOf(EXAMPLE));
    },
  );

  it('is the given one', () => {
    expect(tokenOf(append('clientRequestToken: abc'))).toBe('abc');
  });
});

describe('the problems of a spec', () => {
  it('are reported together, in the order of the spec', () => {
    const text = EXAMPLE.replace('support-tone-2026-11-21', 'support tone')
      .replace('role/BedrockCustomization', 'user/me')
      .replace('FINE_TUNING', 'fine-tuning')
      .replace('s3://acme-training/support/validation.jsonl', 'validation.jsonl')
      .replace('outputDataConfig', 'output_data_config');
    expect(problems(text)).toEqual([
      "line 4: jobName: must hold only letters, digits and + - . and begin with a letter or digit, got 'support tone'",
      expect.stringMatching(/^line 6: roleArn: must be the ARN of an IAM role, .*, got 'arn:.*:user\/me'$/),
      expect.stringMatching(
        /^line 8: customizationType: must be one of FINE_TUNING, .* \(did you mean FINE_TUNING\?\), got 'fine-tuning'$/,
      ),
      expect.stringMatching(/^line 14: validationDataConfig.validators\[0\].s3Uri: must be s3:\/\/bucket\/key, /),
      'line 15: output_data_config: is not a name of the API: did you mean outputDataConfig?',
    ]);
  });

  it('are counted', () => {
    expect(messageOf('jobName: a b')).toMatch(/^job\.yaml has 6 problems, and nothing was sent:\n/);
    expect(messageOf(edit('support-tone-v7', 'a b'))).toMatch(/^job\.yaml has a problem, and nothing was sent:\n/);
  });

  it('name the flags that could give what is missing', () => {
    expect(problems(undefined)).toEqual([
      'jobName: is missing (or give --job-name)',
      'customModelName: is missing (or give --custom-model-name)',
      'roleArn: is missing (or give --role-arn)',
      'baseModelIdentifier: is missing (or give --base-model)',
      'trainingDataConfig: is missing (or give --training-data)',
      'outputDataConfig: is missing (or give --output)',
    ]);
  });

  const MODEL_NAME = 'must hold only letters, digits and single _ or - after them, and begin with a letter or digit';
  const TWO_CONFIGS =
    '{rftConfig: {}, distillationConfig: {teacherModelConfig: {teacherModelIdentifier: amazon.nova-pro-v1:0}}}';

  it.each<[string, [from: string, to: string] | string, string]>([
    ['an empty text', ['support-tone-v7', '""'], `line 5: customModelName: must not be empty, and ${MODEL_NAME}`],
    [
      'a long text',
      ['support-tone-2026-11-21', 'x'.repeat(64)],
      `line 4: jobName: must have at most 63 characters, and has 64, got '${'x'.repeat(64)}'`,
    ],
    ['a list as a string', ['support-tone-2026-11-21', '[a]'], 'line 4: jobName: must be a string, got a list'],
    [
      'a string as a map',
      ['\n  s3Uri: s3://acme-training/support/train.jsonl', ' s3://x'],
      "line 10: trainingDataConfig: must be a map, got 's3://x'",
    ],
    [
      'a string as a list',
      ['\n    - s3Uri: s3://acme-training/support/validation.jsonl', ' s3://x'],
      "line 13: validationDataConfig.validators: must be a list, got 's3://x'",
    ],
    [
      'a map as a hyperparameter',
      ['batchSize: 1', 'batchSize: {a: 1}'],
      'line 22: hyperParameters.batchSize: must be a string or a number',
    ],
    [
      'a hyperparameter without a value',
      ['batchSize: 1', 'batchSize:'],
      'line 22: hyperParameters.batchSize: has no value',
    ],
    ['a tag without a value', ['cost-center: 0042', 'cost-center:'], 'line 27: jobTags.cost-center: is missing'],
    [
      'a name of Get',
      ['customModelName', 'outputModelName'],
      'line 5: outputModelName: is not a name of the API: did you mean customModelName?',
    ],
    [
      'a name of the records',
      ['baseModelIdentifier', 'base_model_arn'],
      'line 7: base_model_arn: is not a name of the API: did you mean baseModelIdentifier?',
    ],
    ['tags of nothing', ['jobTags:', 'tags:'], 'line 25: tags: is not a name of the API: did you mean jobTags?'],
    [
      'a name like no other',
      'vpcConfig: {color: red, subnetIds: [a], securityGroupIds: [b]}',
      `${APPENDED} vpcConfig.color: is not a name of the API: use one of subnetIds, securityGroupIds`,
    ],
    [
      'no training data',
      ['  s3Uri: s3://acme-training/support/train.jsonl', '  invocationLogsConfig:'],
      'line 10: trainingDataConfig: must have s3Uri or invocationLogsConfig',
    ],
    [
      'a distillation without a teacher',
      ['FINE_TUNING', 'DISTILLATION'],
      'customizationConfig.distillationConfig: is missing: a DISTILLATION needs it to name the teacher (or give --teacher-model)',
    ],
    [
      'a grader without reinforcement',
      'customizationConfig: {rftConfig: {}}',
      `${APPENDED} customizationConfig.rftConfig: is for the customizationType REINFORCEMENT_FINE_TUNING, and this job's is FINE_TUNING`,
    ],
    [
      'two customizations',
      ['customizationType: FINE_TUNING', `customizationConfig: ${TWO_CONFIGS}`],
      'line 8: customizationConfig: must have exactly one of distillationConfig, rftConfig',
    ],
    [
      "one of AWS's keys",
      ['cost-center: 0042', 'aws:x: 1'],
      'line 27: jobTags.aws:x: begins with aws:, which is for AWS alone',
    ],
    [
      'a VPC without subnets',
      'vpcConfig: {subnetIds: []}',
      `${APPENDED} vpcConfig.subnetIds: must have at least 1 item`,
    ],
    [
      'the same key twice in a list of tags',
      [JOB_TAGS, '  - {key: team, value: a}\n  - {key: team, value: b}'],
      'line 27: jobTags[1].key: is the key of another tag too',
    ],
  ])('include %s', (_, change, problem) => {
    expect(problems(typeof change === 'string' ? append(change) : edit(...change))).toContain(problem);
  });

  it('include a whole document that is a list', () => {
    expect(problems('- 1')).toContain('must be a map, got a list');
  });

  it.each([
    ['jobTags', `jobTags:\n${JOB_TAGS}`],
    ['customModelTags', 'customModelTags:\n  team: support'],
  ] as const)('include more than 50 tags in %s', (member, before) => {
    const withTags = (count: number) => {
      const tags = Array.from({ length: count }, (_, index) => `  - {key: t${index}, value: a}`);
      return edit(before, `${member}:\n${tags.join('\n')}`);
    };
    expect(request(withTags(50))[member]).toHaveLength(50);
    expect(problems(withTags(51))).toEqual([
      expect.stringMatching(`^line \\d+: ${member}: has 51 tags, and a resource can have at most 50$`),
    ]);
  });

  it('end after fifty', () => {
    const tags = Array.from({ length: 120 }, (_, index) => `  t${index}: "!"`).join('\n');
    const listed = problems(edit(JOB_TAGS, tags));
    expect(listed).toHaveLength(51);
    expect(listed.at(-1)).toBe('… and 71 more');
  });
});

describe('a hostile spec ends as a problem', () => {
  const LAUGHS = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...Array.from('bcdefghi', (name, index) => `${name}: &${name} [${`*${'abcdefgh'.charAt(index)},`.repeat(9)}]`),
  ].join('\n');

  it.each<[string, string, string | RegExp]>([
    ['a billion laughs', LAUGHS, 'line 3: has more than 100 aliases'],
    ['an alias inside its anchor', 'jobName: &a [*a]', 'line 1: is nested too deeply'],
    ['an alias without an anchor', 'jobName: *a', 'line 1: uses the alias *a before its anchor'],
    ['a thousand brackets', `jobName: ${'['.repeat(5000)}`, 'line 1: is nested too deeply'],
    ['thirty levels', `jobName: ${'['.repeat(30)}${']'.repeat(30)}`, 'line 1: is nested too deeply'],
    ['a second document', append('---\njobName: b'), `${APPENDED} a second document begins here, but only one is read`],
    ['a tab that indents', 'hyperParameters:\n\ta: 1', 'line 2: Tabs are not allowed as indentation'],
    ['a YAML tag', 'jobName: !evil x', 'line 1: Unresolved tag: !evil'],
    ['a key twice', append('jobName: x'), `${APPENDED} 'jobName' appears twice`],
    [
      'a key twice below',
      EXAMPLE.replace('batchSize', 'epochCount'),
      "line 22: hyperParameters: 'epochCount' appears twice",
    ],
    ['a key that is a list', '? [a]\n: 1', 'line 1: has a key that is not a string'],
    ['a prototype', append('__proto__: {jobName: x}'), `${APPENDED} '__proto__' cannot be a name`],
    [
      'a prototype among hyperparameters',
      EXAMPLE.replace('batchSize', '__proto__'),
      "line 22: hyperParameters: '__proto__' cannot be a name",
    ],
    ['a constructor', append('constructor: {name: x}'), /constructor: is not a name of the API/],
    [
      'text that steers a terminal',
      EXAMPLE.replace('support-tone-v7', '"\\e[31mred\\e]0;x\\a"'),
      /^line 5: customModelName: .*, got 'red'$/,
    ],
  ])('%s', (_, text, problem) => {
    expect(problems(text)).toContainEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
    expect({}).not.toHaveProperty('jobName');
  });

  it('thousands of keys, before they are compared each with each', () => {
    const started = performance.now();
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(problems(keys)).toEqual([expect.stringMatching(/^line \d+: is too large: it has more than 15000 tokens$/)]);
    // Each with each takes half a minute.
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
