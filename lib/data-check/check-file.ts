import { checkConverse } from './formats/converse.ts';
import type { RecordFacts } from './formats/messages.ts';
import { checkClaude, checkImage, checkPair, checkPlainText, checkPrompt } from './formats/others.ts';
import { checkReward } from './formats/reward.ts';
import { jsonProblem } from './json-problem.ts';
import { createLineReader, type Line, LONGEST_LINE } from './lines.ts';
import {
  createProblemList,
  isObject,
  type JsonObject,
  type Problem,
  quoted,
  type Severity,
  type Tell,
} from './problems.ts';
import type { DataRules, FormatRules, TokenLimit } from './rules.ts';

/** What a file is for: the limits differ. */
export type DataRole = 'training' | 'validation';

export interface DataFile {
  /** The path or S3 location. */
  readonly name: string;
  readonly role: DataRole;
  /** Of a file in S3: its images must lie in the same one. */
  readonly bucket?: string;
}

/** What was found in a file. */
export interface FileReport extends DataFile {
  /** Lines that are not empty, each of which should be a record. */
  readonly records: number;
  readonly bytes: number;
  /** Lines with an error. */
  readonly badLines: number;
  readonly errors: number;
  readonly warnings: number;
  /** In the order of their first lines. */
  readonly problems: readonly Problem[];
}

/** Problems of one line: a record of another format has a problem in each member. */
const MOST_OF_A_LINE = 5;

const checkFormat = (record: JsonObject, rules: FormatRules, tell: Tell): RecordFacts => {
  switch (rules.format) {
    case 'converse':
      return checkConverse(record, rules, tell);
    case 'prompts':
      return checkPrompt(record, rules, tell);
    case 'images':
      return checkImage(record, rules, tell);
    case 'prompt-completion':
      return checkPair(record, tell);
    case 'claude':
      return checkClaude(record, tell);
    case 'plain-text':
      return checkPlainText(record, tell);
    case 'reward':
      return checkReward(record, rules, tell);
    default:
      return rules satisfies never;
  }
};

const LOW_SURROGATE = 0xdc00;

/** Characters as AWS's validators count them: those beyond U+FFFF once. */
const charactersOf = (text: string): number => {
  let count = 0;
  // A long text as a list of characters would take fifty times its memory.
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) !== LOW_SURROGATE) count += 1;
  return count;
};

const estimate = (
  texts: readonly string[],
  { charactersPerToken }: TokenLimit,
  count: (text: string) => number,
): number => texts.reduce((sum, text) => sum + Math.floor(count(text) / charactersPerToken), 0);

const checkTokens = ({ texts }: RecordFacts, limit: TokenLimit | undefined, tell: Tell): void => {
  // Counting characters beyond U+FFFF takes time, and only ever lowers the number.
  if (limit === undefined || estimate(texts, limit, ({ length }) => length) <= limit.most) return;
  const tokens = estimate(texts, limit, charactersOf);
  if (tokens <= limit.most) return;
  const rate = `${limit.charactersPerToken} characters a token`;
  tell[limit.severity]('', `has about ${tokens} tokens, at ${rate}, more than ${limit.most}: shorten it`);
};

const SURROGATE = /\\u[dD][89a-fA-F]/;

/** Whether a text in the record is not Unicode: half of a pair of escapes. */
const hasHalfCharacter = (record: unknown): boolean => {
  const waiting: unknown[] = [record];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string' && !value.isWellFormed()) return true;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) waiting.push(name, member);
  }
  return false;
};

/** What is known of a file's images and videos so far, as they belong together. */
interface Media {
  bucket: string | undefined;
  image: number | undefined;
  video: number | undefined;
}

/** Nova's images and videos are of one kind in a data set, and in its bucket. */
const checkMedia = ({ image = [], video = [] }: RecordFacts, line: number, media: Media, tell: Tell): void => {
  const other = [...image, ...video].find((bucket) => bucket !== '' && bucket !== (media.bucket ??= bucket));
  if (other !== undefined)
    tell.error(
      'messages',
      `refer to the bucket ${quoted(other)}: images and videos must be in the bucket of the data, ${quoted(media.bucket)}`,
    );
  if (image.length > 0) media.image ??= line;
  if (video.length > 0) media.video ??= line;
  const [first, second] = [media.image, media.video];
  if (first === undefined || second === undefined || Math.max(first, second) !== line || first === second) return;
  tell.error('messages', `begin to mix images with videos (line ${Math.min(first, second)}): make a data set for each`);
};

/** The record of a line; tells why there is none. */
const recordOf = (line: Line, skipsEmptyLines: boolean, tell: Tell): JsonObject | undefined => {
  if ('flaw' in line) {
    const isLong = line.flaw === 'too long';
    tell.error(
      '',
      isLong ? `is longer than ${LONGEST_LINE / 1024 / 1024} MB: shorten it` : 'is not UTF-8: save the file as UTF-8',
    );
    return undefined;
  }
  const { text } = line;
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    if (/\S/.test(text)) tell.error('', jsonProblem(text, error));
    else tell[skipsEmptyLines ? 'warning' : 'error']('', 'is empty: remove it');
    return undefined;
  }
  if (SURROGATE.test(text) && hasHalfCharacter(record))
    tell.error('', 'has half of a character (\\ud800 to \\udfff): write it whole');
  if (isObject(record)) return record;
  tell.error('', `must be an object, not ${quoted(record)}${Array.isArray(record) ? ': write one record a line' : ''}`);
  return undefined;
};

export interface FileCheck {
  readonly push: (chunk: Buffer) => void;
  readonly end: () => FileReport;
}

/** Checks a file as its bytes come, in constant memory. Without rules: what holds for every model. */
export const createFileCheck = (file: DataFile, data: DataRules | undefined): FileCheck => {
  const problems = createProblemList();
  const counts = { lines: 0, skipped: 0, bytes: 0, badLines: 0 };
  const media: Media = { bucket: file.bucket, image: undefined, video: undefined };
  const isNova = data?.rules.format === 'converse' && !data.rules.strict;
  let ofLine = { error: 0, warning: 0 };

  const note = (severity: Severity) => (path: string, text: string) => {
    const told = severity === 'error' && data?.dropsBadRecords === true ? 'warning' : severity;
    ofLine[severity] += 1;
    if (ofLine.error + ofLine.warning <= MOST_OF_A_LINE) problems.add(told, counts.lines, path, text);
  };
  const tell: Tell = { error: note('error'), warning: note('warning') };

  const reader = createLineReader((line) => {
    counts.lines += 1;
    ofLine = { error: 0, warning: 0 };
    const record = recordOf(line, data?.skipsEmptyLines === true, tell);
    if (record === undefined && ofLine.error === 0) counts.skipped += 1;
    if (record !== undefined && data !== undefined) {
      const facts = checkFormat(record, data.rules, tell);
      checkTokens(facts, data.limits.tokens, tell);
      if (isNova) checkMedia(facts, counts.lines, media, tell);
    }
    if (ofLine.error > 0) counts.badLines += 1;
  });

  return {
    push: (chunk) => {
      counts.bytes += chunk.byteLength;
      reader.push(chunk);
    },
    end: () => {
      reader.end();
      const { lines, skipped, bytes, badLines } = counts;
      const [errors, warnings] = [problems.count('error'), problems.count('warning')];
      return { ...file, records: lines - skipped, bytes, badLines, errors, warnings, problems: problems.all() };
    },
  };
};
