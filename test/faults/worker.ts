import { parentPort } from 'node:worker_threads';
import { playAlways, playMany, type Outcome, type Subject } from './campaign.ts';

/** What a worker is asked for: so many histories of a seed, or what is always played. */
export type Task = { readonly seed: number; readonly histories: number; readonly of: Subject } | 'always';
export interface Done {
  readonly task: Task;
  readonly outcome: Outcome;
}

parentPort?.on('message', (task: Task) => {
  void (task === 'always' ? playAlways() : playMany(task.seed, task.histories, task)).then((outcome) =>
    parentPort?.postMessage({ task, outcome } satisfies Done),
  );
});
