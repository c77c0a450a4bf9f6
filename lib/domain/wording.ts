/** Somebody else's words as a sentence that ours can follow. */
export const asSentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

/**
 * A text of somebody else's on one line and not longer than that. Whatever could begin a line, hide text, turn its
 * direction or speak to a terminal becomes a blank, so that no value can pass for a line of ours.
 */
export const oneLine = (text: string, most: number): string => {
  // Blanks may fall together; of what is far longer the rest is not looked at.
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
  return line.length <= most && text.length <= 4 * most ? line : `${line.slice(0, most - 1)}…`.toWellFormed();
};

/** "1 scope", "2 scopes". */
export const counted = (count: number, noun: string): string => `${count.toString()} ${noun}${count === 1 ? '' : 's'}`;

/** What a schema says of a mistake. */
interface Issue {
  readonly message: string;
  readonly expected: string | null;
  readonly received: string;
}

/** A schema's own words quote what was given, which may be anything: what was expected says enough. Ours stay. */
export const withoutValue = ({ message, expected, received }: Issue): string =>
  received !== 'undefined' && message.endsWith(`but received ${received}`)
    ? `expected ${expected ?? 'something else'}`
    : message;
