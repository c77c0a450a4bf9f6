import type { GetModelCustomizationJobCommandOutput } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SCHEDULES } from '../../../../lib/operator/tracker-settings.ts';
import type { TrackerHealth } from '../../../../lib/operator/tracker-health.ts';
import type { ModelsClient } from '../../../../lib/client/requests.ts';
import type { Connection } from '../../../../lib/cli/context.ts';
import type { TrackedPatient } from '../../../../lib/cli/doctor/check.ts';
import { TRACKER_CHECKS } from '../../../../lib/cli/doctor/checks/tracker.ts';
import type { Evidence } from '../../../../lib/cli/doctor/evidence.ts';
import type { JobRecord, ObservedVia } from '../../../../lib/domain/record.ts';
import { NO_COUNTS } from '../../../../lib/tracking/sweep-state.ts';
import { MINUTE } from '../../../../lib/domain/time.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE);
const SCOPE = { accountId: '123456789012', region: 'us-east-1' };

interface World {
  /** Minutes since Bedrock changed the job. */
  readonly changed: number;
  readonly record: Partial<JobRecord> | undefined;
  readonly via: readonly ObservedVia[];
  readonly activeSweepMinutes: number;
  readonly health: TrackerHealth;
  /** Hours since the use of the model was measured. */
  readonly measured: number | undefined;
}
const WELL: World = {
  changed: 60,
  record: { status: 'Completed', last_modified_time: ago(60).toISOString() },
  via: ['backfill', 'event', 'sweep'],
  activeSweepMinutes: 5,
  health: {
    scopes: [
      {
        scope: SCOPE,
        active: { succeeded_at: ago(3).toISOString(), counts: NO_COUNTS },
        full: { succeeded_at: ago(600).toISOString(), counts: NO_COUNTS },
      },
    ],
    queues: [{ name: 'dead', messages: 0 }],
  },
  measured: 20,
};

const found = async (id: string, change: Partial<World> = {}) => {
  const { changed, record, via, activeSweepMinutes, health, measured } = { ...WELL, ...change };
  const got = { jobArn: 'arn', jobName: 'one', status: 'Completed', lastModifiedTime: ago(changed) };
  const transitions = via.map((each) => ({ via: each }));
  const evidence: Partial<Evidence> = {
    jobs: () =>
      Promise.resolve([{ scope: SCOPE, listed: {} as never, got: got as GetModelCustomizationJobCommandOutput }]),
    records: () => Promise.resolve(new Map([['arn', record && ({ ...record, transitions } as unknown as JobRecord)]])),
  };
  const schedules = { ...DEFAULT_SCHEDULES, activeSweepMinutes };
  const entry = { arn: 'throughput', status: 'InService', since: NOW.toISOString() };
  const at = measured === undefined ? undefined : ago(60 * measured).toISOString();
  const usage = at === undefined ? {} : { usage: { throughput: { measured_at: at, unused_since: at } } };
  const model = { model_arn: 'model', model_name: 'tone', provisioned_throughputs: [entry], ...usage };
  const tracker: Partial<Connection> = {
    isLocal: true,
    models: () =>
      Promise.resolve({ listModels: () => Promise.resolve({ models: [model] }) } as unknown as ModelsClient),
    invocation: { program: 'bedrock-jobs', trackerFlags: ['--region', 'us-east-1'] },
    settings: () => Promise.resolve({ schedules }),
    health: () => Promise.resolve(health),
  };
  const check = TRACKER_CHECKS.find((each) => each.id === id);
  if (check?.needs !== 'tracker') throw new Error(`There is no check ${id}.`);
  return check.run({ evidence, tracker, now: NOW } as TrackedPatient);
};

describe('the tracker', () => {
  it.each(TRACKER_CHECKS.map(({ id }) => id))('holds where all is well: %s', async (id) => {
    expect(await found(id)).toMatchObject({ outcome: 'holds' });
  });

  it('counts all scopes of a hub, of which those without problems are not read', async () => {
    const counts = { active: 20, idle: 80, empty: 900, released: 7, failing: 0, late: 0 };
    expect(await found('sweeps', { health: { ...WELL.health, scopes: [], counts } })).toEqual({
      ...{ outcome: 'holds', detail: '1000 scopes in time' },
    });
  });

  it.each<[string, Partial<World>, RegExp]>([
    ['records', { record: undefined }, /^Missing in the table or behind Bedrock, of 1 job: one\./],
    ['records', { record: { ...WELL.record, status: 'InProgress' } }, /behind/],
    ['records', { record: { ...WELL.record, last_modified_time: ago(61).toISOString() } }, /behind/],
    ['events', { via: ['backfill', 'sweep'] }, /^Sweeps saw all 1 transition first/],
    [
      'sweeps',
      { health: { ...WELL.health, scopes: [{ scope: SCOPE }] } },
      /has ever succeeded.*\(1 more: bedrock-jobs status --region us-east-1\)$/,
    ],
    ['dead-letters', { health: { ...WELL.health, queues: [{ name: 'dead', messages: 2 }] } }, /^2 messages in dead:/],
    ['use', { measured: undefined }, /^Unknown of tone: .*: bedrock-jobs sweep usage --region us-east-1$/],
    ['use', { measured: 80 }, /^Unknown of tone: /],
  ])('%s: does not hold, and says what to do', async (id, change, detail) => {
    expect(await found(id, change)).toMatchObject({
      outcome: 'does not hold',
      detail: expect.stringMatching(detail) as unknown,
    });
  });

  it.each<[string, Partial<World>]>([
    ['records', { changed: 14, record: undefined }],
    ['records', { changed: 80, record: undefined, activeSweepMinutes: 30 }],
    ['events', { via: ['backfill'] }],
    ['events', { record: undefined }],
    ['dead-letters', { health: { ...WELL.health, queues: [] } }],
  ])('%s: could not be checked', async (id, change) => {
    expect(await found(id, change)).toMatchObject({ outcome: 'could not be checked' });
  });
});
