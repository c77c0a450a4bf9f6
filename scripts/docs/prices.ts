/**
 * Public prices of us-east-1 in US dollars, without the free tiers, which stand beside them. Change them here and run
 * `npm run docs`.
 */
export interface Price {
  readonly what: string;
  /** Dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
  /** Units a month that AWS gives each account for nothing, for ever. */
  readonly free: number;
  /** When the price was looked up. */
  readonly asOf: string;
}

const MILLION = 1_000_000;

export const PRICES = {
  lambdaRequest: { what: 'Lambda requests', usd: 0.2, per: MILLION, unit: 'requests', free: MILLION, asOf: '2026' },
  lambdaTime: {
    what: 'Lambda time, arm64',
    usd: 0.0000133334,
    per: 1,
    unit: 'GB-seconds',
    free: 400_000,
    asOf: '2026',
  },
  tableWrite: { what: 'DynamoDB writes, on demand', usd: 0.625, per: MILLION, unit: 'units', free: 0, asOf: '2026' },
  tableRead: { what: 'DynamoDB reads, on demand', usd: 0.125, per: MILLION, unit: 'units', free: 0, asOf: '2026' },
  tableStorage: { what: 'DynamoDB storage', usd: 0.25, per: 1, unit: 'GB-months', free: 25, asOf: '2025' },
  tableRecovery: { what: 'Point-in-time recovery', usd: 0.2, per: 1, unit: 'GB-months', free: 0, asOf: '2025' },
  queueRequest: { what: 'SQS requests', usd: 0.4, per: MILLION, unit: 'requests', free: MILLION, asOf: '2025' },
  busEvent: { what: 'EventBridge custom events', usd: 1, per: MILLION, unit: 'events', free: 0, asOf: '2025' },
  schedule: {
    what: 'EventBridge Scheduler',
    usd: 1,
    per: MILLION,
    unit: 'invocations',
    free: 14 * MILLION,
    asOf: '2026',
  },
  metric: { what: 'CloudWatch custom metrics', usd: 0.3, per: 1, unit: 'metric-months', free: 10, asOf: '2025' },
  alarm: { what: 'CloudWatch alarms', usd: 0.1, per: 1, unit: 'alarms', free: 10, asOf: '2025' },
  dashboard: { what: 'CloudWatch dashboards', usd: 3, per: 1, unit: 'dashboards', free: 3, asOf: '2025' },
  logs: { what: 'CloudWatch Logs, taken in', usd: 0.5, per: 1, unit: 'GB', free: 5, asOf: '2025' },
  logStorage: { what: 'CloudWatch Logs, kept', usd: 0.03, per: 1, unit: 'GB-months', free: 5, asOf: '2025' },
  keyRequest: { what: 'KMS requests', usd: 0.03, per: 10_000, unit: 'requests', free: 20_000, asOf: '2025' },
  key: { what: 'KMS customer keys', usd: 1, per: 1, unit: 'keys', free: 0, asOf: '2025' },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;
