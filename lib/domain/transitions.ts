import { REMOVED, type Change, type History, type Kind, type Sighting, type Snapshot } from './kind.ts';
import { compareText } from './text.ts';

/** A record keeps this many transitions and counts older ones, so that it stays far below DynamoDB's 400 KB. */
export const MAX_TRANSITIONS = 100;

/** What tells one status of a chain from another. */
type Step = Pick<Sighting, 'resource' | 'task' | 'to' | 'at'>;

const chainOf = ({ resource = '', task = '' }: Step): string => `${resource} ${task}`;

const chainsOf = <C extends Step>(transitions: readonly C[]): Map<string, readonly C[]> => {
  const chains = new Map<string, readonly C[]>();
  for (const one of transitions) chains.set(chainOf(one), [...(chains.get(chainOf(one)) ?? []), one]);
  return chains;
};

type Ranks = Pick<Kind, 'rank'>;

const compareSightings = ({ rank }: Ranks, a: Sighting, b: Sighting): number =>
  rank(a) - rank(b) || compareText(a.at, b.at);

const earlierSighting = <T extends Sighting>(kept: T, other: Sighting): T => ({
  ...kept,
  at: other.at < kept.at ? other.at : kept.at,
  ...(other.final && { final: true }),
  ...(other.observed_at < kept.observed_at ? { observed_at: other.observed_at, via: other.via } : {}),
});

/** Inserts a sighting into its chain. */
const withSighting = (kind: Ranks, chain: readonly Change[], sighting: Sighting): readonly Change[] => {
  const place = chain.findIndex((transition) => compareSightings(kind, sighting, transition) < 0);
  const before = place === -1 ? chain : chain.slice(0, place);
  const after = place === -1 ? [] : chain.slice(place);
  const previous = before.at(-1);
  const next = after[0];
  if (previous?.to === sighting.to) return [...before.slice(0, -1), earlierSighting(previous, sighting), ...after];
  if (next?.to === sighting.to) return [...before, earlierSighting(next, sighting), ...after.slice(1)];
  // The oldest kept transition has a folded predecessor: an older sighting belongs to the fold too.
  if (previous === undefined && next !== undefined && next.from !== null) return chain;
  const inserted: Change = { ...sighting, from: previous?.to ?? null };
  return [...before, inserted, ...(next ? [{ ...next, from: sighting.to }, ...after.slice(1)] : [])];
};

/** A status that was left and entered again: of a job only one that AWS may add. Never before what came between. */
const asRevisit = (chain: readonly Change[], sighting: Sighting, sinceOf: (last: Change) => string): Sighting => {
  const last = chain.at(-1);
  if (last === undefined || last.to === sighting.to || !chain.some(({ to }) => to === sighting.to)) return sighting;
  const since = sinceOf(last);
  return { ...sighting, at: since > last.at ? since : last.at };
};

/** Merges all chains by time; each chain keeps its order, even if timestamps contradict it. */
const interleave = (kind: Pick<Kind, 'compareChains'>, chains: Iterable<readonly Change[]>): Change[] =>
  [...chains]
    .flatMap((chain) => {
      let latest = '';
      return chain.map((transition) => {
        latest = transition.at > latest ? transition.at : latest;
        return { transition, latest };
      });
    })
    .sort((a, b) => compareText(a.latest, b.latest) || kind.compareChains(a.transition, b.transition))
    .map(({ transition }) => transition);

/** Folds the oldest away, but not how a chain stands: the next look would add that anew. */
const fold = (all: readonly Change[], folded: number): History => {
  const ends = new Set([...chainsOf(all).values()].map((chain) => chain.at(-1)));
  let excess = all.length - MAX_TRANSITIONS;
  const transitions = all.filter((one) => {
    if (excess <= 0 || (ends.has(one) && one.to !== REMOVED)) return true;
    excess -= 1;
    return false;
  });
  return { transitions, folded: folded + all.length - transitions.length };
};

