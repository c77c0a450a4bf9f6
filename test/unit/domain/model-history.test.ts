import { describe, expect, it } from '@jest/globals';
import { rulesOf } from '../../../lib/domain/advance.ts';
import { MODELS } from '../../../lib/domain/model-kind.ts';
import type { Deployment, ModelRecord, ModelSnapshot } from '../../../lib/domain/model-record.ts';
import { newTransitions } from '../../../lib/domain/transitions.ts';
import { DEPLOYMENT, newModel } from '../../support/transitions.ts';

const { advance } = rulesOf(MODELS);
const CREATED = '2026-11-20T10:00:00.000Z';

const deployed = (status: string, last_modified_time = CREATED): Deployment[] => [
  { arn: DEPLOYMENT, status, creation_time: CREATED, last_modified_time, since: CREATED },
];

/** A look at a time that showed these deployments. */
const look = (fetched_at: string, deployments: readonly Deployment[]): ModelSnapshot => {
  const { transitions: _t, first_seen_at: _f, revision: _r, usage: _u, serving_scope: _s, ...snapshot } = newModel();
  return { ...snapshot, deployments, provisioned_throughputs: [], fetched_at };
};

const lookedAt = (...looks: readonly ModelSnapshot[]): readonly ModelRecord[] =>
  looks.reduce<readonly ModelRecord[]>((records, one) => {
    const decision = advance(records.at(-1), one);
    return 'record' in decision ? [...records, decision.record] : records;
  }, []);

const chainOf = (record: ModelRecord | undefined) =>
  (record?.transitions ?? []).filter(({ resource }) => resource === DEPLOYMENT).map(({ from, to }) => [from, to]);

describe('the history of a deployment that a list did not show for a while', () => {
  it.each([
    ['later', '2026-11-20T10:05:00.000Z', '2026-11-20T10:06:00.000Z'],
    ['by a clock that is behind', '2026-11-20T09:58:00.000Z', '2026-11-20T09:59:00.000Z'],
  ])('ends with its return in the status that it had, seen %s', (_when, missed, again) => {
    const records = lookedAt(
      look('2026-11-20T09:57:00.000Z', deployed('Creating')),
      look(missed, []),
      look(again, deployed('Creating')),
    );
    const last = records.at(-1);
    expect(chainOf(last)).toEqual([
      [null, 'Creating'],
      ['Creating', 'Removed'],
      ['Removed', 'Creating'],
    ]);
    const ids = (last?.transitions ?? []).map(({ resource, to, at }) => `${resource ?? ''} ${to} ${at}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(newTransitions(records.at(-2), last ?? newModel())).toHaveLength(1);
  });

  it('ends as removed once it is gone again, by a clock that is behind', () => {
    const [created, gone] = [deployed('Creating'), []];
    const seen = [created, gone, created, gone].map((shown, at) => look(`2026-11-20T09:5${at}:00.000Z`, shown));
    expect(chainOf(lookedAt(...seen).at(-1)).map(([, to]) => to)).toEqual([
      'Creating',
      'Removed',
      'Creating',
      'Removed',
    ]);
  });

  it('ends with a status that began before it was missed, and was never seen', () => {
    const records = lookedAt(
      look('2026-11-20T10:01:00.000Z', deployed('Creating')),
      look('2026-11-20T10:05:00.000Z', []),
      look('2026-11-20T10:06:00.000Z', deployed('Failed', '2026-11-20T10:03:00.000Z')),
    );
    expect(chainOf(records.at(-1)).at(-1)).toEqual(['Removed', 'Failed']);
    expect(records.at(-1)?.deployments).toMatchObject([{ status: 'Failed' }]);
  });
});
