import { Command, Option } from 'commander';
import { TrackerError } from '../../domain/errors.ts';
import { commandText } from '../../domain/command-text.ts';
import type { JobRecord } from '../../domain/record.ts';
import type { LikeJob } from '../../operator/again.ts';
import type { CheckedRequest, Spec } from '../../operator/spec/create-request.ts';
import { isRepeatable, REQUEST_FLAGS } from '../../operator/spec/flags.ts';
import { type Answers, processAnswers } from '../confirm.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import type { BeforeCreateFlags } from '../data/before-create.ts';
import { collect, regionName, type Switches, type Texts, type TrackerFlags, wholeNumber } from '../flags.ts';
import { withTrackerFlags } from '../flags.ts';
import type { GridSource } from '../grid/create-grid.ts';
import { findJob } from '../job-argument.ts';
import { NOTHING, printJson, visible } from '../output/values.ts';

type CreateFlags = TrackerFlags &
  BeforeCreateFlags &
  Switches<'yes' | 'wait' | 'json'> &
  Texts<'spec' | 'like'> & { readonly grid?: readonly string[]; readonly atOnce?: number };

/** Where the spec `-` is read from, and where a person answers. */
export interface CreateInput {
  readonly stdin: AsyncIterable<unknown>;
  readonly answers: () => Answers;
}

const processInput: CreateInput = {
  get stdin() {
    return process.stdin;
  },
  answers: processAnswers,
};

const specAt = async (path: string | undefined, input: CreateInput): Promise<Spec | undefined> => {
  if (path === undefined) return undefined;
  const { readSpecText } = await import('../../operator/spec/document.ts');
  return { name: path === '-' ? 'The spec' : path, text: await readSpecText(path, input) };
};

/** A request that is ready, how to send it, and the Region of the job. */
interface Ready {
  readonly request: CheckedRequest;
  readonly connection: () => Promise<Connection>;
  readonly region?: string;
  readonly like?: LikeJob;
}

const tellDifferences = async ({ request, like }: Ready, { terminal }: CommandContext): Promise<void> => {
  if (like === undefined) return;
  const { differencesOf } = await import('../../operator/again.ts');
  terminal.tell(`Unlike ${like.spec.name.replace('The', 'the')}:`);
  for (const { path, before = NOTHING, after = NOTHING } of differencesOf(like.spec, request))
    terminal.tell(`  ${visible(path)}: ${visible(before)} → ${visible(after)}`);
};

const otherJob = async (text: string, flags: CreateFlags, context: CommandContext) => {
  const connection = await context.connect(flags);
  const { job } = await findJob(connection, text, {}, context.clock);
  return { job, connection };
};

const ready = async (flags: CreateFlags, context: CommandContext, input: CreateInput): Promise<Ready> => {
  const { spec, like: other, ...rest } = flags;
  if (other !== undefined) {
    const { job, connection } = await otherJob(other, flags, context);
    const { likeJob, requestLike } = await import('../../operator/again.ts');
    const like = await likeJob(job, { ...rest }, connection.jobs);
    return { request: requestLike(like), like, region: job.region, connection: () => Promise.resolve(connection) };
  }
  const { createRequestOf } = await import('../../operator/spec/create-request.ts');
  return { request: createRequestOf(await specAt(spec, input), { ...rest }), connection: () => context.connect(flags) };
};

const send = async ({ request, like }: Ready, connection: Connection, region: string) => {
  const { createJob, createLike } = await import('../../operator/again.ts');
  const client = connection.bedrock(region);
  return like === undefined ? { request, jobArn: await createJob(client, request) } : createLike(client, like);
};

const checkData = async (request: CheckedRequest, flags: CreateFlags, context: CommandContext): Promise<void> => {
  const { checkBeforeSending } = await import('../data/before-create.ts');
  await checkBeforeSending(request, flags, context);
};

const createOne = async (flags: CreateFlags, context: CommandContext, input: CreateInput): Promise<void> => {
  const { terminal } = context;
  const prepared = await ready(flags, context, input);
  await tellDifferences(prepared, context);
  if (flags.dryRun === true) printJson(terminal, prepared.request);
  await checkData(prepared.request, flags, context);
  if (flags.dryRun === true) return;
  const connection = await prepared.connection();
  const { jobArn, request } = await send(prepared, connection, flags.jobRegion ?? prepared.region ?? connection.region);
  const json = (job?: JobRecord) => printJson(terminal, { jobArn, request, ...(job !== undefined && { job }) });
  // At once, whatever becomes of the wait; with --json the one document comes at the end.
  if (flags.json !== true) terminal.print(jobArn);
  else if (flags.wait === true) terminal.tell(jobArn);
  else json();
  terminal.tell(
    prepared.like?.isNumbered === true
      ? `Created ${request.jobName}. Repeating the same command creates another job, under the next name.`
      : 'Repeating the same command does not create a second job.',
  );
  if (flags.wait !== true) {
    terminal.tell(`Follow it with: ${commandText(connection.invocation, 'wait', jobArn)}`);
    return;
  }
  const { isSuccess, tellOutcome, waitForJob } = await import('../follow/wait.ts');
  const job = await waitForJob({ jobArn, until: [] }, context, connection);
  if (flags.json === true) json(job);
  tellOutcome(job, terminal);
  if (!isSuccess(job)) throw new Ended(EXIT.failed);
};

