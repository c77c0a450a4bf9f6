import { describe, expect, it } from '@jest/globals';
import { changesOf, releaseNotes } from '../../../scripts/release/notes.ts';

const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\nSoon.\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- New.\n\n## [0.1.0]\n\n- Old.\n';

describe('the changes of a version', () => {
  it('are its section of the changelog', () => {
    expect(changesOf(CHANGELOG, '0.2.0')).toBe('### Added\n\n- New.');
    expect(changesOf(CHANGELOG, '0.1.0')).toBe('- Old.');
  });

  it('are what waits for a release, before it has a section', () => {
    expect(changesOf(CHANGELOG, '0.3.0')).toBe('Soon.');
  });

  it('must be there', () => {
    expect(() => changesOf('# Changelog\n', '0.2.0')).toThrow('CHANGELOG.md has no section [0.2.0]');
  });
});

describe('release notes', () => {
  it('say what each file is for, and link to pages at the tag', async () => {
    const files = [
      'bedrock-job-tracker-0.2.0.tgz',
      'bedrock-job-tracker-client-0.2.0-rc.1.tgz',
      'bedrock-job-tracker-cli-0.2.0-rc.1.tgz',
      'bedrock-job-tracker-cloudformation-0.2.0.zip',
      'bedrock-job-tracker-0.2.0.cdx.json',
      'bedrock_job_tracker-0.2.0-py3-none-any.whl',
      'bedrock_job_tracker_client-0.2.0-py3-none-any.whl',
    ];
    const notes = await releaseNotes('0.2.0', files);
    expect(new Set(notes.match(/(?<=\.tgz` \| ).+/g)).size).toBe(3);
    for (const file of files) expect(notes).toMatch(new RegExp(`\\| \`${file}\` \\| \\w`));
    expect(notes).not.toMatch(/\]\((?!https:)/);
    expect(notes).toContain('/blob/v0.2.0/docs/deploy.md');
  });
});
