import { NO_COUNTS, trackedOf } from '../../../operator/scopes.ts';
import { OVERDUE_AFTER, queueProblemsOf, sweepProblemsOf } from '../../../operator/tracker-health.ts';
import { commandText, type Invocation } from '../../../domain/command-text.ts';
import { type ModelUse, modelUse } from '../../../domain/idle.ts';
import { pluralize } from '../../../domain/text.ts';
import { doesNotHold, holds, notChecked, some, type Check, type Finding, type TrackedPatient } from '../check.ts';
import type { LookedAt } from '../evidence.ts';
import { MINUTE } from '../../../domain/time.ts';

/** What changed since may not be in the record yet, where no event told of it. */
const isSettled = ({ got: { lastModifiedTime } }: LookedAt, since: number): boolean =>
  lastModifiedTime !== undefined && lastModifiedTime.getTime() < since;

const records = async ({ evidence, tracker, now }: TrackedPatient): Promise<Finding> => {
  const longest = OVERDUE_AFTER.active((await tracker.settings()).schedules);
  const jobs = (await evidence.jobs()).filter((job) => isSettled(job, now.getTime() - longest));
  if (jobs.length === 0)
    return notChecked(`Bedrock lists no job here that is unchanged for ${longest / MINUTE} minutes.`);
  const found = await evidence.records();
  const wrong = jobs.flatMap(({ got }) => {
    const record = found.get(got.jobArn ?? '');
    const isSame = record?.status === got.status && record?.last_modified_time === got.lastModifiedTime?.toISOString();
    return isSame ? [] : [got.jobName ?? '?'];
  });
  if (wrong.length === 0) return holds(`the same for ${pluralize(jobs.length, 'job')}`);
  return doesNotHold(
    `Missing in the table or behind Bedrock, of ${pluralize(jobs.length, 'job')}: ${some(wrong)}. See how the sweeps do, then ` +
      `run: ${commandText(tracker.invocation, 'sweep', 'full', ...(tracker.isLocal ? [] : ['--deployed']))}`,
  );
};

const events = async ({ evidence }: TrackedPatient): Promise<Finding> => {
  const found = [...(await evidence.records()).values()].flatMap((record) => record?.transitions ?? []);
  const since = (via: string) => found.filter((transition) => transition.via === via).length;
  const [byEvent, bySweep] = [since('event'), since('sweep')];
  if (byEvent > 0)
    return holds(`${byEvent} of ${pluralize(byEvent + bySweep, 'transition')} were first seen by an event`);
  if (bySweep === 0) return notChecked('No job has changed since its first sweep.');
  return doesNotHold(
    `Sweeps saw all ${pluralize(bySweep, 'transition')} first. Look at the rules, the queue and the log of track-job.`,
  );
};

/** The first of several problems, and how many more there are. */
const fromProblems = (problems: readonly string[], well: string, invocation: Invocation): Finding => {
  const [first] = problems;
  if (first === undefined) return holds(well);
  return doesNotHold(
    problems.length === 1 ? first : `${first} (${problems.length - 1} more: ${commandText(invocation, 'status')})`,
  );
};

const sweeps = async ({ tracker, now }: TrackedPatient): Promise<Finding> => {
  const health = await tracker.health();
  const { scopes, counts = NO_COUNTS } = health;
  return fromProblems(
    sweepProblemsOf(health, now),
    // Of many scopes only those with problems are looked at.
    `${pluralize(Math.max(scopes.length, trackedOf(counts)), 'scope')} in time`,
    tracker.invocation,
  );
};

const queues = async ({ tracker }: TrackedPatient): Promise<Finding> => {
  const health = await tracker.health();
  const { queues: found } = health;
  if (found.length === 0) return notChecked('The queue of a local run is inside its process: see its dashboard.');
  return fromProblems(queueProblemsOf(health), `${pluralize(found.length, 'queue')} are empty`, tracker.invocation);
};

const use = async ({ tracker, now }: TrackedPatient): Promise<Finding> => {
  // Rejects where models are not tracked, with what to do.
  const { models } = await (await tracker.models()).listModels({ serving: true, limit: 1000 });
  const { settings } = await tracker.settings();
  if (!tracker.isLocal && settings?.idleAfterDays === undefined)
    return notChecked('The tracker does not measure use: deploy it without modelUsage=false.');
  const isUnknown = ({ serving }: ModelUse) => serving.some(({ state }) => state === 'unknown');
  const unknown = models.filter((model) => isUnknown(modelUse(model, { now })));
  if (unknown.length === 0) return holds(`of ${pluralize(models.length, 'model')}`);
  return doesNotHold(
    `Unknown of ${some(unknown.map(({ model_name: name = '?' }) => name))}: it is measured once a day. To measure it now: ` +
      commandText(tracker.invocation, 'sweep', 'usage', ...(tracker.isLocal ? [] : ['--deployed'])),
  );
};

/** How the tracker's own data are, deployed or local. */
export const TRACKER_CHECKS: readonly Check[] = [
  { id: 'records', title: 'Records match Bedrock', needs: 'tracker', run: records },
  { id: 'events', title: 'Events lead to records', needs: 'tracker', run: events },
  { id: 'use', title: 'The use of what serves models is known', needs: 'tracker', run: use },
  { id: 'sweeps', title: 'Sweeps succeed in time', needs: 'tracker', run: sweeps },
  { id: 'dead-letters', title: 'Dead-letter queues are empty', needs: 'tracker', run: queues },
];
