import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { EmbeddedDynamoDb } from '../../lib/local/embedded-dynamodb.ts';
import { identityOf, querySections, runTypeScript, startQueryingTable } from '../support/querying.ts';

jest.setTimeout(120_000);

const [setUp, ...sections] = querySections();
const ENDPOINT = 'AWS_ENDPOINT_URL_DYNAMODB';

// The Python of the page is run by `npm run test:clients`, and finds the same.
describe('docs/querying.md', () => {
  let table: EmbeddedDynamoDb;
  let jobs: unknown;

  beforeAll(async () => {
    table = await startQueryingTable();
    process.env[ENDPOINT] = table.url;
    jobs = (await runTypeScript(setUp?.ts ?? '', undefined))['jobs'];
  });
  afterAll(async () => {
    Reflect.deleteProperty(process.env, ENDPOINT);
    await table.close();
  });

  it.each(sections.map(({ heading, ts }) => [heading, ts ?? ''] as const))(
    '%s finds what it asks for',
    async (heading, code) => {
      const { found } = await runTypeScript(code, jobs);
      if (heading === 'Summing up') return;
      const identities = (found as unknown[]).map(identityOf);
      expect(identities.length).toBeGreaterThan(0);
      expect(identities).not.toContain(' ');
      expect(new Set(identities).size).toBe(identities.length);
    },
  );

  it('asks every question in both languages', () => {
    expect(sections.filter(({ ts, python }) => ts === undefined || python === undefined)).toEqual([
      expect.objectContaining({ heading: 'Summing up' }),
    ]);
    expect(sections.length).toBeGreaterThan(15);
  });
});
