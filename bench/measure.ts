/** One section in a process of its own: `node bench/measure.ts <section> [--quick]`, started by bench/run.ts. */
// Nobody's own credentials, account or Region may come into a measurement.
import '../test/support/environment.ts';
import { isSectionName } from './sections.ts';
import type { Section } from './section.ts';

const [name = '', mode] = process.argv.slice(2);
if (!isSectionName(name)) throw new Error(`No such section: ${name}`);
const { section } = (await import(`./sections/${name}/index.ts`)) as { section: Section };
const measurements = await section.measure({
  quick: mode === '--quick',
  say: (line) => {
    console.error(`${name}: ${line}`);
  },
});
process.send?.(measurements);
// What a section started, it has ended; a pool of connections that lingers must not keep the next one waiting.
process.disconnect();
