import { Command, InvalidArgumentError } from 'commander';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { DashboardDependencies } from '../../dashboard/server/dependencies.ts';
import { TrackerError } from '../../domain/errors.ts';
import { formatScope } from '../../domain/identity.ts';
import { matching, type Switches, type Texts, type TrackerFlags, wholeNumber, withTrackerFlags } from '../flags.ts';
import type { CommandContext, Connection } from '../context.ts';

const DEFAULT_PORT = 8420;
const LOOPBACK = '127.0.0.1';
const IS_LOOPBACK = /^(127(\.\d+){3}|::1)$/;
/** Time between two polls of the table for live updates, in ms: each is a few queries, which AWS bills. */
const UPDATE_INTERVAL = { local: 1_000, aws: 10_000 } as const;

interface Flags extends TrackerFlags, Switches<'readOnly' | 'json'>, Texts<'prices'> {
  readonly port?: number;
  readonly host: string;
  readonly allowedHost: readonly string[];
}

const address = (text: string): string => {
  if (text === 'localhost') return LOOPBACK;
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError('It must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0.');
};

const hostName = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  matching(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'a host name as the browser shows it, without http:// and port')(text),
];

/** Other people must not act with this person's credentials, nor reach the dashboard by any host name. */
const checkReach = ({ host, allowedHost }: Flags): void => {
  if (IS_LOOPBACK.test(host) || allowedHost.length > 0) return;
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `At ${host} other people can read jobs with your credentials. Give the host name that they may use: ` +
      '--allowed-host <name>.',
  );
};

/** Jobs can be listed only where the scopes are known. */
const checkScopes = ({ isHub, scopes, tableName, region }: Connection): void => {
  if (isHub || scopes.length > 0) return;
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `The accounts and Regions of table ${tableName} are not known: set TRACKED_SCOPES to them, such as ` +
      `${formatScope({ accountId: '111122223333', region })}, separated by commas.`,
  );
};

const hubOf = async (connection: Connection): Promise<DashboardDependencies['hub']> => {
  if (!connection.isHub) return undefined;
  const [table, { schedules }] = await Promise.all([connection.scopesTable(), connection.settings()]);
  return { ...table, schedules };
};

const modelsOf = async (
  { prices }: Flags,
  connection: Connection,
  now: Date,
): Promise<Pick<DashboardDependencies, 'models' | 'modelsProblem'>> => {
  const [{ rulesOf }, { sentenceOf }] = await Promise.all([
    import('../models/answer.ts'),
    import('../../operator/aws-errors.ts'),
  ]);
  const { now: _, ...rules } = await rulesOf({ prices }, connection, now);
  return connection.models().then(
    (models) => ({ models: { ...models, rules } }),
    (error: unknown) => ({ modelsProblem: sentenceOf(error) }),
  );
};

const dependenciesOf = async (
  flags: Flags,
  connection: Connection,
  clock: () => Date,
): Promise<DashboardDependencies> => {
  const [{ onAws }, { builtAssets }] = await Promise.all([
    import('../../dashboard/server/on-aws.ts'),
    import('../../dashboard/server/assets.ts'),
  ]);
  checkScopes(connection);
  const { jobs, scopes, tableName, region, isLocal, health, invocation, bedrockUrl } = connection;
  const hub = await hubOf(connection);
  return {
    ...(hub && { hub }),
    ...{ jobs, scopes },
    ...(await modelsOf(flags, connection, clock())),
    ...onAws(connection, tableName),
    tableName,
    region,
    health,
    clock,
    assetsDir: builtAssets(),
    allowedHosts: [...(IS_LOOPBACK.test(flags.host) ? [flags.host] : []), ...flags.allowedHost],
    readOnly: flags.readOnly === true || !IS_LOOPBACK.test(flags.host),
    updateInterval: isLocal ? UPDATE_INTERVAL.local : UPDATE_INTERVAL.aws,
    invocation,
    ...(bedrockUrl !== undefined && { bedrockUrl }),
  };
};

const run = async (flags: Flags, context: CommandContext): Promise<void> => {
  const { connect, terminal, clock } = context;
  checkReach(flags);
  // What it loads would slow down every other command's start.
  const { serveDashboard } = await import('../../dashboard/server/create-dashboard.ts');
  const deps = await dependenciesOf(flags, await connect(flags), clock);
  const port = { port: flags.port ?? DEFAULT_PORT, asked: flags.port !== undefined };
  const server = await serveDashboard(deps, port, flags.host);
  const name = IS_LOOPBACK.test(flags.host) ? flags.host : (flags.allowedHost[0] ?? flags.host);
  const url = `http://${isIP(name) === 6 ? `[${name}]` : name}:${server.port}`;
  const { tableName, region, readOnly } = deps;
  terminal.print(flags.json === true ? JSON.stringify({ url, tableName, region, readOnly }) : url);
  const reach = IS_LOOPBACK.test(flags.host) ? 'this machine only' : `everyone who reaches ${flags.host}`;
  terminal.tell(
    `Serving table ${tableName} in ${region} to ${reach}${readOnly === true ? ', read-only' : ''}. Ctrl-C stops it.`,
  );
  // Not before: until here Ctrl-C ends the process at once.
  const { signal } = context;
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
};

const EXAMPLES = `
Examples:
  bedrock-jobs dashboard
  bedrock-jobs dashboard --local --port 9000
  bedrock-jobs dashboard --read-only
  bedrock-jobs dashboard --prices prices.yaml
  bedrock-jobs dashboard --host 0.0.0.0 --allowed-host devbox.internal

Everyone who can log in to this machine can open it, and create, stop and tag jobs with your credentials, unless it is
--read-only. With another --host it is always read-only. See docs/dashboard.md.`;

export const dashboardCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    new Command('dashboard')
      .description('Serve a web application on this machine that shows the jobs.')
      .option(
        '--port <number>',
        `port of the dashboard (default: ${DEFAULT_PORT}, or a free one)`,
        wholeNumber(0, 65_535),
      )
      .option('--host <address>', 'address to listen on; read-only unless it is this machine', address, LOOPBACK)
      .option('--allowed-host <name>', 'accept this host name too; repeatable', hostName, [])
      .option('--read-only', 'do not create, stop or tag jobs')
      .option('--prices <file>', 'prices for amounts in dollars, JSON or YAML: see docs/models.md')
      .option('--json', 'print the address and the table as JSON'),
  )
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, context));
