import { CHECKED, FAILURE_RULES } from './rules.ts';

/** A piece of a message: words, or a term in code. */
export interface MessagePart {
  readonly kind: 'text' | 's3' | 'arn' | 'code';
  readonly text: string;
}

/** A place that the message names. */
interface FailurePlace {
  readonly label: string;
  readonly value: string;
}

/** What is known of a message. */
export interface Diagnosis {
  readonly kind: string;
  /** What happened, in a few words. */
  readonly title: string;
  /** What to do, the most likely cause first. */
  readonly steps: readonly string[];
  /** The page that says so, and the day on which it was read. */
  readonly source: string;
  readonly checked: string;
}

/** A failure message, made readable. */
interface Failure {
  /** Absent if the message is not known: then there is no advice. */
  readonly diagnosis?: Diagnosis;
  /** The whole message. */
  readonly parts: readonly MessagePart[];
  readonly places: readonly FailurePlace[];
}

const END = String.raw`(?=[.,;:)\]'"]*(?:\s|$))`;
const PATTERNS: readonly (readonly [MessagePart['kind'], string])[] = [
  ['s3', String.raw`s3://\S+?${END}`],
  ['arn', String.raw`arn:aws[a-z-]*:\S+?${END}`],
  // Error codes, actions and fields.
  ['code', String.raw`\b[A-Z][a-zA-Z]+(?:Exception|Error)\b`],
  ['code', String.raw`\b(?:s3|kms|sts|iam|bedrock|lambda|ec2):[A-Z][A-Za-z]+\b`],
  ['code', String.raw`\b(?:Get|Put|List|Head|Delete|Create|Assume|Invoke)(?:[A-Z][a-z]+)+\b`],
  ['code', '`[^`]+`'],
];
const ANY = new RegExp(PATTERNS.map(([, pattern]) => `(${pattern})`).join('|'), 'g');

/** Splits a message; the parts joined are the message. */
export const splitMessage = (message: string): MessagePart[] => {
  const parts: MessagePart[] = [];
  let end = 0;
  for (const match of message.matchAll(ANY)) {
    const group = PATTERNS.findIndex((_, number) => match[number + 1] !== undefined);
    if (match.index > end) parts.push({ kind: 'text', text: message.slice(end, match.index) });
    parts.push({ kind: PATTERNS[group]?.[0] ?? 'text', text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < message.length) parts.push({ kind: 'text', text: message.slice(end) });
  return parts;
};

const BUCKET_AND_KEY = new RegExp(
  String.raw`bucket:?\s+(?<bucket>[a-z0-9][a-z0-9.-]+)\s+at key\s+(?<key>\S+?)${END}`,
  'i',
);
const LINE = /\bline (?:number )?(?<line>\d+)/i;

const placesOf = (message: string, parts: readonly MessagePart[]): FailurePlace[] => {
  const { bucket, key } = BUCKET_AND_KEY.exec(message)?.groups ?? {};
  const line = LINE.exec(message)?.groups?.['line'];
  const places = [
    ...(bucket === undefined || key === undefined ? [] : [{ label: 'S3 object', value: `s3://${bucket}/${key}` }]),
    ...parts.flatMap(({ kind, text }) => {
      if (kind === 's3') return [{ label: 'S3 location', value: text }];
      if (kind !== 'arn') return [];
      return [{ label: text.includes(':role/') ? 'Role' : 'Resource', value: text }];
    }),
    ...(line === undefined ? [] : [{ label: 'Line', value: line }]),
  ];
  return places.filter(({ value }, index) => places.findIndex((place) => place.value === value) === index);
};

const URI = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi;
const ARN = /\barn:\S+/gi;
const BUCKET = /\b(bucket:?|at key|key:)\s+\S+/gi;
/** A word with a file's extension, or with a slash inside. */
const FILE = /\S*\w\.[a-z0-9]{2,6}\b|\w\S*\/\S+/g;
/** Whole words in quotes; an apostrophe inside a word does not open any. */
const QUOTED = /(?<![\p{L}\p{N}])(["'`“‘])(.+?)["'`”’](?![\p{L}\p{N}])/gu;
const ERROR_CODE = /^[A-Z][A-Za-z]+(?:Exception|Error|Denied)$/;

/** A message without the names in it: a word inside a name says nothing about the failure. */
const withoutNames = (message: string): string =>
  message
    .replace(QUOTED, (_all, _quote, name: string) => (ERROR_CODE.test(name) ? name : '…'))
    .replace(URI, '…')
    .replace(ARN, '…')
    .replace(BUCKET, '$1 …')
    .replace(FILE, '…');

/** A message is never longer. Get allows 2,048 characters: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetModelCustomizationJob.html */
const LONGEST = 2048;

/** What a failure message means, and what to do; undefined if it is not known. */
export const diagnose = (message: string): Diagnosis | undefined => {
  const words = withoutNames(message.slice(0, LONGEST));
  const rule = FAILURE_RULES.find(({ phrases }) => phrases.some((phrase) => phrase.test(words)));
  if (rule === undefined) return undefined;
  const { kind, title, steps, sources } = rule;
  return { kind, title, steps, source: sources[0], checked: CHECKED };
};

/** What a failure message says and where it points, with the next steps for known kinds. */
export const readFailure = (message: string): Failure => {
  const diagnosis = diagnose(message);
  const parts = splitMessage(message);
  return { ...(diagnosis !== undefined && { diagnosis }), parts, places: placesOf(message, parts) };
};
