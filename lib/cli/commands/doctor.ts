import { resolve } from 'node:path';
import { Command } from 'commander';
import { NO_SETTINGS } from '../../operator/tracker-settings.ts';
import { VERSION } from '../../contract.ts';
import { TrackerError } from '../../domain/errors.ts';
import { readEnvironment } from '../../local/options.ts';
import { askedRegion, isLocalRun, type Switches, type Texts, type TrackerFlags, withTrackerFlags } from '../flags.ts';
import { type CommandContext, type Connection, Ended, EXIT } from '../context.ts';
import type { FoundTracker } from '../doctor/examine.ts';
import { printJson, visible } from '../output/values.ts';

type Flags = TrackerFlags & Switches<'json'> & Texts<'record'>;

/** The tracker, or none: Bedrock can be checked without one. */
const findTracker = async (flags: Flags, { connect, terminal }: CommandContext): Promise<FoundTracker> => {
  const { explain } = await import('../../operator/aws-errors.ts');
  let connection: Connection;
  try {
    connection = await connect(flags);
  } catch (thrown) {
    const error = explain(thrown);
    const isAbsent = error instanceof TrackerError && /^(?:TRACKER_NOT_FOUND|AWS_REFUSED)$/.test(error.code);
    if (!isAbsent || isLocalRun(flags, readEnvironment())) throw error;
    terminal.tell(visible(error.message));
    return { settings: NO_SETTINGS };
  }
  return { connection, settings: await connection.settings() };
};

/** The Region of the tracker, or the one that a person asked for or has in a profile. */
const regionOf = async (flags: Flags, connection: Connection | undefined): Promise<string> => {
  const known = connection?.region ?? askedRegion(flags, readEnvironment());
  if (known !== undefined) return known;
  const { STSClient } = await import('@aws-sdk/client-sts');
  return new STSClient({}).config.region();
};

const run = async (flags: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const tracker = await findTracker(flags, context);
  const { connection } = tracker;
  const [{ gather, openClients }, { examine, formatFindings, summaryOf }, { openRecorder }] = await Promise.all([
    import('../doctor/evidence.ts'),
    import('../doctor/examine.ts'),
    import('../doctor/record/recorder.ts'),
  ]);
  const folder = flags.record === undefined ? undefined : resolve(flags.record);
  const recorder = await openRecorder(folder);
  const region = await regionOf(flags, connection);
  const clients = openClients(region, connection?.isLocal === true, recorder.watch);
  const evidence = gather(clients, region, connection);
  const findings = await examine({ clients, evidence, now: clock() }, tracker);
  if (flags.json === true) {
    const stack = tracker.settings.settings?.version;
    printJson(terminal, {
      version: VERSION,
      ...(stack !== undefined && { stack_version: stack }),
      region,
      table: connection?.tableName ?? null,
      requests: recorder.requests(),
      checks: findings,
    });
  } else {
    formatFindings(findings, terminal).forEach(terminal.print);
    terminal.print('');
    terminal.print(summaryOf(findings));
  }
  if (folder !== undefined) {
    terminal.tell(
      `${await recorder.written()} answers are in ${folder}, with names, ids and texts replaced. Read them before you share them.`,
    );
  }
  if (findings.some(({ outcome }) => outcome === 'does not hold')) throw new Ended(EXIT.failed);
};

const HELP = `
Read-only; takes some seconds and at most 150 requests: it lists the newest 1,000 jobs in up to 3 Regions of your account
and looks at 10 of each. Without a tracker it checks Bedrock and CloudTrail alone. docs/assumptions.md explains each
check.

Exit code 1 if a check does not hold.

Examples:
  bedrock-jobs doctor
  bedrock-jobs doctor --region us-west-2 --json
  bedrock-jobs doctor --record answers`;

export const doctorCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    new Command('doctor')
      .description('Check that AWS behaves as the tracker expects, and that the tracker is fully deployed.')
      .option('--record <folder>', "save AWS's answers, anonymized, in a new folder for a bug report")
      .option('--json', 'one JSON document: version, stack_version, region, table, requests, checks'),
  )
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags, context));
