/**
 * Which models serve, what costs money without use, and how much: what command line, dashboard and mails say of a model.
 * Unknown use is never idle (docs/models.md).
 */
import { isServing, type ModelRecord, type ProvisionedThroughput, type Usage } from './model-record.ts';
import { priceFor, type Price, type Prices } from './prices.ts';
import { compareText } from './text.ts';
import { DAY, HOUR } from './time.ts';

/** The default of the time without use after which a deployment or throughput is idle. */
export const IDLE_AFTER_MS = 14 * DAY;
const ENDS_SOON_MS = 30 * DAY;
/** Use is measured once a day: an older measurement says nothing about now. */
const MEASURED_FOR_MS = 3 * DAY;
/** AWS's prices count a month as 730 hours. */
const MONTH_MS = 730 * HOUR;

/** What is known of a model: a record, or a summary from an index. */
export type ModelSummary = Partial<ModelRecord> & Pick<ModelRecord, 'model_arn'>;

export interface UseRules {
  readonly now: Date;
  /** @default IDLE_AFTER_MS */
  readonly idleAfterMs?: number;
  readonly prices?: Prices;
}

/** `used`: used or created less than `idleAfterMs` ago; `unknown`: no recent measurement tells. */
export type UseState = 'used' | 'idle' | 'unknown';

/** One deployment or throughput that serves its model. */
export interface ServingUse {
  readonly kind: 'deployment' | 'throughput';
  readonly entry: ProvisionedThroughput;
  readonly state: UseState;
  readonly usage?: Usage;
  /** What a throughput costs around the clock, used or not; 0 of a deployment, which is paid by tokens. */
  readonly unitHoursADay: number;
  /** From the last use to the last measurement; absent where that is not known. */
  readonly unusedUnitHours?: number;
  /** Of a unit hour. */
  readonly price?: Price;
  /** Its commitment ends within 30 days. */
  readonly endsSoon: boolean;
}

/** A stored model that nothing has served for as long as it takes to be idle. */
export interface Orphaned {
  /** Its creation, its last use, or the end of what served it last. */
  readonly since: string;
  /** Months of 730 hours since then. */
  readonly months: number;
  /** Of a month. */
  readonly price?: Price;
}

export interface ModelUse<Model extends ModelSummary = ModelSummary> {
  readonly model: Model;
  /** What serves the model now, or is about to: throughputs first. */
  readonly serving: readonly ServingUse[];
  readonly orphaned?: Orphaned;
}

/** The time from the last use to the last measurement, or NaN if that is not known. */
export const unusedMs = (usage: Usage | undefined): number =>
  Math.max(0, Date.parse(usage?.measured_at ?? '') - Date.parse(usage?.unused_since ?? ''));

const stateOf = (model: ModelSummary, usage: Usage | undefined, rules: UseRules): UseState => {
  const unused = unusedMs(usage);
  const age = rules.now.getTime() - Date.parse(usage?.measured_at ?? '');
  if (Number.isNaN(unused) || age > MEASURED_FOR_MS || model.untracked_since !== undefined) return 'unknown';
  return unused >= (rules.idleAfterMs ?? IDLE_AFTER_MS) ? 'idle' : 'used';
};

const servingUse = (
  model: ModelSummary,
  kind: ServingUse['kind'],
  entry: ProvisionedThroughput,
  rules: UseRules,
): ServingUse => {
  const { model_units: units = 0, commitment_duration: commitment = 'none' } = entry;
  const usage = model.usage?.[entry.arn];
  const offers = rules.prices?.model_unit_hour.filter((offer) => offer.commitment === commitment) ?? [];
  const price = units > 0 ? priceFor(offers, model) : undefined;
  const left = Date.parse(entry.commitment_expiration_time ?? '') - rules.now.getTime();
  const unused = unusedMs(usage);
  return {
    kind,
    entry,
    state: stateOf(model, usage, rules),
    ...(usage && { usage }),
    unitHoursADay: 24 * units,
    ...(Number.isNaN(unused) ? {} : { unusedUnitHours: (unused / HOUR) * units }),
    ...(price && { price }),
    endsSoon: left > 0 && left <= ENDS_SOON_MS,
  };
};

const orphanedOf = (model: ModelSummary, { now, idleAfterMs = IDLE_AFTER_MS, prices }: UseRules) => {
  const {
    creation_time: created,
    last_used_at: used,
    deployments = [],
    provisioned_throughputs: throughputs = [],
  } = model;
  const entries = [...deployments, ...throughputs];
  const isGone = model.missing_since !== undefined || model.untracked_since !== undefined;
  if (created === undefined || model.status !== 'Active' || isGone || entries.some(isServing)) return undefined;
  const ends = entries.map((entry) => entry.since);
  const since = [created, used ?? created, ...ends].reduce((a, b) => (compareText(a, b) < 0 ? b : a));
  const ms = now.getTime() - Date.parse(since);
  const price = priceFor(prices?.stored_model_month ?? [], model);
  return ms >= idleAfterMs ? { since, months: ms / MONTH_MS, ...(price && { price }) } : undefined;
};

/** How a model is used, by its record or a summary of it. */
export const modelUse = <Model extends ModelSummary>(model: Model, rules: UseRules): ModelUse<Model> => {
  const of = (kind: ServingUse['kind'], entries: readonly ProvisionedThroughput[] = []) =>
    entries.filter(isServing).map((entry) => servingUse(model, kind, entry, rules));
  const orphaned = orphanedOf(model, rules);
  return {
    model,
    serving: [...of('throughput', model.provisioned_throughputs), ...of('deployment', model.deployments)],
    ...(orphaned && { orphaned }),
  };
};

/** The groups of models that people ask for; a model may be in several. */
export const MODEL_GROUPS = ['serving', 'idle', 'orphaned', 'ends-soon'] as const;
export type ModelGroup = (typeof MODEL_GROUPS)[number];

const BELONGS: Readonly<Record<ModelGroup, (use: ModelUse) => boolean>> = {
  serving: ({ serving }) => serving.length > 0,
  idle: ({ serving }) => serving.some(({ state }) => state === 'idle'),
  orphaned: ({ orphaned }) => orphaned !== undefined,
  'ends-soon': ({ serving }) => serving.some(({ endsSoon }) => endsSoon),
};

export const belongsTo = (group: ModelGroup, use: ModelUse): boolean => BELONGS[group](use);

/** A sum, in dollars too if each of its parts has a price. */
export interface Sum {
  readonly amount: number;
  readonly usd?: number;
}

const sumOf = (parts: readonly { readonly amount: number; readonly price?: Price }[]): Sum => ({
  amount: parts.reduce((sum, part) => sum + part.amount, 0),
  ...(parts.length > 0 &&
    parts.every(({ price }) => price) && {
      usd: parts.reduce((sum, { amount, price }) => sum + amount * (price?.usd ?? 0), 0),
    }),
});

/** What a list of models costs without use. */
export const sumIdle = (uses: readonly ModelUse[]) => {
  const idle = uses
    .flatMap(({ serving }) => serving)
    .filter(({ state, kind }) => state === 'idle' && kind === 'throughput');
  return {
    /** Unit hours of idle throughputs. */
    idle: sumOf(idle.map((use) => ({ ...use, amount: use.unusedUnitHours ?? 0 }))),
    idleADay: sumOf(idle.map((use) => ({ ...use, amount: use.unitHoursADay }))),
    /** Months of orphaned models. */
    orphaned: sumOf(uses.flatMap(({ orphaned }) => (orphaned ? [{ ...orphaned, amount: orphaned.months }] : []))),
  };
};
