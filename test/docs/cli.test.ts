import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CLI_DOCS_FILE, cliDocs } from '../../scripts/write-cli-docs.ts';

describe('docs/cli.md', () => {
  it('says what the commands say; else run: npm run docs:cli', () => {
    expect(readFileSync(CLI_DOCS_FILE, 'utf8')).toBe(cliDocs());
  });

  it('has an example of every command, and what every one of them that reads has in common', () => {
    const sections = cliDocs()
      .split(/^## (?=[a-z])/m)
      .slice(1);
    for (const section of sections) expect(section).toContain('\nExamples:\n');
    const reading = sections.filter((section) => !/^(local|dashboard|completion)\b/.test(section));
    expect(reading.length).toBeGreaterThan(5);
    for (const section of reading) expect(section).toMatch(/^ {2}--json /m);
  });
});
