/**
 * Measures, and writes bench/results.json and docs/performance.md.
 *
 *   npm run bench                      all sections: about half an hour on a quiet machine
 *   npm run bench -- calls queries     only these; the others keep their numbers
 *   npm run bench -- --quick           small sizes, to see that each section works; writes nothing
 *   npm run bench -- --document        only writes the document again
 *   npm run bench -- --check           only checks that the document matches the results
 */
// No credentials, account or Region of the person who measures may come into a measurement.
import '../test/support/environment.ts';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DOCUMENT, documentOf, readResults, thisRun, writeResults } from './document.ts';
import { isSectionName, loadSection, SECTIONS, type Result, type SectionName } from './section.ts';
import { startProcess } from './support/process.ts';

/** One section, in the process that was started for it. */
const measureHere = async (name: SectionName, quick: boolean): Promise<void> => {
  const { measure } = await loadSection(name);
  process.send?.(await measure({ quick, say: (line) => console.error(`${name}: ${line}`) }));
  // Connections that linger in a pool must not keep the next section waiting.
  process.disconnect();
};

const measure = async (name: SectionName, quick: boolean): Promise<readonly Result[]> => {
  const child = startProcess(import.meta.filename, [name, '--here', ...(quick ? ['--quick'] : [])], ['--expose-gc']);
  const results = await child.next<readonly Result[]>();
  await child.ended;
  return results;
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      here: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !isSectionName(name));
  if (unknown.length > 0) throw new Error(`No such section: ${unknown.join(', ')}. There are ${SECTIONS.join(', ')}.`);
  if (values.check) {
    if ((await readFile(DOCUMENT, 'utf8')) === (await documentOf(await readResults()))) return;
    throw new Error('docs/performance.md does not match bench/results.json: run npm run bench -- --document.');
  }
  const wanted = positionals.length === 0 ? SECTIONS : positionals.filter(isSectionName);
  for (const name of values.document ? [] : wanted) {
    if (values.here) return measureHere(name, values.quick);
    const results = await measure(name, values.quick);
    for (const { what, target, measured, met } of results) {
      console.log(
        `${name}: ${what}: ${measured}${target === undefined ? '' : ` (${target}: ${met ? 'met' : 'missed'})`}`,
      );
    }
    // After each section, so that its results outlive a later section that fails.
    if (!values.quick) await writeResults({ ...(await readResults()), [name]: { ...thisRun(), results } });
  }
  if (!values.quick) await writeFile(DOCUMENT, await documentOf(await readResults()));
};

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // Helpers of a section that failed would keep it alive.
  process.exit(1);
});
