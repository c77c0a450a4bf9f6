/** Creates the jobs of a grid, each when the account may run it. What was created before is found again. */
import pMap from 'p-map';
import { hasCode, TrackerError } from '../../domain/errors.ts';
import { asSentence, pluralize } from '../../domain/text.ts';
import { formatDuration, MINUTE, SECOND } from '../../domain/time.ts';
import { createJob } from '../../operator/again.ts';
import { explain, isNameTaken, sentenceOf } from '../../operator/aws-errors.ts';
import type { CommandContext, Connection } from '../context.ts';
import { isActive } from '../follow/poll.ts';
import { createLiveLine, type LiveLine, type Pause, pauseFor } from '../follow/wait.ts';
import { CONCURRENT_READS, type Outcome, type Place } from './existing.ts';
import type { GridJob } from './plan.ts';

/** Shows what the command waits for: a line that is redrawn on a terminal, else a line when it begins. */
const createProgress = ({ terminal, clock }: CommandContext, createLine: () => LiveLine) => {
  const line = terminal.showsProgress ? createLine() : undefined;
  let since: { readonly reason: string; readonly at: number } | undefined;
  return {
    waitingFor: (reason: string) => {
      const now = clock().getTime();
      const isNew = since?.reason !== reason;
      if (since === undefined || isNew) since = { reason, at: now };
      if (line === undefined && isNew) terminal.tell(asSentence(reason));
      line?.draw(`${reason}, ${formatDuration(now - since.at)} so far`);
    },
    tell: (text: string) => {
      line?.clear();
      since = undefined;
      terminal.tell(text);
    },
    clear: () => line?.clear(),
  };
};

/** How long to wait, in milliseconds. */
interface Pace {
  /** Between two reads of the tracker. */
  readonly poll: number;
  /** Before Bedrock is asked again though the tracker saw no job end. */
  readonly retry: number;
}

export interface GridRun {
  readonly context: CommandContext;
  readonly connection: Pick<Connection, 'jobs' | 'isLocal' | 'bedrock'>;
  readonly place: Place;
  /** How many of the grid's jobs may run at once; Bedrock's own limit holds anyway. */
  readonly atOnce: number;
  readonly pause?: Pause;
  readonly createLine?: () => LiveLine;
}

const isQuota = (error: unknown): boolean => error instanceof Error && error.name === 'ServiceQuotaExceededException';

/** Refusals that say something about this request alone: the others go on. */
const OF_REQUEST = /^(?:ValidationException|ConflictException|TooManyTagsException|ResourceNotFoundException)$/;

const isTemporary = (error: unknown): boolean => {
  const explained = explain(error);
  return explained instanceof TrackerError && explained.retryable;
};

/** Reads what runs. A read that fails for a moment is like one that saw no change. */
const createReader = ({ connection: { jobs }, place }: GridRun) => {
  const orNothing = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      // Where no index answers, time alone tells when to try again.
      if (isTemporary(error) || hasCode(error, 'SCAN_NEEDED')) return undefined;
      throw error;
    }
  };
  return {
    /** Takes away the jobs that have ended. */
    forgetEnded: async (running: Set<string>): Promise<void> => {
      await pMap(
        [...running],
        async (arn) => {
          const job = await orNothing(async () => (await jobs.getJob(arn)).job);
          if (job !== undefined && !isActive(job)) running.delete(arn);
        },
        { concurrency: CONCURRENT_READS },
      );
    },
    /** All active jobs of the account and Region, whoever made them; undefined where they cannot be read now. */
    active: (): Promise<ReadonlySet<string> | undefined> =>
      orNothing(async () => {
        const found = new Set<string>();
        for await (const job of jobs.iterateJobs({ ...place, active: true })) found.add(job.job_arn);
        return found;
      }),
  };
};

