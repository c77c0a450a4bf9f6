type Tags = Readonly<Record<string, string>>;

/** Changes that Bedrock took, before the tracker saw them: `null` takes a tag away. */
export type PendingTags = Readonly<Record<string, string | null>>;

/** The tags as they will be. */
export const withPending = (tags: Tags, pending: PendingTags): [key: string, value: string, waits: boolean][] => {
  const merged = new Map(Object.entries(tags).map(([key, value]) => [key, { value, waits: false }]));
  for (const [key, value] of Object.entries(pending)) {
    if (value === null) merged.delete(key);
    else merged.set(key, { value, waits: tags[key] !== value });
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { value, waits }]) => [key, value, waits]);
};

/** What the record does not show yet. */
export const stillPending = (tags: Tags, pending: PendingTags): PendingTags =>
  Object.fromEntries(
    Object.entries(pending).filter(([key, value]) =>
      value === null ? Object.hasOwn(tags, key) : !Object.hasOwn(tags, key) || tags[key] !== value,
    ),
  );
