import { isTerminal } from '../../lib/domain/record.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import type { Fault } from './faults.ts';
import type { History, Step } from './history.ts';
import { publishedProblems } from './invariants/published.ts';
import { truthProblems } from './invariants/truth.ts';
import { transitionProblems } from './invariants/writes.ts';
import { SCOPES, World } from './world/world.ts';

/** Outlasts functions, leases, and clocks that were ahead. */
const SETTLES = 2 * HOUR;
/** Outlasts late events, and messages that are handed over five times. */
const DRAINS = 12 * HOUR;

/** A history after which, or in which, something did not hold. */
export class BrokenPromise extends Error {
  constructor(problems: readonly string[]) {
    super(problems.slice(0, 5).join('\n'));
  }
}

const take = (world: World, step: Step): void => {
  const jobs = world.bedrock.jobs;
  const job = 'job' in step ? jobs[step.job % Math.max(1, jobs.length)] : undefined;
  const scope = ('scope' in step ? SCOPES[step.scope] : undefined) ?? SCOPES[0];
  switch (step.does) {
    case 'create':
      world.create(scope, step.plan);
      break;
    case 'stop':
    case 'vanish':
      if (job !== undefined) world[step.does](job);
      break;
    case 'tag':
      if (job !== undefined) world.tag(job, step.value);
      break;
    case 'sweep':
      void world.sweep(step.kind, step);
      break;
    case 'unreadable':
      world.sendUnreadable();
      break;
    case 'deploy':
      world.deploy();
      break;
    case 'take out':
    case 'take in':
      world.track(step.does === 'take in' ? SCOPES : [SCOPES[0]]);
      break;
    case 'wait':
      break;
    default:
      step satisfies never;
  }
};

const require = (problems: readonly string[]): void => {
  if (problems.length > 0) throw new BrokenPromise(problems);
};

/** A sweep with nothing in its way: it must end well. */
const sweep = async (world: World, kind: 'active' | 'full'): Promise<void> => {
  const ending = world.sweep(kind, { timeoutMs: 15 * MINUTE });
  // Longer than any sweep can take.
  await world.machine.time.advance(16 * MINUTE);
  const { how, ...rest } = await ending;
  require(
    how === 'answered' ? [] : [`the ${kind} sweep after the faults ${how} ${String('error' in rest && rest.error)}`],
  );
};

const requireTruth = (world: World, when: string, tagsSince: number): void => {
  const { bedrock } = world;
  const settled = { bedrock, version: world.version, tagsSince };
  require([
    ...world.problems,
    ...bedrock.jobs.flatMap((job) =>
      truthProblems(settled, job, world.record(job.jobArn)).map((problem) => `${when}, ${job.jobName}: ${problem}`),
    ),
    ...world.jobs.items().flatMap((item) => (bedrock.known(String(item['job_arn'])) ? [] : ['a job was invented'])),
  ]);
};

/** Nothing waits any more; who subscribed has heard of everything, once. */
const requireTold = (world: World): void => {
  const waiting = world.queue.messages();
  require([
    ...waiting.map(({ messageId }) => `${messageId} was neither processed nor dead-lettered`),
    ...(world.stream.isRead ? [] : ['the stream is not read to its end']),
    ...world.bedrock.jobs.flatMap((job) => {
      const record = world.record(job.jobArn);
      if (record === undefined) return [];
      const details = world.published.filter(({ job_arn }) => job_arn === job.jobArn);
      const givenUp = world.givenUp.has(job.jobArn);
      const handedOver = world.handedOver.get(job.jobArn) ?? 0;
      const problems = [
        ...publishedProblems(record, details, { givenUp, handedOver }),
        ...transitionProblems(world.bedrock, job, record),
      ];
      return problems.map((problem) => `${job.jobName}: ${problem}`);
    }),
  ]);
};

export interface Played {
  readonly faults: ReadonlyMap<Fault, number>;
  readonly checks: Readonly<Record<string, number>>;
}

/** What was looked at, for the report. */
const checksOf = (world: World, writes: number): Played['checks'] => ({
  'jobs compared with Bedrock': world.bedrock.jobs.length,
  'final statuses compared': world.bedrock.jobs.filter((job) =>
    isTerminal({ status: world.bedrock.statusOf(job) ?? '' }),
  ).length,
  'writes watched': writes,
  'messages followed to their end': world.queue.sent,
  'transition events compared': world.published.length,
});

const ENOUGH_RUNS = 30;

/**
 * Full sweeps that never have the time for all jobs, at hours when nothing else goes wrong: each must go on where the one
 * before stopped, or none would ever come to the end.
 */
export const playShortOfTime = async (jobs: number, trace?: (line: string) => void): Promise<Played> => {
  const world = new World({ seed: jobs, rates: {}, tagRefreshDays: 30, trace });
  const plan = { validates: 1, trains: 1, stopping: 1, ends: 'Completed', beat: 1 } as const;
  for (let number = 0; number < jobs; number += 1) world.load(SCOPES[0], plan, 9 * HOUR + number * MINUTE);
  const isSwept = (): boolean => {
    const states = world.sweeps.items().filter((item) => item['sweep'] === 'full');
    return states.length === SCOPES.length && states.every((state) => state['unfinished'] !== true);
  };
  for (let run = 0; run < ENOUGH_RUNS && !isSwept(); run += 1) {
    void world.sweep('full', { timeoutMs: 10_000 });
    await world.machine.time.advance(HOUR);
  }
  require([
    ...world.problems,
    ...(isSwept() ? [] : [`${ENOUGH_RUNS} runs did not bring a full sweep of ${jobs} jobs to its end`]),
  ]);
  world.bedrock.standStill();
  requireTruth(world, 'after the last run', 0);
  return { faults: world.machine.faults.counts, checks: checksOf(world, jobs) };
};

/** Plays a history, ends all faults, and looks whether everything holds. Throws BrokenPromise where it does not. */
export const play = async (
  { seed, rates, tagRefreshDays, before, steps, drainsFirst }: History,
  trace?: (line: string) => void,
): Promise<Played> => {
  const world = new World({ seed, rates, tagRefreshDays, trace });
  const { time, faults } = world.machine;
  for (const { scope, plan, agoMs } of before) world.load(SCOPES[scope] ?? SCOPES[0], plan, agoMs);
  for (const step of steps) {
    trace?.(`-- ${JSON.stringify(step)}`);
    take(world, step);
    await time.advance(step.does === 'wait' ? step.ms : 0);
    require(world.problems);
  }
  trace?.('-- faults end');
  faults.end();
  world.bedrock.standStill();
  world.track(SCOPES);
  await time.advance(drainsFirst ? DRAINS : SETTLES);
  await sweep(world, 'active');
  const tagsSince = time.now() - tagRefreshDays * DAY;
  await sweep(world, 'full');
  requireTruth(world, 'after the last sweeps', tagsSince);
  await time.advance(DRAINS);
  requireTruth(world, 'when all was delivered', tagsSince);
  requireTold(world);
  const writes = world.jobs.items().reduce((sum, item) => sum + Number(item['revision']), 0);
  return { faults: faults.counts, checks: checksOf(world, writes) };
};
