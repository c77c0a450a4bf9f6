/**
 * Runs the table of read-vectors.json until its standard input ends. Prints, as one JSON line, its address and the
 * complete answers of the TypeScript client.
 */
import { answerVector, readVectors, startVectorTable } from '../support/read-vectors.ts';

const table = await startVectorTable();
const found: Record<string, unknown> = {};
for (const vector of readVectors.vectors) {
  found[vector.name] = await answerVector(table.client, vector);
  if (vector.call === 'waitForJob' && vector.update !== undefined) await table.load();
}
process.stdout.write(`${JSON.stringify({ url: table.url, found })}\n`);
process.stdin.resume().once('end', () => {
  void table.close();
});
