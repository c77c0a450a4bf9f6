import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { problemsOf, type ScopeHealth, type TrackerHealth } from '../../../lib/operator/tracker-health.ts';
import { DEFAULT_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { SWEEPS } from '../../../lib/contract.ts';
import { NO_COUNTS } from '../../../lib/tracking/sweep-state.ts';
import { MINUTE } from '../../../lib/domain/time.ts';
import { trackerSettings } from '../../support/tracker-settings.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const ago = (minutes: number): string => new Date(NOW.getTime() - minutes * MINUTE).toISOString();

const WELL: ScopeHealth = {
  scope: { accountId: '123456789012', region: 'us-east-1' },
  active: { succeeded_at: ago(3), counts: NO_COUNTS },
  full: { succeeded_at: ago(600), counts: NO_COUNTS },
};
const problems = (change: Partial<ScopeHealth>, queues: TrackerHealth['queues'] = []) =>
  problemsOf({ scopes: [{ ...WELL, ...change }], queues }, NOW);

describe('a tracker is well', () => {
  it.each<[string, Partial<ScopeHealth>]>([
    ['when its sweeps have succeeded in time', {}],
    ['when they have just so', { active: { succeeded_at: ago(15) }, full: { succeeded_at: ago(49 * 60) } }],
    ['while a full sweep goes on and the last one is not old', { full: { succeeded_at: ago(60), unfinished: true } }],
    ['without sweeps of what it does not follow any more', { active: {}, full: { untracked_since: ago(9999) } }],
    [
      'when sweeps corrected records: that is what they are for',
      {
        active: { succeeded_at: ago(1), counts: { ...NO_COUNTS, corrected: 7 } },
      },
    ],
  ])('%s', (_, change) => {
    expect(problems(change)).toEqual([]);
  });

  it('with sweeps every 30 minutes, while three of them have not passed', () => {
    const settings = { schedules: { ...DEFAULT_SCHEDULES, activeSweepMinutes: 30, fullSweepMinutes: 3 * 1440 } };
    const swept = (active: number, full: number) =>
      problemsOf(
        {
          scopes: [{ ...WELL, active: { succeeded_at: ago(active) }, full: { succeeded_at: ago(full) } }],
          queues: [],
          settings,
        },
        NOW,
      );
    expect(swept(90, 2 * 3 * 1440 + 60)).toEqual([]);
    expect(swept(91, 2 * 3 * 1440 + 61)).toEqual([
      expect.stringMatching(/^No active sweep/),
      expect.stringMatching(/^No full sweep/),
    ]);
  });

  it('with sweeps every minute, while one run may still go on', () => {
    const settings = { schedules: { ...DEFAULT_SCHEDULES, activeSweepMinutes: 1 } };
    expect(problemsOf({ scopes: [{ ...WELL, active: { succeeded_at: ago(15) } }], queues: [], settings }, NOW)).toEqual(
      [],
    );
  });

  it('with empty queues', () => {
    expect(problems({}, [{ name: 'dead', messages: 0 }])).toEqual([]);
  });
});

describe('a tracker has a problem', () => {
  it('said once, while its schedules are switched off', () => {
    const own = trackerSettings({ schedulesEnabled: false });
    const settings = { schedules: own, settings: own };
    const late = { ...WELL, active: { succeeded_at: ago(1000) } };
    const sentence = expect.stringMatching(/^The schedules are switched off/);
    expect(problemsOf({ scopes: [late, late], queues: [], settings }, NOW)).toEqual([sentence]);
    expect(problemsOf({ scopes: [], queues: [], settings }, NOW)).toEqual([sentence]);
  });

  it.each<[string, Partial<ScopeHealth>, RegExp]>([
    [
      'no active sweep for 15 minutes',
      { active: { succeeded_at: ago(16) } },
      /^No active sweep of 123456789012#us-east-1 has succeeded since 2026-11-21T11:44:00.000Z: see https:\/\/\S+\/docs\/runbook\.md#active-sweeps-are-incomplete$/,
    ],
    [
      'no full sweep for 49 hours',
      { full: { succeeded_at: ago(49 * 60 + 1) } },
      /^No full sweep of .* has succeeded since/,
    ],
    [
      'sweeps that end without success',
      { active: { finished_at: ago(1) } },
      /^No active sweep of .* has ever succeeded:/,
    ],
    [
      'a backfill that has not ended',
      { full: { unfinished: true } },
      /^No full sweep .* ever succeeded, one is unfinished:/,
    ],
    [
      'a job that could not be tracked',
      { active: { succeeded_at: ago(1), counts: { ...NO_COUNTS, failed: 1 } } },
      /^The last active sweep .* had 1 failure: see "job not tracked"/,
    ],
  ])('%s', (_, change, sentence) => {
    expect(problems(change)).toEqual([expect.stringMatching(sentence)]);
  });

  it('a queue with messages', () => {
    expect(problems({}, [{ name: 'dead', messages: 2 }])).toEqual([expect.stringMatching(/^2 messages in dead: see/)]);
  });

  it.each(SWEEPS)('and leads to a paragraph of the runbook: no %s sweep', (sweep) => {
    const schedules = { ...DEFAULT_SCHEDULES, modelSweepMinutes: 60, idleAfterDays: 14 };
    const [problem = ''] = problemsOf(
      {
        scopes: [{ ...WELL, models: { succeeded_at: ago(1) }, usage: { succeeded_at: ago(1) }, [sweep]: {} }],
        queues: [],
        settings: { schedules },
      },
      NOW,
    );
    const headings = readFileSync('docs/runbook.md', 'utf8').match(/^#+ .+$/gm) ?? [];
    const anchors = headings.map((heading) => heading.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'));
    expect(anchors).toContain(problem.split('#').at(-1));
  });

  it('and links to the runbook that it was deployed with', () => {
    const settings = {
      schedules: DEFAULT_SCHEDULES,
      settings: trackerSettings({ runbookUrl: 'https://wiki.example.com/r' }),
    };
    const [sweep, queue] = problemsOf(
      { scopes: [{ ...WELL, active: {} }], queues: [{ name: 'dead', messages: 1 }], settings },
      NOW,
    );
    expect(sweep).toMatch(/: see https:\/\/wiki\.example\.com\/r#active-sweeps-are-incomplete$/);
    expect(queue).toBe('1 message in dead: see https://wiki.example.com/r#alarms');
  });

  it('settings that cannot be read', () => {
    const settings = { schedules: DEFAULT_SCHEDULES, problem: 'Deploy the tracker again.' };
    expect(problemsOf({ scopes: [WELL], queues: [], settings }, NOW)).toEqual(['Deploy the tracker again.']);
  });

  it('nothing that was ever swept', () => {
    expect(problemsOf({ scopes: [], queues: [] }, NOW)).toEqual([expect.stringMatching(/ever been swept/)]);
  });
});
