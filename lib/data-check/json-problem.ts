/** Why a line is not JSON, in words that say what to change. */

const POSITION = /position (\d+)/;

/** What people do, by what the line looks like. */
const MISTAKES: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/^\ufeff/, 'begins with a byte order mark: save the file as UTF-8 without it'],
  [/^\[\s*$|^\[.*\]$/s, 'is a list: write one record a line, without brackets around them'],
  [/^[{}\]],?$|^\s+"|^"[^"]*"\s*:/, 'is a part of a record: write each record on one line'],
  [/\},$/, 'ends in a comma: records are separated by line breaks alone'],
  [/,\s*[\]}]/, 'has a comma before a closing bracket: remove it'],
  [/^\{\s*'/, 'has single quotes: JSON takes double quotes alone'],
  [
    /[:,[]\s*(?:-?Infinity|NaN|None|True|False)\b/,
    'has a value that is Python and not JSON: write null, true, false or a number',
  ],
  [/\}\s*\{/, 'holds several records: write one record a line'],
];

/** The column of an error, in characters from 1. V8 tells a position, except at the end of the text. */
const columnOf = (error: unknown, text: string): number => {
  const [, position] = POSITION.exec(error instanceof Error ? error.message : '') ?? [];
  return position === undefined ? text.length + 1 : Number(position) + 1;
};

/** Only so much of a line is searched for mistakes: some of the patterns look at every character. */
const MOST_SEARCHED = 100_000;

export const jsonProblem = (text: string, error: unknown): string => {
  const searched = text.slice(0, MOST_SEARCHED).trimEnd();
  const mistake = MISTAKES.find(([pattern]) => pattern.test(searched));
  return mistake?.[1] ?? `is not JSON from column ${columnOf(error, text)} on: write one JSON object a line`;
};
