import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ATTRIBUTES, tagList } from '../../../../lib/cli/export/columns.ts';

const documented = (): string[] => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/table.md'), 'utf8');
  const section = page.slice(page.indexOf('## Attributes'), page.indexOf('## An example'));
  return [...section.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name = '']) => name);
};

describe('the columns of an export', () => {
  it('are the attributes of docs/table.md in its order', () => {
    expect(documented()).toContain('transitions_folded');
    expect(Object.keys(ATTRIBUTES)).toEqual(documented());
  });

  it('write tags as key:value in the order of their keys', () => {
    expect(tagList({ team: 'search', 'cost-center': '', a: 'b:c' })).toEqual(['a:b:c', 'cost-center:', 'team:search']);
    expect(tagList(undefined)).toEqual([]);
  });
});
