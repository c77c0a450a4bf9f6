import { describe, expect, it } from '@jest/globals';
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { PATTERNS } from '../../../lib/service-model/model.ts';
import type { Pattern } from '../../../lib/service-model/validation.ts';

/** The pattern as the model writes it, on texts too short for it to run away. */
const original = (pattern: Pattern) => new RegExp(`^(?:${pattern.text})$`);

const MODEL = 'amazon.nova-lite-v1:0:300k';
const ACCOUNT = 'arn:aws:bedrock:us-east-1:123456789012:';
/** Pieces from which near-misses are put together. */
const PIECES = [
  'a', 'Z', '9', '-', '--', '.', '_', '+', ':', '/', ' ', '!', '\n', 'é', 'aa.b', 'a.bc', '.cc', ':0', ':300k',
  'arn:aws:', 'arn:aws-cn:', 'arn:aws:bedrock:us-east-1:', ACCOUNT, 'bedrock:', 'iam::', '123456789012',
  ':foundation-model/', 'custom-model/', 'custom-model/imported/', 'model-customization-job/', 'guardrail/',
  'inference-profile/', 'provisioned-model/', MODEL, '/abcdefghwxyz', '/', 's3://', 'bucket', 'role/r',
  `${ACCOUNT}model-customization-job/${MODEL}/abcdefghwxyz`, 'a'.repeat(62), 'b'.repeat(63), 'c'.repeat(64),
  'd'.repeat(126), 'e'.repeat(127),
] as const; // prettier-ignore

const assembled = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 7 })
  .map((pieces) => pieces.join(''))
  // The original of the job name doubles its work with every dash.
  .filter((text) => (text.match(/-/g)?.length ?? 0) < 16);

describe('the linear form of each pattern', () => {
  it.each(Object.entries(PATTERNS))('%s accepts exactly what the model accepts', (_, pattern) => {
    const expression = original(pattern);
    fc.assert(
      fc.property(assembled, (text) => {
        // `expect` is slow, and this runs many thousand times.
        if (pattern.matches(text) !== expression.test(text)) throw new Error(`They differ on ${JSON.stringify(text)}`);
      }),
      { numRuns: 2000 },
    );
  });

  const jobArnOf = (modelId: string) => `${ACCOUNT}model-customization-job/${modelId}/abcdefghwxyz`;
  const part = fc
    .integer({ min: 0, max: 3 })
    .chain((kind) => fc.constant(['', 'b', 'b'.repeat(63), 'b'.repeat(64)][kind] ?? ''));
  it('keeps the borders of the parts of a model id', () => {
    const modelId = fc
      .tuple(
        part,
        fc.constantFrom('', 'b', 'b'.repeat(63), 'b'.repeat(126), 'b'.repeat(127)),
        fc.array(part, { maxLength: 3 }),
        fc.array(part, { maxLength: 3 }),
      )
      .map(([first, second, dotted, suffixes]) => [[first, second, ...dotted].join('.'), ...suffixes].join(':'));
    fc.assert(
      fc.property(modelId, (id) => {
        expect(PATTERNS.jobArn.matches(jobArnOf(id))).toBe(original(PATTERNS.jobArn).test(jobArnOf(id)));
        expect(PATTERNS.baseModelIdentifier.matches(id)).toBe(original(PATTERNS.baseModelIdentifier).test(id));
        expect(PATTERNS.teacherModelIdentifier.matches(id)).toBe(original(PATTERNS.teacherModelIdentifier).test(id));
      }),
      { numRuns: 1000 },
    );
  });

  const HOSTILE = ['a', '-', 'a-', 'a.', 'a_', '.', ':', 'aa:', '/', 'a/', ' ', '0', 'arn:aws-', '+'];
  it.each(Object.entries(PATTERNS))('%s does not run away on texts of its longest length', (_, pattern) => {
    const started = performance.now();
    const starts = [
      '',
      'a',
      's3://aa',
      ACCOUNT,
      jobArnOf('a.b').slice(0, -13),
      'arn:aws:iam::role/',
      `${ACCOUNT}custom-model/a.`,
    ];
    for (const start of starts)
      for (const hostile of HOSTILE)
        for (const end of ['!', '\n', '/', '']) pattern.matches(`${start}${hostile.repeat(2048)}${end}`.slice(0, 4096));
    // Hundreds of matches; the model's own job name pattern would not end in a lifetime.
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
