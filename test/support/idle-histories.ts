/**
 * Random histories of models, and by brute force what must be told of them: nothing here knows how the tracker decides.
 * Each fact is kept as it happened, and each question is answered by going through all of them.
 */
import type { Serving } from '../../lib/domain/model-kind.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import { seededRandom } from '../../lib/simulator/random.ts';

export type List = keyof Serving;

/** A deployment or a throughput as it is in Bedrock. */
export interface Entry {
  readonly list: List;
  readonly id: string;
  readonly created: number;
  readonly units: number;
  readonly commitmentEnd?: number;
  model: string;
  modified: number;
  status: 'Active' | 'InService' | 'Failed';
}

/** What happens to a tracker: each step at its own clock, which differs from Bedrock's. */
export interface Tracked {
  /** A look at all models. */
  readonly sweep: () => Promise<void>;
  /** A look at one. */
  readonly hint: (model: string) => Promise<void>;
  /** Some answers may be incomplete; undefined: CloudWatch is denied. */
  readonly measure: (incomplete: readonly string[] | undefined) => Promise<void>;
}

export interface World {
  readonly models: Map<string, { readonly name: string; readonly created: number }>;
  readonly entries: Map<string, Entry>;
  readonly uses: Map<string, number[]>;
  readonly clock: () => number;
}

const IDLE_AFTER = 14 * DAY;
/** What the tracker trusts of CloudWatch's 455 days, in whole days. */
const windowStart = (at: number): number => Math.floor((at - 454 * DAY) / DAY) * DAY;

/** What the tracker can know: what it saw at each look, and when it measured what it saw. */
interface Known {
  isThere: boolean;
  readonly shown: Map<string, Entry>;
  /** When something that served was first missed. */
  missedAt: number;
  readonly measured: Map<string, number[]>;
}

export interface Expected {
  readonly serving: Readonly<
    Record<string, { state: string; unitHoursADay: number; unusedUnitHours: number | undefined; endsSoon: boolean }>
  >;
  readonly orphanedSince: number | undefined;
  /** `Idle` and `Used` of each ARN, as they were told. */
  readonly told: Readonly<Record<string, readonly string[]>>;
}

