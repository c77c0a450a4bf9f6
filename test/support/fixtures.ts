import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalize, type BedrockAnswer, type Observation } from '../../lib/domain/normalize.ts';
import type { JobRecord, JobSnapshot } from '../../lib/domain/record.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const TIMESTAMP = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** A JSON document with its timestamps as `Date`, as the SDK hands answers over. */
export const withDates = (document: unknown): unknown => {
  if (typeof document === 'string') return TIMESTAMP.test(document) ? new Date(document) : document;
  if (Array.isArray(document)) return document.map(withDates);
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, withDates(value)]));
};

export const readFixture = (path: string): unknown => JSON.parse(readFileSync(join(FIXTURES, path), 'utf8'));

/** The names of the files in a folder of fixtures, without `.json`. */
export const fixtureNames = (folder: string): string[] =>
  readdirSync(join(FIXTURES, folder)).map((file) => file.replace('.json', ''));

/** An answer of GetModelCustomizationJob as it is on the wire. */
export const jobOnWire = (name: string): Record<string, unknown> =>
  readFixture(`jobs/${name}.json`) as Record<string, unknown>;

/** An answer of GetModelCustomizationJob as the SDK hands it over. */
export const jobAnswer = (name: string): BedrockAnswer => withDates(jobOnWire(name)) as BedrockAnswer;

export const SCOPE = { accountId: '123456789012', region: 'us-east-1' };

export const observation = (change: Partial<Observation> = {}): Observation => ({
  scope: SCOPE,
  jobIdentifier: 'some-job',
  tags: {},
  fetchedAt: '2026-08-10T02:00:00.000Z',
  via: 'event',
  ...change,
});

/** The snapshot of a fixture with some of its answer or observation changed. */
export const snapshotOf = (
  name: string,
  change: Readonly<Record<string, unknown>> = {},
  observed: Partial<Observation> = {},
): JobSnapshot => normalize({ ...jobAnswer(name), ...change }, observation(observed));

/** A fixture as its record, with some attributes changed. */
export const recordOfFixture = (name: string, change: object = {}, tags: Record<string, string> = {}): JobRecord =>
  ({ ...snapshotOf(name, {}, { tags }), ...change }) as JobRecord;
