import { describe, expect, it, jest } from '@jest/globals';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { ListedJob } from '../../../lib/domain/drift.ts';
import type { SweepKind } from '../../../lib/contract.ts';
import { makeHandler } from '../../../lambdas/reconcile-jobs/handler.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import { trackJob } from '../../../lib/tracking/track-job.ts';
import { arnOf, fakeBedrock, runningJob } from '../../support/fake-bedrock.ts';
import { emfOf, readingsOf } from '../../support/emf.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { memoryJobStore, memorySweepStore } from '../../support/memory-stores.ts';
import { lambdaContext } from '../../support/sqs-event.ts';
import { DAY, MINUTE } from '../../../lib/domain/time.ts';

const OTHER: Scope = { ...SCOPE, region: 'us-west-2' };
const START = Date.parse('2026-01-02T00:00:00.000Z');
const CALL_MS = 100;

/** A function over two scopes on fakes; each list takes a tenth of a second of a clock that nothing else moves. */
const setUp = (scopes: readonly Scope[] = [SCOPE, OTHER]) => {
  const bedrock = fakeBedrock();
  const sweeps = memorySweepStore();
  const refused = new Set<string>();
  const jobs = memoryJobStore();
  let now = START;
  let lists = (job: ListedJob): ListedJob => job;
  async function* listed(list: AsyncIterable<ListedJob>) {
    for await (const job of list) yield lists(job);
  }
  const bedrockOf = (scope: Scope) => {
    const real = bedrock.bedrockOf(scope);
    return {
      ...real,
      listJobs: (query: Parameters<typeof real.listJobs>[0]) => {
        if (refused.has(`${scope.region} ${query.status === undefined ? 'full' : 'active'}`)) throw new Error('denied');
        now += CALL_MS;
        return listed(real.listJobs(query));
      },
    };
  };
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const printedBy = async (sweep: SweepKind, remainingMs = 600_000): Promise<string[]> => {
    const lines = await emfOf(async (metrics) => {
      const deps = { bedrockOf, jobs, sweeps, tagRefreshDays: 30, clock: () => new Date(now), scopes, log, metrics };
      const handler = middy<unknown, unknown>().use(logMetrics(metrics)).handler(makeHandler(deps));
      await handler({ sweep }, lambdaContext(remainingMs)).catch(() => undefined);
    });
    return readingsOf(lines).sort();
  };
  const state = (scope: Scope, kind: SweepKind) => sweeps.states.get(`${formatScope(scope)}/${kind}`) ?? {};
  const setState = (scope: Scope, change: object) =>
    sweeps.states.set(`${formatScope(scope)}/full`, { ...state(scope, 'full'), ...change });
  /** A job that was created a second ago, and of which no event tells. */
  const create = (id: string, scope = SCOPE, status: 'InProgress' | 'Completed' = 'InProgress'): void => {
    const change = { jobArn: arnOf(id, scope), creationTime: new Date(now - 1_000), status };
    bedrock.answers.set(arnOf(id, scope), runningJob(id, 0, change));
  };
  const deps = { bedrockOf, jobs, clock: () => new Date(now) };
  const listAs = (change: typeof lists) => (lists = change);
  const advance = (ms: number) => (now += ms);
  return { bedrock, jobs, deps, refused, printedBy, setState, create, lists: listAs, advance };
};

const add = ({ create, advance }: ReturnType<typeof setUp>, ...ids: string[]): void => {
  advance(1_000);
  for (const id of ids) create(id);
};
const only = (readings: readonly string[], ...names: string[]) =>
  readings.filter((reading) => names.some((name) => reading.startsWith(`${name} `)));
const coverage = (readings: readonly string[]) => only(readings, 'SweepCompleteness');
const covered = (sweep: SweepKind, percent: number) => [
  `SweepCompleteness Percent{service=tracker-a,sweep=${sweep}} ${percent}`,
];

