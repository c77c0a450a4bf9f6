import { describe, expect, it } from '@jest/globals';
import { rulesOf } from '../../../lib/domain/advance.ts';
import { MODELS } from '../../../lib/domain/model-kind.ts';
import { DAY, HOUR } from '../../../lib/domain/time.ts';
import { besideOf, usageOf, type UsePoint } from '../../../lib/domain/usage.ts';
import type { ModelRecord, Usage } from '../../../lib/domain/model-record.ts';
import { manyModel } from '../../support/models.ts';

const AT = Date.parse('2026-08-10T02:30:00.000Z');
const FROM = Date.parse('2026-07-11T02:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const hour = (start: number, sum = 3, metric: UsePoint['metric'] = 'invocations'): UsePoint => ({
  metric,
  start,
  end: start + HOUR,
  sum,
});
const measured = (...points: readonly UsePoint[]) => ({ from: FROM, at: AT, points });
const OLD = iso(AT - 500 * DAY);

describe('the use of a deployment or throughput', () => {
  it('is the end of the last hour with an invocation', () => {
    const last = Date.parse('2026-08-03T10:00:00.000Z');
    expect(usageOf(measured(hour(last - 2 * DAY), hour(last), hour(last + DAY, 0)), OLD)).toMatchObject({
      measured_at: iso(AT),
      last_used_at: iso(last + HOUR),
      unused_since: iso(last + HOUR),
    });
  });

  it('ends at the measurement in the hour that is not over', () => {
    expect(usageOf(measured(hour(AT - HOUR / 2)), OLD).last_used_at).toBe(iso(AT));
  });

  it('does not count tokens without an invocation', () => {
    expect(usageOf(measured(hour(AT - DAY, 5, 'input_tokens')), OLD).last_used_at).toBeUndefined();
  });

  it('sums calls and tokens of 1, 7 and 30 days', () => {
    const points = [
      hour(AT - HOUR, 1),
      hour(AT - HOUR, 10, 'input_tokens'),
      hour(AT - HOUR, 20, 'output_tokens'),
      hour(AT - 2 * DAY, 2),
      hour(AT - 8 * DAY, 4),
    ];
    const tokens = { input_tokens: 10, output_tokens: 20 };
    expect(usageOf(measured(...points), OLD)).toMatchObject({
      last_day: { invocations: 1, ...tokens },
      last_7_days: { invocations: 3, ...tokens },
      last_30_days: { invocations: 7, ...tokens },
    });
  });

  const previous = (unusedSince: string | undefined, days: number): Usage => ({
    measured_at: iso(AT - days * DAY),
    ...(unusedSince !== undefined && { unused_since: unusedSince }),
  });
  const CREATED = iso(AT - 10 * DAY);
  it.each<[string, string | undefined, Usage | undefined, string | undefined]>([
    ['creation, if the answer reaches back to it', CREATED, undefined, CREATED],
    ['what an earlier measurement knew, if the answer reaches back to that', OLD, previous(OLD, 1), OLD],
    ['unknown, if nothing reaches back', OLD, undefined, undefined],
    ['unknown, if the earlier measurement is too long ago', OLD, previous(OLD, 31), undefined],
    ['unknown, if the earlier measurement did not know', OLD, previous(undefined, 1), undefined],
    ['unknown, if the creation is not known', undefined, undefined, undefined],
    ['unknown, if the creation cannot be read', 'yesterday', undefined, undefined],
  ])('without an invocation it is unused since %s', (_, created, before, expected) => {
    const usage = usageOf(measured(), created, before);
    expect(usage.unused_since).toBe(expected);
    expect('last_30_days' in usage).toBe(expected !== undefined);
  });

  it('keeps a last use that CloudWatch has forgotten', () => {
    const before = { measured_at: iso(AT - 60 * DAY), last_used_at: OLD, unused_since: OLD };
    expect(usageOf(measured(), OLD, before)).toEqual({ measured_at: iso(AT), last_used_at: OLD });
  });
});