const gridSource = async (
  { spec, like, ...flags }: CreateFlags,
  context: CommandContext,
  input: CreateInput,
): Promise<Omit<GridSource, 'check'>> => {
  const { jobRegion: region } = flags;
  if (like === undefined)
    return { spec: await specAt(spec, input), flags: { ...flags }, region, connection: () => context.connect(flags) };
  const { job, connection } = await otherJob(like, flags, context);
  const [{ outsideSweep }, { specOf }] = await Promise.all([
    import('../../operator/again.ts'),
    import('../../operator/spec/from-record.ts'),
  ]);
  return {
    spec: specOf(job),
    flags: outsideSweep(job, { ...flags }),
    region: region ?? job.region,
    connection: () => Promise.resolve(connection),
  };
};

const run = async ({ grid, ...flags }: CreateFlags, context: CommandContext, input: CreateInput): Promise<void> => {
  if (grid !== undefined) {
    const [{ createGrid }, source] = await Promise.all([
      import('../grid/create-grid.ts'),
      gridSource(flags, context, input),
    ]);
    const check = (request: CheckedRequest) => checkData(request, flags, context);
    return createGrid({ ...flags, grid }, { ...source, check }, context, input.answers);
  }
  if (flags.atOnce !== undefined)
    throw new TrackerError('BAD_REQUEST', '--at-once says how many jobs of a --grid may run at once: give one too.');
  return createOne(flags, context, input);
};

const HELP = `
The spec names the members as the API does, such as jobName; jobTags and customModelTags may be maps. Everything is
checked before anything is sent, and every problem is listed with its line.

Repeating a command does not create a second job: without --client-request-token the token is a hash of the request, and
Bedrock answers a known token with its job. AWS does not say for how long; later the job name is refused as taken.

--like takes all that the record of a job has, and the flags change it. Without --job-name the new names end in -2, -3
and so on, the first that is free; so repeating such a command creates another job.

--grid creates a job for each combination of values: named by the spec's or the other job's name and the values, such as
tone-lr1e-5-ec2, and tagged sweep:<that name> (--tag sweep=… names another). It shows the plan, asks, and waits its turn
while the account runs as many jobs as it may. A refused combination is reported, and the others go on. Repeat the command
after an interruption: jobs that exist are not created again. --dry-run prints all requests as a list.

The training and validation data are read from S3 and checked first, as check does; --no-check skips that. Data that you
may not read are not checked.

Exit code 1 if the data would make the job fail, if Bedrock refuses it, or, with --wait, if it does not complete.

Examples:
  bedrock-jobs create --spec fine-tuning.yaml --dry-run
  ARN=$(bedrock-jobs create --spec fine-tuning.yaml --job-name "tone-$(date +%F)")
  bedrock-jobs create --spec fine-tuning.yaml --hyper-parameter epochCount=3 --wait && ./deploy-model.sh
  bedrock-jobs create --like support-triage-7 --hyper-parameter epochCount=3
  bedrock-jobs create --spec fine-tuning.yaml --grid learningRate=1e-5,1e-4 epochCount=2,3 --at-once 2`;

/** Adds an option for each part of a request. They take any text: all problems are reported together. */
const withRequestFlags = (command: Command): Command =>
  REQUEST_FLAGS.reduce((each, requestFlag) => {
    const option = new Option(requestFlag.flags, requestFlag.help);
    return each.addOption(isRepeatable(requestFlag) ? option.argParser(collect(String)) : option);
  }, command);

export const createCommand = (context: CommandContext, input: CreateInput = processInput): Command => {
  const command = new Command('create')
    .description('Create a customization job from a spec file, another job, or flags; flags win.')
    .option('--spec <file>', 'YAML or JSON with the members of CreateModelCustomizationJob; - is standard input')
    .addOption(new Option('--like <job>', 'take all of this job: its ARN, name or id').conflicts('spec'))
    .addOption(
      new Option('--without <member>', 'leave out a member, such as hyperParameters.batchSize (repeatable)').argParser(
        collect(String),
      ),
    );
  withRequestFlags(command)
    .addOption(
      new Option('--grid <key=values...>', 'a job for each combination: learningRate=1e-5,1e-4 epochCount=2,3')
        .argParser(collect(String))
        .conflicts('clientRequestToken'),
    )
    .option('--at-once <count>', 'how many jobs of the grid may run at once', wholeNumber(1, 100))
    .option('-y, --yes', 'do not ask before a grid; scripts are never asked')
    .option('--dry-run', 'check and print the request, send nothing')
    .option('--no-check', 'send without reading and checking the data')
    .option('--wait', 'wait until the job ends')
    .option('--json', 'the answer and the request as JSON')
    .option('--job-region <name>', "Region of the job (default: the tracker's, or that of --like)", regionName);
  return withTrackerFlags(command)
    .addHelpText('after', HELP)
    .action((flags: CreateFlags) => run(flags, context, input));
};
