import { describe, expect, it } from '@jest/globals';
import { formatTagFilter, parseTagFilter, tagFilterProblem, type TagText } from '../../../lib/domain/tag-filter.ts';

describe('a filter of tags', () => {
  it.each<[string, TagText]>([
    ['release', { key: 'release' }],
    ['team:search', { key: 'team', value: 'search' }],
    ['team=search', { key: 'team', value: 'search' }],
    [' team = search ', { key: 'team', value: 'search' }],
    ['team:a=b:c', { key: 'team', value: 'a=b:c' }],
    ['team=a:b', { key: 'team', value: 'a:b' }],
    ['empty:', { key: 'empty', value: '' }],
    [':x', { key: ':x' }],
    ['aws%3Astack:a', { key: 'aws:stack', value: 'a' }],
    ['a%3db=c', { key: 'a=b', value: 'c' }],
  ])('reads %j', (text, tag) => {
    expect(parseTagFilter(text)).toEqual(tag);
  });

  it.each(['', '  '])('refuses %j, which has no key', (text) => {
    expect(parseTagFilter(text)).toBeUndefined();
  });

  it.each<[string, TagText]>([
    ['A tag cannot contain ",".', { key: 'team', value: 'search, stage' }],
    ['A tag cannot contain "é".', { key: 'équipe' }],
    ['A tag cannot contain U+200B.', { key: 'team\u200b' }],
    ["A tag's key has at most 128 characters; this one has 129.", { key: 'a'.repeat(129) }],
    ["A tag's value has at most 256 characters; this one has 257.", { key: 'a', value: 'a'.repeat(257) }],
  ])('says: %s', (sentence, tag) => {
    expect(tagFilterProblem(tag)).toContain(sentence);
  });

  it('has no problem with what Bedrock allows', () => {
    expect(tagFilterProblem({ key: 'a'.repeat(128), value: `aws:x/y=+@-_. ${'b'.repeat(242)}` })).toBeUndefined();
  });

  it.each<TagText>([
    { key: 'release' },
    { key: 'team', value: 'search' },
    { key: 'aws:stack', value: 'a:b' },
    { key: 'a=b', value: 'c=d' },
    { key: ':x', value: '' },
  ])('is read as it was written: %j', (tag) => {
    expect(parseTagFilter(formatTagFilter(tag))).toEqual(tag);
  });
});
