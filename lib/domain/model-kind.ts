import { type Change, type History, type Kind, type Listed, type Parts, REMOVED, type Sighting } from './kind.ts';
import { newTransitions } from './transitions.ts';
import { type Deployment, isServing, type ModelRecord, type ModelSnapshot } from './model-record.ts';
import { canonicalJson, compareText } from './text.ts';

/** The version of what a look at a model leads to; as `RECORD_VERSION` of jobs. */
export const MODEL_RECORD_VERSION = 1;

/** What serves a model, as the two lists show it. */
export type Serving = Pick<ModelSnapshot, 'deployments' | 'provisioned_throughputs'>;

/** A model as the three lists show it. */
export interface ListedModel extends Serving, Listed {
  readonly model_arn: string;
  /** When the lists were asked for. */
  readonly fetched_at: string;
}

/** What an index shows of a record. */
export type TrackedModel = Pick<
  ModelRecord,
  | 'model_arn'
  | 'status'
  | 'creation_time'
  | 'deployments'
  | 'provisioned_throughputs'
  | 'usage'
  | 'missing_since'
  | 'untracked_since'
>;

const CREATING = 'Creating';

export const servingOf = ({ deployments = [], provisioned_throughputs = [] }: Partial<Serving>) => [
  ...deployments,
  ...provisioned_throughputs,
];

const isShown = ({ status }: Deployment): boolean => status !== REMOVED;
const byArn = (entries: readonly Deployment[]) => new Map(entries.map((one) => [one.arn, one]));
const contentOf = (entry: Deployment): string => canonicalJson({ ...entry, since: undefined });

/** The two lists, each changed by one function. */
export const mapServing = (
  serving: Serving,
  change: <E extends Deployment>(entries: readonly E[], list: keyof Serving) => readonly E[],
): Serving => ({
  deployments: change(serving.deployments, 'deployments'),
  provisioned_throughputs: change(serving.provisioned_throughputs, 'provisioned_throughputs'),
});

/** Of the same time, as Bedrock's lists lag behind its answers. */
const isLater = (a: Deployment, b: Deployment): boolean => (a.last_modified_time ?? '') > (b.last_modified_time ?? '');

/** Bedrock never showed more of the model than what serves it. */
const isBare = ({ status, model_name, base_model_arn }: ModelSnapshot): boolean =>
  status === REMOVED && model_name === undefined && base_model_arn === undefined;

const oldest = (a: ModelSnapshot, b: ModelSnapshot): ModelSnapshot =>
  (b.creation_time ?? '') < (a.creation_time ?? '') ? b : a;

/** A removed model keeps what was known of it; of what serves it, the later version counts. */
const merge = (newer: ModelSnapshot, older: ModelSnapshot): ModelSnapshot => {
  const { status, fetched_at, observed_via } = newer;
  const known = !isBare(newer) ? newer : isBare(older) ? oldest(newer, older) : older;
  const serving = mapServing(newer, (entries, list) => {
    const before = byArn(older[list]);
    return entries.map((one) => {
      const other = before.get(one.arn) as typeof one | undefined;
      return other !== undefined && isLater(other, one) ? other : one;
    });
  });
  return { ...known, ...serving, status, fetched_at, observed_via };
};

const ownChain = ({ transitions }: History) => transitions.filter(({ resource }) => resource === undefined);

/** When a status of what serves the model began, as far as Bedrock says. */
export const servingSince = (
  { status, creation_time, last_modified_time }: Omit<Deployment, 'since'>,
  fetchedAt: string,
): string => (status === CREATING ? creation_time : (last_modified_time ?? creation_time)) ?? fetchedAt;

const sightingsOf = (snapshot: ModelSnapshot, history: History): Sighting[] => {
  const { status, creation_time, fetched_at } = snapshot;
  const seen = { observed_at: fetched_at, via: snapshot.observed_via };
  // Bedrock dates the creation of a model alone.
  const isFirst = status === CREATING || (status !== REMOVED && ownChain(history).length === 0);
  return [
    { to: status, at: isFirst ? (creation_time ?? fetched_at) : fetched_at, ...seen },
    ...servingOf(snapshot).map((one) => ({
      resource: one.arn,
      to: one.status,
      at: servingSince(one, fetched_at),
      ...seen,
    })),
  ];
};

/** A record keeps this many of each that no longer serve the model. */
const MAX_REMOVED = 50;

