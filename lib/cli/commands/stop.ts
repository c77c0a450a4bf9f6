import { Command } from 'commander';
import {
  type JobFlags,
  placeOf,
  type Switches,
  type TrackerFlags,
  withJobArgument,
  withTrackerFlags,
} from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import { TrackerError } from '../../domain/errors.ts';
import { type Answers, confirm, processAnswers } from '../confirm.ts';
import { arnOf, type NamedJob, nameJob, onJob } from '../job-argument.ts';
import { printJson, visible } from '../output/values.ts';

type Flags = TrackerFlags & JobFlags & Switches<'yes' | 'wait' | 'json'>;

const STOPPED = ['Stopping', 'Stopped'];

const isConflict = (error: unknown): boolean => error instanceof Error && error.name === 'ConflictException';

/** The job's status in Bedrock, or in the table where Bedrock may not be asked. */
const statusOf = async (connection: Connection, { jobIdentifier, region, record }: NamedJob): Promise<string> => {
  const { GetModelCustomizationJobCommand } = await import('@aws-sdk/client-bedrock');
  const { status = record?.status } = await connection
    .bedrock(region)
    .send(new GetModelCustomizationJobCommand({ jobIdentifier }))
    .catch(() => ({ status: record?.status }));
  return visible(status ?? 'not InProgress');
};

/** Asks Bedrock to stop the job. Returns its status if it was already stopping or stopped. */
const stop = async (connection: Connection, job: NamedJob): Promise<string | undefined> => {
  const { StopModelCustomizationJobCommand } = await import('@aws-sdk/client-bedrock');
  const { jobIdentifier, region } = job;
  try {
    await connection.bedrock(region).send(new StopModelCustomizationJobCommand({ jobIdentifier }));
    return undefined;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const status = await statusOf(connection, job);
    if (STOPPED.includes(status)) return status;
    throw new TrackerError(
      'AWS_REFUSED',
      `${visible(jobIdentifier)} cannot be stopped: its status is ${status}. Only InProgress jobs can be.`,
      { cause: error },
    );
  }
};

const waitForStop = async (context: CommandContext, connection: Connection, job: NamedJob, json: boolean) => {
  const { terminal } = context;
  const { isSuccess, tellOutcome, waitForJob } = await import('../follow/wait.ts');
  const ended = await waitForJob({ jobArn: await arnOf(connection, job), until: [] }, context, connection);
  if (json) printJson(terminal, { job: job.jobIdentifier, status: ended.status, record: ended });
  tellOutcome(ended, terminal);
  // It may have reached its own end before.
  if (!isSuccess(ended, ['Stopped'])) throw new Ended(EXIT.failed);
};

const run = async (text: string, flags: Flags, context: CommandContext, answers: () => Answers): Promise<void> => {
  const { terminal } = context;
  const connection = await context.connect(flags);
  const job = await nameJob(connection, text, placeOf(flags));
  const name = visible(job.jobIdentifier);
  const known = job.record?.status === undefined ? '' : ` (${visible(job.record.status)})`;
  const question = `Stop ${name}${known} in ${job.region}? It cannot be resumed.`;
  if (flags.yes !== true && !(await confirm(question, context, answers()))) {
    terminal.tell('Nothing was stopped.');
    throw new Ended(EXIT.failed);
  }
  const before = await onJob(connection, job, context.clock(), () => stop(connection, job));
  terminal.tell(
    before === undefined
      ? `Bedrock is stopping ${name}. Its output may hold what it has trained so far.`
      : `${name} is already ${before}.`,
  );
  if (flags.wait === true) return waitForStop(context, connection, job, flags.json === true);
  if (flags.json === true) printJson(terminal, { job: job.jobIdentifier, status: before ?? 'Stopping' });
};

const HELP = `
Exit code 1 if the job cannot be stopped, or, with --wait, if it ends otherwise.

Examples:
  bedrock-jobs stop support-triage-7
  bedrock-jobs stop "$JOB_ARN" --yes --wait`;

export const stopCommand = (context: CommandContext, answers: () => Answers = processAnswers): Command =>
  withTrackerFlags(
    withJobArgument(new Command('stop').description('Stop a job. It cannot be resumed.'))
      .option('-y, --yes', 'do not ask; scripts are never asked')
      .option('--wait', 'wait until the job has stopped')
      .option('--json', 'the job and its status as JSON'),
  )
    .addHelpText('after', HELP)
    .action((job: string, flags: Flags) => run(job, flags, context, answers));
