import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');

/** Ends a long run with what each parser did, as a table and as `dist/fuzz.json`. */
export default class FuzzReporter {
  onRunStart() {
    mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
    rmSync(process.env['FUZZ_REPORT'], { force: true });
    writeFileSync(process.env['FUZZ_REPORT'], '');
    console.log(
      `Fuzzing with FUZZ_SEED=${process.env['FUZZ_SEED']}, ${process.env['FUZZ_RUNS']} cases for each parser.`,
    );
  }

  onRunComplete(_contexts, { startTime, numFailedTests, numPassedTests }) {
    const lines = readFileSync(process.env['FUZZ_REPORT'], 'utf8').trim().split('\n').filter(Boolean);
    const parsers = lines.map((line) => JSON.parse(line)).sort((a, b) => (a.parser < b.parser ? -1 : 1));
    const rows = parsers.map(({ parser, cases, refused, answered, slowestMs }) => ({
      parser,
      cases,
      'typed errors': refused,
      answers: answered,
      'slowest, ms': Math.round(slowestMs),
    }));
    const seconds = Math.round((Date.now() - startTime) / 1000);
    const seed = Number(process.env['FUZZ_SEED']);
    console.table(rows);
    console.log(`${parsers.length} parsers in ${seconds} s, FUZZ_SEED=${seed}`);
    console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
    mkdirSync(path.join(ROOT, 'dist'), { recursive: true });
    const report = { date: new Date().toISOString(), seed, seconds, failedTests: numFailedTests, parsers };
    writeFileSync(path.join(ROOT, 'dist', 'fuzz.json'), `${JSON.stringify(report, null, 2)}\n`);
  }
}
