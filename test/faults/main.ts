import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { add, NOTHING, playMany, playOne, SUBJECTS, type Failure, type Tally } from './campaign.ts';
import { failureText, reportText, type Report } from './report.ts';
import type { Done, Task } from './worker.ts';

const DEFAULT_SEED = 20_261_121;
/** A worker gets so many at a time: each such part has a seed of its own, by which a failure in it is repeated. */
const PART = 250;
/** Histories of an organization, which are days long, are fewer. */
const ORGANIZATION_PART = 25;
const OUTPUT = join(import.meta.dirname, '..', '..', 'dist', 'faults.json');

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '10000' }, seed: { type: 'string' } },
});
const { FAULTS_OF, FAULTS_SEED, FAULTS_PATH, FAULTS_ALWAYS } = process.env;
const seed = Number(values.seed ?? FAULTS_SEED ?? DEFAULT_SEED);
const histories = Number(values.histories);
if (!Number.isInteger(seed) || !Number.isInteger(histories) || histories < 1) {
  console.error('--histories and --seed are whole numbers: npm run test:faults -- --histories 10000 --seed 7');
  process.exit(2);
}

const tasks: Task[] = [
  'always',
  ...Array.from({ length: Math.ceil(histories / PART) }, (_, part) =>
    SUBJECTS.map((of) => ({
      seed: seed + part,
      histories: Math.min(of === 'account' ? PART : ORGANIZATION_PART, histories - part * PART),
      of,
    })),
  ).flat(),
];

/** Hands the tasks to as many workers as there are cores, and stops when one has failed. */
const runAll = async (): Promise<{ tally: Tally; failures: Failure[] }> => {
  let tally = NOTHING;
  const failures: Failure[] = [];
  const started = Date.now();
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = (): void => {
        const task = failures.length === 0 ? tasks.shift() : undefined;
        if (task === undefined) resolve();
        else worker.postMessage(task);
      };
      worker.on('error', reject);
      worker.on('message', ({ outcome }: Done) => {
        tally = add(tally, outcome.tally);
        if (outcome.failure !== undefined) failures.push(outcome.failure);
        console.error(`${tally.histories} histories, ${Math.round((Date.now() - started) / 1000)} s`);
        next();
      });
      next();
    });
  const workers = Array.from({ length: Math.max(2, availableParallelism()) }, () => new Worker(WORKER));
  await Promise.all(workers.map(work));
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { tally, failures };
};
const WORKER = new URL('worker.ts', import.meta.url);

const campaign = async (): Promise<void> => {
  const started = Date.now();
  const { tally, failures } = await runAll();
  const seconds = Math.round((Date.now() - started) / 1000);
  const report: Report = { seed, seconds, failures: failures.length, ...tally };
  mkdirSync(join(OUTPUT, '..'), { recursive: true });
  writeFileSync(OUTPUT, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(reportText(report));
  for (const failure of failures) console.error(`\n${failureText(failure)}`);
  if (failures.length > 0) process.exitCode = 1;
};

/** Plays one history, telling each step and each call. */
const repeat = async (): Promise<void> => {
  const trace = (line: string): void => console.log(line);
  if (FAULTS_ALWAYS !== undefined) {
    await playOne(FAULTS_ALWAYS, trace);
    return;
  }
  const of = SUBJECTS.find((name) => name === FAULTS_OF) ?? 'account';
  const { failure } = await playMany(seed, PART, { of, path: FAULTS_PATH, trace });
  if (failure === undefined) return;
  console.error(`\n${failureText(failure)}`);
  process.exitCode = 1;
};

await (FAULTS_PATH === undefined && FAULTS_ALWAYS === undefined ? campaign() : repeat());
