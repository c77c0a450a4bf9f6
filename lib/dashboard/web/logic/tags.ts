type Tags = Readonly<Record<string, string>>;

/** Changes that Bedrock accepted and the record does not show yet: `null` removes a tag. */
export type PendingTags = Readonly<Record<string, string | null>>;

/** The tags after these changes. */
export const withPending = (tags: Tags, pending: PendingTags): [key: string, value: string, isPending: boolean][] => {
  const merged = new Map(Object.entries(tags).map(([key, value]) => [key, { value, isPending: false }]));
  for (const [key, value] of Object.entries(pending)) {
    if (value === null) merged.delete(key);
    else merged.set(key, { value, isPending: tags[key] !== value });
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { value, isPending }]) => [key, value, isPending]);
};

/** The changes that the record does not show yet. */
export const stillPending = (tags: Tags, pending: PendingTags): PendingTags =>
  Object.fromEntries(
    Object.entries(pending).filter(([key, value]) =>
      value === null ? Object.hasOwn(tags, key) : !Object.hasOwn(tags, key) || tags[key] !== value,
    ),
  );
