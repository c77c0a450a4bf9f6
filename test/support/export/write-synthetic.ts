/**
 * Writes so many synthetic records in one format to a file, in a process of its own whose heap the caller limits:
 * `node --max-old-space-size=96 test/support/export/write-synthetic.ts csv 300000 /tmp/jobs.csv`. Prints what it took.
 */
import { open } from 'node:fs/promises';
import { ATTRIBUTES } from '../../../lib/cli/export/columns.ts';
import { writeFlatCsv } from '../../../lib/cli/export/flat.ts';
import { JOBS } from '../../../lib/cli/export/kinds.ts';
import { writeNdjson, writeRecordsCsv } from '../../../lib/cli/export/text-formats.ts';
import { writeParquet } from '../../../lib/cli/export/parquet.ts';
import { syntheticRecords } from './synthetic-records.ts';

const [format = 'ndjson', count = '1000', file = '/dev/null'] = process.argv.slice(2);
const columns = Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[];
const handle = await open(file, 'w');
const sink = { write: (piece: string | Uint8Array) => handle.writeFile(piece) };
const records = () =>
  syntheticRecords(Number(count)) as AsyncIterable<unknown> as AsyncIterable<Record<string, unknown>>;

const started = Date.now();
if (format === 'ndjson') await writeNdjson(records(), sink, { tags: 'map' });
if (format === 'csv')
  await writeRecordsCsv(records(), sink, { columns, tags: 'list', escapeFormulas: true, byteOrderMark: true });
if (format === 'flat')
  await writeFlatCsv(records(), sink, JOBS, {
    summaries: false,
    signal: new AbortController().signal,
    escapeFormulas: true,
  });
if (format === 'parquet') await writeParquet(records(), sink, { columns, tags: 'map' });
if (format === 'none') for await (const _ of records());
const { size } = await handle.stat();
await handle.close();
console.log(
  JSON.stringify({
    format,
    count: Number(count),
    ms: Date.now() - started,
    size,
    maxRssKb: process.resourceUsage().maxRSS,
  }),
);
