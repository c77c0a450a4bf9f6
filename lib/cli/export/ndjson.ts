import { tagList, type Exported, type TagsForm } from './attributes.ts';
import { gathered, type Sink } from './sink.ts';

const withTags = (record: Exported, form: TagsForm): Exported =>
  form === 'map' ? record : { ...record, tags: tagList(record['tags']) };

/** Writes each record as a line of JSON, with the names and shapes of the table: nothing is left out or changed. */
export const writeNdjson = async (
  records: AsyncIterable<Exported>,
  sink: Sink,
  { tags }: { readonly tags: TagsForm },
): Promise<void> => {
  const lines = gathered(sink);
  for await (const record of records) await lines.write(`${JSON.stringify(withTags(record, tags))}\n`);
  await lines.flush();
};
