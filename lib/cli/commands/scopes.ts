import { Command, InvalidArgumentError, Option } from 'commander';
import { SCOPE_STATES, type ScopeState } from '../../contract.ts';
import { TrackerError } from '../../domain/errors.ts';
import { formatScope, parseScope, type Scope } from '../../domain/identity.ts';
import { commandText } from '../../domain/command-text.ts';
import { collect } from '../../operator/batch-get.ts';
import type { CommandContext, Connection } from '../context.ts';
import { accountId, type Switches, type Texts, type TrackerFlags, withLimitFlags, withTrackerFlags } from '../flags.ts';
import { formatCount, printJson } from '../output/values.ts';

interface Flags extends TrackerFlags, Switches<'failing' | 'all' | 'json'>, Texts<'account'> {
  readonly state?: ScopeState;
  readonly limit: number;
}

const scopeName = (text: string): Scope => {
  const scope = parseScope(text);
  if (scope !== undefined) return scope;
  throw new InvalidArgumentError('It must be <account id of 12 digits>#<Region>, such as 111122223333#us-east-1.');
};

const unknownScope = (scope: Scope, { invocation }: Connection): TrackerError =>
  new TrackerError(
    'SCOPE_NOT_TRACKED',
    `The scope ${formatScope(scope)} is not registered: its spoke registers it with its first heartbeat, within an hour of its ` +
      `deployment. For those that are: ${commandText(invocation, 'scopes', '--account', scope.accountId)}`,
  );

const NONE =
  'No scope is registered yet: a spoke registers with its first heartbeat, what the configuration names with the first sweep.';

const run = async (scope: Scope | undefined, flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock, signal } = context;
  const { state, failing, account } = flags;
  if (scope !== undefined && (state ?? failing ?? account) !== undefined)
    throw new InvalidArgumentError('Name a scope, or give --state, --failing or --account: not both.');
  const connection = await context.connect(flags);
  const [{ asRow, countSentence, readRegistry, readScope, withScopeRecords }, output, { schedules }, table] =
    await Promise.all([
      import('../../operator/scopes.ts'),
      import('../output/scopes.ts'),
      connection.settings(),
      connection.scopesTable(),
    ]);
  if (scope !== undefined) {
    const { record, sweeps } = await readScope(table, scope);
    if (record === undefined) throw unknownScope(scope, connection);
    const row = asRow(record, schedules, clock());
    if (flags.json === true) printJson(terminal, { ...row, sweeps });
    else output.formatScope(row, sweeps, terminal, clock()).forEach(terminal.print);
    return;
  }
  const { scopes, counts } = await readRegistry(table, schedules, clock());
  const found = scopes.filter(
    (row) =>
      row.scope.startsWith(account ?? '') &&
      (state === undefined || row.state === state) &&
      (failing === undefined || row.error !== undefined),
  );
  const shown = flags.all === true ? found : found.slice(0, flags.limit);
  const rows = await collect(withScopeRecords(shown, table, signal));
  if (flags.json === true) {
    printJson(terminal, { scopes: rows, counts, complete: shown.length === found.length });
    return;
  }
  if (rows.length > 0) for (const line of output.formatScopes(rows, terminal, clock())) terminal.print(line);
  else terminal.tell(scopes.length === 0 ? NONE : 'No matching scopes.');
  if (scopes.length > 0) terminal.tell(countSentence(counts));
  if (shown.length < found.length)
    terminal.tell(`Listed ${shown.length} of ${formatCount(found.length)} scopes: raise --limit, or add --all.`);
};

const HELP = `
A scope is one account in one Region. It is active while it has active jobs, idle without, empty if it never had one, and
released when its spoke has been silent for a day. Failing scopes come first, the longest failing before the others, then
late ones. TRAIL: whether CloudTrail has told of a job's creation. HEARTBEAT is exact to 10 minutes.

Costs about 25 read units for 1,000 registered scopes, and half a unit for each that is shown.

Examples:
  bedrock-jobs scopes --failing
  bedrock-jobs scopes --state active --account 111122223333
  bedrock-jobs scopes 111122223333#us-east-1
  bedrock-jobs scopes --all --json | jq -r '.scopes[] | select(.late).scope'`;

export const scopesCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withLimitFlags(
      new Command('scopes')
        .description('List the accounts and Regions that are tracked, or show one of them.')
        .argument('[scope]', '<account id>#<Region>: all that is known of this one', scopeName)
        .addOption(new Option('--state <state>', 'in this state').choices(SCOPE_STATES))
        .option('--failing', 'whose last sweep did not track everything')
        .option('--account <id>', 'in this account', accountId),
      'scopes',
    ).option('--json', 'one JSON document: scopes, counts, complete; of one scope its record and sweeps'),
  )
    .addHelpText('after', HELP)
    .action((scope: Scope | undefined, flags: Flags) => run(scope, flags, context));
