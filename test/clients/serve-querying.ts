/**
 * Runs the table of docs/querying.md until its standard input ends. Prints, as one JSON line, its address and what the
 * page's TypeScript finds there, by heading.
 */
import { identityOf, querySections, runTypeScript, startQueryingTable } from '../support/querying.ts';

const table = await startQueryingTable();
process.env['AWS_ENDPOINT_URL_DYNAMODB'] = table.url;
const [setUp, ...sections] = querySections();
const { jobs } = await runTypeScript(setUp?.ts ?? '', undefined);
const found: Record<string, readonly string[]> = {};
for (const { heading, ts = '', python } of sections) {
  if (python !== undefined) found[heading] = ((await runTypeScript(ts, jobs))['found'] as unknown[]).map(identityOf);
}
process.stdout.write(`${JSON.stringify({ url: table.url, found })}\n`);
process.stdin.resume().once('end', () => {
  void table.close();
});
