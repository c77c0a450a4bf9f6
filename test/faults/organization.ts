import { formatScope, type Scope } from '../../lib/domain/identity.ts';
import { isTerminal } from '../../lib/domain/record.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import type { SweepPeriods } from '../../lib/tracking/scope.ts';
import type { RatedFault } from './faults.ts';
import {
  HARMLESS,
  HOME,
  NAMED,
  ORGANIZATION,
  type OrganizationHistory,
  type OrganizationStep,
} from './organization-history.ts';
import { checksOf, requireModelTruth, requireTold, requireTruth, require, type Played } from './play.ts';
import { World } from './world/world.ts';

const PERIODS: SweepPeriods = {
  ...{ active: 5 * MINUTE, idle: HOUR, empty: DAY, releaseAfter: DAY },
  ...{ full: DAY, models: HOUR, usage: DAY },
};
const TICK = 5 * MINUTE;
const TIMEOUT = 15 * MINUTE;

/** A hub, whose schedule ticks, and the spokes of its organization, which send heartbeats while they are there. */
class Organization {
  readonly world: World;
  /** Whether no fault keeps a tick from its end. */
  readonly #isStrict: boolean;
  readonly #spokes = new Set<string>();
  readonly #closed = new Set<string>();
  #named: readonly Scope[] = [HOME, NAMED];

  constructor({ seed, rates }: OrganizationHistory, trace?: (line: string) => void) {
    const scopes = this.#named;
    this.world = new World({ seed, rates, tagRefreshDays: 30, trace, scopes, isHub: true, periods: PERIODS });
    this.#isStrict = Object.keys(rates).every((fault) => HARMLESS.includes(fault as RatedFault));
    ORGANIZATION.slice(2).forEach((one) => this.#outages.silentSpokes.add(formatScope(one)));
    this.#tick();
  }

  get #outages() {
    return this.world.machine.outages;
  }

  isTracked(one: Scope): boolean {
    return this.#named.includes(one) || this.#spokes.has(formatScope(one));
  }

