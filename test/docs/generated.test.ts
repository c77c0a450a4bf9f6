import { describe, expect, it } from '@jest/globals';
import { generatedPages } from '../../scripts/docs.ts';

describe('the generated parts of the documents', () => {
  it.each(generatedPages())('$file is up to date; otherwise run: npm run docs', ({ now, wanted }) => {
    expect(now).toBe(wanted);
  });
});