describe('an active sweep', () => {
  it('measures all that it has to tell, once the scopes are backfilled', async () => {
    const tracker = setUp();
    await tracker.printedBy('active');
    add(tracker, '1', '2');
    expect(await tracker.printedBy('active')).toEqual([
      'ActiveJobs Count{service=tracker-a,scope=123456789012#us-east-1} 2',
      'ActiveJobs Count{service=tracker-a,scope=123456789012#us-west-2} 0',
      'ActiveJobs Count{service=tracker-a} 2',
      'OldestActiveJobAge Seconds{service=tracker-a} 1.4',
      'SweepCompleteness Percent{service=tracker-a,sweep=active} 100',
      'SweepDuration Milliseconds{service=tracker-a,sweep=active} 400',
    ]);
  });

  it('takes the oldest job of all scopes, and 0 where there is none', async () => {
    const tracker = setUp();
    expect(only(await tracker.printedBy('active'), 'OldestActiveJobAge')).toEqual([
      'OldestActiveJobAge Seconds{service=tracker-a} 0',
    ]);
    add(tracker, '1');
    const older = arnOf('2', OTHER);
    const creationTime = new Date('2026-01-01T00:00:00.000Z');
    creationTime.setUTCHours(-1);
    tracker.bedrock.answers.set(older, runningJob('2', 0, { jobArn: older, creationTime }));
    expect(only(await tracker.printedBy('active'), 'OldestActiveJobAge')).toEqual([
      'OldestActiveJobAge Seconds{service=tracker-a} 90002',
    ]);
  });

  it('of a scope that could not be swept tells nothing but that it is not covered', async () => {
    const tracker = setUp();
    await tracker.printedBy('active');
    add(tracker, '1');
    tracker.refused.add('us-west-2 active');
    expect(await tracker.printedBy('active')).toEqual([
      'ActiveJobs Count{service=tracker-a,scope=123456789012#us-east-1} 1',
      'ActiveJobs Count{service=tracker-a} 1',
      'OldestActiveJobAge Seconds{service=tracker-a} 1.2',
      'SweepCompleteness Percent{service=tracker-a,sweep=active} 50',
      'SweepDuration Milliseconds{service=tracker-a,sweep=active} 200',
    ]);
  });

  it('is measured where no scope could be swept: a zero tells more than a gap', async () => {
    const tracker = setUp();
    await tracker.printedBy('active');
    tracker.refused.add('us-west-2 active').add('us-east-1 active');
    expect(await tracker.printedBy('active')).toEqual(covered('active', 0));
  });

  it.each<[what: string, remainingMs: number, refuse: boolean, percent: number]>([
    ['had no time to begin', 0, false, 0],
    ['failed at a job', 600_000, true, 50],
  ])('that %s does not count as completed', async (_what, remainingMs, refuse, percent) => {
    const tracker = setUp();
    await tracker.printedBy('active');
    add(tracker, '1');
    if (refuse) tracker.bedrock.refusals.set(`ListTagsForResource ${arnOf('1')}`, new Error('not allowed'));
    expect(coverage(await tracker.printedBy('active', remainingMs))).toEqual(covered('active', percent));
  });
});

describe('the backfill', () => {
  it('misses no event, whatever it finds', async () => {
    const tracker = setUp();
    add(tracker, '1', '2', '3');
    tracker.bedrock.answers.set(arnOf('3'), runningJob('3', 0, { status: 'Failed' }));
    const readings = await tracker.printedBy('active');
    expect(tracker.jobs.records.size).toBe(3);
    expect(only(readings, 'EventsMissed')).toEqual([]);
  });

  it('is measured as a full sweep beside the active one that began it', async () => {
    const readings = await setUp().printedBy('active');
    expect(coverage(readings)).toEqual([...covered('active', 100), ...covered('full', 100)].sort());
    expect(only(readings, 'SweepDuration').map((reading) => reading.replace(/ \d+$/, ''))).toEqual([
      'SweepDuration Milliseconds{service=tracker-a,sweep=active}',
      'SweepDuration Milliseconds{service=tracker-a,sweep=full}',
    ]);
  });

  it('of a new scope leaves what was missed in the others to be counted', async () => {
    const first = setUp();
    add(first, '1');
    await first.printedBy('active');
    first.setState(OTHER, { finished_at: undefined, succeeded_at: undefined, first_swept_at: undefined });
    first.bedrock.answers.set(arnOf('1'), runningJob('1', 0, { status: 'Stopping' }));
    const other = { jobArn: arnOf('2', OTHER), status: 'Stopping' } as const;
    first.bedrock.answers.set(arnOf('2', OTHER), runningJob('2', 0, other));
    expect(only(await first.printedBy('active'), 'EventsMissed')).toEqual([
      'EventsMissed Count{service=tracker-a,event=state-change} 1',
    ]);
  });
});

