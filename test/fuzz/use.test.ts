import { describe, expect } from '@jest/globals';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { Readable } from 'node:stream';
import { modelUse, type UseState } from '../../lib/domain/idle.ts';
import { canonicalJson } from '../../lib/domain/text.ts';
import { DAY, HOUR } from '../../lib/domain/time.ts';
import { besideOf, usageOf, type UsePoint } from '../../lib/domain/usage.ts';
import { readPrices } from '../../lib/operator/prices.ts';
import { cloudWatchUse } from '../../lib/runtime/cloudwatch.ts';
import { MARSHALL_OPTIONS } from '../../lib/runtime/dynamodb-stores.ts';
import { SCOPE } from '../support/fixtures.ts';
import { manyModel } from '../support/models.ts';
import { answeredBy } from '../support/sdk-answers.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { mutatedBody, mutatedText, nestedJson } from './support/inputs.ts';

const AT = Date.parse('2026-08-10T02:30:00.000Z');
const MODEL = manyModel(0);
const ARN = MODEL.deployments[0]?.arn ?? '';
const seconds = [AT - HOUR, AT - 20 * DAY].map((ms) => Math.floor(ms / HOUR) * 3600);
const ANSWERS = ['Complete', 'PartialData'].map((StatusCode) => ({
  MetricDataResults: [0, 1, 2].map((n) => ({
    Id: `m${n}`,
    Label: ARN,
    StatusCode,
    Timestamps: seconds,
    Values: [n, 7],
  })),
  Messages: [],
}));

let responseBody = '';
const CLIENT = new CloudWatchClient({ ...answeredBy(() => ({ body: responseBody })), maxAttempts: 1 });
const METRICS = ['invocations', 'input_tokens', 'output_tokens'] as const;
const FROM = AT - 30 * DAY;

const read = async (body: string): Promise<readonly UsePoint[] | Error> => {
  // The token of a page would lead to the same page for ever.
  responseBody = body.replaceAll('NextToken', 'NotAToken');
  const source = cloudWatchUse(CLIENT, SCOPE);
  const points = await source.read({ arns: [ARN], metrics: METRICS, from: FROM, to: AT, periodMs: HOUR });
  return points.get(ARN) ?? new Error('Nothing was answered.');
};

const checkPoints = (points: readonly UsePoint[] | Error): void => {
  if (points instanceof Error) {
    expect(points).toMatchObject({ code: 'USE_NOT_MEASURED' });
    return;
  }
  const usage = usageOf({ from: FROM, at: AT, points }, MODEL.creation_time);
  const record = { ...MODEL, ...besideOf(MODEL, new Map([[ARN, usage]]), DAY)?.stays };
  expect(canonicalJson(unmarshall(marshall(record, MARSHALL_OPTIONS)))).toBe(canonicalJson(record));
  const states: readonly UseState[] = ['used', 'idle', 'unknown'];
  expect(states).toContain(modelUse(record, { now: new Date(AT) }).serving[0]?.state);
};

const PRICES = `date: 2026-11-01
source: our agreement
model_unit_hour:
  - { model: amazon.nova-lite-v1:0, region: us-east-1, commitment: OneMonth, usd: 10.5 }
  - model: '*'
    usd: 1
stored_model_month: [{ model: '*', usd: 1.95 }]
`;

describe('the use of models', () => {
  fuzz({
    parser: 'GetMetricData answer',
    inputs: mutatedBody(ANSWERS),
    parse: read,
    codes: ['USE_NOT_MEASURED'],
    check: checkPoints,
  });

  const parse = (text: string) => readPrices('-', { stdin: Readable.from([text]) });
  const refusals = { codes: ['BAD_SPEC'], mayHaveLines: true, longest: 20_000 } as const;
  fuzz({
    parser: 'prices',
    inputs: mutatedText([PRICES]),
    parse,
    ...refusals,
    check: ({ model_unit_hour: hours, stored_model_month: months }) => {
      for (const { usd, model, region } of [...hours, ...months])
        expect({ usd: usd >= 0 && Number.isFinite(usd), model: model !== '', region: region !== '' }).toEqual({
          usd: true,
          model: true,
          region: true,
        });
    },
  });

  refuseHuge('prices', { 'lists in 100,000 levels': () => parse(nestedJson()) }, refusals);
});
