import type { JobRecord } from '../../../lib/domain/record.ts';
import type { Truth } from '../../../lib/simulator/index.ts';
import { catalogDocument, type Document } from './catalog.ts';

/** What the tracker adds to Bedrock's fields. */
const OWN = [
  ...['_key', 'account_id', 'region', 'scope', 'job_id', 'transitions', 'transitions_folded', 'first_seen_at'],
  ...['fetched_at', 'observed_via', 'revision', 'missing_since', 'untracked_since', 'listed_as', 'active_scope'],
];

export const ENDED = ['Completed', 'Failed', 'Stopped'];

/** The record's fields that come from Bedrock, tags included. */
export const bedrockFields = (record: JobRecord): Document =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !OWN.includes(name)));

/** Every field of the truth under its catalog name, the tags, and nothing else. */
export const truthAsFields = ({ job, tags }: Truth): Document => ({ ...(catalogDocument(job) as Document), tags });
