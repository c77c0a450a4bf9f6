/** An error makes the job fail; a warning does not. */
export type Severity = 'error' | 'warning';

/** Takes what is wrong with one record, and what to change. The path names the member, such as `messages[1].content`. */
export interface Tell {
  readonly error: (path: string, text: string) => void;
  readonly warning: (path: string, text: string) => void;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Absent, or null, which AWS's own validators take for absent. */
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

export const isBlank = (text: string): boolean => !/\S/.test(text);

const LONGEST_QUOTE = 40;
const PLAIN = /^[ -~]*$/;

/** A value of the data inside a sentence: what it is, and short. */
export const quoted = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (typeof value !== 'string') return JSON.stringify(value);
  // A file may be wrong in each line, and most values are plain.
  const begin = value.slice(0, 4 * LONGEST_QUOTE);
  const line = PLAIN.test(begin) ? begin : begin.replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ');
  return `"${line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE).toWellFormed()}…` : line.toWellFormed()}"`;
};
