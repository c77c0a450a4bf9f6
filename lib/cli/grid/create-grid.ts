import { commandText } from '../../domain/command-text.ts';
import { formatTagFilter } from '../../domain/tag-filter.ts';
import { pluralize } from '../../domain/text.ts';
import { SWEEP_TAG } from '../../operator/again.ts';
import { callerAccount } from '../../operator/clients.ts';
import type { CheckedRequest, Spec } from '../../operator/spec/create-request.ts';
import type { RequestFlags } from '../../operator/spec/flags.ts';
import { type Answers, confirm } from '../confirm.ts';
import { type CommandContext, type Connection, endOf, Ended, EXIT, type Terminal } from '../context.ts';
import type { Switches } from '../flags.ts';
import { type Column, formatTable } from '../output/table.ts';
import { printJson, visible } from '../output/values.ts';
import { type Grid, planGrid, readAxes } from './plan.ts';
import { findExisting, type Outcome, type Place } from './existing.ts';
import { type GridRun, runGrid } from './run.ts';

export interface GridOptions extends Switches<'dryRun' | 'yes' | 'wait' | 'json'> {
  readonly grid: readonly string[];
  readonly atOnce?: number;
}

/** What a grid begins with, and where its jobs are created. */
export interface GridSource {
  readonly spec: Spec | undefined;
  readonly flags: RequestFlags;
  /** Absent for the tracker's Region. */
  readonly region: string | undefined;
  readonly connection: () => Promise<Connection>;
  /** Checks the data of a request before any is sent: all jobs of a grid have the same. */
  readonly check: (request: CheckedRequest) => Promise<void>;
}

const WORDS = { planned: 'to create', exists: 'exists', created: 'created', refused: 'refused' } as const;

const tellPlan = ({ axes }: Grid, outcomes: readonly Outcome[], terminal: Terminal): void => {
  // Names begin alike, and the values tell them apart where there is no room for both.
  const columns: Column<Outcome>[] = [
    ...axes.map(({ key }, index) => ({
      title: key,
      value: ({ values }: Outcome) => values[index]?.value ?? '',
      importance: 10,
      align: 'right' as const,
    })),
    {
      title: 'STATE',
      value: ({ state, status }) => (status === undefined ? WORDS[state] : `${WORDS[state]}: ${status}`),
      importance: 9,
      least: 9,
    },
    { title: 'NAME', value: ({ request }) => request.jobName, importance: 8, least: 12 },
  ];
  for (const line of formatTable(columns, outcomes, terminal)) terminal.tell(line);
  for (const { request, problem } of outcomes)
    if (problem !== undefined) terminal.tell(`${request.jobName}: ${visible(problem)}.`);
};

const countOf = (outcomes: readonly Outcome[], state: Outcome['state']): number =>
  outcomes.filter((each) => each.state === state).length;

/** `Created 4 jobs, 1 existed, 1 refused` */
const summaryOf = (outcomes: readonly Outcome[]): string => {
  const [exists, refused] = [countOf(outcomes, 'exists'), countOf(outcomes, 'refused')];
  const left = countOf(outcomes, 'planned');
  return [
    `Created ${pluralize(countOf(outcomes, 'created'), 'job')}`,
    ...(exists > 0 ? [`${exists} existed`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(left > 0 ? [`${left} left`] : []),
  ].join(', ');
};

const toJson = ({ sweep }: Grid, outcomes: readonly Outcome[]) => ({
  sweep,
  jobs: outcomes.map(({ request, values, state, jobArn, problem }) => ({
    jobName: request.jobName,
    values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
    state,
    ...(jobArn !== undefined && { jobArn }),
    ...(problem !== undefined && { problem }),
  })),
});

const placeOf = async ({ isLocal, scopes, sts }: Connection, region: string): Promise<Place> => {
  const account = isLocal ? scopes[0]?.accountId : undefined;
  return { account: account ?? (await callerAccount(sts())), region };
};

/** Sends what is planned, and keeps what became of each for whoever looks after the end. */
const sendAll = async (outcomes: Outcome[], running: Set<string>, run: GridRun, json: boolean): Promise<void> => {
  const { terminal } = run.context;
  const print = ({ jobArn }: Outcome) => {
    if (!json && jobArn !== undefined) terminal.print(jobArn);
  };
  outcomes.forEach(print);
  try {
    for await (const outcome of runGrid([...outcomes], running, run)) {
      outcomes[outcomes.findIndex(({ request }) => request === outcome.request)] = outcome;
      print(outcome);
    }
  } catch (error) {
    const next = endOf(error) === undefined ? '' : ' Repeat the same command to create the others.';
    terminal.tell(`${summaryOf(outcomes)}.${next}`);
    throw error;
  }
};

const waitForAll = async (outcomes: readonly Outcome[], context: CommandContext, connection: Connection) => {
  const { isSuccess, tellOutcome, waitForJob } = await import('../follow/wait.ts');
  let isGood = true;
  for (const { jobArn } of outcomes) {
    if (jobArn === undefined) continue;
    const job = await waitForJob({ jobArn, until: [] }, context, connection);
    tellOutcome(job, context.terminal);
    isGood &&= isSuccess(job);
  }
  return isGood;
};

/** `bedrock-jobs create --grid`: a job for each combination of values, as many at once as may run. */
export const createGrid = async (
  options: GridOptions,
  { spec, flags, region, connection, check }: GridSource,
  context: CommandContext,
  answers: () => Answers,
): Promise<void> => {
  const { terminal } = context;
  const axes = readAxes(options.grid, [flags['hyperParameter'] ?? []].flat() as string[]);
  const grid = planGrid(spec, flags, axes);
  if (options.dryRun === true) {
    tellPlan(
      grid,
      grid.jobs.map((job) => ({ ...job, state: 'planned' })),
      terminal,
    );
    printJson(
      terminal,
      grid.jobs.map(({ request }) => request),
    );
    for (const { request } of grid.jobs.slice(0, 1)) await check(request);
    return;
  }
  const connected = await connection();
  const place = await placeOf(connected, region ?? connected.region);
  const { outcomes, running } = await findExisting(grid, connected, place);
  tellPlan(grid, outcomes, terminal);
  const count = countOf(outcomes, 'planned');
  const next = outcomes.find(({ state }) => state === 'planned');
  if (next !== undefined) await check(next.request);
  const question = `Create ${pluralize(count, 'job')} in ${place.region}, tagged sweep:${visible(grid.sweep)}?`;
  if (count > 0 && options.yes !== true && !(await confirm(question, context, answers()))) {
    terminal.tell('Nothing was created.');
    throw new Ended(EXIT.failed);
  }
  const run = { context, connection: connected, place, atOnce: options.atOnce ?? Infinity };
  await sendAll(outcomes, running, run, options.json === true);
  const tag = formatTagFilter({ key: SWEEP_TAG, value: grid.sweep });
  const command = visible(commandText(connected.invocation, 'list', '--tag', tag));
  terminal.tell(`${summaryOf(outcomes)}. See them with: ${command}`);
  const hasEndedWell = options.wait !== true || (await waitForAll(outcomes, context, connected));
  if (options.json === true) printJson(terminal, toJson(grid, outcomes));
  if (!hasEndedWell || countOf(outcomes, 'refused') > 0) throw new Ended(EXIT.failed);
};
