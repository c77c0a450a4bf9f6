import { FAILURE_RULES } from './failure-rules.ts';

/** A piece of a message: words, or something that is copied as it is. */
export interface MessagePart {
  readonly kind: 'text' | 's3' | 'arn' | 'code';
  readonly text: string;
}

/** A place that the message names. */
export interface FailurePlace {
  readonly label: string;
  readonly value: string;
}

/** A failure message, made readable. */
export interface Failure {
  /** Known kinds alone. */
  readonly title?: string;
  readonly steps: readonly string[];
  /** The whole message, nothing left out. */
  readonly parts: readonly MessagePart[];
  readonly places: readonly FailurePlace[];
}

const END = String.raw`(?=[.,;:)\]'"]*(?:\s|$))`;
const PATTERNS: readonly (readonly [MessagePart['kind'], string])[] = [
  ['s3', String.raw`s3://\S+?${END}`],
  ['arn', String.raw`arn:aws[a-z-]*:\S+?${END}`],
  // What is a name and not a word: an error's code, an action, a field.
  ['code', String.raw`\b[A-Z][a-zA-Z]+(?:Exception|Error)\b`],
  ['code', String.raw`\b(?:s3|kms|sts|iam|bedrock|lambda|ec2):[A-Z][A-Za-z]+\b`],
  ['code', String.raw`\b(?:Get|Put|List|Head|Delete|Create|Assume|Invoke)(?:[A-Z][a-z]+)+\b`],
  ['code', '`[^`]+`'],
];
const ANY = new RegExp(PATTERNS.map(([, pattern]) => `(${pattern})`).join('|'), 'g');

/** The message in pieces; together they are the message. */
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

/** What a failure message says, where, and what to do about it where its kind is known. */
export const readFailure = (message: string): Failure => {
  const rule = FAILURE_RULES.find(({ matches }) => matches.test(message));
  const parts = splitMessage(message);
  return {
    ...(rule === undefined ? {} : { title: rule.title }),
    steps: rule?.steps ?? [],
    parts,
    places: placesOf(message, parts),
  };
};
