import { describe, expect, it } from '@jest/globals';
import { planList } from '../../../lib/client/list/plan.ts';
import { parseListRequest } from '../../../lib/client/list/validate.ts';
import type { ListJobsRequest } from '../../../lib/client/requests.ts';
import { hasCode } from '../../../lib/domain/errors.ts';

const [A, B, CHINA] = [
  { accountId: '111111111111', region: 'us-east-1' },
  { accountId: '222222222222', region: 'eu-west-1' },
  { accountId: '111111111111', region: 'cn-north-1' },
] as const;
const KNOWN = [A, B];
const AT_A = { account: A.accountId, region: A.region };
const MODEL = 'amazon.nova-lite-v1:0:300k';
const modelArn = (region: string, partition = 'aws') => `arn:${partition}:bedrock:${region}::foundation-model/${MODEL}`;
const NOVEMBER = { createdAfter: '2026-11-01T00:00:00Z', createdBefore: '2026-12-01T00:00:00Z' };
const IN_NOVEMBER = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-30T23:59:59.999Z' };

const plan = (request: ListJobsRequest, known: readonly (typeof A | typeof B | typeof CHINA)[] = KNOWN) =>
  planList(parseListRequest(request), known);
const brief = (request: ListJobsRequest, known?: Parameters<typeof plan>[1]) => {
  const { index, partitions } = plan(request, known);
  return `${index}: ${partitions.map(({ key }) => key).join(' ')}`;
};
const problemOf = (request: ListJobsRequest, known: Parameters<typeof plan>[1] = []): [string, string] => {
  try {
    plan(request, known);
  } catch (error) {
    if (hasCode(error, 'SCAN_NEEDED') || hasCode(error, 'BAD_REQUEST')) return [error.code, error.message];
  }
  throw new Error('it was planned');
};

const BOTH = '111111111111#us-east-1 222222222222#eu-west-1';
const ALL_STATUSES = 'Completed Failed InProgress Stopped Stopping';

describe('which index answers, where the scopes are known', () => {
  it.each<[ListJobsRequest, string]>([
    [{}, `by-scope: ${BOTH}`],
    [NOVEMBER, `by-scope: ${BOTH}`],
    [{ account: B.accountId }, 'by-scope: 222222222222#eu-west-1'],
    [{ region: A.region }, 'by-scope: 111111111111#us-east-1'],
    [{ account: '999999999999', region: 'us-west-2' }, 'by-scope: 999999999999#us-west-2'],
    [{ customizationType: 'FINE_TUNING', tag: { key: 'team' }, nameContains: 'x' }, `by-scope: ${BOTH}`],
    [{ sortBy: 'creation_time', status: 'Failed' }, `by-scope: ${BOTH}`],
    [{ sortBy: 'creation_time', modifiedAfter: '2026-11-01T00:00:00Z' }, `by-scope: ${BOTH}`],
    [{ status: 'Failed', ...NOVEMBER }, `by-scope: ${BOTH}`],
    [{ active: false }, `by-scope: ${BOTH}`],

    [{ active: true }, `active: ${BOTH}`],
    [{ active: true, ...AT_A }, 'active: 111111111111#us-east-1'],
    [{ active: true, status: 'Stopping', baseModel: MODEL }, `active: ${BOTH}`],
    [{ active: true, modifiedAfter: '2026-11-01T00:00:00Z' }, `active: ${BOTH}`],

    [{ status: 'Failed' }, 'by-status: Failed'],
    [{ status: 'InProgress' }, 'by-status: InProgress'],
    [{ status: ['Stopped', 'Paused', 'Stopped'] }, 'by-status: Paused Stopped'],
    [{ status: 'Failed', ...AT_A }, 'by-status: Failed'],
    [{ status: 'Failed', sortBy: 'last_modified_time', ...NOVEMBER }, 'by-status: Failed'],
    [{ status: 'Failed', modifiedAfter: '2026-11-01T00:00:00Z', ...NOVEMBER }, 'by-status: Failed'],
    [{ modifiedAfter: '2026-11-01T00:00:00Z' }, `by-status: ${ALL_STATUSES}`],
    [{ sortBy: 'last_modified_time' }, `by-status: ${ALL_STATUSES}`],
    [{ sortBy: 'last_modified_time', active: true }, 'by-status: InProgress Stopping'],
    [{ sortBy: 'last_modified_time', active: true, status: ['Failed', 'Paused'] }, 'by-status: Paused'],
    [{ sortBy: 'last_modified_time', active: false }, `by-status: ${ALL_STATUSES}`],
    [{ sortBy: 'last_modified_time', baseModel: MODEL }, `by-status: ${ALL_STATUSES}`],

    [{ baseModel: modelArn('us-west-2') }, `by-base-model: ${modelArn('us-west-2')}`],
    [{ baseModel: MODEL }, `by-base-model: ${modelArn('eu-west-1')} ${modelArn('us-east-1')}`],
    [{ baseModel: MODEL, account: B.accountId }, `by-base-model: ${modelArn('eu-west-1')}`],
    [
      { baseModel: MODEL, status: 'Failed', ...NOVEMBER },
      `by-base-model: ${modelArn('eu-west-1')} ${modelArn('us-east-1')}`,
    ],
    [{ baseModel: MODEL, region: 'us-gov-west-1' }, `by-base-model: ${modelArn('us-gov-west-1', 'aws-us-gov')}`],
  ])('%j: %s', (request, expected) => {
    expect(brief(request)).toBe(expected);
  });

  it('knows the partition of a Region', () => {
    expect(brief({ baseModel: MODEL }, [CHINA])).toBe(`by-base-model: ${modelArn('cn-north-1', 'aws-cn')}`);
  });
});

