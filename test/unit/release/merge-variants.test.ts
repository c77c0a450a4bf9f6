import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { chooseVariant } from '../../../scripts/release/choose-variant.ts';
import { textOf, type Json, type JsonObject, type Template } from '../../../scripts/release/json.ts';
import { mergeVariants } from '../../../scripts/release/merge-variants.ts';

const NO_VALUE = { Ref: 'AWS::NoValue' };
const QUEUE = { Type: 'AWS::SQS::Queue' };

const templateWith = (Resources: Template['Resources'], Outputs: Template['Outputs'] = {}): Template => ({
  Resources,
  Outputs,
});

/** One resource whose property P is the first value where A holds, and the second elsewhere. */
const mergedProperty = (holds: Json, otherwise: Json): Json => {
  const variants = [holds, otherwise].map((P) => templateWith({ R: { ...QUEUE, Properties: { P } } }));
  const merged = mergeVariants([['A']], ([option = 0]) => variants[option] ?? templateWith({}));
  return (merged.Resources['R']?.['Properties'] as JsonObject)['P'] ?? null;
};

describe('a value that differs', () => {
  it.each<[what: string, holds: Json, otherwise: Json, merged: Json]>([
    ['a number', 1, 2, { 'Fn::If': ['A', 1, 2] }],
    ['a word', 'DEBUG', 'INFO', { 'Fn::If': ['A', 'DEBUG', 'INFO'] }],
    ['a reference', { Ref: 'X' }, 'default', { 'Fn::If': ['A', { Ref: 'X' }, 'default'] }],
    ['one member', { a: 1, b: 2 }, { a: 1, b: 3 }, { a: 1, b: { 'Fn::If': ['A', 2, 3] } }],
    ['a member of one', { a: 1, b: 2 }, { a: 1 }, { a: 1, b: { 'Fn::If': ['A', 2, NO_VALUE] } }],
    ['one item', ['x', 'y', 'z'], ['x', 'w', 'z'], ['x', { 'Fn::If': ['A', 'y', 'w'] }, 'z']],
    ['an item of one', ['x', 'z'], ['x', 'y', 'z'], ['x', { 'Fn::If': ['A', NO_VALUE, 'y'] }, 'z']],
    ['an object and a text', { a: 1 }, 'a', { 'Fn::If': ['A', { a: 1 }, 'a'] }],
    [
      'the arguments of a function',
      { 'Fn::GetAtt': ['R', 'Arn'] },
      { 'Fn::GetAtt': ['S', 'Arn'] },
      { 'Fn::If': ['A', { 'Fn::GetAtt': ['R', 'Arn'] }, { 'Fn::GetAtt': ['S', 'Arn'] }] },
    ],
    [
      'a word in a long text',
      'No active sweep has finished for 15 minutes. See the runbook.',
      'No active sweep has finished for 3 hours. See the runbook.',
      {
        'Fn::Join': [
          '',
          ['No active sweep has finished for ', { 'Fn::If': ['A', '15 minutes', '3 hours'] }, '. See the runbook.'],
        ],
      },
    ],
    [
      'what a text has in its middle',
      { 'Fn::Join': ['', ['{"first":"', { Ref: 'X' }, '","second":"', { Ref: 'Y' }, '"}']] },
      { 'Fn::Join': ['', ['{"first":"', { Ref: 'X' }, '"}']] },
      {
        'Fn::Join': [
          '',
          [
            '{"first":"',
            { Ref: 'X' },
            { 'Fn::If': ['A', { 'Fn::Join': ['', ['","second":"', { Ref: 'Y' }]] }, ''] },
            '"}',
          ],
        ],
      },
    ],
  ])('depends on the condition alone: %s', (_what, holds, otherwise, merged) => {
    expect(mergedProperty(holds, otherwise)).toEqual(merged);
  });

  it('stays as it is where all variants agree', () => {
    expect(mergedProperty({ a: [1, { Ref: 'X' }] }, { a: [1, { Ref: 'X' }] })).toEqual({ a: [1, { Ref: 'X' }] });
  });

  it('depends on one condition within another, where it depends on both', () => {
    const merged = mergeVariants([['A'], ['B']], ([a = 0, b = 0]) =>
      templateWith({ R: { ...QUEUE, Properties: { P: a * 2 + b } } }),
    );
    expect(merged.Resources['R']?.['Properties']).toEqual({
      P: { 'Fn::If': ['B', { 'Fn::If': ['A', 0, 2] }, { 'Fn::If': ['A', 1, 3] }] },
    });
  });
});

