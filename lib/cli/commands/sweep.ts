import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type SweepKind, SWEEPS } from '../../contract.ts';
import { parseScopes, type Scope } from '../../domain/identity.ts';
import { pluralize } from '../../domain/text.ts';
import { type Switches, type TrackerFlags, withTrackerFlags } from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import { printJson, visibleLines } from '../output/values.ts';
import { countColumns } from '../output/scopes.ts';
import { type Column, formatTable } from '../output/table.ts';
import type { SweptScope } from '../../tracking/reconcile-report.ts';
import { trackedScopes } from '../tracked-scopes.ts';

const SWEEP_COLUMNS: readonly Column<SweptScope>[] = [
  { title: 'SCOPE', value: ({ scope }) => scope, importance: 9, least: 22 },
  { title: 'SWEEP', value: ({ sweep }) => sweep, importance: 5 },
  ...countColumns<SweptScope>(),
  { title: 'FINISHED', value: ({ finished }) => (finished ? 'yes' : 'no'), importance: 5 },
];

const unfinishedOf = (swept: readonly SweptScope[]): string[] =>
  swept
    .filter(({ finished }) => !finished)
    .map(({ scope, sweep }) => `The ${sweep} sweep of ${scope} did not finish. The next one continues from there.`);

const scopesFlag = (text: string): readonly Scope[] => {
  const { scopes, problem } = parseScopes(text);
  if (problem === undefined) return scopes;
  throw new InvalidArgumentError(`It ${problem}.`);
};

interface Flags extends TrackerFlags, Switches<'deployed' | 'json'> {
  readonly scopes?: readonly Scope[];
}

interface Outcome {
  readonly swept: readonly SweptScope[];
  readonly started?: number;
  /** What was left undone, a line each. */
  readonly undone: readonly string[];
}

const byDeployed = async (
  context: CommandContext,
  connection: Connection,
  sweep: SweepKind,
  asked: readonly Scope[] | undefined,
): Promise<Outcome> => {
  const { sweepDeployed } = await import('../sweep/deployed-sweep.ts');
  const { swept, sent } = await sweepDeployed(context, connection, sweep, asked);
  return { swept, undone: unfinishedOf(swept), ...(sent > 0 && { started: sent }) };
};

/** The account whose scopes the caller reaches; a local run's are all reached. */
const accountOf = async ({ isLocal, sts }: Connection): Promise<string | undefined> => {
  if (isLocal) return undefined;
  const { callerAccount } = await import('../../operator/clients.ts');
  return callerAccount(sts());
};

const byOneself = async (
  context: CommandContext,
  connection: Connection,
  sweep: SweepKind,
  asked: readonly Scope[] | undefined,
): Promise<Outcome> => {
  const { chooseScopes, names, sweepMyself } = await import('../sweep/own-sweep.ts');
  const { scopes, leftOut } = chooseScopes(await trackedScopes(connection), asked, await accountOf(connection));
  if (leftOut.length > 0) {
    context.terminal.tell(
      `Skipped, since they are in other accounts than your credentials: ${names(leftOut)}. ` +
        'Use --deployed to sweep them too.',
    );
  }
  const { swept, problem, held } = await sweepMyself(context, connection, sweep, scopes);
  return {
    swept,
    undone: [
      ...(problem === undefined ? [] : visibleLines(problem.message.replaceAll(' | ', '\n'))),
      ...held.map((scope) => `Another run is doing the ${sweep} sweep of ${scope}, so this one skipped it.`),
      ...unfinishedOf(swept),
    ],
  };
};

const run = async (sweep: SweepKind, flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal } = context;
  const connection = await context.connect(flags);
  const sweepBy = flags.deployed === true ? byDeployed : byOneself;
  const { swept, undone, started } = await sweepBy(context, connection, sweep, flags.scopes);
  const complete = undone.length === 0 && started === undefined;
  if (flags.json === true) printJson(terminal, { sweep, complete, scopes: swept, undone, started });
  else if (swept.length > 0) for (const line of formatTable(SWEEP_COLUMNS, swept, terminal)) terminal.print(line);
  undone.forEach(terminal.tell);
  if (undone.length > 0) throw new Ended(EXIT.failed);
  if (started !== undefined) {
    terminal.tell(`Started the ${sweep} sweeps of ${pluralize(started, 'scope')}: see bedrock-jobs scopes.`);
    return;
  }
  const corrected = swept.reduce((sum, { counts }) => sum + counts.corrected, 0);
  const noun = sweep === 'models' ? 'model' : 'job';
  const what = `Corrected ${corrected} ${noun} ${corrected === 1 ? 'status' : 'statuses'}.`;
  terminal.tell(sweep === 'usage' ? 'All measured.' : `All swept. ${what}`);
};

const HELP = `
Without --deployed this process sweeps with your own credentials, which reach your own account alone and need the
function's permissions. A hub's function sends a message for each scope, and does not wait for its sweep: --json says how
many it started.

Exit code 1 if something was left undone.

Examples:
  bedrock-jobs sweep active
  bedrock-jobs sweep full --deployed
  bedrock-jobs sweep models
  bedrock-jobs sweep full --scopes 111122223333#us-west-2 --json`;

export const sweepCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    new Command('sweep')
      .description('Compare the records with Bedrock now and correct them.')
      .addArgument(
        new Argument('<which>', 'active or all jobs, models and what serves them, or the use of these').choices(SWEEPS),
      )
      .addOption(
        new Option('--deployed', 'run the deployed function, which reaches other accounts too').conflicts('local'),
      )
      .addOption(
        new Option(
          '--scopes <list>',
          '<account id>#<Region>, separated by commas (default: all, without --deployed of your account)',
        ).argParser(scopesFlag),
      )
      .option('--json', 'one JSON document: sweep, complete, scopes, undone, started'),
  )
    .addHelpText('after', HELP)
    .action((sweep: SweepKind, flags: Flags) => run(sweep, flags, context));
