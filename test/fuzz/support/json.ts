const stringify = JSON.stringify as (document: unknown) => string | undefined;

/** A document as JSON; what has none, such as undefined, as no text at all. */
export const asJson = (document: unknown): string => stringify(document) ?? '';