  #tick(): void {
    void this.world.sweep('due', { timeoutMs: TIMEOUT });
    const { words, bedrock, machine } = this.world;
    if (this.#isStrict)
      for (const problem of words.starving(this.world.scopes(), bedrock.asked, machine.time.now()))
        this.world.problems.push(problem);
    machine.time.after(TICK, () => this.#tick());
  }

  /** The stack of a spoke is created: its rule forwards, and its schedule begins. */
  come(one: Scope): void {
    const place = formatScope(one);
    this.#reopen(one);
    if (one === HOME || this.#spokes.has(place)) return;
    this.#spokes.add(place);
    this.#outages.silentSpokes.delete(place);
    this.world.machine.faults.note('a spoke comes');
    const beat = (): void => {
      if (!this.#spokes.has(place)) return;
      this.world.heartbeat(one);
      this.world.machine.time.after(HOUR, beat);
    };
    beat();
  }

  #go(one: Scope): void {
    if (!this.#spokes.delete(formatScope(one))) return;
    if (!this.#named.includes(one)) this.#outages.silentSpokes.add(formatScope(one));
    this.world.machine.faults.note('a spoke goes');
  }

  #close(one: Scope): void {
    if (!this.#spokes.has(formatScope(one)) || this.#named.includes(one)) return;
    this.#go(one);
    this.#closed.add(formatScope(one));
    this.#outages.deniedScopes.add(formatScope(one));
    this.world.machine.faults.note('an account is closed');
  }

  #reopen(one: Scope): void {
    if (this.#closed.delete(formatScope(one))) this.#outages.deniedScopes.delete(formatScope(one));
  }

  #name(named: readonly Scope[]): void {
    if (named.length < this.#named.length && !this.#spokes.has(formatScope(NAMED)))
      this.#outages.silentSpokes.add(formatScope(NAMED));
    else this.#outages.silentSpokes.delete(formatScope(NAMED));
    this.#named = named;
    this.world.track(named);
  }

  take(one: OrganizationStep): void {
    const place = ('scope' in one ? ORGANIZATION[one.scope] : undefined) ?? HOME;
    const name = formatScope(place);
    const { world } = this;
    const during = (scopes: Set<string>, ms: number): void => {
      scopes.add(name);
      world.machine.time.after(ms, () => this.#closed.has(name) || scopes.delete(name));
    };
    switch (one.does) {
      case 'create':
        if (!this.#closed.has(name)) world.create(place, one.plan);
        break;
      case 'import':
        if (!this.#closed.has(name))
          world.call('CreateCustomModel', place, '', {
            modelName: `model-${world.bedrock.models.all('models').length}`,
            modelSourceConfig: { s3DataSource: { s3Uri: 's3://models/one/' } },
          });
        break;
      case 'come':
        this.come(place);
        break;
      case 'go':
        this.#go(place);
        break;
      case 'close':
        this.#close(place);
        break;
      case 'deny':
        during(this.#outages.deniedScopes, one.ms);
        world.machine.faults.note('a scope is denied for hours');
        break;
      case 'hang':
        during(this.#outages.hungScopes, one.ms);
        world.machine.faults.note('a scope hangs for hours');
        break;
      case 'lose heartbeats':
        during(this.#outages.lostHeartbeats, one.ms);
        world.machine.faults.note('heartbeats are lost for hours');
        break;
      case 'tick':
        void world.sweep('due', { timeoutMs: TIMEOUT });
        break;
      case 'sweep':
        void world.sweep(one.kind, { timeoutMs: TIMEOUT });
        break;
      case 'name':
      case 'unname':
        this.#name(one.does === 'name' ? [HOME, NAMED] : [HOME]);
        break;
      case 'wait':
        break;
      default:
        one satisfies never;
    }
  }

  endFaults(): void {
    this.world.machine.faults.end();
    const { deniedScopes, hungScopes, lostHeartbeats } = this.#outages;
    [deniedScopes, hungScopes, lostHeartbeats].forEach((scopes) => scopes.clear());
    this.#closed.forEach((name) => deniedScopes.add(name));
    this.world.bedrock.standStill();
  }
}

/** How often a scope is asked for its jobs in a day when nothing goes wrong, at least and at most. */
const ASKED_A_DAY = { active: [270, 300], idle: [22, 32], empty: [1, 4] } as const;

/** What is wrong with the registry when all is quiet: who is tracked, as what, and how often it was asked in the last day. */
const registryProblems = (organization: Organization): string[] => {
  const { world } = organization;
  const now = world.machine.time.now();
  const records = new Map(world.scopes().map((record) => [record.scope, record]));
  return ORGANIZATION.flatMap((place) => {
    const name = formatScope(place);
    const record = records.get(name);
    const isIn = (one: { readonly scope: Scope }) => formatScope(one.scope) === name;
    if (!organization.isTracked(place)) {
      const marked = [...world.jobs.items(), ...world.models.items()].filter(
        (item) => item['scope'] === name && item['creation_time'] !== undefined,
      );
      return [
        ...(record === undefined || record.state === 'released' ? [] : [`${name} is ${record.state}, not released`]),
        ...marked.flatMap((item) => {
          const isListed = item['active_scope'] !== undefined || item['serving_scope'] !== undefined;
          return item['untracked_since'] === undefined || isListed ? [`${name} is released, and a record is not`] : [];
        }),
      ];
    }
    if (record === undefined || record.state === 'released') return [`${name} is ${record?.state ?? 'not known'}`];
    const { bedrock } = world;
    const jobs = bedrock.jobs.filter(isIn);
    const hasModels = bedrock.models.all('models').some(({ item }) => isIn(item));
    const isActive = jobs.some((job) => !isTerminal({ status: bedrock.statusOf(job) ?? '' }));
    const state = isActive ? 'active' : jobs.length > 0 || hasModels ? 'idle' : 'empty';
    const asked = (bedrock.asked.get(name) ?? []).filter((at) => at > now - DAY).length;
    const [least, most] = ASKED_A_DAY[record.state];
    return [
      ...(record.state === state ? [] : [`${name} is ${record.state}, not ${state}`]),
      ...(record.error === undefined && record.failing_since === undefined ? [] : [`${name} fails: ${record.error}`]),
      ...((asked >= least && asked <= most) || (world.words.since.get(name) ?? 0) > now - DAY
        ? []
        : [`${name} is ${record.state}, and was asked ${asked} times in a day`]),
    ];
  });
};

/** Outlasts late words, the time until a silent scope is released, and the release; then a day without anything. */
const QUIET = 18 * HOUR + DAY + 3 * HOUR;
const COMES_BACK = 3 * HOUR;

/** Plays a history of many scopes, ends all faults, and looks whether everything holds by the ticks of the schedule alone. */
export const playOrganization = async (
  history: OrganizationHistory,
  trace?: (line: string) => void,
): Promise<Played> => {
  const organization = new Organization(history, trace);
  const { world } = organization;
  const { time } = world.machine;
  for (const { scope: place, plan: life, agoMs } of history.before)
    world.load(ORGANIZATION[place] ?? HOME, life, agoMs);
  history.spokes.forEach((isThere, place) => {
    if (isThere) organization.come(ORGANIZATION[place] ?? HOME);
  });
  for (const one of history.steps) {
    trace?.(`-- ${JSON.stringify(one)}`);
    organization.take(one);
    await time.advance(one.does === 'wait' ? one.ms : 0);
    require(world.problems);
  }
  trace?.('-- faults end');
  organization.endFaults();
  await time.advance(QUIET);
  const isTracked = (place: Scope): boolean => organization.isTracked(place);
  const settled = { tagsSince: 0, isTracked };
  requireTruth(world, 'in the end', settled);
  requireModelTruth(world, 'in the end', settled);
  require(registryProblems(organization));
  requireTold(world);
  trace?.('-- all come back');
  ORGANIZATION.forEach((place) => organization.come(place));
  await time.advance(COMES_BACK);
  requireTruth(world, 'when all had come back', { tagsSince: 0 });
  requireModelTruth(world, 'when all had come back', {});
  const released = world.scopes().filter(({ state }) => state === 'released');
  require(released.map(({ scope: name }) => `${name} is still released though its spoke is back`));
  return {
    faults: world.machine.faults.counts,
    checks: { ...checksOf(world), 'scopes compared with their spokes': ORGANIZATION.length },
  };
};
