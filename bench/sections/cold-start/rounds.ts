import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAnswers } from '../../support/answers.ts';
import { environmentOf, type Invoked } from './functions.ts';
import { EMPTY, type Variant } from './variants.ts';

/** One cold start, in ms. */
export interface ColdStart {
  readonly load: number;
  readonly first: number;
  /** What both took of a processor. */
  readonly cpu: number;
}

/** Of each function, by its name, each variant's cold starts by rounds. */
export type Rounds = Readonly<Record<string, Readonly<Record<string, readonly ColdStart[]>>>>;

const INVOKE = join(import.meta.dirname, 'invoke.mjs');

const shuffled = <T>(values: readonly T[]): T[] => {
  const order = [...values];
  for (let n = order.length - 1; n > 0; n -= 1) {
    const other = Math.floor(Math.random() * (n + 1));
    [order[n], order[other]] = [order[other] as T, order[n] as T];
  }
  return order;
};

const coldStart = async (
  { name, isDone }: Invoked,
  { name: variant, files, flags = [], environment }: Variant,
  { env, eventFile }: { readonly env: NodeJS.ProcessEnv; readonly eventFile: string },
): Promise<ColdStart> => {
  const child = fork(INVOKE, [files[name] ?? '', eventFile], {
    env: { ...env, ...environment },
    execArgv: [...flags],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let result: (ColdStart & { readonly answer?: unknown }) | undefined;
  child.once('message', (message) => (result = message as ColdStart));
  await once(child, 'exit');
  if (result === undefined) throw new Error(`${name}, ${variant}, ended without an answer.`);
  if (variant !== EMPTY && !isDone(result.answer)) {
    throw new Error(`${name}, ${variant}, did not do its work: ${JSON.stringify(result.answer)}`);
  }
  return { load: result.load, first: result.first, cpu: result.cpu };
};

export interface RoundsOptions {
  readonly functions: readonly Invoked[];
  readonly variants: readonly Variant[];
  readonly rounds: number;
  /** For the events, and an empty home: no settings of whoever measures. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Starts every variant of every function once a round, those of a function in random order, each in a fresh process. */
export const startCold = async ({ functions, variants, rounds, folder, say }: RoundsOptions): Promise<Rounds> => {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const eventFileOf = (name: string) => join(folder, `${name}.json`);
  for (const { name, event } of functions) await writeFile(eventFileOf(name), JSON.stringify(event));
  const answers = await startAnswers();
  const env = environmentOf(answers.url, home);
  const starts = new Map<Invoked, Map<Variant, ColdStart[]>>(
    functions.map((each) => [each, new Map(variants.map((variant) => [variant, []]))]),
  );
  // The first round reads files that later ones find in the page cache.
  for (let round = 0; round <= rounds; round += 1) {
    // The variants of one function close together: what slows the machine for a while slows all of them.
    const order = shuffled(functions).flatMap((each) => shuffled(variants).map((variant) => [each, variant] as const));
    for (const [each, variant] of order) {
      const start = await coldStart(each, variant, { env, eventFile: eventFileOf(each.name) });
      if (round > 0) starts.get(each)?.get(variant)?.push(start);
    }
    if (round > 0 && round % 5 === 0) say(`${round} of ${rounds} rounds`);
  }
  await answers.close();
  return Object.fromEntries(
    [...starts].map(([{ name }, byVariant]) => [
      name,
      Object.fromEntries([...byVariant].map(([variant, all]) => [variant.name, all])),
    ]),
  );
};
