import { canonicalJson } from '../../../lib/domain/text.ts';
import { normalize, type BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { isTerminal, type JobRecord } from '../../../lib/domain/record.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { withDates } from '../../support/fixtures.ts';
import type { Version, WorldBedrock, WorldJob } from '../world/bedrock.ts';

/** What the tracker keeps beside Bedrock's fields, and when it looked. */
const OWN: Readonly<Partial<Record<keyof JobRecord, true>>> = {
  transitions: true,
  transitions_folded: true,
  first_seen_at: true,
  fetched_at: true,
  observed_via: true,
  revision: true,
  missing_since: true,
  untracked_since: true,
  listed_as: true,
  active_scope: true,
};

const contentOf = (record: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !(name in OWN)));

const truthOf = ({ bedrock, version }: Settled, job: WorldJob): Record<string, unknown> => {
  const answer = withDates(bedrock.answer(job, bedrock.now(), version)) as BedrockAnswer;
  const { scope, jobArn: jobIdentifier } = job;
  const observation = { scope, jobIdentifier, tags: bedrock.tagsOf(job), fetchedAt: '', via: 'sweep' } as const;
  return contentOf(normalize(answer, observation));
};

const differences = (record: Record<string, unknown>, truth: Record<string, unknown>): string[] =>
  [...new Set([...Object.keys(record), ...Object.keys(truth)])]
    .filter((name) => canonicalJson(record[name] ?? null) !== canonicalJson(truth[name] ?? null))
    .map((name) => `${name} is ${JSON.stringify(record[name])}, not ${JSON.stringify(truth[name])}`);

export interface Settled {
  readonly bedrock: WorldBedrock;
  /** The version of the code that made the last sweeps. */
  readonly version: Version;
  /** Jobs last modified before this time (ms since 1970) keep the tags that were last seen: ADR 0003. */
  readonly tagsSince: number;
}

/** Of a job whose tags no sweep compares any more, any tags will do that Bedrock has ever answered of it. */
const known = ({ bedrock, tagsSince }: Settled, job: WorldJob, record: JobRecord, truth: Record<string, unknown>) => {
  const modified = Date.parse(bedrock.answer(job).lastModifiedTime ?? '');
  const wasShown = bedrock.tagsShown.get(job.jobArn)?.has(canonicalJson(record.tags)) === true;
  return modified < tagsSince && wasShown ? { ...truth, tags: record.tags } : truth;
};

const presentProblems = (settled: Settled, job: WorldJob, record: JobRecord | undefined): string[] => {
  if (record === undefined) return ['there is no record'];
  const active = isTerminal(record) ? undefined : formatScope(job.scope);
  return [
    ...differences(contentOf(record), known(settled, job, record, truthOf(settled, job))),
    ...(record.missing_since === undefined ? [] : ['it is marked as missing']),
    ...(record.untracked_since === undefined ? [] : ['it is marked as untracked']),
    ...(record.active_scope === active ? [] : [`active_scope is ${String(record.active_scope)}`]),
    ...(isTerminal(record) && record.transitions.findLast(({ task }) => task === undefined)?.at !== record.end_time
      ? ['its end is not dated by end_time']
      : []),
  ];
};

const vanishedProblems = (record: JobRecord | undefined): string[] => [
  // A record of an empty answer alone has no creation time, so no index and no sweep leads to it.
  ...(record?.creation_time === undefined || record.missing_since !== undefined ? [] : ['it is not marked as missing']),
  ...(record?.active_scope === undefined || record.creation_time === undefined ? [] : ['it is among the active ones']),
];

/** What a record has that Bedrock would not answer now, once faults are over and sweeps have passed. */
export const truthProblems = (settled: Settled, job: WorldJob, record: JobRecord | undefined): string[] =>
  settled.bedrock.isThere(job) ? presentProblems(settled, job, record) : vanishedProblems(record);
