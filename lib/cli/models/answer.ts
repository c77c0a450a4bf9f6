import { collect } from '../../operator/batch-get.ts';
import { hasCode, TrackerError } from '../../domain/errors.ts';
import { belongsTo, MODEL_GROUPS, modelUse, type UseRules } from '../../domain/idle.ts';
import { DEFAULT_PRICES } from '../../domain/prices.ts';
import { compareRuns } from '../../domain/run.ts';
import { oneLine, pluralize } from '../../domain/text.ts';
import { DAY } from '../../domain/time.ts';
import { didYouMean, nearNames } from '../../operator/near-names.ts';
import { readPrices } from '../../operator/prices.ts';
import { readRuns } from '../../operator/runs.ts';
import type { ModelFlags, ModelsFlags } from '../commands/models.ts';
import type { CommandContext, Connection } from '../context.ts';
import { definedOf, filterOf, pagesOf, placeOf, resolveFlags } from '../flags.ts';
import { formatModel, sentencesOn, useDocument } from '../output/models.ts';
import { printJson } from '../output/values.ts';
import { directionOf, runDocument } from '../runs/columns.ts';
import { printRuns } from '../runs/print.ts';
import { modelColumn, modelColumns, modelRow, type ModelRow, namesOf } from './columns.ts';

/** What decides how models are used: what was asked for, else how the tracker was deployed. */
export const rulesOf = async (
  { prices, idleAfterMs }: { readonly prices?: string | undefined; readonly idleAfterMs?: number | undefined },
  { settings }: Connection,
  now: Date,
): Promise<UseRules> => {
  const days = (await settings()).settings?.idleAfterDays;
  return {
    now,
    ...definedOf({ idleAfterMs: idleAfterMs ?? (days === undefined ? undefined : days * DAY) }),
    prices: prices === undefined ? DEFAULT_PRICES : await readPrices(prices, process),
  };
};

/** Where nothing else was asked for, the longest without use come first. */
const SORTED_BY = {
  ...{ serving: 'created', idle: 'idle_unit_hours', orphaned: 'orphaned_months' },
  'ends-soon': 'commitment_end',
} as const;

/** Shown where some model has a value. */
const SHOWN = [
  ...['name', 'serving', 'use', 'idle_unit_hours', 'idle_usd', 'orphaned_months', 'orphaned_usd'],
  ...['commitment_end', 'last_used', 'status', 'model', 'created', 'id'],
].flatMap((name) => modelColumn(name) ?? []);

export const listModels = async (asked: ModelsFlags, context: CommandContext): Promise<void> => {
  const { terminal, clock, signal } = context;
  const connection = await context.connect(asked);
  const flags = await resolveFlags(asked, connection, context, 'models');
  const group = MODEL_GROUPS.find((name) => flags[name === 'ends-soon' ? 'endsSoon' : name] !== undefined);
  const { column, ...given } = flags.sort ?? modelColumns.readSorting(SORTED_BY[group ?? 'serving']);
  const direction = directionOf({ column, ...given });
  const isIndexed = column.name === 'created' && direction === 'descending';
  const limit = flags.all === true ? Infinity : flags.limit;
  const age = flags.idle ?? flags.orphaned;
  const rules = await rulesOf({ ...flags, idleAfterMs: age === true ? undefined : age }, connection, clock());
  const filter = {
    ...filterOf(flags, clock()),
    ...definedOf({
      allowScan: flags.allowScan,
      serving: group === undefined || group === 'orphaned' ? undefined : true,
    }),
  };
  // What Bedrock no longer shows may still serve, and cost.
  const accept = ({ use, missing_since }: ModelRow) =>
    (group === undefined || belongsTo(group, use)) &&
    (missing_since === undefined || use.serving.length > 0 || flags.status !== undefined);
  const client = await connection.models();
  const found: ModelRow[] = [];
  let readUnits = 0;
  for await (const page of pagesOf((more) => client.listModels({ ...filter, ...more, limit: 1000 }), signal)) {
    readUnits += page.readUnits;
    found.push(...page.models.map((model) => modelRow(model, rules)).filter(accept));
    if (isIndexed && found.length > limit) break;
  }
  const sorted = isIndexed ? found : found.toSorted(compareRuns(column, direction));
  const { dynamoDb, modelsTableName } = connection;
  const onCost = (units: number) => (readUnits += units);
  const table = { dynamoDb, tableName: await modelsTableName(), key: 'model_arn', signal, onCost } as const;
  const rows = await collect(readRuns(sorted.slice(0, limit), flags.columns ?? [], table));
  const isCut = sorted.length > limit;
  if (flags.json === true) {
    const { columns } = flags;
    const models = rows.map((row) =>
      columns === undefined ? { ...row, use: useDocument(row.use) } : runDocument(row, columns),
    );
    printJson(terminal, { models, complete: !isCut, sorted_by: column.name, read_units: readUnits });
    return;
  }
  const columns = flags.columns ?? SHOWN.filter(({ valueOf }) => rows.some((row) => valueOf(row) !== undefined));
  await printRuns(rows, columns, flags.sort, terminal, 'model');
  sentencesOn(rows.map(({ use }) => use)).forEach(terminal.tell);
  const unknown = rows.filter(({ use }) => use.serving.some(({ state }) => state === 'unknown')).length;
  if (unknown > 0)
    terminal.tell(`The use of ${pluralize(unknown, 'model')} is unknown: it was not measured within the last 3 days.`);
  if (rows.length === 0) terminal.tell('No matching models.');
  if (isCut) terminal.tell(`There are more than ${pluralize(rows.length, 'model')}: raise --limit, or add --all.`);
};

/** How many of the newest models a name is compared with. */
const COMPARED = 500;

export const showModel = async (text: string, flags: ModelFlags, context: CommandContext): Promise<void> => {
  const { terminal, clock } = context;
  const connection = await context.connect(flags);
  const client = await connection.models();
  const { lineage, readUnits } = await client.lineage(text, placeOf(flags)).catch(async (error: unknown) => {
    if (!hasCode(error, 'MODEL_NOT_FOUND')) throw error;
    const { models } = await client.listModels({ limit: COMPARED }).catch(() => ({ models: [] }));
    const near = text.startsWith('arn:') ? [] : nearNames(text, models.flatMap(namesOf));
    const meant = didYouMean(near.map((name) => oneLine(name, 150)));
    throw new TrackerError(error.code, `${error.message}${meant}`, { cause: error });
  });
  const { model, model_arn: arn, job } = lineage;
  if (model === undefined)
    throw new TrackerError(
      'MODEL_NOT_FOUND',
      arn === undefined
        ? `The job ${oneLine(job?.job_name ?? text, 200)} is ${job?.status ?? 'unknown'} and has made no model.`
        : `The model ${oneLine(arn, 1_100)} has no record yet: the next sweep of models writes it.`,
    );
  const use = modelUse(model, await rulesOf(flags, connection, clock()));
  if (flags.json === true) printJson(terminal, { model, job, use: useDocument(use), read_units: readUnits });
  else formatModel(lineage, use, terminal, clock()).forEach(terminal.print);
};
