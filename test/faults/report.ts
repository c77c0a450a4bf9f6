import { FAULTS } from './faults.ts';
import type { Failure, Tally } from './campaign.ts';

/** What a run met, as a table and as JSON has it. */
export interface Report extends Tally {
  readonly seed: number;
  readonly seconds: number;
  readonly failures: number;
}

const line = (name: string, ...counts: readonly (number | string)[]): string =>
  [name.padEnd(56), ...counts.map((count) => count.toLocaleString('en-US').padStart(12))].join('');

/** How a failing history is seen again: the same seed and path lead to it. */
export const repeatCommand = ({ seed, of, path, always }: Pick<Failure, 'seed' | 'of' | 'path' | 'always'>): string =>
  always === undefined
    ? `FAULTS_OF=${of} FAULTS_SEED=${seed}${path === undefined ? '' : ` FAULTS_PATH=${path}`} npm run test:faults`
    : `FAULTS_ALWAYS=${always} npm run test:faults`;

export const failureText = (failure: Failure): string =>
  [
    `After ${failure.after} histories of seed ${failure.seed}:`,
    failure.problems,
    '',
    ...(failure.history === undefined
      ? []
      : [`The history, as small as it could be made: ${JSON.stringify(failure.history, undefined, 1)}`, '']),
    `To see it again, step by step: ${repeatCommand(failure)}`,
  ].join('\n');

export const reportText = ({ seed, histories, seconds, faults, checks, failures }: Report): string =>
  [
    line('fault', 'injected', 'histories'),
    ...FAULTS.map((name) => line(name, faults[name]?.injected ?? 0, faults[name]?.histories ?? 0)),
    '',
    line('check', 'count'),
    ...Object.entries(checks).map(([name, count]) => line(name, count)),
    '',
    `${histories.toLocaleString('en-US')} histories of seed ${seed} in ${seconds} s, ${failures} failed`,
  ].join('\n');
