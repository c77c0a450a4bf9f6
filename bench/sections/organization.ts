import { join } from 'node:path';
import { quantile } from 'simple-statistics';
import type { SweepKind } from '../../lib/contract.ts';
import { formatScope, type Scope } from '../../lib/domain/identity.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import { formatNumber, type MeasureOptions, type Result, type Section } from '../section.ts';
import { startBedrock } from '../support/bedrock.ts';
import {
  CONCURRENCY,
  countOf,
  Organization,
  PERIODS,
  scopeOfKind,
  TABLE_MS,
  VISIBILITY_TIMEOUT,
} from '../support/organization.ts';
import { startProcess } from '../support/process.ts';
import type { Held, ScopesTask } from '../support/scopes-process.ts';

const PROCESS = join(import.meta.dirname, '..', 'support', 'scopes-process.ts');
/** For a function of 512 MB, the construct's default: as in sweeps.ts. */
const FLAGS = ['--expose-gc', '--max-semi-space-size=25', '--max-old-space-size=461'];
const BEDROCK_MS = 50;
const AGE_LIMIT = 6 * MINUTE;
const LOOK_EVERY = 30_000;
/** More than this, from the smallest organization to the largest, would be growth. */
const GROWTH_LIMIT = 1.25;
const TROUBLED_FOR = 2 * HOUR;

const minutes = (ms: number): string => `${formatNumber(ms / MINUTE)} min`;

/** Moves the clock, and looks at the ages of what is known of active scopes. */
const watch = async (world: Organization, ms: number): Promise<readonly number[]> => {
  const ages: number[] = [];
  for (let past = 0; past < ms; past += LOOK_EVERY) {
    await world.clock.advance(LOOK_EVERY);
    for (const age of world.ages()) ages.push(age);
  }
  return ages;
};

/** Until each scope is backfilled: how long that took. */
const comeAll = async (world: Organization): Promise<number> => {
  const began = world.clock.now();
  world.start();
  while (world.backfilled.size < world.scopes.length) {
    await world.clock.advance(LOOK_EVERY / 6);
    if (world.clock.now() - began > HOUR) throw new Error(`Only ${world.backfilled.size} scopes were backfilled.`);
  }
  return world.clock.now() - began;
};

/** What a day of sweeps asks of Bedrock, and how many of each sweep were due. */
const callResults = ({ calls, swept }: Organization, scopes: number, ms: number): readonly Result[] => {
  const of = (kind: 'active' | 'idle' | 'empty') => countOf(kind, scopes);
  const times = (period: number) => Math.round(ms / period);
  const day = Math.min(1, times(DAY));
  const busy = of('active') * times(PERIODS.active) + of('idle') * times(PERIODS.idle);
  const due = {
    active: busy,
    full: scopes * day,
    models: (of('active') + of('idle')) * times(PERIODS.models) + of('empty') * day,
  } as const satisfies Partial<Record<SweepKind, number>>;
  const asked = {
    active: calls.get('ListActiveJobs') ?? 0,
    full: calls.get('ListModelCustomizationJobs') ?? 0,
    models: (['ListCustomModels', 'ListCustomModelDeployments', 'ListProvisionedModelThroughputs'] as const)
      .map((name) => calls.get(name) ?? 0)
      .reduce((sum, count) => sum + count, 0),
  };
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
  const others = all - asked.active - asked.full - asked.models;
  const kinds = ['active', 'full', 'models'] as const;
  const made = kinds.map((kind) => swept.get(kind) ?? 0);
  const each = kinds.map((kind, at) => asked[kind] / Math.max(1, made[at] ?? 0));
  return [
    {
      what: 'Bedrock calls for each active / full / models sweep that is due, a day',
      target: '≤ 2, of models 3, none besides',
      measured: `${each.map(formatNumber).join(' / ')}, ${formatNumber(others)} besides`,
      met: each.every((count, at) => count <= (at === 2 ? 3 : 2)) && others === 0,
    },
    {
      what: 'Active / full / models sweeps a day',
      measured: `${made.map(formatNumber).join(' / ')}, with ${formatNumber(all)} calls; by their periods ${kinds.map((kind) => formatNumber(due[kind])).join(' / ')}`,
    },
  ];
};

/** One scope never answers and another is denied: the longest that any other waited beyond its period. */
const troubleResult = async (world: Organization): Promise<Result> => {
  const [hangs, denied] = [scopeOfKind('active', 0), scopeOfKind('active', 1)];
  world.troubles.set(formatScope(hangs), 'hangs').set(formatScope(denied), 'denied');
  for (const scope of world.troubles.keys()) world.sweptAt.delete(scope);
  world.clear();
  await world.clock.advance(TROUBLED_FOR);
  const delay = Math.max(0, world.longestGap - PERIODS.active);
  return {
    what: 'One scope hangs, one is denied: the longest delay of another',
    target: `≤ ${minutes(VISIBILITY_TIMEOUT)}, the visibility timeout`,
    measured: minutes(delay),
    met: delay <= VISIBILITY_TIMEOUT,
  };
};

