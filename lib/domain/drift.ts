import { JOBS, type ListedJob } from './job-kind.ts';
import { type AnyRecord, arnOf, type Kind, type Listed, type Tracked } from './kind.ts';
import type { JobRecord } from './record.ts';
import { HOUR } from './time.ts';

export type { ListedJob };

/** The fields of a record, from an index, that sweeps compare. */
export type TrackedJob = ListedJob &
  Pick<JobRecord, 'missing_since' | 'untracked_since'> &
  Partial<Pick<JobRecord, 'tags'>>;

/** A resource to look at: it has no record, list and record differ, the list lacks it, or its record may be outdated. */
export interface Drift {
  readonly arn: string;
  readonly reason: 'untracked' | 'changed' | 'unlisted' | 'outdated';
  readonly listed?: Listed;
}

/** A resource whose tags must be compared one by one, as lists carry none. */
export interface TagCheck {
  readonly arn: string;
  readonly reason: 'tags-due';
  readonly tags: Readonly<Record<string, string>>;
}

/** After a change Get may answer an older state than List, but not for this long. */
const SETTLED_AFTER_MS = HOUR;

/** What sweeps look at, for one kind of resource. */
export const driftOf = (kind: Kind) => {
  const arn = (one: object): string => arnOf(kind, one);

  const differs = (listed: Listed, tracked: Tracked): boolean =>
    listed.problem !== undefined ||
    tracked.untracked_since !== undefined ||
    (tracked.missing_since !== undefined) !== (listed.unlisted === true) ||
    kind.differs(listed, tracked);

  /**
   * The resources whose record differs from Bedrock's list. Both sides must cover the same ones: all active ones of a
   * scope, or all of a span of creation times. A record marked missing is skipped until Bedrock lists it again, unless it
   * is also marked untracked: its scope is tracked again, so that mark must go.
   */
  const selectDrifted = (listed: readonly Listed[], tracked: readonly Tracked[]): Drift[] => {
    const trackedByArn = new Map(tracked.map((one) => [arn(one), one]));
    const listedArns = new Set(listed.map(arn));
    const fromList = listed.flatMap((one): Drift[] => {
      const record = trackedByArn.get(arn(one));
      if (record === undefined) return [{ arn: arn(one), reason: 'untracked', listed: one }];
      return differs(one, record) ? [{ arn: arn(one), reason: 'changed', listed: one }] : [];
    });
    const left = tracked
      .filter((one) => !listedArns.has(arn(one)))
      .filter((one) => one.missing_since === undefined || one.untracked_since !== undefined)
      .map((one): Drift => ({ arn: arn(one), reason: 'unlisted' }));
    return [...fromList, ...left];
  };

  /** All listed ones and all that drifted: for records that may be of an older version of the tracker. */
  const selectOutdated = (listed: readonly Listed[], tracked: readonly Tracked[]): Drift[] => {
    const drifted = selectDrifted(listed, tracked);
    const arns = new Set(drifted.map((one) => one.arn));
    const others = listed.filter((one) => !arns.has(arn(one)));
    return [...drifted, ...others.map((one): Drift => ({ arn: arn(one), reason: 'outdated' }))];
  };

  /** Those without drift, modified at or after a time (ISO-8601 UTC), whose tags must be compared. */
  const selectTagChecks = (
    listed: readonly Listed[],
    tracked: readonly Tracked[],
    modifiedSince: string,
  ): TagCheck[] => {
    const drifted = new Set(selectDrifted(listed, tracked).map((drift) => drift.arn));
    return tracked
      .filter((one) => !drifted.has(arn(one)) && one.missing_since === undefined)
      .filter((one) => (one.last_modified_time ?? one.creation_time ?? '') >= modifiedSince)
      .map((one) => ({ arn: arn(one), reason: 'tags-due', tags: one.tags ?? {} }));
  };

  /** Whether an earlier look changed nothing while Bedrock listed the resource exactly like this. */
  const isListedAsBefore = (record: AnyRecord | undefined, listed: Listed): boolean =>
    record?.listed_as === kind.listing(listed) &&
    record.missing_since === undefined &&
    record.untracked_since === undefined;

  /** Whether a look that changed nothing proves that List and Get differ for good: settled, an hour ago or more. */
  const showsLastingDifference = (record: AnyRecord, listed: Listed, lookedAt: Date): boolean =>
    kind.isSettled(record, listed) &&
    lookedAt.getTime() >= Date.parse(listed.last_modified_time ?? record.fetched_at) + SETTLED_AFTER_MS;

  return { selectDrifted, selectOutdated, selectTagChecks, isListedAsBefore, showsLastingDifference };
};

export const { selectDrifted, selectOutdated, selectTagChecks, isListedAsBefore, showsLastingDifference } =
  driftOf(JOBS);