export const makeHistory = (seed: number) => {
  const random = seededRandom(seed);
  let now = Date.UTC(2025, 0, 1);
  let skew = 0;
  const world: World = { models: new Map(), entries: new Map(), uses: new Map(), clock: () => now + skew };
  const known = new Map<string, Known>();
  let made = 0;
  const createdAt = new Map<string, number>();

  const entriesOf = (model: string) => [...world.entries].filter(([, entry]) => entry.model === model);
  const serves = ({ status }: Entry): boolean => status !== 'Failed';

  const look = (model: string): void => {
    const shown = entriesOf(model);
    const isThere = world.models.has(model);
    const before = known.get(model);
    if (before === undefined && !isThere && shown.length === 0) return;
    const { measured = new Map<string, number[]>(), missedAt = 0 } = before ?? {};
    const isMissed = [...(before?.shown.keys() ?? [])].some((arn) => !shown.some(([one]) => one === arn));
    known.set(model, {
      isThere,
      shown: new Map(shown.map(([arn, entry]) => [arn, { ...entry }])),
      missedAt: isMissed ? world.clock() : missedAt,
      measured,
    });
  };

  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random.next() * items.length)];
  const serveModel = (arnOf: (list: List, id: string) => string): void => {
    const model = pick([...world.models.keys()]);
    if (model === undefined) return;
    made += 1;
    const list = random.pick(['deployments', 'provisioned_throughputs'] as const);
    const commits = list === 'provisioned_throughputs' && random.chance(0.3);
    createdAt.set(arnOf(list, `e${made}`), now);
    world.entries.set(arnOf(list, `e${made}`), {
      list,
      id: `e${made}`,
      model,
      created: now,
      modified: now,
      status: list === 'deployments' ? 'Active' : 'InService',
      units: list === 'deployments' ? 0 : 1 + Math.floor(random.next() * 4),
      ...(commits && { commitmentEnd: now + random.pick([30, 180]) * DAY }),
    });
  };

  /** Everything that Bedrock's users do. */
  const change = (arns: {
    readonly model: (id: string) => string;
    readonly entry: (list: List, id: string) => string;
  }) => {
    const one = pick([...world.entries]);
    const other = pick([...world.models.keys()]);
    const action = random.next();
    if (action < 0.15) {
      made += 1;
      createdAt.set(arns.model(`m${made}`), now);
      world.models.set(arns.model(`m${made}`), { name: random.pick(['first', 'second']), created: now });
    } else if (action < 0.4) serveModel(arns.entry);
    else if (action < 0.5 && one && other && serves(one[1])) Object.assign(one[1], { model: other, modified: now });
    else if (action < 0.55 && one && serves(one[1])) Object.assign(one[1], { status: 'Failed', modified: now });
    else if (action < 0.65 && one) world.entries.delete(one[0]);
    else if (action < 0.7 && other && entriesOf(other).length === 0) world.models.delete(other);
    else if (one && serves(one[1])) {
      // In the last hour of a day: the day and the hour of its data end at the same time.
      now = Math.floor((now + 20 * MINUTE) / DAY) * DAY + DAY - 20 * MINUTE;
      world.uses.set(one[0], [...(world.uses.get(one[0]) ?? []), now]);
    }
  };

  const sweep = async (tracker: Tracked): Promise<void> => {
    await tracker.sweep();
    const all = [...known.keys(), ...world.models.keys(), ...[...world.entries.values()].map(({ model }) => model)];
    for (const model of new Set(all)) look(model);
  };

  const measure = async (tracker: Tracked): Promise<void> => {
    const serving = [...known.values()].flatMap(({ shown }) => [...shown].filter(([, entry]) => serves(entry)));
    const incomplete = serving.flatMap(([arn]) => (random.chance(0.1) ? [arn] : []));
    const isDenied = random.chance(0.1);
    await tracker.measure(isDenied ? undefined : incomplete);
    if (isDenied) return;
    for (const { shown, measured } of known.values())
      for (const [arn, entry] of shown)
        if (serves(entry) && !incomplete.includes(arn))
          measured.set(arn, [...(measured.get(arn) ?? []), world.clock()]);
  };

  const step = async (tracker: Tracked, arns: Parameters<typeof change>[0]): Promise<void> => {
    const before = world.clock();
    now +=
      random.pick([HOUR, HOUR, DAY, DAY, 3 * DAY, 12 * DAY, 45 * DAY, random.chance(0.2) ? 460 * DAY : DAY]) *
      random.next();
    now = Math.floor(now) + 1;
    // The tracker's own clock differs from Bedrock's, and never goes back.
    if (random.chance(0.1)) skew = Math.floor(random.between(-5, 5) * MINUTE);
    skew = Math.max(skew, before + 1 - now);
    const action = random.next();
    if (action < 0.6) change(arns);
    else if (action < 0.7) await sweep(tracker);
    else if (action < 0.8) {
      const model = pick([...new Set([...world.models.keys(), ...known.keys()])]);
      if (model === undefined) return;
      await tracker.hint(model);
      look(model);
    } else await measure(tracker);
  };

  /** Since when an ARN was unused at its nth measurement; undefined if that cannot be known. */
  const unusedSince = (arn: string, created: number, times: readonly number[]): number | undefined => {
    const usedBy = (use: number): number => {
      const seen = times.findLast((at) => use < at && use >= windowStart(at)) ?? NaN;
      return Math.min(seen, (Math.floor(use / HOUR) + 1) * HOUR);
    };
    let reach = times.at(-1) ?? NaN;
    for (const at of times.toReversed()) if (at >= reach) reach = Math.min(reach, windowStart(at));
    const ends = (world.uses.get(arn) ?? []).filter((use) => use >= reach).map(usedBy);
    const last = ends
      .filter((end) => !Number.isNaN(end))
      .sort((a, b) => a - b)
      .at(-1);
    return last ?? (created >= reach ? created : undefined);
  };

  const stateOf = (arn: string, created: number, times: readonly number[]): string => {
    const since = unusedSince(arn, created, times);
    if (since === undefined) return 'unknown';
    return (times.at(-1) ?? NaN) - since >= IDLE_AFTER ? 'idle' : 'used';
  };

  const told = (arn: string, created: number, times: readonly number[]): string[] => {
    const states = times.map((_, index) => stateOf(arn, created, times.slice(0, index + 1)));
    const changes: string[] = [];
    for (const state of states) if (state !== 'unknown' && state !== (changes.at(-1) ?? 'used')) changes.push(state);
    return changes;
  };

  const expected = (model: string): Expected | undefined => {
    const one = known.get(model);
    if (one === undefined) return undefined;
    const serving = [...one.shown].filter(([, entry]) => serves(entry));
    const created = createdAt.get(model) ?? NaN;
    const everSeen = [...one.measured].flatMap(([arn, times]) =>
      (world.uses.get(arn) ?? []).flatMap((use) => {
        const seen = times.findLast((at) => use < at && use >= windowStart(at));
        return seen === undefined ? [] : [Math.min(seen, (Math.floor(use / HOUR) + 1) * HOUR)];
      }),
    );
    const failed = [...one.shown.values()].filter((entry) => !serves(entry)).map(({ modified }) => modified);
    const since = Math.max(created, one.missedAt, ...failed, ...everSeen);
    return {
      serving: Object.fromEntries(
        serving.map(([arn, entry]) => {
          const times = one.measured.get(arn) ?? [];
          const last = times.at(-1) ?? NaN;
          const unused = unusedSince(arn, entry.created, times);
          const isFresh = now - last <= 3 * DAY;
          return [
            arn,
            {
              state: isFresh ? stateOf(arn, entry.created, times) : 'unknown',
              unitHoursADay: 24 * entry.units,
              unusedUnitHours: unused === undefined ? undefined : (Math.max(0, last - unused) / HOUR) * entry.units,
              endsSoon:
                entry.commitmentEnd !== undefined && entry.commitmentEnd > now && entry.commitmentEnd <= now + 30 * DAY,
            },
          ];
        }),
      ),
      orphanedSince: one.isThere && serving.length === 0 && now - since >= IDLE_AFTER ? since : undefined,
      told: Object.fromEntries(
        [...one.measured].flatMap(([arn, times]) => {
          const changes = told(arn, createdAt.get(arn) ?? NaN, times);
          return changes.length > 0 ? [[arn, changes]] : [];
        }),
      ),
    };
  };

  return {
    world,
    /** Runs the whole history against a tracker. */
    run: async (tracker: Tracked, arns: Parameters<typeof change>[0]): Promise<void> => {
      const steps = random.between(10, 50);
      for (let index = 0; index < steps; index += 1) await step(tracker, arns);
      if (random.chance(0.9)) await sweep(tracker);
      if (random.chance(0.8)) await measure(tracker);
      now += Math.floor(random.between(0, 4) * DAY);
    },
    now: () => now,
    models: () => [...known.keys()],
    expected,
  };
};
