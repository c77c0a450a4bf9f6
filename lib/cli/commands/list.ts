import { Command, InvalidArgumentError, Option } from 'commander';
import type { JobsPage, ListJobsRequest, SortAttribute } from '../../client/requests.ts';
import { TrackerError } from '../../domain/errors.ts';
import { runColumn, type RunColumn } from '../../domain/run.ts';
import { stalledSince } from '../../domain/pace.ts';
import { pluralize } from '../../domain/text.ts';
import {
  definedOf,
  explainScan,
  type FilterFlags,
  filterOf,
  type ListFlags,
  MOST_LISTED,
  pagesOf,
  resolveFlags,
  type Switches,
  type Texts,
  type TrackerFlags,
  withJobFilterFlags,
  withListFlags,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext, Connection, Terminal } from '../context.ts';
import { formatCount, printJson, visible } from '../output/values.ts';
import {
  COLUMN_NAMES,
  directionOf,
  isTime,
  readColumns,
  readSorting,
  runDocument,
  type Sorting,
} from '../runs/columns.ts';
import { columnsOf, printRuns, withMarks } from '../runs/print.ts';

type Flags = TrackerFlags &
  FilterFlags &
  ListFlags<RunColumn> &
  Switches<'stalled' | 'ascending' | 'descending' | 'oldestFirst' | 'json'> &
  Texts<'data' | 'cursor'>;

const SORTED_BY: Readonly<Record<string, SortAttribute>> = {
  created: 'creation_time',
  modified: 'last_modified_time',
};

const location = (text: string): string => {
  if (/^s3:\/\/[^/]+\/./su.test(text) || /^s3:\/\/[^/]+\/$/su.test(text)) return text;
  throw new InvalidArgumentError('It must be an S3 address, such as s3://bucket/train.jsonl or s3://bucket/folder/.');
};

/** The column to sort by, with the direction that the flags give. */
const sortingOf = ({ sort, ascending, descending, oldestFirst }: Flags): Sorting | undefined => {
  if (oldestFirst !== undefined && sort !== undefined && !isTime(sort.column))
    throw new TrackerError('BAD_REQUEST', `--oldest-first sorts by a time: for ${sort.column.name} use --ascending.`);
  const direction =
    descending !== undefined ? 'descending' : (ascending ?? oldestFirst) !== undefined ? 'ascending' : sort?.direction;
  const column = sort?.column ?? (direction === undefined ? undefined : runColumn('created'));
  return column && { column, ...(direction !== undefined && { direction }) };
};

const requestOf = (flags: Flags, now: Date): ListJobsRequest => {
  const sorting = sortingOf(flags);
  const sortBy = sorting && SORTED_BY[sorting.column.name];
  return {
    ...filterOf(flags, now),
    ...(flags.stalled === true && { active: true }),
    ...definedOf({
      // The index that answers decides where no column was named.
      sortBy: flags.sort && sortBy,
      order: sorting && sortBy && directionOf(sorting) === 'ascending' ? ('oldest' as const) : undefined,
      cursor: flags.cursor,
      allowScan: flags.allowScan,
    }),
    limit: (flags.all ?? flags.stalled) === true ? MOST_LISTED : flags.limit,
  };
};