describe('a resource that only some variants have', () => {
  const present = (
    choices: readonly (readonly string[])[],
    exists: (options: readonly number[]) => boolean,
  ): Template => mergeVariants(choices, (options) => templateWith(exists(options) ? { R: QUEUE } : {}));

  it.each<[string, (options: readonly number[]) => boolean, string, Json | undefined]>([
    ['one condition', ([a]) => a === 0, 'A', undefined],
    ['its opposite', ([a]) => a === 1, 'NotA', { 'Fn::Not': [{ Condition: 'A' }] }],
    ['both', ([a, b]) => a === 0 && b === 0, 'AAndB', { 'Fn::And': [{ Condition: 'A' }, { Condition: 'B' }] }],
    ['one of them', ([a, b]) => a === 0 || b === 0, 'AOrB', { 'Fn::Or': [{ Condition: 'A' }, { Condition: 'B' }] }],
  ])('has a condition for %s', (_what, exists, name, expression) => {
    const { Resources, Conditions = {} } = present([['A'], ['B']], exists);
    expect(Resources['R']).toEqual({ ...QUEUE, Condition: name });
    expect((Conditions as JsonObject)[name]).toEqual(expression);
  });

  it('keeps two conditions apart whose names would be the same', () => {
    // A and (B or C), and (A and B) or C.
    const merged = mergeVariants([['A'], ['B'], ['C']], ([a, b, c]) =>
      templateWith({
        ...(a === 0 && (b === 0 || c === 0) && { R: QUEUE }),
        ...((a === 0 ? b === 0 || c === 0 : c === 0) && { S: QUEUE }),
      }),
    );
    expect(merged.Resources['R']?.['Condition']).not.toBe(merged.Resources['S']?.['Condition']);
  });

  it('keeps the condition that it has already', () => {
    const merged = mergeVariants([['A']], ([a]) => ({
      Conditions: { Own: { 'Fn::Equals': ['x', 'y'] } },
      ...templateWith(a === 0 ? { R: { ...QUEUE, Condition: 'Own' } } : {}),
    }));
    expect(merged.Resources['R']?.['Condition']).toBe('AAndOwn');
    expect(merged['Conditions']).toMatchObject({ Own: { 'Fn::Equals': ['x', 'y'] } });
  });
});

describe('what no condition can decide', () => {
  const refused = (holds: Template, otherwise: Template) => () => {
    mergeVariants([['A']], ([option]) => (option === 0 ? holds : otherwise));
  };

  it.each<[string, Template, Template, string]>([
    ['the type of a resource', templateWith({ R: QUEUE }), templateWith({ R: { Type: 'Other' } }), 'R differs in Type'],
    [
      'what becomes of a resource',
      templateWith({ R: { ...QUEUE, DeletionPolicy: 'Retain' } }),
      templateWith({ R: QUEUE }),
      'R differs in DeletionPolicy',
    ],
    [
      'the description of an output',
      templateWith({}, { O: { Value: 1, Description: 'a' } }),
      templateWith({}, { O: { Value: 1, Description: 'b' } }),
      'O differs in Description',
    ],
    [
      'another section',
      { ...templateWith({}), Mappings: { M: { a: 1 } } },
      templateWith({}),
      'The template differs in Mappings',
    ],
    [
      'a dependency on what both have',
      templateWith({ R: { ...QUEUE, DependsOn: ['S'] }, S: QUEUE }),
      templateWith({ R: QUEUE, S: QUEUE }),
      'R cannot be merged: it would not be the one of its variant where no condition holds.',
    ],
  ])('is refused: %s', (_what, holds, otherwise, problem) => {
    expect(refused(holds, otherwise)).toThrow(problem);
  });
});

const words = fc.constantFrom('', 'a', 'DEBUG', 'every 5 minutes, ', 'every 10 minutes. ', '{"k":"', '😀-');
const reference = fc.constantFrom<Json>({ Ref: 'X' }, { Ref: 'Y' }, { 'Fn::GetAtt': ['R', 'Arn'] });
const text = fc.array(fc.oneof(words, reference), { maxLength: 5 }).map((items) => textOf(items));
const value = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(1, 2, true, false),
    reference,
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('P', 'Q', 'S'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const resource = (id: string) =>
  fc.option(
    value.map((P) => ({ Type: `Type::${id}`, Properties: { P } })),
    { nil: undefined },
  );
const variant = fc
  .record({ R: resource('R'), S: resource('S'), T: resource('T'), O: fc.option(value, { nil: undefined }) })
  .map(({ O, ...resources }): Template => {
    const given = Object.entries(resources).flatMap(([id, each]) => (each === undefined ? [] : [[id, each] as const]));
    // Each depends on all that come before it.
    const bodies = given.map(([id, body], position): [string, JsonObject] => {
      const needs = given.slice(0, position).map(([before]) => before);
      return [id, { ...body, ...(needs.length > 0 && { DependsOn: needs }) }];
    });
    return templateWith(Object.fromEntries(bodies), O === undefined ? {} : { O: { Value: O } });
  });

const CHOICES = [['A'], ['B1', 'B2'], ['C']];
const COMBINATIONS = [0, 1].flatMap((a) => [0, 1, 2].flatMap((b) => [0, 1].map((c) => [a, b, c])));

describe('choosing the values of the conditions', () => {
  test.prop([fc.array(variant, { minLength: 12, maxLength: 12 })])(
    'gives exactly the variant of each combination',
    (variants) => {
      const variantOf = (options: readonly number[]): Template =>
        variants[COMBINATIONS.findIndex((each) => each.join() === options.join())] ?? templateWith({});
      const merged = mergeVariants(CHOICES, variantOf);
      for (const options of COMBINATIONS) {
        const held = new Set(options.flatMap((option, choice) => CHOICES[choice]?.[option] ?? []));
        expect(chooseVariant(merged, held)).toEqual({ ...variantOf(options) });
      }
    },
  );

  test.prop([variant])('leaves a template alone that all combinations have', (only) => {
    expect(mergeVariants(CHOICES, () => only)).toEqual(only);
  });
});
