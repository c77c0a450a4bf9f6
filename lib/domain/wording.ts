/** Somebody else's words as a sentence that ours can follow. */
export const asSentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

/** "1 scope", "2 scopes". */
export const counted = (count: number, noun: string): string => `${count.toString()} ${noun}${count === 1 ? '' : 's'}`;
