import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SweepTask, SweepTimes } from './sweep-process.ts';

/** For a function of 512 MB, the construct's default: a tenth for the two halves of what is young, the rest for the old. */
const HEAP = ['--max-semi-space-size=25', '--max-old-space-size=461'];

/**
 * Sweeps in a process of its own.
 *
 * @param onReady called when connections are open and nothing is counted yet
 */
export const sweepApart = async (task: SweepTask, onReady: () => Promise<unknown>): Promise<SweepTimes> => {
  const child = fork(join(import.meta.dirname, 'sweep-process.ts'), [JSON.stringify(task)], {
    execArgv: [...HEAP, '--disable-warning=ExperimentalWarning'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([once(child, 'message'), ended]);
  await onReady();
  let times: SweepTimes | undefined;
  child.once('message', (message) => (times = message as SweepTimes));
  if (child.connected) child.send({ go: true });
  const [code] = await ended;
  if (code !== 0 || times === undefined) throw new Error(`The sweep ended with ${code ?? 'a signal'}.`);
  return times;
};
