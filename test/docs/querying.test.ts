import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findBy, identityOf, querySections, runTypeScript, startQueryingTable } from '../support/querying.ts';

jest.setTimeout(120_000);

const [setUp, ...sections] = querySections();

// The Python of the page is run by `npm run test:clients`, and finds the same.
describe('docs/querying.md', () => {
  let table: Awaited<ReturnType<typeof startQueryingTable>>;
  let jobs: unknown;

  beforeAll(async () => {
    table = await startQueryingTable();
    Object.assign(process.env, table.environment);
    jobs = (await runTypeScript(setUp?.ts ?? '', undefined))['jobs'];
  });
  afterAll(async () => {
    for (const name of Object.keys(table.environment)) Reflect.deleteProperty(process.env, name);
    await table.close();
  });

  it.each(sections.filter(({ ts }) => ts !== undefined).map((section) => [section.heading, section] as const))(
    '%s finds what it asks for',
    async (heading, section) => {
      const found = await findBy(section, jobs);
      if (heading === 'Summing up') return;
      const identities = (found as unknown[]).map(identityOf);
      expect(identities.length).toBeGreaterThan(0);
      expect(identities).not.toContain(' ');
      expect(new Set(identities).size).toBe(identities.length);
    },
  );

  it('asks every question in both languages, and one in each other language', () => {
    const headings = (test: (section: (typeof sections)[number]) => boolean) =>
      sections.filter(test).map(({ heading }) => heading);
    expect(headings(({ ts, python }) => ts !== undefined && python === undefined)).toEqual(['Summing up']);
    expect(headings(({ ts }) => ts === undefined)).toEqual(['Python with boto3 alone', 'Go', 'Java']);
    expect(sections.length).toBeGreaterThan(15);
  });
});
