import { describe, expect, it } from '@jest/globals';
import { belongsTo, MODEL_GROUPS, modelUse, sumIdle, type ModelSummary } from '../../../lib/domain/idle.ts';
import type { ProvisionedThroughput, Usage } from '../../../lib/domain/model-record.ts';
import { DEFAULT_PRICES, type Prices } from '../../../lib/domain/prices.ts';
import { DAY } from '../../../lib/domain/time.ts';

const NOW = new Date('2026-08-10T00:00:00.000Z');
const ago = (days: number): string => new Date(NOW.getTime() - days * DAY).toISOString();
const BASE = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0:300k';
const MODEL: ModelSummary = {
  model_arn: 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl',
  base_model_arn: BASE,
  region: 'us-east-1',
  status: 'Active',
  creation_time: ago(100),
};
const THROUGHPUT: ProvisionedThroughput = {
  arn: 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl',
  status: 'InService',
  since: ago(90),
  creation_time: ago(90),
  model_units: 3,
};
const usage = (unusedDays: number, measuredDays = 0.5): Usage => ({
  measured_at: ago(measuredDays),
  unused_since: ago(unusedDays + measuredDays),
});
const served = (change: Partial<ProvisionedThroughput> = {}, use: Usage = usage(20)): ModelSummary => ({
  ...MODEL,
  provisioned_throughputs: [{ ...THROUGHPUT, ...change }],
  usage: { [THROUGHPUT.arn]: use },
});
const PRICES: Prices = {
  ...DEFAULT_PRICES,
  model_unit_hour: [
    { model: 'amazon.nova-lite-v1:0', region: '*', commitment: 'none', usd: 10, source: 'ours', date: '2026-08-01' },
  ],
};
const useOf = (model: ModelSummary, prices?: Prices) => modelUse(model, { now: NOW, ...(prices && { prices }) });
const servingOf = (model: ModelSummary, prices?: Prices) => useOf(model, prices).serving[0];

describe('a throughput', () => {
  it('has its unit hours from the last use to the last measurement, and a day', () => {
    expect(servingOf(served())).toEqual({
      kind: 'throughput',
      entry: THROUGHPUT,
      state: 'idle',
      usage: usage(20),
      unitHoursADay: 72,
      unusedUnitHours: 20 * 72,
      endsSoon: false,
    });
  });

  it.each<[string, ModelSummary, string]>([
    ['idle after 14 days without use', served({}, usage(14)), 'idle'],
    ['used a moment before', served({}, usage(13.999)), 'used'],
    ['unknown without a measurement', { ...served(), usage: {} }, 'unknown'],
    ['unknown without a known last use', served({}, { measured_at: ago(0) }), 'unknown'],
    ['unknown after a measurement of more than 3 days ago', served({}, usage(20, 3.01)), 'unknown'],
    ['unknown in a scope that is not tracked', { ...served(), untracked_since: ago(1) }, 'unknown'],
    ['used where clocks differ', served({}, usage(-2)), 'used'],
    ['unknown with times that cannot be read', served({}, { measured_at: 'x', unused_since: 'y' }), 'unknown'],
  ])('is %s', (_, model, state) => {
    expect(servingOf(model)?.state).toBe(state);
  });

  it('is idle by another time if that is asked for', () => {
    const [use] = modelUse(served({}, usage(3)), { now: NOW, idleAfterMs: 2 * DAY }).serving;
    expect(use?.state).toBe('idle');
  });

  it.each([
    ['ends in 30 days', -30, true],
    ['ends later', -30.001, false],
    ['has ended', 0, false],
  ])('with a commitment that %s ends soon: %s', (_, days, endsSoon) => {
    expect(servingOf(served({ commitment_expiration_time: ago(days) }))?.endsSoon).toBe(endsSoon);
  });

  it('has the price of its base model and commitment', () => {
    expect(servingOf(served(), PRICES)?.price?.usd).toBe(10);
    expect(servingOf(served({ commitment_duration: 'OneMonth' }), PRICES)?.price).toBeUndefined();
  });

  it.each(['Removed', 'Failed'])('that is %s does not serve', (status) => {
    expect(useOf(served({ status })).serving).toEqual([]);
  });

  it('still costs when its model is gone', () => {
    expect(servingOf({ ...served(), missing_since: ago(1) })?.state).toBe('idle');
  });
});

describe('a deployment', () => {
  const deployed: ModelSummary = { ...served(), provisioned_throughputs: [], deployments: [THROUGHPUT] };
  it('can be idle, and costs no unit hours', () => {
    const { model_units: _, ...deployment } = THROUGHPUT;
    expect(servingOf({ ...deployed, deployments: [deployment] }, PRICES)).toMatchObject({
      kind: 'deployment',
      state: 'idle',
      unitHoursADay: 0,
      unusedUnitHours: 0,
    });
  });
});

describe('an orphaned model', () => {
  it.each<[string, ModelSummary, string | undefined]>([
    ['its creation', MODEL, ago(100)],
    ['its last use', { ...MODEL, last_used_at: ago(40) }, ago(40)],
    ['the end of what served it last', served({ status: 'Removed', since: ago(30) }), ago(30)],
    ['14 days', { ...MODEL, creation_time: ago(14) }, ago(14)],
    ['not yet 14 days', { ...MODEL, creation_time: ago(13.99) }, undefined],
    ['never: something serves it', served(), undefined],
    ['never: it is being created', { ...MODEL, status: 'Creating' }, undefined],
    ['never: Bedrock no longer knows it', { ...MODEL, missing_since: ago(1) }, undefined],
    ['never: its scope is not tracked', { ...MODEL, untracked_since: ago(1) }, undefined],
    ['never: its creation is not known', { model_arn: MODEL.model_arn, status: 'Active' }, undefined],
  ])('is one since %s', (_, model, since) => {
    expect(useOf(model).orphaned?.since).toBe(since);
  });

  it('is counted in months of 730 hours, with the price of a month', () => {
    expect(useOf({ ...MODEL, creation_time: ago(365) }, PRICES).orphaned).toEqual({
      since: ago(365),
      months: 12,
      price: DEFAULT_PRICES.stored_model_month[0],
    });
  });
});

describe('many models', () => {
  const soon = served({ commitment_expiration_time: ago(-1) }, usage(1));
  const uses = [served(), served({}, usage(40)), soon, MODEL].map((model) => useOf(model, PRICES));

  it('belong to groups', () => {
    const members = MODEL_GROUPS.map((group) => uses.map((use) => belongsTo(group, use)));
    expect(members).toEqual([
      [true, true, true, false],
      [true, true, false, false],
      [false, false, false, true],
      [false, false, true, false],
    ]);
  });

  it('have sums of what is idle or orphaned', () => {
    expect(sumIdle(uses)).toEqual({
      idle: { amount: 60 * 72, usd: 43_200 },
      idleADay: { amount: 144, usd: 1440 },
      orphaned: { amount: 2400 / 730, usd: (2400 / 730) * 1.95 },
    });
  });

  it('have no sum in dollars if a part has no price, or there is no part', () => {
    expect(sumIdle([...uses, useOf(served({ commitment_duration: 'SixMonths' }), PRICES)]).idle.usd).toBeUndefined();
    expect(sumIdle([]).idle).toEqual({ amount: 0 });
  });
});
