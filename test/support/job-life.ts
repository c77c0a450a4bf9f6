import fc from 'fast-check';
import { normalize } from '../../lib/domain/normalize.ts';
import type { JobSnapshot } from '../../lib/domain/record.ts';
import { MINUTE } from '../../lib/domain/time.ts';
import { jobAnswer, observation } from './fixtures.ts';

/** A job's life as Bedrock would show it at any time: the rules that no observer can change. */
export interface JobLife {
  /** What GetModelCustomizationJob and ListTagsForResource show at each step, in the order of time. */
  readonly snapshots: readonly JobSnapshot[];
}

const START = Date.parse('2026-01-01T00:00:00.000Z');
const iso = (minute: number): string => new Date(START + minute * MINUTE).toISOString();
const date = (minute: number): Date => new Date(START + minute * MINUTE);

interface Plan {
  readonly validated: number;
  readonly stoppingAt: number | undefined;
  readonly end: number;
  readonly endsAs: string;
  /** When an ended job gets a final status that the model does not know. */
  readonly archivedAt: number | undefined;
  readonly tagChanges: readonly number[];
  readonly looks: readonly { readonly minute: number; readonly via: 'event' | 'sweep' | 'backfill' }[];
}

/** The job at a minute of its life. */
const lookAt = (plan: Plan, minute: number, via: Plan['looks'][number]['via']): JobSnapshot => {
  const ended = minute >= plan.end;
  const stopped = plan.stoppingAt ?? Infinity;
  const stopping = minute >= stopped;
  const archivedAt = plan.archivedAt ?? Infinity;
  const archived = minute >= archivedAt;
  const status = archived ? 'Archived' : ended ? plan.endsAs : stopping ? 'Stopping' : 'InProgress';
  const validated = minute >= plan.validated;
  // last_modified_time moves by itself while the job runs, in steps of ten minutes, and rests at the end.
  const modified = ended
    ? plan.end
    : Math.max(Math.floor(minute / 10) * 10, stopping ? stopped : 0, validated ? plan.validated : 0);
  const tagVersion = plan.tagChanges.filter((change) => change <= minute).length;
  return normalize(
    {
      ...jobAnswer('continued-pre-training-in-progress'),
      status,
      creationTime: date(0),
      lastModifiedTime: date(archived ? archivedAt : modified),
      ...(ended ? { endTime: date(archived ? archivedAt : plan.end) } : {}),
      statusDetails: {
        validationDetails: validated
          ? { status: 'Completed', creationTime: date(1), lastModifiedTime: date(plan.validated) }
          : { status: 'InProgress', creationTime: date(1) },
        trainingDetails: validated
          ? {
              status: ended ? plan.endsAs : 'InProgress',
              creationTime: date(plan.validated),
              lastModifiedTime: date(modified),
            }
          : { status: 'NotStarted' },
      },
    },
    observation({ tags: { version: String(tagVersion) }, fetchedAt: iso(minute), via }),
  );
};

/** Lives of jobs that complete, fail or are stopped, looked at in any number of moments. */
export const jobLife = (): fc.Arbitrary<JobLife> =>
  fc
    .record({
      validated: fc.integer({ min: 2, max: 40 }),
      running: fc.integer({ min: 1, max: 100 }),
      ending: fc.constantFrom('Completed', 'Failed', 'Stopped'),
      stopping: fc.integer({ min: 1, max: 30 }),
      archived: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
      tagChanges: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 3 }),
      looks: fc.uniqueArray(
        fc.record({ minute: fc.integer({ min: 1, max: 220 }), via: fc.constantFrom('event', 'sweep', 'backfill') }),
        { minLength: 1, maxLength: 8, selector: ({ minute }) => minute },
      ),
    })
    .map(({ validated, running, ending, stopping, archived, tagChanges, looks }) => {
      const stoppingAt = ending === 'Stopped' ? validated + running : undefined;
      const end = validated + running + (stoppingAt === undefined ? 0 : stopping);
      const plan: Plan = {
        validated,
        stoppingAt,
        end,
        endsAs: ending,
        archivedAt: archived && end + archived,
        tagChanges,
        looks,
      };
      const inTime = [...looks].sort((a, b) => a.minute - b.minute);
      return { snapshots: inTime.map(({ minute, via }) => lookAt(plan, minute, via)) };
    });

/** The snapshots of a life as they may arrive: each at least once, some more often, in any order. */
export const arrivals = ({ snapshots }: JobLife): fc.Arbitrary<JobSnapshot[]> =>
  fc
    .array(fc.constantFrom(...snapshots), { maxLength: 8 })
    .chain((again) => fc.shuffledSubarray([...snapshots, ...again], { minLength: snapshots.length + again.length }));
