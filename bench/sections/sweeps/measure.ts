import { quantile } from 'simple-statistics';
import type { Bedrock } from '../../support/bedrock.ts';
import { ACTIVE_JOBS } from '../../support/history.ts';
import type { HistoryTable } from '../../support/table.ts';
import { callsOf, totalOf } from '../calls/counted.ts';
import type { SweepTask, SweepTimes } from './sweep-process.ts';
import { sweepApart } from './sweep.ts';

/** How long each call takes, in ms, besides the work of who answers it. */
export interface Latency {
  readonly bedrockMs: number;
  readonly tableMs: number;
}

/** What is assumed where nothing else is said. */
export const LATENCY: Latency = { bedrockMs: 50, tableMs: 10 };

/** For how many days after a change tags are compared: as the CDK construct has it, and where a trail tells of them. */
export const TAGS = { byDefault: 30, leftToTrail: 0 } as const;

/** A history as Bedrock and the jobs table have it, each in a process of its own. */
export interface Service {
  readonly bedrock: Bedrock;
  readonly table: HistoryTable;
  readonly jobs: number;
  readonly latency: Latency;
}

export type Measured = SweepTimes & {
  /** Of Bedrock, and of both tables, by one sweep. */
  readonly calls: number;
  readonly tableRequests: number;
};

type Kind = Pick<SweepTask, 'sweep' | 'tagRefreshDays' | 'rounds' | 'paired'>;

/** Sweeps in a new process. Throws where a sweep listed other jobs than there are. */
export const measureSweeps = async (service: Service, kind: Kind): Promise<Measured> => {
  const { bedrock, table, jobs, latency } = service;
  await Promise.all([bedrock.setFaults({ latencyMs: latency.bedrockMs }), table.setLatency(latency.tableMs)]);
  const task = { ...kind, bedrockUrl: bedrock.url, tableUrl: table.url, tableLatencyMs: latency.tableMs };
  const times = await sweepApart(task, () => Promise.all([bedrock.counts(), table.requests()]));
  const expected = kind.sweep === 'active' ? ACTIVE_JOBS : jobs;
  if (times.listed !== expected) throw new Error(`A sweep of ${expected} jobs listed ${times.listed}.`);
  return {
    ...times,
    calls: (totalOf(callsOf(await bedrock.counts())) - times.barePages) / kind.rounds,
    tableRequests: (await table.requests()) / kind.rounds + times.stateRequests,
  };
};

export const median = (values: readonly number[]): number => quantile([...values], 0.5);