/** What one of them reads and writes in the sweeps table while nothing else happens, in units. */
const unitsOf = async (world: Organization, work: () => Promise<unknown>): Promise<string> => {
  world.clear();
  const done = work();
  await world.clock.advance(MINUTE);
  await done;
  return `${formatNumber(world.units.read)} + ${formatNumber(world.units.write)}`;
};

const unitResults = async (world: Organization): Promise<readonly Result[]> => {
  world.isPaused = true;
  await world.clock.advance(PERIODS.idle);
  const sweepOf = (scope: Scope) => () => world.sweep(scope);
  const [active, idle] = [scopeOfKind('active', 0), scopeOfKind('idle', 0)];
  const both = await unitsOf(world, sweepOf(idle));
  await unitsOf(world, sweepOf(active));
  await world.clock.advance(PERIODS.active);
  const alone = await unitsOf(world, sweepOf(active));
  const beat = await unitsOf(world, () => world.heartbeat(scopeOfKind('empty', 0)));
  await world.clock.advance(PERIODS.active);
  // The first one starts what is due by now.
  await unitsOf(world, () => world.tick());
  const tick = await unitsOf(world, () => world.tick());
  world.isPaused = false;
  await world.clock.advance(PERIODS.idle);
  return [
    { what: 'Read + write units of an active sweep, alone / with one of models', measured: `${alone} / ${both}` },
    { what: 'Read + write units of a heartbeat', measured: beat },
    { what: 'Read + write units of a tick where nothing is due', measured: tick },
  ];
};

const memoryResults = async (sizes: readonly number[], say: MeasureOptions['say']): Promise<readonly Result[]> => {
  const bedrock = await startBedrock(Date.now());
  const held: Held[] = [];
  for (const scopes of sizes) {
    say(`memory of ${scopes} scopes`);
    const task: ScopesTask = { bedrockUrl: bedrock.url, scopes };
    held.push(await startProcess(PROCESS, [JSON.stringify(task)], FLAGS).next<Held>());
  }
  bedrock.close();
  const each = (of: keyof Held) => `${held.map((one) => formatNumber(one[of])).join(' / ')} MB`;
  const isFlat = (of: keyof Held) => (held.at(-1)?.[of] ?? NaN) <= GROWTH_LIMIT * (held.at(-2)?.[of] ?? NaN);
  const span = sizes.map(formatNumber).join(' / ');
  return [
    ...(['starting', 'sweeping'] as const).map((of) => ({
      what: `Live memory ${of === 'starting' ? 'while sweeps are started' : 'of a process that makes them one by one'}, ${span} scopes`,
      target: `≤ ${GROWTH_LIMIT}× from the middle to the largest`,
      measured: each(of),
      met: isFlat(of),
    })),
    { what: 'The most that this process had (RSS)', measured: each('peak') },
  ];
};

const dayResults = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const scopes = quick ? 100 : 10_000;
  const ms = quick ? HOUR : DAY;
  const world = new Organization(scopes, BEDROCK_MS);
  say(`${scopes} spokes come`);
  const came = await comeAll(world);
  await world.clock.advance(HOUR - came);
  world.clear();
  say(quick ? 'an hour' : 'a day');
  const ages = await watch(world, ms);
  const age = quantile([...ages], 0.99);
  const results: Result[] = [
    {
      what: "p99 age of an active scope's last sweep",
      target: `≤ ${minutes(AGE_LIMIT)}`,
      measured: minutes(age),
      met: age <= AGE_LIMIT,
    },
    { what: 'The longest time between two sweeps of one', measured: minutes(world.longestGap) },
    ...callResults(world, scopes, ms),
  ];
  const units = await unitResults(world);
  say('trouble in two scopes');
  results.push(await troubleResult(world));
  results.push({
    what: `${formatNumber(scopes)} spokes that come within 5 minutes: until all are backfilled`,
    measured: minutes(came),
  });
  results.push(...units);
  return results;
};

const measure = async (options: MeasureOptions): Promise<readonly Result[]> => {
  // Each in a process of its own: they do not disturb each other.
  const memory = memoryResults(options.quick ? [20, 50] : [100, 1_000, 10_000], options.say);
  return [...(await dayResults(options)), ...(await memory)];
};

export const section: Section = {
  title: 'An organization',
  text: `10,000 scopes of 1,000 accounts, 200 of them with active jobs and 1,800 with ended ones, swept for a day of a virtual clock: the deployed handler starts due sweeps every 5 minutes and makes one for each message, ${CONCURRENCY} at once. Bedrock is the simulator with ${BEDROCK_MS} ms a call, the tables are in memory with ${TABLE_MS} ms a request; a trail tells of creations. All spokes come within 5 minutes, so that what is due hourly and daily is due at once: the worst case. Memory is that of a process of its own with the real clients and a session for each scope; it keeps the last 100.

Lambda needs some seconds to run ${CONCURRENCY} functions at once, which is not simulated. A scope that hangs holds one of them for up to 15 minutes, and a few more while it is tried again. Of a scope without a trail, or whose last job is older than a week, a full sweep also asks for the tags of the last 30 days' jobs.`,
  measure,
};
