/** Order of two texts by code unit: right for ISO-8601 UTC timestamps of one precision, and the same everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
