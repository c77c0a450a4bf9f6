import type { CreateModelCustomizationJobCommandInput } from '@aws-sdk/client-bedrock';
import { Command } from 'commander';
import type { JobRecord } from '../../domain/record.ts';
import { regionName, type TrackerFlags, withTrackerFlags } from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import { printJson } from '../output/values.ts';
import type { CheckedRequest } from '../spec/create-request.ts';
import { withRequestFlags } from '../spec/flags.ts';
import { readSpecText } from '../spec/document.ts';

/** The options as commander hands them over. */
interface Flags extends TrackerFlags {
  readonly spec?: string;
  readonly jobRegion?: string;
  readonly dryRun?: true;
  readonly wait?: true;
  readonly json?: true;
}

/** Where the spec `-` is read from. */
export interface CreateInput {
  readonly stdin: AsyncIterable<unknown>;
}

const requestOf = async ({ spec, ...flags }: Flags, input: CreateInput): Promise<CheckedRequest> => {
  const { createRequestOf } = await import('../spec/create-request.ts');
  if (spec === undefined) return createRequestOf(undefined, flags);
  const name = spec === '-' ? 'The spec' : spec;
  return createRequestOf({ name, text: await readSpecText(spec, input) }, flags);
};

const send = async (request: CheckedRequest, connection: Connection, region: string): Promise<string> => {
  const { CreateModelCustomizationJobCommand } = await import('@aws-sdk/client-bedrock');
  const { jobArn = '' } = await connection
    .bedrock(region)
    // The SDK's types allow one member of each union, which the check has made sure of.
    .send(new CreateModelCustomizationJobCommand(request as CreateModelCustomizationJobCommandInput));
  return jobArn;
};

const run = async (flags: Flags, context: CommandContext, input: CreateInput): Promise<void> => {
  const { terminal } = context;
  const request = await requestOf(flags, input);
  if (flags.dryRun === true) {
    printJson(terminal, request);
    return;
  }
  const connection = await context.connect(flags);
  const region = flags.jobRegion ?? connection.region;
  const jobArn = await send(request, connection, region);
  const json = (job?: JobRecord) => printJson(terminal, { jobArn, request, ...(job !== undefined && { job }) });
  // At once, whatever becomes of the wait; with --json the one document comes at the end.
  if (flags.json !== true) terminal.print(jobArn);
  else if (flags.wait === true) terminal.tell(jobArn);
  else json();
  terminal.tell('Repeating the same command does not create a second job.');
  if (flags.wait !== true) {
    terminal.tell(`Follow it with: bedrock-jobs wait ${jobArn}`);
    return;
  }
  const { isSuccess, outcomeOf, tellAdvice, waitForJob } = await import('../follow/wait.ts');
  const job = await waitForJob({ jobArn, until: [] }, context, connection);
  if (flags.json === true) json(job);
  terminal.tell(outcomeOf(job));
  tellAdvice(job, terminal);
  if (!isSuccess(job)) throw new Ended(EXIT.failed);
};

const HELP = `
The spec names the members as the API does, such as jobName; jobTags and customModelTags may be maps. Everything is
checked before anything is sent, and every problem is listed with its line.

Repeating a command does not create a second job: without --client-request-token the token is a hash of the request, and
Bedrock answers a known token with its job. AWS does not say for how long; later the job name is refused as taken.

Exit code 1 if Bedrock refuses the job, or, with --wait, if it does not complete.

Examples:
  bedrock-jobs create --spec fine-tuning.yaml --dry-run
  ARN=$(bedrock-jobs create --spec fine-tuning.yaml --job-name "tone-$(date +%F)")
  bedrock-jobs create --spec fine-tuning.yaml --hyper-parameter epochCount=3 --wait && ./deploy-model.sh`;

/** `bedrock-jobs create`: a job of a spec, checked before anything is sent. */
export const createCommand = (context: CommandContext, input: CreateInput = process): Command => {
  const command = new Command('create')
    .description('Create a customization job from a spec file, flags, or both; flags win.')
    .option('--spec <file>', 'YAML or JSON with the members of CreateModelCustomizationJob; - is standard input');
  withRequestFlags(command)
    .option('--dry-run', 'check and print the request, send nothing')
    .option('--wait', 'wait until the job ends')
    .option('--json', 'the answer and the request as JSON')
    .option('--job-region <name>', "Region of the job (default: the tracker's)", regionName);
  return withTrackerFlags(command)
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context, input));
};