describe('which index answers, where no scope is known', () => {
  it.each<[ListJobsRequest, string]>([
    [AT_A, 'by-scope: 111111111111#us-east-1'],
    [{ active: true }, 'by-status: InProgress Stopping'],
    [{ active: true, account: A.accountId }, 'by-status: InProgress Stopping'],
    [{ active: false }, `by-status: ${ALL_STATUSES}`],
    [{ status: 'Failed', ...NOVEMBER }, 'by-status: Failed'],
    [{ active: true, baseModel: modelArn('us-east-1') }, 'by-status: InProgress Stopping'],
    [
      { active: true, baseModel: modelArn('us-east-1'), sortBy: 'creation_time' },
      `by-base-model: ${modelArn('us-east-1')}`,
    ],
    [{ allowScan: true }, 'table: '],
    [{ allowScan: true, status: 'Failed' }, 'by-status: Failed'],
    [{ allowScan: true, status: 'Failed', sortBy: 'creation_time' }, 'table: '],
  ])('%j: %s', (request, expected) => {
    expect(brief(request, [])).toBe(expected);
  });

  it.each<[ListJobsRequest, Parameters<typeof plan>[1], RegExp]>([
    [
      {},
      [],
      /^No index answers this .* Name account and region, .* name active, status, modifiedAfter or baseModel, .* allowScan: true\.$/,
    ],
    [{ ...NOVEMBER }, [], /Name account and region/],
    [{ account: A.accountId }, [], /Name account and region/],
    [{ status: 'Failed', sortBy: 'creation_time' }, [], /its scopes, name baseModel, or read/],
    [{ account: '999999999999' }, KNOWN, /^No tracked scope matches 999999999999\./],
  ])('%j needs a scan, and says what to name', (request, known, message) => {
    const [code, text] = problemOf(request, known);
    expect([code, text]).toEqual(['SCAN_NEEDED', expect.stringMatching(message)]);
  });

  it('says what to name for the id of a foundation model, of which no Region is known', () => {
    const [code, text] = problemOf({ baseModel: MODEL });
    expect(code).toBe('BAD_REQUEST');
    expect(text).toContain(
      `name the region, give the client its scopes, or give the ARN (arn:aws:bedrock:<Region>::foundation-model/${MODEL})`,
    );
  });
});

describe('what the keys do not answer', () => {
  it('is left to a filter, and nothing that they do', () => {
    const request: ListJobsRequest = {
      ...NOVEMBER,
      ...AT_A,
      status: ['Failed', 'Stopped'],
      baseModel: modelArn('us-east-1'),
      customizationType: 'FINE_TUNING',
      tag: [{ key: 'team' }, { key: 'env', value: '' }],
      nameContains: 'tri',
      search: 'age',
      modifiedAfter: '2026-11-05T00:00:00+01:00',
    };
    const created = { is: 'within', attribute: 'creation_time', ...IN_NOVEMBER };
    const modified = { is: 'within', attribute: 'last_modified_time', from: '2026-11-04T23:00:00.000Z' };
    const oneOf = (attribute: string, ...values: string[]) => ({ is: 'one-of', attribute, values });
    const place = [oneOf('account_id', A.accountId), oneOf('region', A.region)];
    const model = oneOf('base_model_arn', modelArn('us-east-1'));
    const status = oneOf('status', 'Failed', 'Stopped');
    const rest = [
      oneOf('customization_type', 'FINE_TUNING'),
      { is: 'tagged', key: 'team' },
      { is: 'tagged', key: 'env', value: '' },
      { is: 'containing', attribute: 'job_name', text: 'tri' },
      {
        is: 'any',
        of: ['job_name', 'output_model_name'].map((attribute) => ({ is: 'containing', attribute, text: 'age' })),
      },
    ];
    expect(plan(request)).toMatchObject({
      index: 'by-base-model',
      range: IN_NOVEMBER,
      partitions: [{ conditions: [...place, modified, status, ...rest] }],
    });
    expect(plan({ ...request, sortBy: 'last_modified_time' })).toMatchObject({
      index: 'by-status',
      range: { from: '2026-11-04T23:00:00.000Z' },
      sortedBy: 'last_modified_time',
      newestFirst: true,
      partitions: ['Failed', 'Stopped'].map((key) => ({ key, conditions: [created, ...place, model, ...rest] })),
    });
    expect(plan({ ...request, active: true, order: 'oldest' })).toMatchObject({
      index: 'active',
      range: IN_NOVEMBER,
      sortedBy: 'creation_time',
      newestFirst: false,
      partitions: [{ key: '111111111111#us-east-1', conditions: [model, modified, status, ...rest] }],
    });
  });
});