/**
 * Adds a snapshot to the history: independent of the order in which snapshots arrive, and idempotent, but for statuses
 * that come back (ADR 0044). `shown` is what the record then shows: the chain of what no longer serves ends at its time.
 */
export const addSightings = (
  kind: Kind,
  history: History,
  { snapshot, shown, isNewest }: { readonly snapshot: Snapshot; readonly shown: Snapshot; readonly isNewest: boolean },
): History => {
  const chains: Map<string, readonly Change[]> = chainsOf(history.transitions);
  const add = (of: Snapshot, sighting: Sighting, returns: boolean): void => {
    const chain = chains.get(chainOf(sighting)) ?? [];
    const last = chain.at(-1);
    if (returns && last?.to === REMOVED && sighting.to !== REMOVED) {
      // What is there again begins anew, whatever its rank, and after it was removed: our clock may be behind Bedrock's.
      const after = new Date(Date.parse(last.at) + 1).toISOString();
      const at = [sighting.at, of.fetched_at].find((time) => time > last.at) ?? after;
      chains.set(chainOf(sighting), [...chain, { ...sighting, at, from: REMOVED }]);
      return;
    }
    const placed = returns ? asRevisit(chain, sighting, (one) => kind.returnedAt(of, sighting, one)) : sighting;
    chains.set(chainOf(sighting), withSighting(kind, chain, placed));
  };
  for (const one of kind.sightingsOf(snapshot, history)) add(snapshot, one, isNewest);
  // A status that came back before this older look: until now nothing showed that it had been left.
  if (!isNewest) for (const one of kind.sightingsOf(shown, history)) add(shown, one, true);
  const serving = kind.servedBy?.(shown);
  for (const last of [...chains.values()].map((chain) => chain.at(-1))) {
    if (!serving || last?.resource === undefined || last.task !== undefined) continue;
    if (last.to === REMOVED || serving.has(last.resource)) continue;
    const { fetched_at: at, observed_via: via } = shown;
    // Noticed by our clock, which may be behind Bedrock's.
    const gone = { resource: last.resource, to: REMOVED, at: at > last.at ? at : last.at, observed_at: at, via };
    add(shown, gone, true);
  }
  return fold(interleave(kind, chains.values()), history.folded);
};

/** Adds transitions that come from elsewhere than a look. */
export const addChanges = (kind: Kind, history: History, sightings: readonly Sighting[]): History => {
  const chains: Map<string, readonly Change[]> = chainsOf(history.transitions);
  for (const one of sightings) chains.set(chainOf(one), withSighting(kind, chains.get(chainOf(one)) ?? [], one));
  return fold(interleave(kind, chains.values()), history.folded);
};

/** A write inserts transitions, dates some earlier, or folds the oldest: it never changes a status. */
const isCounterpart = (before: Step, after: Step): boolean => before.to === after.to && after.at <= before.at;

const findNewInChain = <C extends Step>(before: readonly C[], after: readonly C[]): readonly C[] => {
  const isNew = new Set(after);
  let end = after.length;
  // From the latest, as folded transitions are missing at the other end.
  for (const known of before.toReversed()) {
    const place = after.slice(0, end).findLastIndex((transition) => isCounterpart(known, transition));
    const counterpart = after[place];
    if (counterpart === undefined) continue;
    isNew.delete(counterpart);
    end = place;
  }
  return [...isNew];
};

/**
 * The transitions that a write added to a record. Over all writes of a record each transition is new exactly once, in
 * whatever order the snapshots arrived. One that was only dated earlier, or whose `from` became known, is not new.
 */
export const newTransitions = <C extends Step>(
  previous: { readonly transitions: readonly C[] } | undefined,
  record: { readonly transitions: readonly C[] },
): C[] => {
  const before = chainsOf(previous?.transitions ?? []);
  const added = new Set(
    [...chainsOf(record.transitions)].flatMap(([chain, after]) => findNewInChain(before.get(chain) ?? [], after)),
  );
  return record.transitions.filter((transition) => added.has(transition));
};
