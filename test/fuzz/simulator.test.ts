import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { VirtualClock } from '../../lib/simulator/clock.ts';
import { createControl } from '../../lib/simulator/control.ts';
import { Counters, type Faults, parseFaults } from '../../lib/simulator/faults.ts';
import { createApi } from '../../lib/simulator/http.ts';
import { SimulatedJobs } from '../../lib/simulator/jobs.ts';
import type { Loaded } from '../../lib/simulator/index.ts';
import { load } from '../../lib/simulator/persistence.ts';
import { seededRandom } from '../../lib/simulator/random.ts';
import { createS3 } from '../../lib/simulator/s3/api.ts';
import { fullCreate } from '../unit/simulator/requests.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { asJson, hostileText, hostileValue, mutatedBody, mutatedDocument, mutatedText } from './support/inputs.ts';

const NOW = 1_790_000_000_000;
const { customizationConfig: _, customizationType: __, ...CREATE } = fullCreate;
const ARN = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl';
const MODEL_ARN = 'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl';
const THROUGHPUT_ARN = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl';
const METRIC = {
  Id: 'use',
  MetricStat: {
    Metric: {
      Namespace: 'AWS/Bedrock',
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'ModelId', Value: THROUGHPUT_ARN }],
    },
    Period: 3600,
    Stat: 'Sum',
  },
};
const creationTime = new Date(NOW - 86_400_000).toISOString();
const LOADED: Loaded[] = [
  { model: { modelArn: MODEL_ARN, modelName: 'made', creationTime, modelStatus: 'Active' } },
  {
    throughput: {
      ...{ provisionedModelArn: THROUGHPUT_ARN, provisionedModelName: 'units', status: 'InService', creationTime },
      ...{ modelUnits: 1, desiredModelUnits: 1, modelArn: MODEL_ARN, desiredModelArn: MODEL_ARN },
      ...{ foundationModelArn: MODEL_ARN, lastModifiedTime: creationTime },
    },
  },
];
const defaults = { accountId: '123456789012', region: 'us-east-1' };

/** A simulator for one request: what one makes does not meet the next. */
const simulator = () => {
  const counters = new Counters();
  const store = new SimulatedJobs(() => undefined);
  load(LOADED, store, NOW);
  store.use.record(THROUGHPUT_ARN, NOW - 7_200_000, { invocations: 3 });
  const random = seededRandom(1);
  const faults = (): Faults => parseFaults({});
  const settled = () => ({ store, now: NOW });
  const onChanged = () => undefined;
  const context = (caller: never) => ({
    ...{ caller, now: NOW, store, random, faults: faults(), plans: { speed: 60, failureRate: 0.15 } },
  });
  const shared = { defaults, faults, random, settled, counters, onChanged };
  const api = createApi({
    ...shared,
    clock: new VirtualClock(NOW),
    context: context as never,
    onAudited: () => undefined,
  });
  const control = createControl({ ...shared, getFaults: faults, setFaults: parseFaults, mails: () => [], about: {} });
  return { api, s3: createS3(shared), control };
};

class Refused extends Error {}

/** The answer to a request; what is no success is thrown with the message that it has. */
const ask = async (which: 'api' | 'metrics' | 's3' | 'control', path: string, method: string, body?: string) => {
  const headers = {
    host: 'localhost',
    ...(which === 'metrics' && { 'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData' }),
    authorization: 'AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/bedrock/aws4_request',
  };
  const request = new Request(`http://localhost${path}`, {
    method,
    headers,
    ...(method === 'GET' || body === undefined ? {} : { body }),
  });
  const made = simulator();
  const answer = await (which === 'control'
    ? made.control.fetch(request)
    : which === 's3'
      ? made.s3(request)
      : made.api(request));
  const text = await answer.text();
  if (answer.status >= 500 && answer.status !== 501) throw new Error(`a mistake: ${text}`);
  if (answer.ok) return { which, text };
  throw new Refused(
    which === 's3' ? text.replaceAll('\n', '') : String((JSON.parse(text) as { message: unknown }).message),
  );
};

