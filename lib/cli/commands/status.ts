import { Command } from 'commander';
import { formatScope } from '../../domain/identity.ts';
import { type Switches, type TrackerFlags, withTrackerFlags } from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import type { HealthReport } from '../output/health.ts';
import { printJson } from '../output/values.ts';

type Flags = TrackerFlags & Switches<'json'>;

const document = ({ tableName, region, isLocal }: Connection, { scopes, counts, queues, problems }: HealthReport) => ({
  healthy: problems.length === 0,
  problems,
  table: tableName,
  region,
  local: isLocal,
  counts,
  scopes: scopes.map((health) => ({ ...health, scope: formatScope(health.scope) })),
  queues,
});

const run = async (flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(flags);
  const [{ problemsOf }, { formatHealth }, health] = await Promise.all([
    import('../../operator/tracker-health.ts'),
    import('../output/health.ts'),
    connection.health(),
  ]);
  const judged = { ...health, problems: problemsOf(health, clock()) };
  if (flags.json === true) printJson(terminal, document(connection, judged));
  else for (const line of formatHealth(judged, terminal, clock())) terminal.print(line);
  if (judged.problems.length > 0) throw new Ended(EXIT.failed);
};

const HELP = `
Exit code 1 if something is wrong: by the deployed schedules three sweeps of active jobs or of models, or two full ones or
two of use, have not succeeded, the last sweep could not track a job or model, or messages are in a queue that should be
empty. CORRECTED counts the statuses that sweeps saw first, because events were missed. See docs/runbook.md.

Examples:
  bedrock-jobs status
  bedrock-jobs status --json | jq -r .problems[]`;

export const statusCommand = (context: CommandContext): Command =>
  withTrackerFlags(new Command('status').description("Check the tracker's health: its sweeps and queues."))
    .option('--json', 'one JSON document: healthy, problems, table, region, local, counts, scopes, queues')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context));