const withRemoved = (
  shown: Serving,
  known: readonly (Partial<Serving> | undefined)[],
  lastOf: ReadonlyMap<string, Change>,
): Serving =>
  mapServing(shown, <E extends Deployment>(entries: readonly E[], list: keyof Serving) => {
    const now = byArn(entries);
    const all = known.flatMap((one) => (one?.[list] ?? []) as readonly E[]);
    const removed = [...new Map(all.map((one) => [one.arn, one])).values()]
      .filter(({ arn }) => !now.has(arn))
      .map((one) => ({ ...one, status: REMOVED, since: lastOf.get(one.arn)?.at ?? one.since }))
      .sort((a, b) => compareText(b.since, a.since) || compareText(a.arn, b.arn));
    const dated = entries.map((one) => {
      const last = lastOf.get(one.arn);
      return last?.to === one.status ? { ...one, since: last.at } : one;
    });
    return [...dated, ...removed.slice(0, MAX_REMOVED)];
  });

const derive = (
  snapshot: ModelSnapshot,
  { history, marks, previous, older }: Parts<ModelSnapshot, ModelRecord>,
): Partial<ModelRecord> => {
  const lastOf = new Map<string, Change>();
  for (const one of history.transitions) if (one.resource && !one.task) lastOf.set(one.resource, one);
  // The record before comes last: what it knows of a removed one is newer than an older look.
  const serving = withRemoved(snapshot, [older, previous], lastOf);
  const all = servingOf(serving);
  const known = byArn(all);
  const usage = Object.entries(previous?.usage ?? {}).filter(([arn]) => known.has(arn));
  return {
    ...serving,
    ...(previous?.usage && { usage: Object.fromEntries(usage) }),
    ...(snapshot.status === REMOVED && { missing_since: ownChain(history).at(-1)?.at ?? snapshot.fetched_at }),
    ...(all.some(isServing) && marks.untracked_since === undefined && { serving_scope: snapshot.scope }),
  };
};

const servingDiffers = (listed: readonly Deployment[], tracked: readonly Deployment[]): boolean => {
  const known = byArn(tracked.filter(isShown));
  return (
    listed.length !== known.size ||
    listed.some((one) => {
      const other = known.get(one.arn);
      return other === undefined || (contentOf(other) !== contentOf(one) && !isLater(other, one));
    })
  );
};

const chainRank = ({ resource, task }: Change): number => (task !== undefined ? 2 : resource !== undefined ? 1 : 0);

/** Custom models, each with what serves it. Bedrock does not date changes of a model, and a deleted one is just gone. */
export const MODELS: Kind<ModelSnapshot, ModelRecord> = {
  key: 'model_arn',
  version: MODEL_RECORD_VERSION,
  beside: {
    transitions: 'derived',
    transitions_folded: 'derived',
    first_seen_at: 'derived',
    revision: 'derived',
    missing_since: 'derived',
    untracked_since: 'mark',
    listed_as: 'stays',
    serving_scope: 'derived',
    usage: 'stays',
    last_used_at: 'stays',
  },
  shownOf: (snapshot) => ({ ...snapshot, ...mapServing(snapshot, (entries) => entries.filter(isShown)) }),
  compare: (a, b) => Number(a.status !== CREATING) - Number(b.status !== CREATING),
  keepsFirstFetch: false,
  merge,
  sightingsOf,
  rank: ({ to }) => Number(to !== CREATING),
  returnedAt: ({ fetched_at }, { at }, last) => (at > last.at ? at : fetched_at),
  compareChains: (a, b) => chainRank(a) - chainRank(b) || compareText(a.resource ?? '', b.resource ?? ''),
  servedBy: (snapshot) => new Set(byArn(servingOf(snapshot)).keys()),
  derive,
  hasChanged: (previous, record) => newTransitions(previous, record).length > 0,
  // A list may lag behind Get: it may show a model as being created for a while.
  differs: (listed: ListedModel, tracked: TrackedModel) =>
    (listed.status !== undefined && listed.status !== CREATING && listed.status !== tracked.status) ||
    servingDiffers(listed.deployments, tracked.deployments) ||
    servingDiffers(listed.provisioned_throughputs, tracked.provisioned_throughputs),
  listing: ({ unlisted, status, ...listed }: ListedModel) =>
    [
      unlisted ? 'unlisted' : (status ?? '-'),
      ...servingOf(listed).flatMap((one) => [one.arn.slice(-12), one.status, one.last_modified_time ?? '-']),
    ].join(' '),
  isSettled: ({ status }) => status !== CREATING,
};
