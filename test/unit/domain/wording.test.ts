import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, hasCode, TrackerError } from '../../../lib/domain/errors.ts';
import { asSentence, pluralize, oneLine } from '../../../lib/domain/text.ts';

describe("somebody else's words", () => {
  it.each([
    ['Rate exceeded', 'Rate exceeded.'],
    ['Rate exceeded.', 'Rate exceeded.'],
    ['Rate exceeded!', 'Rate exceeded!'],
    ['Really?', 'Really?'],
    ['No access to s3.example', 'No access to s3.example.'],
  ])('"%s" become the sentence "%s"', (words, sentence) => {
    expect(asSentence(words)).toBe(sentence);
  });
});

describe("somebody else's text on one line of 10 characters", () => {
  const blanks = (count: number) => ' '.repeat(count);

  it.each([
    ['stays where it fits', 'ten chars.', 'ten chars.'],
    ['is cut where it does not, and says so', 'eleven char', 'eleven ch…'],
    ['keeps no half of a character where it is cut', `${'x'.repeat(8)}😀zz`, `${'x'.repeat(8)}\ufffd…`],
    ['has one blank for many, and none at its ends', ' a \n\t b ', 'a b'],
    ['has a blank for what hides, turns or commands', 'a\u202eb\u001bc\u2028d', 'a b c d'],
    ['may be four times as long where blanks fall together', `a${blanks(38)}b`, 'a b'],
    ['ends in what is left out where it is longer than that', `a${blanks(39)}b`, 'a…'],
  ])('%s', (_what, text, line) => {
    expect(oneLine(text, 10)).toBe(line);
  });
});

describe('a counted noun', () => {
  it.each([
    [0, '0 jobs'],
    [1, '1 job'],
    [2, '2 jobs'],
  ])('of %d is "%s"', (count, words) => {
    expect(pluralize(count, 'job')).toBe(words);
  });
});

describe('an error of the tracker', () => {
  it('is known by its name and its code, and says whether to try again and what was behind it', () => {
    const cause = new Error('socket hang up');
    const error = new TrackerError('THROTTLED', 'Ask again later.', { cause });
    expect(String(error)).toBe('TrackerError: Ask again later.');
    expect(error).toMatchObject({ code: 'THROTTLED', retryable: true, cause });
    expect(hasCode(error, 'THROTTLED')).toBe(true);
    expect(hasCode(error, 'JOB_NOT_FOUND')).toBe(false);
    expect(hasCode(Object.assign(new Error(), { code: 'THROTTLED' }), 'THROTTLED')).toBe(false);
  });

  it('quotes no more than fits into a log, and tells that there was more', () => {
    expect(new TrackerError('BAD_SPEC', 'x'.repeat(20_000)).message).toBe('x'.repeat(20_000));
    expect(new TrackerError('BAD_SPEC', 'x'.repeat(20_001)).message).toBe(`${'x'.repeat(19_999)}…`);
  });

  it('shows whatever could speak to a terminal, hide text or turn it as such, and keeps its lines', () => {
    const hostile = 'line 1\nline 2\u001b[31m \u202egnp\u2028 \u0085 \ud800';
    expect(new TrackerError('BAD_SPEC', hostile).message).toBe(
      'line 1\nline 2\ufffd[31m \ufffdgnp\ufffd \ufffd \ufffd',
    );
  });

  it('is worth another try only where time alone may help', () => {
    const retryable = Object.entries(ERROR_CODES).flatMap(([code, properties]) => (properties.retryable ? [code] : []));
    expect(retryable.sort()).toEqual([
      'ANOTHER_JOB',
      'AWS_UNREACHABLE',
      'EVENT_REFUSED',
      'SWEEP_INCOMPLETE',
      'TAGS_NOT_FOUND',
      'THROTTLED',
      'WAIT_TIMED_OUT',
      'WRITE_CONTENTION',
    ]);
  });
});