/** Waits its turn, and sends. */
const createSender = (run: GridRun, running: Set<string>) => {
  const { context, connection, place, atOnce, pause = pauseFor } = run;
  const { signal, clock } = context;
  const pace: Pace = connection.isLocal ? { poll: SECOND, retry: 5 * SECOND } : { poll: 10 * SECOND, retry: MINUTE };
  const reader = createReader(run);
  const progress = createProgress(context, run.createLine ?? createLiveLine);
  let hasAnswered = false;

  const ownTurn = async (): Promise<void> => {
    while (running.size >= atOnce) {
      await reader.forgetEnded(running);
      if (running.size < atOnce) return;
      progress.waitingFor(`${pluralize(running.size, 'job')} of the sweep run (--at-once ${atOnce})`);
      await pause(pace.poll, signal);
    }
  };

  /**
   * Until a job of the account ends, or some time has passed: the tracker may not see all of them. False where none runs,
   * so that none can end.
   */
  const turnOfAccount = async (): Promise<boolean> => {
    const before = await reader.active();
    await reader.forgetEnded(running);
    const until = clock().getTime() + pace.retry;
    while (clock().getTime() < until) {
      progress.waitingFor('The account runs as many jobs as it may: waiting for one to end');
      await pause(pace.poll, signal);
      const now = await reader.active();
      if (now !== undefined && [...(before ?? [])].some((arn) => !now.has(arn))) return true;
    }
    return before === undefined || before.size > 0 || running.size > 0;
  };

  const send = async ({ request }: GridJob): Promise<string> => {
    for (let mayWait = true; ;) {
      await ownTurn();
      try {
        const jobArn = await createJob(connection.bedrock(place.region), request);
        hasAnswered = true;
        running.add(jobArn);
        return jobArn;
      } catch (error) {
        // Before the first answer it may be a wrong setting, which time does not mend.
        const isPassing = hasAnswered && isTemporary(error);
        // Of other quotas, such as that of custom models, no job's end gives anything back.
        if (isQuota(error) ? !mayWait : !isPassing) throw error;
        hasAnswered = true;
        if (isQuota(error)) mayWait = await turnOfAccount();
        else {
          progress.waitingFor(`${sentenceOf(error)} Trying again`);
          await pause(pace.poll, signal);
        }
      }
    }
  };
  return { send, progress };
};

/** The ARN of the job that has this name in Bedrock, if this request made it. Adds one that runs to those that run. */
const madeBefore = async (
  { connection, place }: GridRun,
  { request }: GridJob,
  running: Set<string>,
): Promise<string | undefined> => {
  const { GetModelCustomizationJobCommand } = await import('@aws-sdk/client-bedrock');
  try {
    const { jobArn, clientRequestToken, status } = await connection
      .bedrock(place.region)
      .send(new GetModelCustomizationJobCommand({ jobIdentifier: request.jobName }));
    if (jobArn === undefined || clientRequestToken !== request.clientRequestToken) return undefined;
    if (status === 'InProgress') running.add(jobArn);
    return jobArn;
  } catch {
    // The refusal says enough.
    return undefined;
  }
};

/**
 * Creates what is planned, one after the other. Yields what became of each: a refused combination does not keep the
 * others from being created.
 *
 * @throws whatever concerns all of them, such as a denied permission; the signal's reason
 */
export async function* runGrid(
  planned: readonly Outcome[],
  running: Set<string>,
  run: GridRun,
): AsyncGenerator<Outcome> {
  const { send, progress } = createSender(run, running);
  let count = planned.filter(({ state }) => state !== 'planned').length;
  try {
    for (const job of planned.filter(({ state }) => state === 'planned')) {
      count += 1;
      const name = `${job.request.jobName} (${count} of ${planned.length})`;
      try {
        const jobArn = await send(job);
        progress.tell(`Created ${name}.`);
        yield { ...job, state: 'created', jobArn };
      } catch (error) {
        if (!(error instanceof Error) || !OF_REQUEST.test(error.name)) throw error;
        const jobArn = isNameTaken(error) ? await madeBefore(run, job, running) : undefined;
        if (jobArn === undefined) progress.tell(`Refused ${name}: ${sentenceOf(error)}`);
        yield jobArn === undefined
          ? { ...job, state: 'refused', problem: sentenceOf(error) }
          : { ...job, state: 'exists', jobArn };
      }
    }
  } finally {
    progress.clear();
  }
}