/** A page of jobs, or all of them as if they were one. */
const readPages = async (
  { jobs }: Connection,
  request: ListJobsRequest,
  signal: AbortSignal,
  isWhole: boolean,
): Promise<JobsPage> => {
  let whole: JobsPage | undefined;
  for await (const page of pagesOf((more) => jobs.listJobs({ ...request, ...more }), signal)) {
    if (!isWhole) return page;
    const { jobs: before = [], readUnits = 0, requests = 0 } = whole ?? {};
    const cost = { readUnits: readUnits + page.readUnits, requests: requests + page.requests };
    whole = { ...page, ...cost, jobs: [...before, ...page.jobs] };
  }
  return whole as JobsPage;
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

const nothingFound = ({ data }: Flags): string =>
  data === undefined || data.endsWith('/')
    ? 'No matching jobs.'
    : `No matching job was trained on ${visible(data)} itself. For a folder end it in a slash.`;

const tellCut = (listed: number, found: number, { tell }: Terminal): void => {
  if (found > listed) tell(`Listed ${listed} of ${formatCount(found)} jobs: raise --limit, or add --all.`);
};

/** Lists what no index sorts or filters: reads all matching jobs. */
const search = async (flags: Flags, context: CommandContext, connection: Connection): Promise<void> => {
  const { terminal, clock, signal } = context;
  if (flags.cursor !== undefined)
    throw new TrackerError(
      'BAD_REQUEST',
      '--cursor continues lists by created or modified. Use --limit or --all here.',
    );
  const sorting = sortingOf(flags);
  const { limit, ...filter } = requestOf(flags, clock());
  const columns = columnsOf(flags, sorting);
  const { searchRuns } = await import('../runs/read.ts');
  const { runs, found, read, isCut, readUnits } = await searchRuns(
    {
      filter,
      columns: withMarks(columns, flags.json === true),
      ...definedOf({ sorting: sorting && SORTED_BY[sorting.column.name] === undefined ? sorting : undefined }),
      ...definedOf({ data: flags.data, limit: flags.all === true ? undefined : limit }),
    },
    { terminal, signal, connection },
  ).catch((error: unknown) => {
    throw explainScan(error);
  });
  if (flags.json === true) {
    const jobs = flags.columns === undefined ? runs : runs.map((run) => runDocument(run, columns));
    printJson(terminal, { jobs, sorted_by: sorting?.column.name, found, read, read_units: readUnits });
  } else await printRuns(runs, columns, sorting, terminal);
  if (found === 0) terminal.tell(nothingFound(flags));
  terminal.tell(`Read ${formatCount(read)} jobs (${formatCount(readUnits)} read units).`);
  tellCut(runs.length, found, terminal);
  if (isCut) terminal.tell('There are more jobs, which were not read. Add filters, such as --created-after.');
};

/** The active jobs that are stalled: no index knows them, and active jobs are few. */
const stalledJobs = async (flags: Flags, connection: Connection, request: ListJobsRequest, context: CommandContext) => {
  const page = await readPages(connection, request, context.signal, true);
  const now = context.clock().getTime();
  const stalled = page.jobs.filter((job) => stalledSince(job, now) !== undefined);
  const jobs = flags.all === true ? stalled : stalled.slice(0, flags.limit);
  tellCut(jobs.length, stalled.length, context.terminal);
  return { ...page, jobs };
};

/** Lists a page of jobs, or all pages, in the order of an index. */
const listPages = async (flags: Flags, context: CommandContext, connection: Connection): Promise<void> => {
  const { terminal, clock, signal } = context;
  const request = requestOf(flags, clock());
  const page = await (flags.stalled === true
    ? stalledJobs(flags, connection, request, context)
    : readPages(connection, request, signal, flags.all === true));
  const { cursor, index, sortedBy } = page;
  let { readUnits } = page;
  const tellMore = () => hint({ ...page, readUnits }, request).forEach(terminal.tell);
  const read = async (columns: readonly RunColumn[]) => {
    const { completeRuns } = await import('../runs/read.ts');
    const onCost = (units: number) => (readUnits += units);
    return completeRuns(page.jobs, columns, { terminal, signal, connection, onCost });
  };
  const { columns } = flags;
  if (flags.json === true) {
    const jobs = columns === undefined ? page.jobs : (await read(columns)).map((run) => runDocument(run, columns));
    printJson(terminal, { jobs, cursor, index, sorted_by: sortedBy, read_units: readUnits });
    if (cursor !== undefined && timesOf(request).length > 0) tellMore();
    return;
  }
  if (columns !== undefined)
    await printRuns(await read(withMarks(columns, false)), columns, sortingOf(flags), terminal);
  else if (page.jobs.length > 0) {
    const { formatJobs } = await import('../output/jobs.ts');
    for (const line of formatJobs(page.jobs, terminal, clock())) terminal.print(line);
  }
  tellMore();
};

const run = async (given: Flags, context: CommandContext): Promise<void> => {
  const connection = await context.connect(given);
  const flags = await resolveFlags(given, connection, context);
  const { sort, data } = flags;
  const isIndexed = sort === undefined || SORTED_BY[sort.column.name] !== undefined;
  await (data === undefined && isIndexed ? listPages : search)(flags, context, connection);
};

const EXAMPLES = `
Examples:
  bedrock-jobs list --active
  bedrock-jobs list --status failed --created-after last-month
  bedrock-jobs list --tag team=nlp --tag release --type FINE_TUNING --all --json
  bedrock-jobs list --base-model nova-lite --sort modified --limit 20
  bedrock-jobs list --tag sweep=triage --columns name,status,hp.learningRate,validation_loss --sort validation_loss
  bedrock-jobs list --data s3://my-data/triage/ --columns name,status,output_model,data

Columns: ${COLUMN_NAMES}.

Sorting by a column other than created and modified, and --data, read all matching jobs, 100,000 at most: a read unit for
each 8 to 13 jobs. Hyperparameters, data and marks of best values (*) need the records: half a unit for each 4 KB. Rewards
are read from S3.

--json has all that the indexes carry of a job; show has everything.`;

export const listCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withListFlags(withJobFilterFlags(new Command('list').description('List jobs, newest first.')), 'jobs', {
      readColumns,
      readSorting,
    })
      .option('--data <location>', 'trained on this s3://bucket/key, or below this s3://bucket/folder/', location)
      .addOption(new Option('--ascending', 'lowest, oldest or A first').conflicts('descending'))
      .option('--descending', 'highest, newest or Z first; --sort -reward too')
      .addOption(new Option('--oldest-first', 'oldest first').conflicts(['ascending', 'descending']))
      .addOption(
        new Option('--stalled', 'in progress, but training has not started 2 h after the phase before it').conflicts([
          'ended',
          'status',
          'data',
          'sort',
          'cursor',
        ]),
      )
      .addOption(new Option('--cursor <cursor>', 'continue an earlier list with the same flags').conflicts('all')),
  )
    .option('--json', 'one JSON document: jobs, with --columns only these; cursor, index, sorted_by, read_units')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(flags, context));
