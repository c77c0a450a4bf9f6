/**
 * Measures, and writes bench/results.json and docs/performance.md.
 *
 *   npm run bench                      all sections, some half an hour on a quiet machine
 *   npm run bench -- calls queries     only these; the others keep their numbers
 *   npm run bench -- --quick           each in small, to see that it works; writes nothing
 *   npm run bench -- --document        only writes the document anew
 *   npm run bench -- --check           only says whether the document is the one of the results
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { documentOf } from './document.ts';
import { readResults, thisRun, writeResults } from './results.ts';
import type { Measurements } from './section.ts';
import { isSectionName, SECTIONS, type SectionName } from './sections.ts';

const DOCUMENT = join(import.meta.dirname, '..', 'docs', 'performance.md');

const measure = async (name: SectionName, quick: boolean): Promise<Measurements> => {
  const child = fork(join(import.meta.dirname, 'measure.ts'), [name, ...(quick ? ['--quick'] : [])], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  let measurements: Measurements | undefined;
  child.once('message', (message) => (measurements = message as Measurements));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || measurements === undefined) throw new Error(`${name} ended with ${code ?? 'a signal'}.`);
  return measurements;
};

const writeDocument = async (): Promise<void> => {
  await writeFile(DOCUMENT, await documentOf(await readResults()));
};

const checkDocument = async (): Promise<void> => {
  if ((await readFile(DOCUMENT, 'utf8')) === (await documentOf(await readResults()))) return;
  throw new Error('docs/performance.md is not the page of bench/results.json: run npm run bench -- --document.');
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !isSectionName(name));
  if (unknown.length > 0) throw new Error(`No such section: ${unknown.join(', ')}. There are ${SECTIONS.join(', ')}.`);
  if (values.document || values.check) {
    await (values.check ? checkDocument() : writeDocument());
    return;
  }
  const wanted = positionals.length === 0 ? SECTIONS : positionals.filter(isSectionName);
  for (const name of wanted) {
    const started = performance.now();
    const measurements = await measure(name, values.quick);
    const seconds = (performance.now() - started) / 1000;
    if (values.quick) {
      console.log(`${name} works; sizes this small say nothing about targets.`);
      continue;
    }
    for (const { what, target, measured, met } of measurements.targets) {
      console.log(`${met ? 'met   ' : 'missed'} ${name}: ${what}: ${measured} (${target})`);
    }
    // After each section, so that what was measured outlives one that fails.
    await writeResults({ ...(await readResults()), [name]: { run: thisRun(), seconds, ...measurements } });
    await writeDocument();
  }
};

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
