import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '../../../lib/domain/text.ts';

describe('canonical JSON', () => {
  it.each<[what: string, document: unknown, json: string]>([
    ['keys in any order', { b: 1, d: 2, a: 3, c: 4 }, '{"a":3,"b":1,"c":4,"d":2}'],
    ['keys in the opposite order', { d: 2, c: 4, b: 1, a: 3 }, '{"a":3,"b":1,"c":4,"d":2}'],
    [
      'documents inside documents',
      { b: { z: 1, y: [{ q: 1, p: 2 }] }, a: null },
      '{"a":null,"b":{"y":[{"p":2,"q":1}],"z":1}}',
    ],
    ['lists, whose order means something', ['b', 'a', ['d', 'c']], '["b","a",["d","c"]]'],
    ['what is no document', 'b', '"b"'],
    ['nothing', null, 'null'],
  ])('is the same for %s', (_what, document, json) => {
    expect(canonicalJson(document)).toBe(json);
  });
});
