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

/** The filter as `parseTagFilter` reads it: `key` or `key:value`. */
export const formatTagFilter = ({ key, value }: TagText): string =>
  value === undefined ? escapeKey(key) : `${escapeKey(key)}:${value}`;
