import type { CreateModelCustomizationJobCommandInput } from '@aws-sdk/client-bedrock';
import { Command, Option } from 'commander';
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

/** Where a spec comes from that is `-`. */
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
    // Of the unions the SDK's types allow one member alone, which the check has made sure of.
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
  // At once, whatever becomes of the wait; one document can come only at the end.
  if (flags.json !== true) terminal.print(jobArn);
  else if (flags.wait === true) terminal.tell(jobArn);
  else json();
  terminal.tell('The same command again, with nothing changed, makes no second job.');
  if (flags.wait !== true) {
    terminal.tell(`Follow it with: bedrock-jobs wait ${jobArn}`);
    return;
  }
  const { isSuccess, outcomeOf, waitForJob } = await import('../follow/wait.ts');
  const job = await waitForJob({ jobArn, until: [] }, context, connection);
  if (flags.json === true) json(job);
  terminal.tell(outcomeOf(job));
  if (!isSuccess(job)) throw new Ended(EXIT.failed);
};

const HELP = `
The spec has the members of CreateModelCustomizationJob under the API's own names, such as jobName; numbers among the
hyperparameters arrive as they are written, and jobTags and customModelTags may be maps. Everything is checked before
anything is sent, and every mistake is listed with its line.

Running the same command again makes no second job: without --client-request-token the token is made of the request's
content, and Bedrock answers a token that it knows with the job that it has. For how long it knows one AWS does not say;
later the job's name, which stays taken, is refused. Other content under the same name is refused as well.

Exit codes: 0 when the job was made, with --wait when it completed; 1 when Bedrock refused it, or with --wait when it
ended otherwise; 2 for a wrong spec or flags; 130 for Ctrl-C.

Examples:
  bedrock-jobs create --spec fine-tuning.yaml --dry-run
  ARN=$(bedrock-jobs create --spec fine-tuning.yaml --job-name "tone-$(date +%F)")
  bedrock-jobs create --spec fine-tuning.yaml --hyper-parameter epochCount=3 --wait && ./deploy-model.sh`;

/** `bedrock-jobs create`: a job of a spec, checked before anything is sent. */
export const createCommand = (context: CommandContext, input: CreateInput = process): Command => {
  const command = new Command('create')
    .description('Make a customization job of a spec file, flags, or both; flags count before the spec.')
    .option('--spec <file>', "YAML or JSON with the members of CreateModelCustomizationJob, '-' for standard input");
  withRequestFlags(command)
    .option('--dry-run', 'check, and print the request in place of sending it')
    .option('--wait', 'wait for the end of the job, which the exit code tells: 0 completed, 1 not')
    .option('--json', 'the answer and the request as JSON')
    .addOption(
      new Option('--job-region <name>', "Region to make the job in (default: the tracker's)").argParser(regionName),
    );
  return withTrackerFlags(command)
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context, input));
};
