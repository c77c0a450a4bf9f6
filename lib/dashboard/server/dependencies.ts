import type { LossCurves } from '../../operator/loss-curves/index.ts';
import type { TrackerHealth } from '../../operator/tracker-health.ts';
import type { JobsClient } from '../../client/requests.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { Scope } from '../../domain/identity.ts';

/** What lineage needs of a whole record. */
export type DataOfRecord = Pick<JobRecord, 'job_arn' | 'training_data_config'>;

/** What changes a job in Bedrock. Each rejects as the SDK does. */
export interface JobActions {
  readonly stop: (job: JobRecord) => Promise<void>;
  /** Adds these tags, or changes those that are there. */
  readonly tag: (job: JobRecord, tags: Readonly<Record<string, string>>) => Promise<void>;
  readonly untag: (job: JobRecord, keys: readonly string[]) => Promise<void>;
}

/** What the dashboard's server is made of. */
export interface DashboardDependencies {
  readonly jobs: Pick<JobsClient, 'getJob' | 'listJobs' | 'jobThatMade' | 'summarize'>;
  readonly scopes: readonly Scope[];
  readonly tableName: string;
  /** The tracker's. */
  readonly region: string;
  readonly health: () => Promise<TrackerHealth>;
  /** What the table has of these, at most 100, in any order. */
  readonly readRecords: (jobArns: readonly string[]) => Promise<readonly DataOfRecord[]>;
  /** Rejects with NO_LOSS_CURVE where the job wrote none. */
  readonly lossCurves: (job: JobRecord) => Promise<LossCurves>;
  readonly actions: JobActions;
  readonly clock: () => Date;
  /** The folder of the built web application. */
  readonly assetsDir: string;
  /** Host names that are answered to besides those of the loopback addresses. */
  readonly allowedHosts?: readonly string[];
  /** Whether jobs can be stopped and tagged. @default false */
  readonly readOnly?: boolean;
  /** Milliseconds between two looks for live updates. */
  readonly updateInterval: number;
}
