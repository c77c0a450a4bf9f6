import { beforeEach, describe, expect, it } from '@jest/globals';
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { cloudWatchUse, createCloudWatchClient } from '../../../lib/runtime/cloudwatch.ts';
import { SWEEP_TIMEOUTS } from '../../../lib/runtime/timeouts.ts';
import { HOUR } from '../../../lib/domain/time.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { awsError } from '../../support/sdk-answers.ts';

const mock = mockClient(CloudWatchClient);
const source = cloudWatchUse(createCloudWatchClient(SCOPE, SWEEP_TIMEOUTS), SCOPE);
beforeEach(() => {
  mock.reset();
});

const FROM = Date.parse('2026-08-01T00:00:00.000Z');
const ARN = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl';
const OTHER = 'arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl';
const query = { arns: [ARN], metrics: ['invocations'], from: FROM, to: FROM + 24.5 * HOUR, periodMs: HOUR } as const;
const points = (...hours: readonly number[]) => ({
  Timestamps: hours.map((hour) => new Date(FROM + hour * HOUR)),
  Values: [...hours],
});
const result = (change: object = {}) => ({ Id: 'm0', StatusCode: 'Complete' as const, ...points(3), ...change });
const inputs = (): GetMetricDataCommandInput[] => mock.calls().map((call) => call.args[0].input as never);
const idsOf = (input: GetMetricDataCommandInput) => (input.MetricDataQueries ?? []).map(({ Id }) => Id);

describe('the metrics of what serves models', () => {
  it('are asked for by the ARN that inference names', async () => {
    mock.on(GetMetricDataCommand).resolves({ MetricDataResults: [result()] });
    await source.read(query);
    expect(inputs()).toEqual([
      {
        StartTime: new Date(FROM),
        EndTime: new Date(FROM + 24.5 * HOUR),
        MetricDataQueries: [
          {
            Id: 'm0',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/Bedrock',
                MetricName: 'Invocations',
                Dimensions: [{ Name: 'ModelId', Value: ARN }],
              },
              Period: 3600,
              Stat: 'Sum',
            },
          },
        ],
      },
    ]);
  });

  it('are points of each ARN, the last cut at the end of the query', async () => {
    const MetricDataResults = [result(), result({ Id: 'm3', ...points(24) })];
    mock.on(GetMetricDataCommand).resolves({
      MetricDataResults: [...MetricDataResults, ...['m1', 'm2'].map((Id) => result({ Id, ...points() }))],
    });
    expect(await source.read({ ...query, arns: [ARN, OTHER, ARN], metrics: ['invocations', 'input_tokens'] })).toEqual(
      new Map([
        [ARN, [{ metric: 'invocations', start: FROM + 3 * HOUR, end: FROM + 4 * HOUR, sum: 3 }]],
        [OTHER, [{ metric: 'input_tokens', start: FROM + 24 * HOUR, end: FROM + 24.5 * HOUR, sum: 24 }]],
      ]),
    );
  });

  it('are read to the last page, on which a metric is complete', async () => {
    mock
      .on(GetMetricDataCommand)
      .resolvesOnce({ MetricDataResults: [result({ StatusCode: 'PartialData' })], NextToken: 'more' })
      .resolvesOnce({ MetricDataResults: [result(points(2))] });
    expect(await source.read(query)).toMatchObject(new Map([[ARN, [{ sum: 3 }, { sum: 2 }]]]));
    // The SDK adds the token to the input of the first call.
    expect(inputs().map(({ NextToken }) => NextToken)).toEqual(['more', 'more']);
  });

  it('are at most 500 in a call', async () => {
    mock.on(GetMetricDataCommand).callsFake((input: GetMetricDataCommandInput) => ({
      MetricDataResults: idsOf(input).map((Id) => result({ Id })),
    }));
    const arns = Array.from({ length: 401 }, (_, n) => `${ARN}${n}`);
    const read = await source.read({ ...query, arns, metrics: ['invocations', 'input_tokens', 'output_tokens'] });
    expect(inputs().map((input) => idsOf(input).length)).toEqual([500, 500, 203]);
    expect([...read.values()].every((one) => Array.isArray(one) && one.length === 3)).toBe(true);
  });

  it('need no call where nothing is asked for', async () => {
    expect(await source.read({ ...query, arns: [] })).toEqual(new Map());
    expect(inputs()).toEqual([]);
  });

  it.each<[string, object[]]>([
    ['PartialData', [result({ StatusCode: 'PartialData' })]],
    ['InternalError', [result({ StatusCode: 'InternalError' })]],
    ['Forbidden', [result({ StatusCode: 'Forbidden' })]],
    ['no answer', []],
    ['no answer', [result({ Id: 'm7' }), result({ Id: 'other' })]],
  ])('are a failure of their ARN alone if the answer has %s', async (status, results) => {
    mock.on(GetMetricDataCommand).resolves({ MetricDataResults: [...results, result({ Id: 'm1' })] as never });
    const read = await source.read({ ...query, arns: [ARN, OTHER] });
    expect(read.get(ARN)).toMatchObject({
      code: 'USE_NOT_MEASURED',
      message: `CloudWatch's data of ${ARN} is not complete (${status}), so nothing is concluded. The next usage sweep asks again.`,
    });
    expect(read.get(OTHER)).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['A value has no time.', { Values: [] }],
    ['Invalid type: Expected number but received NaN.', { Values: [NaN] }],
    ['Invalid type: Expected Date but received "Invalid Date".', { Timestamps: [new Date(NaN)] }],
    ['Invalid type: Expected string but received undefined.', { StatusCode: undefined }],
  ])('are a failure of the scope if its answer is not one of the API: %s', async (why, change) => {
    mock.on(GetMetricDataCommand).resolves({ MetricDataResults: [result(change)] });
    await expect(source.read(query)).rejects.toMatchObject({
      code: 'USE_NOT_MEASURED',
      message: `Could not read CloudWatch's answer for account 123456789012, Region us-east-1: ${why}`,
    });
  });

  it.each(['AccessDenied', 'AccessDeniedException'])('name the permission that lacks after %s', async (name) => {
    mock.on(GetMetricDataCommand).rejects(awsError(name, 'no identity-based policy allows it'));
    await expect(source.read(query)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message:
        'Not allowed to call cloudwatch:GetMetricData in account 123456789012, Region us-east-1: no identity-based policy allows it. ' +
        'Allow it in the role that reads this scope, or deploy with modelUsage: false. Until then use is unknown.',
    });
  });

  it('pass on other errors', async () => {
    const error = awsError('ThrottlingException');
    mock.on(GetMetricDataCommand).rejects(error);
    await expect(source.read(query)).rejects.toBe(error);
  });
});
