import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { bundleLambdas } from '../../scripts/bundle-lambdas.ts';
import { alarmsDocument } from './document.ts';
import { LOADS, outageOf, PAIRS, playMonths, playOutages, playPair, problemsOf } from './matrix.ts';

const DOCUMENT = path.resolve(import.meta.dirname, '..', '..', 'docs', 'alarms.md');
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

let [passed, failed] = [0, 0];
const report = (what: string, problems: readonly string[]): void => {
  if (problems.length === 0) passed += 1;
  else failed += 1;
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${what}${problems.map((problem) => `\n     ${problem}`).join('')}`,
  );
};

await bundleLambdas();
const played = await playOutages(LOADS);
for (const [outage, rings] of played) {
  for (const [place, one] of rings.entries())
    report(`${outage.name}, ${LOADS[place]} jobs a day`, problemsOf(outage, one));
}
const options = await resolveConfig(DOCUMENT);
const text = await format(alarmsDocument(played), { ...options, parser: 'markdown' });
if (values.write) writeFileSync(DOCUMENT, text);
report(
  'docs/alarms.md is what was played',
  readFileSync(DOCUMENT, 'utf8') === text ? [] : ['run "npm run test:drills -- --write" and read the difference'],
);
for (const pair of PAIRS) {
  const { alarm } = outageOf(pair[1]);
  const rings = await playPair(pair, LOADS[1]);
  report(`${pair[0]}, then ${pair[1]}`, rings.has(alarm) ? [] : [`${alarm} did not ring`]);
}
report('months in which nothing is wrong', await playMonths());
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