const requests = fc
  .oneof(
    fc.tuple(
      fc.constant('api' as const),
      mutatedText([
        '/model-customization-jobs',
        `/model-customization-jobs?maxResults=5&nextToken=abc&nameContains=x`,
        `/model-customization-jobs/${encodeURIComponent(ARN)}`,
        '/model-customization-jobs/x/stop',
        '/listTagsForResource',
        '/tagResource',
        '/untagResource',
        ...['/custom-models', '/custom-models/create-custom-model', '/custom-models?isOwned=true&modelStatus=Active'],
        ...[`/custom-models/${encodeURIComponent(MODEL_ARN)}`, '/custom-models/made'],
        '/model-customization/custom-model-deployments?statusEquals=Active&createdAfter=2026-01-01T00%3A00%3A00Z',
        '/model-customization/custom-model-deployments/live',
        ...['/provisioned-model-throughput', '/provisioned-model-throughput/units'],
        `/provisioned-model-throughputs?modelArnEquals=${encodeURIComponent(MODEL_ARN)}`,
      ]),
      fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE'),
      mutatedBody([
        CREATE,
        { modelName: 'imported', modelSourceConfig: { s3DataSource: { s3Uri: 's3://acme-models/one/' } } },
        { modelDeploymentName: 'other', modelArn: MODEL_ARN, tags: [{ key: 'a', value: 'b' }] },
        { provisionedModelName: 'other', modelId: 'made', modelUnits: 1, commitmentDuration: 'OneMonth' },
        { desiredProvisionedModelName: 'renamed', desiredModelId: MODEL_ARN },
        { resourceARN: ARN },
        { resourceARN: ARN, tags: [{ key: 'a', value: 'b' }] },
        { resourceARN: ARN, tagKeys: ['a'] },
      ]),
    ),
    fc.tuple(
      fc.constant('metrics' as const),
      fc.constant('/'),
      fc.constant('POST'),
      mutatedBody([
        { StartTime: 1.7e9, EndTime: 1.8e9, MetricDataQueries: [METRIC], MaxDatapoints: 5, NextToken: '2' },
      ]),
    ),
    fc.tuple(
      fc.constant('s3' as const),
      mutatedText(['/bucket?list-type=2&prefix=a%2F&continuation-token=x', '/bucket/key']),
      fc.constantFrom('GET', 'PUT'),
      hostileText,
    ),
    fc.tuple(
      fc.constant('control' as const),
      mutatedText(['/', '/faults', '/counts', '/jobs/x', '/use']),
      fc.constantFrom('GET', 'PUT', 'POST'),
      mutatedDocument([
        { status: 'Failed', failureMessage: 'x' },
        { arn: THROUGHPUT_ARN, invocations: 1, inputTokens: 2, at: '2026-01-01T00:00:00Z' },
        { throttle: { ratePerSecond: 5, burst: 1 }, events: { dropProbability: 1 } },
      ]).map(asJson),
    ),
  )
  .filter(([, path]) => path.startsWith('/') && !path.startsWith('//'));

describe('the simulator', () => {
  fuzz({
    parser: 'Simulator requests',
    inputs: requests,
    parse: ([which, path, method, body]) => ask(which, path, method, body),
    isRefusal: (error) => error instanceof Refused,
    // Each constraint that is not met, in the words of AWS.
    longest: 200_000,
    quotes: true,
    check: ({ which, text }) => which === 's3' || text === '' || (JSON.parse(text) as unknown),
  });

  fuzz({
    parser: 'Simulator faults',
    inputs: mutatedDocument(
      [{}, { failProbability: 0.5, accessDenied: ['GetObject:bucket'], events: { delayMs: 5, shortArns: true } }],
      hostileValue,
    ),
    parse: parseFaults,
    isRefusal: (error) => error instanceof TypeError && error.message.startsWith('These faults are not valid'),
    quotes: true,
    check: (faults) => expect(parseFaults(faults)).toEqual(faults),
  });

  const create = (body: string) => () => ask('api', '/model-customization-jobs', 'POST', body);
  refuseHuge(
    'a request',
    {
      'a body in 100,000 levels': create('{"a":'.repeat(100_000)),
      'a member in 100,000 levels': create(
        JSON.stringify(CREATE).replace('"jobTags":', `"jobTags":${'['.repeat(100_000)}${']'.repeat(100_000)},"x":`),
      ),
      'a body of 10 MB': create('a'.repeat(10_000_000)),
      'names of 1 MB that nearly match': create(
        JSON.stringify({ ...CREATE, jobName: '-a'.repeat(250_000), baseModelIdentifier: 'a.'.repeat(200_000) }),
      ),
    },
    { isRefusal: (error: Error) => error instanceof Refused, longest: 200_000, quotes: true },
  );
});
