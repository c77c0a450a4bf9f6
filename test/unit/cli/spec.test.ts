import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createRequestOf } from '../../../lib/cli/spec/create-request.ts';
import type { RequestFlags } from '../../../lib/cli/spec/flags.ts';

const EXAMPLE = readFileSync('docs/examples/fine-tuning.yaml', 'utf8');

const request = (text: string, flags: RequestFlags = {}) => createRequestOf({ name: 'job.yaml', text }, flags);

/** The problems, without the line that counts them. */
const problems = (text: string | undefined, flags: RequestFlags = {}): string[] => {
  try {
    createRequestOf(text === undefined ? undefined : { name: 'job.yaml', text }, flags);
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(code).toBe('BAD_SPEC');
    return message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  throw new Error('There was no problem.');
};

const with_ = (more: string): string => `${EXAMPLE}\n${more}`;
const replaced = (from: string, to: string): string => {
  expect(EXAMPLE).toContain(from);
  return EXAMPLE.replace(from, to);
};

describe('a spec', () => {
  it('becomes the request that it says, tags as the API has them', () => {
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

  it.each(['1e-5', '1.0E-5', '0.00001000', '0x10', '1_000', '012', '.5', 'true', '"1e-5"', '12345678901234567890'])(
    'keeps a hyperparameter as it is written: %s',
    (written) => {
      const { hyperParameters } = request(replaced('1.0E-5\n  batchSize', `${written}\n  batchSize`));
      expect(hyperParameters?.['learningRate']).toBe(written.replaceAll('"', ''));
    },
  );

  it('may be JSON, with tabs, and its numbers stay as they are written too', () => {
    const { clientRequestToken: _, ...plain } = request(EXAMPLE);
    const json = JSON.stringify(plain, null, '\t').replace('"1.0E-5"', '1.0E-5');
    expect(request(json)).toEqual(request(EXAMPLE));
  });

  it('has numbers where the API has numbers', () => {
    const rft = with_(
      'customizationConfig: {rftConfig: {hyperParameters: {epochCount: 3, learningRate: 1e-5}}}',
    ).replace('FINE_TUNING', 'REINFORCEMENT_FINE_TUNING');
    expect(request(rft).customizationConfig).toEqual({
      rftConfig: { hyperParameters: { epochCount: 3, learningRate: 0.00001 } },
    });
  });

  it('takes tags as a list, and a member without a value for an absent one', () => {
    const list = replaced('  team: support\n  cost-center: 0042', '  - {key: team, value: 7}');
    expect(request(`${list}\ncustomModelKmsKeyId:`)).toMatchObject({ jobTags: [{ key: 'team', value: '7' }] });
    expect(request(`${list}\ncustomModelKmsKeyId:`)).not.toHaveProperty('customModelKmsKeyId');
  });

  it('may name a part twice by an alias', () => {
    const text = replaced('customModelTags:\n  team: support', 'customModelTags: *tags').replace(
      'jobTags:',
      'jobTags: &tags',
    );
    const { jobTags, customModelTags } = request(text);
    expect(customModelTags).toEqual(jobTags);
  });
});

describe('flags', () => {
  it('count before the spec, tags and hyperparameters one by one', () => {
    expect(
      request(EXAMPLE, {
        jobName: 'other',
        trainingData: 's3://acme-training/new.jsonl',
        validationData: ['s3://acme-training/v1', 's3://acme-training/v2'],
        hyperParameter: ['epochCount=3', 'note=a=b'],
        tag: ['team=search'],
        subnet: ['subnet-1'],
        securityGroup: ['sg-1', 'sg-2'],
      }),
    ).toMatchObject({
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
    expect(createRequestOf(undefined, flags)).toEqual({
      jobName: 'tone',
      customModelName: 'tone-v1',
      roleArn: 'arn:aws:iam::111122223333:role/Bedrock',
      baseModelIdentifier: 'amazon.nova-micro-v1:0:128k',
      customizationType: 'DISTILLATION',
      trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' },
      outputDataConfig: { s3Uri: 's3://acme-output/' },
      customizationConfig: {
        distillationConfig: {
          teacherModelConfig: {
            teacherModelIdentifier: 'amazon.nova-pro-v1:0',
            maxResponseLengthForInference: 1000,
          },
        },
      },
      clientRequestToken: 'mine',
    });
  });

  it('are told by their names, each with what is wrong', () => {
    expect(
      problems(EXAMPLE, {
        roleArn: 'me',
        hyperParameter: ['epochCount', '=1', 'a=1', 'a=2', '__proto__=1'],
        tag: ['team=ü', 'aws:x=1'],
        maxResponseLength: 'long',
      }),
    ).toEqual([
      "--role-arn: must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/BedrockCustomization, got 'me'",
      "--tag: must hold only letters a-z, digits, spaces and . _ : / = + @ -, got 'ü'",
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
    const { clientRequestToken: _, ...plain } = request(EXAMPLE);
    const { jobTags = [], ...rest } = plain;
    const turned = Object.fromEntries(Object.entries({ ...rest, jobTags: jobTags.toReversed() }).reverse());
    expect(tokenOf(JSON.stringify(turned))).toBe(tokenOf(EXAMPLE));
    expect(tokenOf(EXAMPLE)).toMatch(/^bedrock-jobs-[0-9a-f]{64}$/);
  });

  it.each<RequestFlags>([{ hyperParameter: ['epochCount=3'] }, { tag: ['team=x'] }, { jobName: 'other' }])(
    'is another one for other content: %j',
    (flags) => {
      expect(tokenOf(EXAMPLE, flags)).not.toBe(tokenOf(EXAMPLE));
    },
  );

  it("is the person's where they give one", () => {
    expect(tokenOf(with_('clientRequestToken: abc'))).toBe('abc');
  });
});

describe('what is wrong with a spec', () => {
  it('is told all at once, in the order of the spec: five mistakes are five lines', () => {
    const text = EXAMPLE.replace('support-tone-2026-11-21', 'support tone')
      .replace('role/BedrockCustomization', 'user/me')
      .replace('FINE_TUNING', 'fine-tuning')
      .replace('s3://acme-training/support/validation.jsonl', 'validation.jsonl')
      .replace('outputDataConfig', 'output_data_config');
    expect(problems(text)).toEqual([
      "line 4: jobName: must hold only letters, digits and + - . and begin with a letter or digit, got 'support tone'",
      expect.stringMatching(
        /^line 6: roleArn: must be the ARN of an IAM role, .*, got 'arn:aws:iam::111122223333:user\/me'$/,
      ),
      expect.stringMatching(
        /^line 8: customizationType: must be one of FINE_TUNING, .* \(did you mean FINE_TUNING\?\), got 'fine-tuning'$/,
      ),
      expect.stringMatching(/^line 14: validationDataConfig.validators\[0\].s3Uri: must be s3:\/\/bucket\/key, /),
      'line 15: output_data_config: is not a name of the API: did you mean outputDataConfig?',
    ]);
  });

  it('begins with how many problems there are', () => {
    expect(() => request('jobName: a b')).toThrow(/^job\.yaml has 6 problems, and nothing was sent:\n/);
    expect(() => request(replaced('support-tone-v7', 'a b'))).toThrow(
      /^job\.yaml has a problem, and nothing was sent:\n/,
    );
  });

  it('is all that is missing, with the flags that could give it', () => {
    expect(problems(undefined)).toEqual([
      'jobName: is missing (or give --job-name)',
      'customModelName: is missing (or give --custom-model-name)',
      'roleArn: is missing (or give --role-arn)',
      'baseModelIdentifier: is missing (or give --base-model)',
      'trainingDataConfig: is missing (or give --training-data)',
      'outputDataConfig: is missing (or give --output)',
    ]);
  });

  it.each<[string, string, string]>([
    [
      'an empty text',
      replaced('support-tone-v7', '""'),
      'line 5: customModelName: must not be empty, and must hold only letters, digits and single _ or - after them, and begin with a letter or digit',
    ],
    [
      'a long text',
      replaced('support-tone-2026-11-21', 'x'.repeat(64)),
      `line 4: jobName: must have at most 63 characters, and has 64, got '${'x'.repeat(64)}'`,
    ],
    [
      'a list in place of a text',
      replaced('support-tone-2026-11-21', '[a]'),
      'line 4: jobName: must be a text, got a list',
    ],
    [
      'a text in place of members',
      replaced(
        'trainingDataConfig:\n  s3Uri: s3://acme-training/support/train.jsonl',
        'trainingDataConfig: s3://acme-training',
      ),
      "line 10: trainingDataConfig: must have members of its own, got 's3://acme-training'",
    ],
    [
      'a text in place of a list',
      replaced('\n    - s3Uri: s3://acme-training/support/validation.jsonl', ' s3://x'),
      "line 13: validationDataConfig.validators: must be a list, got 's3://x'",
    ],
    [
      'a structure among hyperparameters',
      replaced('batchSize: 1', 'batchSize: {a: 1}'),
      'line 22: hyperParameters.batchSize: must be a text or a number',
    ],
    [
      'a hyperparameter without a value',
      replaced('batchSize: 1', 'batchSize:'),
      'line 22: hyperParameters.batchSize: has no value',
    ],
    [
      'a tag without a value',
      replaced('  cost-center: 0042', '  cost-center:'),
      'line 27: jobTags.cost-center: is missing',
    ],
    [
      'a name that Get has',
      replaced('customModelName', 'outputModelName'),
      'line 5: outputModelName: is not a name of the API: did you mean customModelName?',
    ],
    [
      'a name of the records',
      replaced('baseModelIdentifier', 'base_model_arn'),
      'line 7: base_model_arn: is not a name of the API: did you mean baseModelIdentifier?',
    ],
    [
      'tags without a name',
      replaced('jobTags:', 'tags:'),
      'line 25: tags: is not a name of the API: did you mean jobTags?',
    ],
    [
      'a name like no other',
      with_('color: red'),
      `line ${EXAMPLE.split('\n').length + 1}: color: is not a name of the API, which has here: jobName, customModelName, roleArn, clientRequestToken, baseModelIdentifier, customizationType, customModelKmsKeyId, jobTags, customModelTags, trainingDataConfig, validationDataConfig, outputDataConfig, hyperParameters, vpcConfig, customizationConfig`,
    ],
    [
      'no training data',
      replaced('  s3Uri: s3://acme-training/support/train.jsonl', '  invocationLogsConfig:'),
      'line 10: trainingDataConfig: must have s3Uri or invocationLogsConfig',
    ],
    [
      'a distillation without a teacher',
      replaced('FINE_TUNING', 'DISTILLATION'),
      'customizationConfig.distillationConfig: is missing, which a DISTILLATION needs: it names the teacher (or give --teacher-model)',
    ],
    [
      'a grader of no reinforcement',
      with_('customizationConfig: {rftConfig: {}}'),
      `line ${EXAMPLE.split('\n').length + 1}: customizationConfig.rftConfig: is for the customizationType REINFORCEMENT_FINE_TUNING, and this job's is FINE_TUNING`,
    ],
    [
      'two customizations',
      with_(
        'customizationConfig: {rftConfig: {}, distillationConfig: {teacherModelConfig: {teacherModelIdentifier: amazon.nova-pro-v1:0}}}',
      ).replace(/customizationType.*/, ''),
      `line ${EXAMPLE.split('\n').length + 1}: customizationConfig: must have exactly one of distillationConfig, rftConfig`,
    ],
    [
      'a key of AWS',
      replaced('  cost-center: 0042', '  aws:x: 1'),
      'line 27: jobTags.aws:x: begins with aws:, which is for AWS alone',
    ],
    [
      'a VPC without security groups',
      with_('vpcConfig: {subnetIds: []}'),
      `line ${EXAMPLE.split('\n').length + 1}: vpcConfig.subnetIds: must have at least 1 item`,
    ],
    ['a whole document that is a list', '- 1', 'must have members of its own, got a list'],
  ])('%s', (_, text, problem) => {
    expect(problems(text)).toContain(problem);
  });

  it('is a tag that comes twice in a list', () => {
    const list = replaced(
      '  team: support\n  cost-center: 0042',
      '  - {key: team, value: a}\n  - {key: team, value: b}',
    );
    expect(problems(list)).toEqual(['line 27: jobTags[1].key: is the key of another tag too']);
  });

  it.each(['jobTags', 'customModelTags'] as const)('is more than 50 tags in %s', (member) => {
    const tags = (count: number) =>
      Array.from({ length: count }, (_, index) => `  - {key: t${index}, value: a}`).join('\n');
    const given = { jobTags: 'jobTags:\n  team: support\n  cost-center: 0042', customModelTags: 'customModelTags:\n  team: support' }; // prettier-ignore
    const spec = (count: number) => replaced(given[member], `${member}:\n${tags(count)}`);
    expect(request(spec(50))[member]).toHaveLength(50);
    expect(problems(spec(51))).toEqual([
      expect.stringMatching(`^line \\d+: ${member}: has 51 tags, and a resource can have at most 50$`),
    ]);
  });

  it('is more than anybody reads: fifty are listed', () => {
    const tags = Array.from({ length: 120 }, (_, index) => `  t${index}: "!"`).join('\n');
    const told = problems(replaced('  team: support\n  cost-center: 0042', tags));
    expect(told).toHaveLength(51);
    expect(told.at(-1)).toBe('… and 71 more');
  });
});

describe('a hostile spec ends as a problem', () => {
  const LAUGHS = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...Array.from('bcdefghi', (name, index) => `${name}: &${name} [${`*${'abcdefgh'.charAt(index)},`.repeat(9)}]`),
  ].join('\n');

  it.each<[string, string, string]>([
    ['a billion laughs', LAUGHS, 'line 3: holds more than 100 aliases'],
    ['an alias inside of what it names', 'jobName: &a [*a]', 'line 1: is nested too deeply'],
    ['an alias of nothing', 'jobName: *a', 'line 1: names *a, which nothing before it is called'],
    ['a thousand brackets', `jobName: ${'['.repeat(5000)}`, 'line 1: is nested too deeply'],
    ['thirty levels', `jobName: ${'['.repeat(30)}${']'.repeat(30)}`, 'line 1: is nested too deeply'],
    [
      'a second document',
      `${EXAMPLE}\n---\njobName: b`,
      `line ${EXAMPLE.split('\n').length + 1}: a second document begins here: a spec is one job`,
    ],
    ['a tab that indents', 'hyperParameters:\n\ta: 1', 'line 2: Tabs are not allowed as indentation'],
    ['a tag of its own', 'jobName: !evil x', 'line 1: Unresolved tag: !evil'],
    ['a key twice', with_('jobName: x'), `line ${EXAMPLE.split('\n').length + 1}: 'jobName' is there twice`],
    [
      'a key twice below',
      replaced('batchSize: 1', 'epochCount: 1'),
      "line 22: hyperParameters: 'epochCount' is there twice",
    ],
    ['a key that is no text', '? [a]\n: 1', 'line 1: has a key that is no text'],
    [
      'a prototype',
      with_('__proto__: {jobName: x}'),
      `line ${EXAMPLE.split('\n').length + 1}: '__proto__' cannot be a name`,
    ],
    [
      'a prototype among hyperparameters',
      replaced('batchSize: 1', '__proto__: 1'),
      "line 22: hyperParameters: '__proto__' cannot be a name",
    ],
    [
      'a constructor',
      with_('constructor: {name: x}'),
      expect.stringMatching(/constructor: is not a name of the API/) as unknown as string,
    ],
    [
      'text that steers a terminal',
      replaced('support-tone-v7', '"\\e[31mred\\e]0;x\\a"'),
      "line 5: customModelName: must hold only letters, digits and single _ or - after them, and begin with a letter or digit, got 'red'",
    ],
  ])('%s', (_, text, problem) => {
    expect(problems(text)).toContainEqual(problem);
    expect({}).not.toHaveProperty('jobName');
  });

  it('thousands of keys, before they are compared each with each', () => {
    const started = performance.now();
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
    expect(problems(keys)).toEqual([expect.stringMatching(/^line \d+: holds more than 15000 words and marks$/)]);
    // Each with each takes half a minute.
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
