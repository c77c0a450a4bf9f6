import { describe, expect, it } from '@jest/globals';
import { missingSentence, nearJobs } from '../../../lib/operator/missing-job.ts';
import { nearNames } from '../../../lib/operator/near-names.ts';

describe('near names', () => {
  const names = ['support-triage-ft-0142', 'support-triage-ft-0143', 'legal-corpus-cpt-7', 'faq-distill'];

  it.each<[string, string, readonly string[]]>([
    ['a letter is wrong', 'support-triage-ft-0141', ['support-triage-ft-0142', 'support-triage-ft-0143']],
    ['case and punctuation differ', 'SUPPORT_TRIAGE.FT-0142', ['support-triage-ft-0142', 'support-triage-ft-0143']],
    ['a part is given', 'legal', ['legal-corpus-cpt-7']],
    ['a letter is missing', 'faq-distil', ['faq-distill']],
    ['nothing is like it', 'zzz', []],
    ['it is too short to be a part', 'a', []],
  ])('are found where %s', (_, text, near) => {
    expect(nearNames(text, names)).toEqual(near);
  });

  it('differ in a third of their letters at most', () => {
    expect(nearNames('abcdef', ['abcdxy', 'abcxyz'])).toEqual(['abcdxy']);
    expect(nearNames('no', ['on', 'so'])).toEqual(['so']);
  });

  it('are three at most, each once, the nearest first', () => {
    expect(nearNames('job-1', ['job-29', 'job-2', 'job-3', 'job-2', 'job-4'])).toEqual(['job-2', 'job-3', 'job-4']);
  });

  it('of jobs are compared by id where an ARN was given', () => {
    const arn = (id: string) => `arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.x/${id}`;
    const jobs = [
      { job_arn: arn('abcdefghijkl'), job_name: 'billing' },
      { job_arn: arn('zyxwvutsrqpo'), job_name: 'other' },
    ];
    expect(nearJobs(arn('abcdefghijlk'), jobs)).toEqual(['billing']);
    expect(nearJobs('biling', jobs)).toEqual(['billing']);
  });
});

describe('what is said of a job that the table does not have', () => {
  const TABLE = { tableName: 'jobs', region: 'us-east-1' };
  const NOW = new Date('2026-11-21T12:00:00.000Z');
  const EAST = { scope: '1#us-east-1', at: '2026-11-21T11:57:00.000Z' };
  const WEST = { scope: '1#us-west-2', at: '2026-11-21T11:50:00.000Z' };

  it.each([
    [[EAST, WEST], undefined, '; the tracker last swept 1#us-west-2 10 min ago, and 1 other scope since.'],
    [[EAST, WEST], '1#us-east-1', '; the tracker last swept 1#us-east-1 3 min ago.'],
    [[EAST], '1#eu-west-1', '; the tracker has never swept 1#eu-west-1.'],
    [[EAST, { ...WEST, at: undefined }], undefined, '; the tracker has not finished a sweep of 1#us-west-2 yet.'],
    [[], undefined, '; the tracker has not swept yet.'],
    [undefined, undefined, '.'],
  ])('after the sweeps %j, where it would be in %s', (sweeps, wanted, rest) => {
    expect(missingSentence('tri\u001bage', TABLE, sweeps, NOW, wanted)).toBe(
      `There is no job tri age in table jobs (us-east-1)${rest}`,
    );
  });
});
