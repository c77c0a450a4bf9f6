import type { Measurements, MeasureOptions, Section } from '../../section.ts';
import { formatNumber } from '../../statistics.ts';
import { backfill, LATENCY_MS, type Backfill, type BackfillCase } from './backfill.ts';

type Measured = readonly [BackfillCase, Backfill];

const TARGET = 0.95;
const percent = (share: number): string => `${formatNumber(100 * share)}%`;

/** Jobs for some 80 seconds at the limit, two calls each; the whole issue's 10,000 at the highest. */
const CASES: readonly BackfillCase[] = [
  { limit: 10, jobs: 400 },
  { limit: 50, jobs: 2_000 },
  { limit: 200, jobs: 10_000 },
  { limit: 50, jobs: 2_000, invocationMs: 20_000 },
];
const QUICK_CASES: readonly BackfillCase[] = [
  { limit: 50, jobs: 60 },
  { limit: 100, jobs: 700, invocationMs: 10_000 },
];

const FINDINGS = [
  "What bounded a backfill first was the SDK's adaptive retries: they cut the rate to 0.7 of itself for each refused call, and calls that are under way together are refused together, so that a dozen cuts left a hundredth of it. With them and 8 jobs at once, 86% of a limit of 10 calls a second was used, and of 50 a second 59 to 76%; 24 jobs at once changed nothing (59%).",
  'A pace that cuts once a second and grows by time ([ADR 0020](adr/0020-a-pace-of-our-own.md)) brought both to 98%. Tried on the way: 24 jobs at once with it (98% of 50, but 95% of 10 with 22% of the calls refused: what waits in line hears too late of a cut); a line whose head alone knows the rate (6% refused at 10); cuts of 5% (too slow to leave others their part) and 15% (no better). A limit that falls from 100 to 20 calls a second is found within some seconds, as a cut goes down to half where grants are few.',
  'Not measured here: on Lambda an unfinished backfill goes on with the next active sweep, at the next multiple of 5 minutes. An invocation works for 14 of its 15 minutes, so a backfill of several invocations pauses for up to a minute in 15, and uses some 93% of the limit overall.',
].join('\n\n');

const nameOf = ({ limit, invocationMs }: BackfillCase): string =>
  `${limit} calls a second${invocationMs === undefined ? '' : `, invocations of ${invocationMs / 1_000} s`}`;

const rowOf = ([{ limit, jobs, invocationMs }, run]: Measured) => [
  limit,
  invocationMs === undefined ? '15 min' : `${invocationMs / 1_000} s`,
  formatNumber(jobs),
  formatNumber(run.recorded),
  run.invocations,
  formatNumber(run.seconds),
  formatNumber(run.granted),
  formatNumber(run.granted / run.seconds),
  percent(run.share),
  percent(run.throttled),
];

const measure = async ({ quick, say }: MeasureOptions): Promise<Measurements> => {
  const measured: Measured[] = [];
  for (const one of quick ? QUICK_CASES : CASES) {
    say(`${one.jobs} jobs at ${nameOf(one)}`);
    measured.push([one, await backfill(one)]);
  }
  const lost = measured.reduce((sum, [{ jobs }, { recorded }]) => sum + jobs - recorded, 0);
  const whole = measured.filter(([{ invocationMs }]) => invocationMs === undefined);
  return {
    targets: [
      ...whole.map(([one, { share }]) => ({
        what: `Backfill at a limit of ${nameOf(one)}`,
        target: '≥ 95% of the limit',
        measured: percent(share),
        met: share >= TARGET,
      })),
      { what: 'Jobs that backfills lost', target: '0', measured: String(lost), met: lost === 0 },
    ],
    tables: [
      {
        title: 'Backfill of an empty tracker',
        columns: [
          'calls a second',
          'invocation',
          'jobs',
          'recorded',
          'invocations',
          'seconds',
          'granted',
          'granted a second',
          'of the limit',
          'throttled',
        ],
        rows: measured.map(rowOf),
        note: '"Of the limit" is what was granted of limit × seconds plus the burst that Bedrock began with. "Throttled" is the share of all calls that were sent.',
      },
    ],
  };
};

export const section: Section = {
  title: 'Backfill',
  method: `The handler of \`reconcile-jobs\` over the real Bedrock adapter, against the simulator in another process: ${LATENCY_MS} ms a call, and a token bucket that holds one second of the limit. The records are kept in memory, as the table is not what is measured. A job costs Get and ListTagsForResource. At 10 calls a second 10,000 jobs would take 33 minutes, so the number of jobs goes with the limit: each run lasts over a minute, the highest has the 10,000. The last row has the real continuation: invocations of 20 seconds (of which the handler uses 16), started one after the other, go on from the watermark.`,
  findings: FINDINGS,
  measure,
};
