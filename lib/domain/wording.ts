/** Somebody else's words as a sentence that ours can follow. */
export const asSentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

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
