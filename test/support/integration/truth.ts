import type { JobRecord } from '../../../lib/domain/record.ts';
import type { Truth } from '../../../lib/simulator/index.ts';

/**
 * What a record must hold for a document of Bedrock's wire, worked out apart from the code under test: snake_case by
 * the rule of the public catalog tables, the keys of maps as they came.
 */
export type Document = Readonly<Record<string, unknown>>;
export type Path = readonly string[];

const MAPS = ['hyperParameters', 'equals', 'notEquals'];

const snakeCase = (name: string): string =>
  name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

/** True for the keys that are the user's own: those below a map. In rftConfig hyperParameters is a structure. */
const isOwnWord = (path: Path, depth: number): boolean =>
  path.slice(0, depth).some((name, at) => MAPS.includes(name) && !path.slice(0, at).includes('rftConfig'));

/** The path of a wire document's leaf in the record. */
export const catalogPath = (path: Path): string[] =>
  path.map((name, depth) => (isOwnWord(path, depth) ? name : snakeCase(name)));

/** Every leaf of a document with the path to it; an empty list or structure is a leaf. */
export const leavesOf = (value: unknown, path: Path = []): [path: Path, leaf: unknown][] => {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  const entries = Object.entries(value);
  return entries.length === 0 ? [[path, value]] : entries.flatMap(([key, member]) => leavesOf(member, [...path, key]));
};

export const valueAt = (document: unknown, path: Path): unknown =>
  path.reduce((value: unknown, key) => (value as Document | undefined)?.[key], document);

/** The wire document under its catalog names. */
const catalogDocument = (document: unknown, path: Path = []): unknown => {
  if (Array.isArray(document)) return document.map((member, index) => catalogDocument(member, [...path, `${index}`]));
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(
    Object.entries(document).map(([name, member]) => {
      const below = [...path, name];
      return [catalogPath(below).at(-1), catalogDocument(member, below)];
    }),
  );
};

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
