import { Command, Option } from 'commander';
import type { JobsPage, JobSummary, ListJobsRequest, SortAttribute } from '../../client/requests.ts';
import { pluralize } from '../../domain/text.ts';
import {
  definedOf,
  explainScan,
  type FilterFlags,
  filterOf,
  resolveFlags,
  type TrackerFlags,
  wholeNumber,
  withFilterFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext, Connection } from '../context.ts';
import { printJson } from '../output/values.ts';

/** The options as commander hands them over. */
interface Flags extends TrackerFlags, FilterFlags {
  readonly sort?: 'created' | 'modified';
  readonly oldestFirst?: true;
  readonly limit: number;
  readonly cursor?: string;
  readonly all?: true;
  readonly allowScan?: true;
  readonly json?: true;
}

const MOST = 1000;
const SORTED_BY: Readonly<Record<'created' | 'modified', SortAttribute>> = {
  created: 'creation_time',
  modified: 'last_modified_time',
};

const requestOf = (flags: Flags, now: Date): ListJobsRequest => ({
  ...filterOf(flags, now),
  ...definedOf({
    sortBy: flags.sort && SORTED_BY[flags.sort],
    order: flags.oldestFirst && ('oldest' as const),
    cursor: flags.cursor,
    allowScan: flags.allowScan,
  }),
  limit: flags.all === true ? MOST : flags.limit,
});

const listPage = async ({ jobs }: Connection, request: ListJobsRequest): Promise<JobsPage> => {
  try {
    return await jobs.listJobs(request);
  } catch (error) {
    throw explainScan(error);
  }
};

/** Page after page to the end, as if they were one. */
const everyPage = async (connection: Connection, request: ListJobsRequest, signal: AbortSignal): Promise<JobsPage> => {
  const jobs: JobSummary[] = [];
  let cost = { readUnits: 0, requests: 0 };
  for (let next = request; ;) {
    signal.throwIfAborted();
    const { cursor, ...page } = await listPage(connection, next);
    jobs.push(...page.jobs);
    cost = { readUnits: cost.readUnits + page.readUnits, requests: cost.requests + page.requests };
    if (cursor === undefined) return { ...page, ...cost, jobs };
    next = { ...request, cursor };
  }
};

const TIME_FLAGS = [
  ['--created-after', 'createdAfter'],
  ['--created-before', 'createdBefore'],
  ['--modified-after', 'modifiedAfter'],
] as const;

/** A cursor is valid only for the same times, and an age means another time with every call. */
const timesOf = (request: ListJobsRequest): string[] =>
  TIME_FLAGS.flatMap(([flag, member]) => {
    const time = request[member];
    return time instanceof Date ? [`${flag} ${time.toISOString()}`] : [];
  });

const hint = ({ jobs, cursor, readUnits }: JobsPage, request: ListJobsRequest): string[] => {
  if (cursor === undefined) return jobs.length === 0 ? ['No matching jobs.'] : [];
  const found = jobs.length === 0 ? 'None so far' : `${pluralize(jobs.length, 'job')} so far`;
  return [
    `${found} (${pluralize(readUnits, 'read unit')}). There may be more: add --all, or for the next page`,
    [...timesOf(request), `--cursor ${cursor}`].join(' '),
  ];
};

const run = async (given: Flags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(given);
  const flags = await resolveFlags(given, connection, context);
  const request = requestOf(flags, clock());
  const page = await (flags.all === true
    ? everyPage(connection, request, context.signal)
    : listPage(connection, request));
  if (flags.json === true) {
    const { jobs, cursor, index, sortedBy, readUnits } = page;
    printJson(terminal, { jobs, cursor, index, sorted_by: sortedBy, read_units: readUnits });
    if (cursor !== undefined && timesOf(request).length > 0) hint(page, request).forEach(terminal.tell);
    return;
  }
  const { formatJobs } = await import('../output/jobs.ts');
  if (page.jobs.length > 0) for (const line of formatJobs(page.jobs, terminal, clock())) terminal.print(line);
  hint(page, request).forEach(terminal.tell);
};

const EXAMPLES = `
Examples:
  bedrock-jobs list --active
  bedrock-jobs list --status failed --created-after last-month
  bedrock-jobs list --tag team=nlp --tag release --type FINE_TUNING --all --json
  bedrock-jobs list --base-model nova-lite --sort modified --limit 20

--json has all that the indexes carry of a job; show has everything.`;

/** `bedrock-jobs list`: jobs by status, model, time, tag and so on. */
export const listCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withFilterFlags(new Command('list').description('List jobs, newest first.'))
      .addOption(new Option('--sort <time>', 'sort by this time').choices(Object.keys(SORTED_BY)))
      .option('--oldest-first', 'oldest first')
      .addOption(
        new Option('--limit <count>', `most jobs to list, 1 to ${MOST}`).argParser(wholeNumber(1, MOST)).default(100),
      )
      .option('--cursor <cursor>', 'continue an earlier list with the same flags')
      .addOption(new Option('--all', 'all matching jobs').conflicts('cursor'))
      .option('--allow-scan', 'read the whole table if no index can answer'),
  )
    .option('--json', 'one JSON document: jobs, cursor, index, sorted_by, read_units')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, context));