const RECORD = manyModel(0);
const ARN = RECORD.deployments[0]?.arn ?? '';
const usage = (daysAgo: number | undefined, at = AT): Usage => ({
  measured_at: iso(at),
  ...(daysAgo !== undefined && { unused_since: iso(at - daysAgo * DAY), last_used_at: iso(at - daysAgo * DAY) }),
});
const rules = rulesOf(MODELS);
const beside = (record: ModelRecord, one: Usage, arn = ARN) => besideOf(record, new Map([[arn, one]]), 14 * DAY);
/** The record as the kernel writes it. */
const add = (record: ModelRecord, one: Usage): ModelRecord | undefined => {
  const { stays = {}, sightings = [] } = beside(record, one) ?? {};
  const decision = rules.advanceBeside(record, stays, { sightings });
  return 'record' in decision ? decision.record : undefined;
};

describe('a record with a measurement', () => {
  it('has the use of the entry, the last use of the model, and a new revision', () => {
    expect(add(RECORD, usage(2))).toEqual({
      ...RECORD,
      usage: { [ARN]: usage(2) },
      last_used_at: iso(AT - 2 * DAY),
      revision: RECORD.revision + 1,
    });
  });

  it.each<[string, Usage, ModelRecord['transitions']]>([
    ['idle after 14 days', usage(14), [{ from: null, to: 'Idle' }] as never],
    ['not idle a moment before', usage(14 - 1e-6), []],
    ['not idle if its use is unknown', usage(undefined), []],
  ])('is %s', (_, one, added) => {
    expect(add(RECORD, one)?.transitions.slice(RECORD.transitions.length)).toMatchObject(added);
  });

  it('has one transition for each idle time', () => {
    let record = RECORD;
    for (const [day, unused] of [0, 20, 21, undefined, 23, 0, 5, 30, 31].entries())
      record = add(record, usage(unused, AT + day * DAY)) ?? record;
    expect(record.transitions.slice(1)).toEqual(
      [
        [1, null, 'Idle'],
        [5, 'Idle', 'Used'],
        [7, 'Used', 'Idle'],
      ].map(([day, from, to]) => {
        const at = iso(AT + Number(day) * DAY);
        return { resource: ARN, task: 'use', from, to, at, observed_at: at, via: 'sweep' };
      }),
    );
  });

  it.each<[string, ModelRecord, string]>([
    [
      'of an entry that no longer serves',
      { ...RECORD, deployments: [{ arn: ARN, status: 'Removed', since: OLD }] },
      ARN,
    ],
    ['of an entry that the record does not have', RECORD, `${ARN}x`],
    ['that is not newer', { ...RECORD, usage: { [ARN]: usage(3, AT + 1) } }, ARN],
    ['that it has', { ...RECORD, usage: { [ARN]: usage(2) } }, ARN],
  ])('ignores one %s', (_, record, arn) => {
    expect(beside(record, usage(2), arn)).toBeUndefined();
  });

  it('keeps a later use of an entry that no longer serves', () => {
    expect(add({ ...RECORD, last_used_at: iso(AT) }, usage(2))?.last_used_at).toBe(iso(AT));
  });

  it('forgets the use of entries that it no longer has', () => {
    expect(Object.keys(add({ ...RECORD, usage: { gone: usage(1) } }, usage(2))?.usage ?? {})).toEqual([ARN]);
  });

  it('keeps its use when Bedrock is looked at again', () => {
    const record = add(add(RECORD, usage(2)) ?? RECORD, usage(20, AT + DAY)) ?? RECORD;
    const { transitions: _, usage: _usage, last_used_at: _last, serving_scope: _scope, ...snapshot } = record;
    const looked = rules.advance(record, { ...snapshot, tags: { new: 'tag' }, fetched_at: iso(AT + 2 * DAY) });
    expect('record' in looked && looked.record).toMatchObject({
      usage: record.usage,
      last_used_at: record.last_used_at,
    });
  });
});