describe('events that did not come', () => {
  const missedBy = async (tracker: ReturnType<typeof setUp>, sweep: SweepKind = 'active') =>
    only(await tracker.printedBy(sweep), 'EventsMissed');
  const CREATION = 'EventsMissed Count{service=tracker-a,event=creation} 1';
  const CHANGE = 'EventsMissed Count{service=tracker-a,event=state-change} 1';

  /** A job whose creation an event told of. */
  const told = async (tracker: ReturnType<typeof setUp>, id: string, created: string): Promise<void> => {
    const job = runningJob(id, 0, { creationTime: new Date(created) });
    tracker.bedrock.answers.set(arnOf(id), job);
    await trackJob(tracker.deps, { scope: SCOPE, jobIdentifier: arnOf(id), via: 'event' });
  };

  it.each<SweepKind>(['active', 'full'])(
    'of a change of a status are counted by the %s sweep that sees it',
    async (sweep) => {
      const tracker = setUp();
      add(tracker, '1', '2');
      await tracker.printedBy('active');
      tracker.bedrock.answers.set(arnOf('1'), runningJob('1', 0, { status: 'Completed' }));
      expect(await missedBy(tracker, sweep)).toEqual([CHANGE]);
      expect(await missedBy(tracker, sweep)).toEqual([]);
    },
  );

  it('of a job that came and went are one', async () => {
    const tracker = setUp();
    await tracker.printedBy('active');
    tracker.advance(MINUTE);
    tracker.create('1', SCOPE, 'Completed');
    expect(await missedBy(tracker, 'full')).toEqual([CHANGE]);
  });

  it('of creations are none where no event ever told of one: the account has no trail', async () => {
    const tracker = setUp();
    await tracker.printedBy('active');
    tracker.create('1');
    expect(await missedBy(tracker)).toEqual([]);
  });

  it('of creations are counted for a week after the last that an event told of', async () => {
    const tracker = setUp();
    await tracker.printedBy('active');
    await told(tracker, '1', '2026-01-01T12:00:00.000Z');
    expect(await missedBy(tracker)).toEqual([]);
    tracker.create('2');
    expect(await missedBy(tracker)).toEqual([CREATION]);
    tracker.advance(7 * DAY);
    tracker.create('3');
    expect(await missedBy(tracker)).toEqual([]);
  });
});

describe('a full sweep', () => {
  it('counts its looks that changed nothing, where there are any', async () => {
    const tracker = setUp();
    add(tracker, '1', '2');
    const jobs = [...tracker.bedrock.answers.values()];
    expect(only(await tracker.printedBy('full'), 'LooksWithoutChange')).toEqual([]);
    tracker.lists((job) => ({ ...job, last_modified_time: '2027-01-01T00:00:00.000Z' }));
    expect(only(await tracker.printedBy('full'), 'LooksWithoutChange')).toEqual([
      `LooksWithoutChange Count{service=tracker-a} ${String(jobs.length)}`,
    ]);
  });

  it('tells nothing of active jobs', async () => {
    const tracker = setUp();
    await tracker.printedBy('full');
    add(tracker, '1');
    expect(await tracker.printedBy('full')).toEqual([
      'SweepCompleteness Percent{service=tracker-a,sweep=full} 100',
      'SweepDuration Milliseconds{service=tracker-a,sweep=full} 200',
    ]);
  });

  it('that several runs make is completed by the one that covers the last scope', async () => {
    const tracker = setUp();
    await tracker.printedBy('full');
    tracker.advance(DAY);
    tracker.refused.add('us-west-2 full');
    expect(coverage(await tracker.printedBy('full'))).toEqual(covered('full', 50));
    expect(coverage(await tracker.printedBy('active'))).toEqual(
      [...covered('active', 100), ...covered('full', 50)].sort(),
    );
    tracker.refused.clear();
    expect(coverage(await tracker.printedBy('active'))).toEqual(
      [...covered('active', 100), ...covered('full', 100)].sort(),
    );
    expect(coverage(await tracker.printedBy('active'))).toEqual(covered('active', 100));
  });

  it('is not completed by a run that goes on with one scope while another failed at a job', async () => {
    const tracker = setUp();
    await tracker.printedBy('full');
    tracker.setState(SCOPE, { succeeded_at: '2026-01-01T00:00:00.000Z' });
    tracker.setState(OTHER, { unfinished: true });
    expect(coverage(await tracker.printedBy('active'))).toEqual(
      [...covered('active', 100), ...covered('full', 50)].sort(),
    );
  });

  it.each<SweepKind>(['full', 'active'])(
    'of a scope that another run holds is for that run to tell of (asked for the %s sweep)',
    async (kind) => {
      const tracker = setUp();
      await tracker.printedBy('full');
      tracker.setState(OTHER, { unfinished: true, lease_until: '2026-01-03T00:00:00.000Z' });
      expect(coverage(await tracker.printedBy(kind))).toEqual(
        kind === 'full' ? covered('full', 50) : covered('active', 100),
      );
    },
  );
});

describe('a run that was asked for nothing known', () => {
  it('measures nothing', async () => {
    expect(await setUp().printedBy('everything' as SweepKind)).toEqual([]);
  });
});
