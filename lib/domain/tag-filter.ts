/** A tag's key, or its key and value. */
export interface TagText {
  readonly key: string;
  /** @default any value */
  readonly value?: string;
}

/** `%` is not allowed in a tag, so an escaped separator cannot be part of one. */
const unescapeKey = (key: string): string => key.replaceAll(/%3a/gi, ':').replaceAll(/%3d/gi, '=');
const escapeKey = (key: string): string => key.replaceAll(':', '%3A').replaceAll('=', '%3D');

/**
 * Reads a filter of tags: `key`, `key:value` or `key=value`. The first separator counts, so the value may contain others.
 * In the key a colon is `%3A` and an equals sign `%3D`; a separator at the start belongs to the key. Spaces around key and
 * value do not count. Undefined for a text without a key.
 */
export const parseTagFilter = (text: string): TagText | undefined => {
  const trimmed = text.trim();
  const at = /[:=]/.exec(trimmed.slice(1))?.index;
  const key = unescapeKey((at === undefined ? trimmed : trimmed.slice(0, at + 1)).trim());
  if (key === '') return undefined;
  return at === undefined ? { key } : { key, value: trimmed.slice(at + 2).trim() };
};

const MAX_KEY = 128;
const MAX_VALUE = 256;

/** Why no job can have such a tag, as a sentence: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Tag.html */
export const tagFilterProblem = ({ key, value = '' }: TagText): string | undefined => {
  const [strange] = /[^a-zA-Z0-9\s._:/=+@-]/u.exec(key + value) ?? [];
  if (strange !== undefined) {
    const shown = /[!-~]|\p{L}/u.test(strange)
      ? `"${strange}"`
      : `U+${strange.codePointAt(0)?.toString(16).toUpperCase() ?? ''}`;
    return `A tag cannot contain ${shown}. Give one tag at a time: key, key:value or key=value.`;
  }
  if (key.length > MAX_KEY) return `A tag's key has at most ${MAX_KEY} characters; this one has ${key.length}.`;
  if (value.length > MAX_VALUE)
    return `A tag's value has at most ${MAX_VALUE} characters; this one has ${value.length}.`;
  return undefined;
};

/** The filter as `parseTagFilter` reads it: `key` or `key:value`. */
export const formatTagFilter = ({ key, value }: TagText): string =>
  value === undefined ? escapeKey(key) : `${escapeKey(key)}:${value}`;
