import type { LikeJob } from '../../operator/again.ts';
import type { CheckedRequest } from '../../operator/spec/create-request.ts';
import type { LossCurves } from '../../operator/loss-curves/index.ts';
import type { TrackerHealth } from '../../operator/tracker-health.ts';
import type { ScopesTable } from '../../operator/scopes.ts';
import type { Schedules } from '../../operator/tracker-settings.ts';
import type { JobsClient, ModelsClient } from '../../client/requests.ts';
import type { Invocation } from '../../domain/command-text.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { DataFindings } from '../../operator/data/words.ts';
import type { AgainSent, Session } from '../api.ts';
import type { RunAttribute } from '../../domain/run.ts';
import type { Scope } from '../../domain/identity.ts';

/** What lineage and runs need of a record. */
export type DataOfRecord = Pick<JobRecord, 'job_arn'> & Partial<Pick<JobRecord, RunAttribute>>;

/** Changes a job in Bedrock. Each rejects as the SDK does. */
export interface JobActions {
  readonly stop: (job: JobRecord) => Promise<void>;
  /** Adds or changes these tags. */
  readonly tag: (job: JobRecord, tags: Readonly<Record<string, string>>) => Promise<void>;
  readonly untag: (job: JobRecord, keys: readonly string[]) => Promise<void>;
  /** Creates a job like this one, in its Region. */
  readonly createLike: (job: JobRecord, like: LikeJob) => Promise<Omit<AgainSent, 'data'>>;
}

/** What the dashboard's server is made of. */
export interface DashboardDependencies {
  readonly jobs: Pick<JobsClient, 'getJob' | 'listJobs' | 'jobThatMade' | 'summarize'>;
  readonly scopes: readonly Scope[];
  readonly tableName: string;
  /** The tracker's Region. */
  readonly region: string;
  readonly health: () => Promise<TrackerHealth>;
  /** Where scopes are registered, and how often they are swept; absent if the tracker is not a hub. */
  readonly hub?: ScopesTable & { readonly schedules: Schedules };
  /** The records of these jobs, in any order; at most 100. `onCost` is told the read units. */
  readonly readRecords: (
    jobArns: readonly string[],
    onCost?: (readUnits: number) => void,
  ) => Promise<readonly DataOfRecord[]>;
  /** Rejects with NO_LOSS_CURVE if the job wrote none. */
  readonly lossCurves: (job: JobRecord) => Promise<LossCurves>;
  /** Checks the data of a request, for a job in this Region. `isLocal`: they may be missing. */
  readonly checkData: (
    request: CheckedRequest,
    where: { readonly region: string; readonly isLocal: boolean; readonly signal: AbortSignal },
  ) => Promise<DataFindings>;
  readonly actions: JobActions;
  readonly clock: () => Date;
  /** The folder of the built web application. */
  readonly assetsDir: string;
  /** Host names to answer at, besides those of the loopback addresses. */
  readonly allowedHosts?: readonly string[];
  /** Whether creating, stopping and tagging jobs is off. @default false */
  readonly readOnly?: boolean;
  /** Milliseconds between two polls for updates. */
  readonly updateInterval: number;
  /** How the command line finds this tracker. */
  readonly invocation: Invocation;
  /** Where the simulator answers in Bedrock's place. */
  readonly bedrockUrl?: string;
  /** Absent if the tracker does not track models. */
  readonly models?: Pick<ModelsClient, 'iterateModels' | 'getModel' | 'lineage'> & {
    readonly rules: NonNullable<Session['models']>;
  };
  /** Why models are absent, and what to do: a sentence. */
  readonly modelsProblem?: string;
}
