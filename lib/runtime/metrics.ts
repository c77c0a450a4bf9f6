import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  BEDROCK_OPERATIONS,
  type DIMENSION,
  METRIC,
  METRIC_NAMESPACE,
  type MetricName,
  MODEL_REQUESTS,
} from '../contract.ts';
import { ThrottlingException, type BedrockClient } from '@aws-sdk/client-bedrock';

/** The dimension by which a metric is split, besides `service`, and its value. */
export type MetricPart = Readonly<
  Partial<Record<Exclude<(typeof DIMENSION)[keyof typeof DIMENSION], typeof DIMENSION.service>, string>>
>;

/** Adds one value to a metric, or to one part of it. */
export interface MetricRecorder {
  readonly add: (name: MetricName, value: number, part?: MetricPart) => void;
}

/** CloudWatch keeps values of different units apart, so each metric has one unit. */
export const METRIC_UNIT = {
  [METRIC.jobsTracked]: MetricUnit.Count,
  [METRIC.eventToRecordLatency]: MetricUnit.Milliseconds,
  [METRIC.bedrockCalls]: MetricUnit.Count,
  [METRIC.bedrockThrottles]: MetricUnit.Count,
  [METRIC.eventsMissed]: MetricUnit.Count,
  [METRIC.looksWithoutChange]: MetricUnit.Count,
  [METRIC.activeJobs]: MetricUnit.Count,
  [METRIC.oldestActiveJobAge]: MetricUnit.Seconds,
  [METRIC.sweepDuration]: MetricUnit.Milliseconds,
  [METRIC.sweepCompleteness]: MetricUnit.Percent,
  [METRIC.scopesFailing]: MetricUnit.Count,
  [METRIC.scopesReleased]: MetricUnit.Count,
  [METRIC.transitionsPublished]: MetricUnit.Count,
  [METRIC.eventSourceEnabled]: MetricUnit.Count,
} as const satisfies Record<MetricName, string>;

/**
 * Powertools' Metrics of one function. A line of embedded metric format has one value of each dimension, so each part
 * has its own buffer and line. Powertools' `logMetrics` publishes all of them after the handler; empty ones print nothing.
 */
export class FunctionMetrics extends Metrics implements MetricRecorder {
  readonly #parts = new Map<string, Metrics>();

  readonly add: MetricRecorder['add'] = (name, value, part) => {
    this.#bufferOf(part).addMetric(name, METRIC_UNIT[name], value);
  };

  override publishStoredMetrics(): this {
    for (const part of this.#parts.values()) if (part.hasStoredMetrics()) part.publishStoredMetrics();
    return this.hasStoredMetrics() ? super.publishStoredMetrics() : this;
  }

  #bufferOf(part: MetricPart = {}): Metrics {
    if (Object.keys(part).length === 0) return this;
    const key = JSON.stringify(part);
    const buffer = this.#parts.get(key) ?? new Metrics({ namespace: METRIC_NAMESPACE, defaultDimensions: { ...part } });
    this.#parts.set(key, buffer);
    return buffer;
  }
}

/**
 * The metrics of a function. Powertools' environment variables set the dimension `service` and can switch them off. Lines
 * go to standard output, whatever the log level.
 */
export const createMetrics = (): FunctionMetrics => new FunctionMetrics({ namespace: METRIC_NAMESPACE });

/** As the SDK's retry strategies decide it, with Bedrock's only error for it. */
const isThrottling = (error: unknown): boolean => {
  const { $metadata, $retryable } = (error ?? {}) as Partial<ThrottlingException>;
  return error instanceof ThrottlingException || $metadata?.httpStatusCode === 429 || $retryable?.throttling === true;
};

/**
 * Counts every request of a client, retries included, and of those about jobs whether Bedrock throttled it: each adds one
 * value to both metrics, so that the average of the throttles is their share.
 */
export const countCalls = (client: BedrockClient, metrics: MetricRecorder): BedrockClient => {
  client.middlewareStack.add(
    (next, { commandName = 'unknown' }) =>
      async (request) => {
        const name = commandName.replace(/Command$/, '');
        const operation = BEDROCK_OPERATIONS.find((each) => each === name) ?? MODEL_REQUESTS;
        let throttled = false;
        try {
          return await next(request);
        } catch (error) {
          throttled = isThrottling(error);
          throw error;
        } finally {
          metrics.add(METRIC.bedrockCalls, 1, { operation });
          if (operation !== MODEL_REQUESTS) metrics.add(METRIC.bedrockThrottles, throttled ? 1 : 0, { operation });
        }
      },
    // Last in this step: inside the retries, after signing (without credentials nothing is sent), and outside the
    // deserializer, which makes the error.
    { name: 'countBedrockCalls', step: 'finalizeRequest', priority: 'low', override: true },
  );
  return client;
};
