import { compareText } from './text.ts';
import { isTerminal, type JobSnapshot, SUB_TASKS, type SubTask, type Transition } from './record.ts';

/** A record keeps this many transitions and counts older ones, so that it stays far below DynamoDB's 400 KB. */
export const MAX_TRANSITIONS = 100;

/** One observed status of a job or of a sub-task. */
type Sighting = Omit<Transition, 'from'>;

export interface History {
  readonly transitions: readonly Transition[];
  /** How many older transitions were folded away. */
  readonly folded: number;
}

const NO_HISTORY: History = { transitions: [], folded: 0 };

/** When the job's current status began, as far as the snapshot shows. */
const statusSince = (snapshot: JobSnapshot): string => {
  const modified = snapshot.last_modified_time ?? snapshot.creation_time ?? snapshot.fetched_at;
  if (isTerminal(snapshot)) return snapshot.end_time ?? modified;
  // Every job begins InProgress, and last_modified_time moves while it stays so.
  return snapshot.status === 'InProgress' ? (snapshot.creation_time ?? modified) : modified;
};

/** The job's own status and those of its sub-tasks that have begun. */
const sightingsOf = (snapshot: JobSnapshot): Sighting[] => {
  const seen = { observed_at: snapshot.fetched_at, via: snapshot.observed_via };
  const { status } = snapshot;
  const isUnknownEnd = status !== undefined && isTerminal(snapshot) && !isTerminal({ status });
  const own: Sighting[] =
    status === undefined
      ? []
      : [{ to: status, at: statusSince(snapshot), ...seen, ...(isUnknownEnd && { final: true }) }];
  const ofTasks = SUB_TASKS.flatMap((task): Sighting[] => {
    const details = snapshot.status_details?.[`${task}_details`];
    if (details?.status === undefined || details.status === 'NotStarted') return [];
    const began = details.status === 'InProgress' ? details.creation_time : undefined;
    const at = began ?? details.last_modified_time ?? details.creation_time ?? statusSince(snapshot);
    return [{ task, to: details.status, at, ...seen }];
  });
  return [...own, ...ofTasks];
};

const isFinal = ({ to, final }: Sighting): boolean => final === true || isTerminal({ status: to });

/** A final status comes last, whatever the timestamps say. */
const compareSightings = (a: Sighting, b: Sighting): number =>
  Number(isFinal(a)) - Number(isFinal(b)) || compareText(a.at, b.at);

const earlierSighting = <T extends Sighting>(kept: T, other: Sighting): T => ({
  ...kept,
  at: other.at < kept.at ? other.at : kept.at,
  ...(other.final && { final: true }),
  ...(other.observed_at < kept.observed_at ? { observed_at: other.observed_at, via: other.via } : {}),
});

/** Inserts a sighting into the transitions of one task, or of the job itself. */
const withSighting = (chain: readonly Transition[], sighting: Sighting): readonly Transition[] => {
  const place = chain.findIndex((transition) => compareSightings(sighting, transition) < 0);
  const before = place === -1 ? chain : chain.slice(0, place);
  const after = place === -1 ? [] : chain.slice(place);
  const previous = before.at(-1);
  const next = after[0];
  if (previous?.to === sighting.to) return [...before.slice(0, -1), earlierSighting(previous, sighting), ...after];
  if (next?.to === sighting.to) return [...before, earlierSighting(next, sighting), ...after.slice(1)];
  // The oldest kept transition has a folded predecessor: an older sighting belongs to the fold too.
  if (previous === undefined && next !== undefined && next.from !== null) return chain;
  const inserted: Transition = { ...sighting, from: previous?.to ?? null };
  return [...before, inserted, ...(next ? [{ ...next, from: sighting.to }, ...after.slice(1)] : [])];
};

/** A status that the job left and entered again: possible only for statuses that AWS may add. */
const asRevisit = (chain: readonly Transition[], sighting: Sighting, since: string): Sighting =>
  chain.at(-1)?.to !== sighting.to && chain.some((transition) => transition.to === sighting.to)
    ? { ...sighting, at: since }
    : sighting;

const taskOrder = (task: SubTask | undefined): number =>
  task === undefined ? SUB_TASKS.length : SUB_TASKS.indexOf(task);

/** Merges all chains by time; each chain keeps its order, even if timestamps contradict it. */
const interleave = (chains: readonly (readonly Transition[])[]): Transition[] =>
  chains
    .flatMap((chain) => {
      let latest = '';
      return chain.map((transition) => {
        latest = transition.at > latest ? transition.at : latest;
        return { transition, latest };
      });
    })
    .sort((a, b) => compareText(a.latest, b.latest) || taskOrder(a.transition.task) - taskOrder(b.transition.task))
    .map(({ transition }) => transition);

/** Adds a snapshot to the history: independent of the order in which snapshots arrive, and idempotent. */
export const withSnapshot = (history: History | undefined, snapshot: JobSnapshot, isNewest: boolean): History => {
  const { transitions, folded } = history ?? NO_HISTORY;
  const since = snapshot.last_modified_time ?? snapshot.fetched_at;
  const sightings = new Map(sightingsOf(snapshot).map((sighting) => [sighting.task, sighting]));
  const chains = [undefined, ...SUB_TASKS].map((task) => {
    const chain = transitions.filter((transition) => transition.task === task);
    const sighting = sightings.get(task);
    if (sighting === undefined) return chain;
    return withSighting(chain, isNewest ? asRevisit(chain, sighting, since) : sighting);
  });
  const all = interleave(chains);
  const excess = Math.max(0, all.length - MAX_TRANSITIONS);
  return { transitions: all.slice(excess), folded: folded + excess };
};

/** One change of a status; those of one resource and task are a chain. */
interface Step {
  readonly resource?: string;
  readonly task?: string;
  readonly to: string;
  readonly at: string;
}

const chainOf = ({ resource, task }: Step): string => `${resource ?? ''}#${task ?? ''}`;

/** A write inserts transitions, dates some earlier, or folds the oldest: it never changes a status. */
const isCounterpart = (before: Step, after: Step): boolean => before.to === after.to && after.at <= before.at;

const findNewInChain = <T extends Step>(before: readonly T[], after: readonly T[]): readonly T[] => {
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
export const newTransitions = <T extends Step>(
  previous: { readonly transitions: readonly T[] } | undefined,
  { transitions }: { readonly transitions: readonly T[] },
): T[] => {
  const chain = (key: string, all: readonly T[] = []) => all.filter((transition) => chainOf(transition) === key);
  const added = new Set(
    [...new Set(transitions.map(chainOf))].flatMap((key) =>
      findNewInChain(chain(key, previous?.transitions), chain(key, transitions)),
    ),
  );
  return transitions.filter((transition) => added.has(transition));
};
