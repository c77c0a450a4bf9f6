import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKS } from '../../lib/cli/doctor/examine.ts';
import { ASSUMPTIONS, ASSUMPTIONS_FILE, assumptionsPage } from '../../scripts/write-assumptions.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('docs/assumptions.md', () => {
  it('says what the list says; else run: npm run docs:assumptions', () => {
    expect(readFileSync(ASSUMPTIONS_FILE, 'utf8')).toBe(assumptionsPage());
  });

  it.each(ASSUMPTIONS.map((assumption) => [assumption.what, assumption] as const))(
    'names files that there are, and how to check that: %s',
    (_, { where, checks, byHand }) => {
      expect(where.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
      const ids = CHECKS.map(({ id }) => id);
      expect(checks.filter((id) => !ids.includes(id))).toEqual([]);
      expect(checks.length > 0 || byHand !== undefined).toBe(true);
    },
  );

  it('has every check of what AWS does', () => {
    const named = ASSUMPTIONS.flatMap(({ checks }) => checks);
    const ofAws = CHECKS.filter(({ needs }) => needs === 'bedrock' || needs === 'aws').map(({ id }) => id);
    expect(ofAws.filter((id) => !named.includes(id))).toEqual([]);
  });

  it('names each check once in the doctor', () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
