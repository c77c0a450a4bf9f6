import { readFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { parse as parseYaml, stringify } from 'yaml';
import { createRequestOf } from '../../lib/operator/spec/create-request.ts';
import { readSpecText } from '../../lib/operator/spec/document.ts';
import type { RequestFlags } from '../../lib/operator/spec/flags.ts';
import { CreateRequest } from '../../lib/service-model/model.ts';
import { check } from '../../lib/service-model/validation.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { asJson, hostileJson, hostileText, mutatedDocument, mutatedText, weighted } from './support/inputs.ts';

const EXAMPLE = readFileSync('docs/examples/fine-tuning.yaml', 'utf8');
const DISTILLATION = `${EXAMPLE}
customizationType: DISTILLATION
customizationConfig: { distillationConfig: { teacherModelConfig: { teacherModelIdentifier: amazon.nova-pro-v1:0 } } }
vpcConfig: { subnetIds: [subnet-1], securityGroupIds: [sg-1] }
`.replace(/^customizationType: FINE_TUNING$/m, '');
const TRICKS = `${EXAMPLE}\ncustomModelTags: &tags { a: 1, b: !!str 2 }\n# *tags\n`;
const TEXTS = [EXAMPLE, DISTILLATION, TRICKS];
const DOCUMENTS = TEXTS.slice(0, 2).map((text): unknown => parseYaml(text));

const FLAGS: readonly RequestFlags[] = [
  {},
  { jobName: 'x', tag: ['a=b', 'c=d=e'], hyperParameter: ['epochCount=2'], maxResponseLength: '100' },
  { trainingData: 's3://bucket/key', validationData: ['s3://bucket/v'], subnet: ['subnet-1'], securityGroup: ['sg-1'] },
];

const REPEATABLE = ['tag', 'hyperParameter', 'validationData', 'subnet', 'securityGroup', 'modelTag'];
const asText = (value: unknown): string => (typeof value === 'string' ? value : asJson(value));

/** As commander hands flags over: texts, or lists of them. */
const flags: fc.Arbitrary<RequestFlags> = mutatedDocument(FLAGS, hostileText).map((given) =>
  Object.fromEntries(
    Object.entries(Object(given) as object).map(([name, value]: [string, unknown]) => [
      name,
      REPEATABLE.includes(name) ? [value].flat().map(asText) : asText(value),
    ]),
  ),
);

const texts = weighted(
  [6, mutatedText(TEXTS)],
  [4, mutatedDocument(DOCUMENTS).map(asJson)],
  [1, mutatedDocument(DOCUMENTS, hostileText).map((document) => stringify(document))],
  [1, hostileJson.map((value) => JSON.stringify(value))],
  [1, hostileText],
);

const createOf = (text: string | undefined, given: RequestFlags = {}) =>
  createRequestOf(text === undefined ? undefined : { name: 'job.yaml', text }, given);

const read = async (text: string) => {
  const stdin = async function* () {
    yield await Promise.resolve(text);
  };
  return createOf(await readSpecText('-', { stdin: stdin() }));
};

describe('a spec of a job', () => {
  fuzz({
    parser: 'CLI spec',
    inputs: fc.tuple(texts, weighted([3, fc.constant({})], [1, flags])),
    parse: ([text, given]) => createOf(text, given),
    codes: ['BAD_SPEC'],
    // Fifty problems, a line each.
    longest: 20_000,
    mayHaveLines: true,
    check: (request) => {
      // What is sent is what the API's model takes, and the same again says the same.
      expect(check(CreateRequest, request).problems).toBeUndefined();
      expect(createOf(JSON.stringify(request))).toEqual(request);
    },
  });

  const refused = { codes: ['BAD_SPEC'], mayHaveLines: true } as const;
  refuseHuge(
    'a spec',
    {
      'brackets in 100,000 levels': () => createOf('['.repeat(100_000)),
      'maps in 100,000 levels': () => createOf('{a: '.repeat(60_000)),
      'lists by dashes in 100,000 levels': () => createOf('- '.repeat(100_000)),
      'keys by question marks in 100,000 levels': () => createOf('? '.repeat(100_000)),
      '250 kB of closing brackets': () => createOf(']'.repeat(250_000)),
      '250 kB of commas': () => createOf(`[\n${','.repeat(250_000)}`),
      '250 kB of anchors': () => createOf('&a '.repeat(83_000)),
      '250 kB of lines of comments': () => createOf('#\n'.repeat(125_000)),
      '250 kB of members': () => createOf('a: b\n'.repeat(50_000)),
      '15,000 marks that are all wrong': () => createOf(']'.repeat(14_990)),
      '250 kB of one word': () => createOf(`jobName: ${'\u001b'.repeat(250_000)}`),
      '250 kB of exclamation marks': () => createOf('!'.repeat(250_000)),
      '10 MB on standard input': () => read('a'.repeat(10_000_000)),
      'a flag of 2 MB': () => createOf(EXAMPLE, { jobName: '-a'.repeat(1_000_000) }),
    },
    { ...refused, longest: 8000 },
  );
});
