/**
 * Runs the table of docs/querying.md until its standard input ends. Prints, as one JSON line, variables that lead to it,
 * what the page's TypeScript finds there, by heading, and the losses of completed jobs, which its programs print.
 */
import type { JobSummary } from '../../lib/client/index.ts';
import { findBy, identityOf, querySections, runTypeScript, startQueryingTable } from '../support/querying.ts';

const table = await startQueryingTable();
Object.assign(process.env, table.environment);
const [setUp, ...sections] = querySections();
const { jobs } = await runTypeScript(setUp?.ts ?? '', undefined);
const found: Record<string, readonly string[]> = {};
let losses: readonly string[] = [];
const lossOf = ({ job_arn: arn, training_metrics: metrics }: JobSummary): string =>
  `${arn} ${metrics?.training_loss ?? ''}`;
for (const section of sections) {
  if (section.ts === undefined) continue;
  const items = await findBy(section, jobs);
  if (items !== undefined) found[section.heading] = items.map(identityOf);
  if (section.heading === 'Page by page') losses = (items as JobSummary[]).map(lossOf);
}
process.stdout.write(`${JSON.stringify({ environment: table.environment, found, losses })}\n`);
process.stdin.resume().once('end', () => {
  void table.close();
});
