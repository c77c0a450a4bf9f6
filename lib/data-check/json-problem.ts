/** Why a line is not JSON, in words that say what to change. */

const POSITION = /position (\d+)/;

type Mistakes = readonly (readonly [pattern: RegExp, text: string])[];

/** What people do, by what the line looks like. */
const OF_A_LINE: Mistakes = [
  [/^\ufeff/, 'begins with a byte order mark: save the file as UTF-8 without it'],
  [/^\[\s*$|^\[.*\]$/s, 'is a list: write one record a line, without brackets around them'],
  [/^[{}\]],?$|^\s+"|^"[^"]*"\s*:/, 'is a part of a record: write each record on one line'],
  [/\},$/, 'ends in a comma: records are separated by line breaks alone'],
  [/^\{\s*'/, 'has single quotes: JSON takes double quotes alone'],
];

/** The same, by the character before the error and the text from there on. */
const OF_AN_ERROR: Mistakes = [
  [/^,[\]}]/, 'has a comma before a closing bracket: remove it'],
  [
    /^[:,[-](?:Infinity|NaN|None|True|False)\b/,
    'has a value that is Python and not JSON: write null, true, false or a number',
  ],
  [/^\}\{/, 'holds several records: write one record a line'],
];

/** Only so much of a line is searched for mistakes: some of the patterns look at every character. */
const MOST_SEARCHED = 100_000;

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|$)/gs;
/** Where a value must begin, and does not. */
const NO_VALUE = /(?:^|[:,]|\[(?!\s*\]))\s*(?![\s"{[\d-]|true|false|null|$)/;

/** Where the error is. V8 tells no position of a value that does not begin like one, or at the end of the text. */
const positionOf = (error: unknown, bare: string, { length }: string): number => {
  const { message } = error as Error;
  const position = POSITION.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const found = message.startsWith('Unexpected token') ? NO_VALUE.exec(bare) : null;
  return found === null ? length : found.index + found[0].length;
};

export const jsonProblem = (text: string, error: unknown): string => {
  const searched = text.slice(0, MOST_SEARCHED).trimEnd();
  // A word inside a string is no mistake.
  const bare = searched.replaceAll(STRING, (string) => `"${' '.repeat(Math.max(0, string.length - 2))}"`);
  const at = positionOf(error, bare, text);
  const around = bare.slice(0, at).trimEnd().slice(-1) + bare.slice(at);
  const mistake =
    OF_A_LINE.find(([pattern]) => pattern.test(bare)) ?? OF_AN_ERROR.find(([pattern]) => pattern.test(around));
  return mistake?.[1] ?? `is not JSON from column ${at + 1} on: write one JSON object a line`;
};
