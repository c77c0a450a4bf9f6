import fc from 'fast-check';
import { FAULTS, type Fault } from './faults.ts';
import { history, killedAt, overtaken, type History } from './history.ts';
import { organizationHistory, type OrganizationHistory } from './organization-history.ts';
import { playOrganization } from './organization.ts';
import { BrokenPromise, play, playShortOfTime, type Played } from './play.ts';

/** What a number of histories met and what was compared in them. */
export interface Tally {
  readonly histories: number;
  readonly faults: Readonly<Record<string, { readonly injected: number; readonly histories: number }>>;
  readonly checks: Readonly<Record<string, number>>;
}

export const NOTHING: Tally = {
  histories: 0,
  faults: Object.fromEntries(FAULTS.map((fault) => [fault, { injected: 0, histories: 0 }])),
  checks: {},
};

const tallyOf = ({ faults, checks }: Played): Tally => ({
  histories: 1,
  faults: Object.fromEntries([...faults].map(([fault, injected]) => [fault, { injected, histories: 1 }])),
  checks,
});

const addNumbers = (a: Tally['checks'], b: Tally['checks']): Tally['checks'] =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]),
  );

export const add = (a: Tally, b: Tally): Tally => {
  const names = [...new Set([...Object.keys(a.faults), ...Object.keys(b.faults)])] as Fault[];
  const sum = (name: Fault, count: 'injected' | 'histories') =>
    (a.faults[name]?.[count] ?? 0) + (b.faults[name]?.[count] ?? 0);
  return {
    histories: a.histories + b.histories,
    faults: Object.fromEntries(
      names.map((name) => [name, { injected: sum(name, 'injected'), histories: sum(name, 'histories') }]),
    ),
    checks: addNumbers(a.checks, b.checks),
  };
};

/** What a history is of: two scopes whose sweeps it starts, or an organization whose schedule does. */
export const SUBJECTS = ['account', 'organization'] as const;
export type Subject = (typeof SUBJECTS)[number];

/** A history that broke a promise, as small as it could be made, and how to see it again. */
export interface Failure {
  readonly problems: string;
  readonly history: History | OrganizationHistory | undefined;
  readonly seed: number;
  readonly of: Subject;
  /** fast-check's path to the history. */
  readonly path?: string;
  /** Which one it is, for one that is always played: `full:7` was killed at its seventh step. */
  readonly always?: string;
  /** How many histories were played until the first one failed. */
  readonly after: number;
}
export interface Outcome {
  readonly tally: Tally;
  readonly failure?: Failure;
}

const messageOf = (error: unknown): string =>
  error instanceof BrokenPromise
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);

const SMALL_ENOUGH_AFTER_MS = 60_000;

/** Plays smaller and smaller histories that fail too, as long as there is time. */
const makeSmall = async <One>(property: fc.IAsyncProperty<[One]>, seed: number, path: string) => {
  const details = await fc.check(property, { seed, path, interruptAfterTimeLimit: SMALL_ENOUGH_AFTER_MS });
  return details.failed ? details : fc.check(property, { seed, path, endOnFailure: true });
};

/** Plays so many histories of a seed, or the one that a path leads to; stops at the first that fails and makes it small. */
export const playMany = (seed: number, histories: number, options: PlayOptions = {}): Promise<Outcome> =>
  options.of === 'organization'
    ? playAll(organizationHistory, playOrganization, { seed, histories, ...options })
    : playAll(history, play, { seed, histories, ...options });

interface PlayOptions {
  /** @default account */
  readonly of?: Subject;
  readonly path?: string | undefined;
  readonly trace?: ((line: string) => void) | undefined;
}

const playAll = async <One extends History | OrganizationHistory>(
  arbitrary: fc.Arbitrary<One>,
  play: (one: One, trace?: (line: string) => void) => Promise<Played>,
  { seed, histories, of = 'account', path, trace }: PlayOptions & { readonly seed: number; readonly histories: number },
): Promise<Outcome> => {
  let tally = NOTHING;
  const property = fc.asyncProperty(arbitrary, async (one) => {
    tally = add(tally, tallyOf(await play(one, trace)));
  });
  const found = await fc.check(property, {
    seed,
    numRuns: histories,
    endOnFailure: true,
    ...(path === undefined ? {} : { path }),
  });
  if (!found.failed) return { tally };
  const isShown = path !== undefined || found.counterexamplePath === null;
  const details = isShown ? found : await makeSmall(property, seed, found.counterexamplePath);
  return {
    tally,
    failure: {
      problems: messageOf(details.errorInstance),
      history: details.counterexample?.[0],
      ...{ seed, of },
      ...(details.counterexamplePath === null ? {} : { path: details.counterexamplePath }),
      after: found.numRuns,
    },
  };
};

/** What is always played, by name: `FAULTS_ALWAYS` repeats one. */
const ALWAYS: Readonly<Record<string, (number: number, trace?: (line: string) => void) => Promise<Played>>> = {
  short: playShortOfTime,
  overtaken: (seed, trace) => play(overtaken(seed), trace),
  active: (step, trace) => play(killedAt('active', step), trace),
  full: (step, trace) => play(killedAt('full', step), trace),
  models: (step, trace) => play(killedAt('models', step), trace),
};
const TOO_MANY_JOBS = [100, 120];
const DEPLOYMENTS = 40;

/** Sweeps short of time, deployments that are overtaken, and each sweep killed at each of its steps until none is left. */
function* always(isKilled: () => boolean): Generator<readonly [name: string, number: number]> {
  for (const jobs of TOO_MANY_JOBS) yield ['short', jobs];
  for (let seed = 1; seed <= DEPLOYMENTS; seed += 1) yield ['overtaken', seed];
  for (const kind of ['active', 'full', 'models']) {
    let step = 0;
    do yield [kind, (step += 1)];
    while (isKilled());
  }
}

/** Plays one of these again: `full:7` is the full sweep that is killed at its seventh step. */
export const playOne = async (which: string, trace?: (line: string) => void): Promise<Played> => {
  const [name = '', number] = which.split(':');
  const one = ALWAYS[name];
  if (one === undefined)
    throw new Error(`FAULTS_ALWAYS is one of ${Object.keys(ALWAYS).join(', ')}, a colon and a number.`);
  return one(Number(number), trace);
};

/** Plays what is always played; stops at the first that fails. */
export const playAlways = async (): Promise<Outcome> => {
  let tally = NOTHING;
  let killed = true;
  for (const [name, number] of always(() => killed)) {
    const which = `${name}:${number}`;
    try {
      const played = await playOne(which);
      killed = played.faults.has('a sweep is killed at a step');
      tally = add(tally, tallyOf(played));
    } catch (error) {
      const failure = {
        problems: messageOf(error),
        history: undefined,
        seed: 0,
        after: tally.histories + 1,
        of: 'account' as const,
      };
      return { tally, failure: { ...failure, always: which } };
    }
  }
  return { tally };
};
