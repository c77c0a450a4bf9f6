import type { JobFilter } from '../client/requests.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import { CUSTOMIZATION_TYPES, JOB_STATUSES } from '../domain/record.ts';
import { modelIdOf } from '../domain/run.ts';
import { oneLine } from '../domain/text.ts';
import { once } from '../operator/clients.ts';
import { didYouMean, nearNames } from '../operator/near-names.ts';
import type { Connection, Terminal } from './context.ts';
import { some } from './doctor/check.ts';
import { definedOf } from './flags.ts';

/** How many of the jobs that changed last tell which values exist. */
const RECENT = 1_000;
const MOST_NAMED = 6;

/** Words of other services and of people for the statuses. */
const STATUS_WORDS: Readonly<Record<string, string>> = {
  active: 'InProgress',
  pending: 'InProgress',
  running: 'InProgress',
  done: 'Completed',
  finished: 'Completed',
  succeeded: 'Completed',
  success: 'Completed',
  error: 'Failed',
  errored: 'Failed',
  canceled: 'Stopped',
  cancelled: 'Stopped',
};

const quote = (text: string): string => oneLine(text, 150);

const listOf = (names: readonly string[]): string => some(names.map(quote), MOST_NAMED);

interface Work {
  readonly jobs: Connection['jobs'];
  readonly tell: Terminal['tell'];
  /** The base models and types of the jobs that changed last, and the custom models that they made: name and ARN. */
  readonly recent: () => Promise<{
    readonly models: readonly string[];
    readonly types: readonly string[];
    readonly made: readonly (readonly [name: string | undefined, arn: string | undefined])[];
  }>;
}

const unique = (values: readonly (string | undefined)[]): string[] =>
  [...new Set(values)].filter((value) => value !== undefined).sort();

const workOf = ({ jobs }: Pick<Connection, 'jobs'>, tell: Terminal['tell'], { account, region }: JobFilter): Work => ({
  jobs,
  tell,
  recent: once(async () => {
    // By their statuses, as that index needs no accounts and Regions.
    const place = definedOf({ account, region });
    const { jobs: read } = await jobs.listJobs({ ...place, status: JOB_STATUSES, limit: RECENT });
    return {
      models: unique(read.map(({ base_model_arn }) => base_model_arn)),
      types: unique(read.map(({ customization_type }) => customization_type)),
      made: read.map(({ output_model_name, output_model_arn }) => [output_model_name, output_model_arn] as const),
    };
  }),
});

/** AWS adds values, so an unknown one is refused only where it is near a known one and no job has it. */
const judge = (what: string, value: string, known: readonly string[], near: readonly string[], work: Work): void => {
  if (near.length > 0)
    throw new TrackerError('BAD_REQUEST', `${quote(value)} is not a ${what}.${didYouMean(near.map(quote))}`);
  work.tell(`No job has the ${what} ${quote(value)} yet. Known are ${known.join(', ')}.`);
};

const checkStatus = async (status: string, work: Work): Promise<void> => {
  if ((JOB_STATUSES as readonly string[]).includes(status)) return;
  const { jobs } = await work.jobs.listJobs({ status, limit: 1 });
  if (jobs.length > 0) return;
  const meant = STATUS_WORDS[status.toLowerCase()];
  judge('status', status, JOB_STATUSES, meant === undefined ? nearNames(status, JOB_STATUSES) : [meant], work);
};

const checkType = async (type: string, work: Work): Promise<void> => {
  if ((CUSTOMIZATION_TYPES as readonly string[]).includes(type)) return;
  if ((await work.recent()).types.includes(type)) return;
  judge('customization type', type, CUSTOMIZATION_TYPES, nearNames(type, CUSTOMIZATION_TYPES), work);
};

const idOf = (arn: string): string => modelIdOf(arn) ?? arn;

/** Without the provider: `nova-lite-v1:0:300k`. */
const shortIdOf = (id: string): string => id.slice(id.indexOf('.') + 1);

/** `amazon.nova-lite-v1:0`: a provider, a model and a version. */
const MODEL_ID = /^[a-z0-9-]+\.[a-z0-9][\w.-]*:[\w.:-]+$/;

/** The models whose id, with its version or without, is near a text. */
const modelsNear = (text: string, ids: readonly string[]): readonly string[] =>
  ids.filter((id) => nearNames(text, [id, shortIdOf(id), id.replace(/:.*$/, '')]).length > 0).slice(0, 3);

/** Whether the table has a job of this base model; undefined where an id has no ARN, as no Region is known. */
const hasModel = async (baseModel: string, { jobs }: Work, filter: JobFilter): Promise<boolean | undefined> => {
  const { account, region } = filter;
  const place = definedOf({ account, region });
  try {
    return (await jobs.listJobs({ ...place, baseModel, limit: 1 })).jobs.length > 0;
  } catch (error) {
    if (hasCode(error, 'BAD_REQUEST') && MODEL_ID.test(baseModel)) return undefined;
    if (hasCode(error, 'BAD_REQUEST') && !baseModel.startsWith('arn:')) return false;
    throw error;
  }
};

/** The models that a text means: one with this id, else those whose id begins so, in any case, with or without provider. */
const modelsMeant = (text: string, ids: readonly string[]): readonly string[] => {
  const wanted = idOf(text).toLowerCase();
  const namesOf = (id: string) => [id.toLowerCase(), shortIdOf(id).toLowerCase()];
  const exact = ids.find((id) => namesOf(id).includes(wanted));
  return exact === undefined ? ids.filter((id) => namesOf(id).some((name) => name.startsWith(wanted))) : [exact];
};

/** The base model that a text means which no job has. Whole ids and ARNs are taken as they are, with a note. */
const findModel = async (text: string, { recent, tell }: Work, areRegionsKnown: boolean): Promise<string> => {
  const { models, made } = await recent();
  const ids = unique(models.map(idOf));
  const [custom, ...others] = unique(made.map(([name, arn]) => (name === text ? arn : undefined)));
  if (custom !== undefined && others.length === 0) {
    tell(`Base model ${quote(text)}: taken as the custom model ${custom}.`);
    return custom;
  }
  const meant = modelsMeant(text, ids);
  const isArn = text.startsWith('arn:');
  const [id] = meant;
  if (id === undefined || isArn) {
    const near = id === undefined ? modelsNear(idOf(text), ids) : meant;
    const jobs = ids.length === 0 ? '' : ` Jobs have ${listOf(ids)}.`;
    const hint = near.length > 0 ? didYouMean(near.map(quote)) : jobs;
    if (!isArn && !MODEL_ID.test(text))
      throw new TrackerError('BAD_REQUEST', `No job has the base model ${quote(text)}.${hint}`);
    tell(`No job has the base model ${quote(text)}.${hint}`);
    return text;
  }
  if (meant.length > 1)
    throw new TrackerError('BAD_REQUEST', `${quote(text)} can mean ${listOf(meant)}. Give more of the id.`);
  if (id !== text) tell(`Base model ${quote(text)}: taken as ${quote(id)}.`);
  const arns = models.filter((arn) => idOf(arn) === id);
  // The id of a foundation model stands for it in every Region.
  return areRegionsKnown && arns.every((arn) => arn.includes(':foundation-model/')) ? id : (arns[0] ?? id);
};

/**
 * Checks the values of a filter that Bedrock may extend or a person may shorten: statuses, customization type and base model.
 * Completes a base model that is given in part. Costs a read unit for a base model, and up to 250 where a value is unknown.
 *
 * @throws TrackerError BAD_REQUEST for a value that no job has and that is near a known one, or a base model in part that
 *   means several or none
 */
export const resolveFilter = async (
  filter: JobFilter,
  connection: Pick<Connection, 'jobs'>,
  { tell }: Pick<Terminal, 'tell'>,
): Promise<JobFilter> => {
  const { status = [], customizationType, baseModel } = filter;
  const work = workOf(connection, tell, filter);
  for (const each of [status].flat()) await checkStatus(each, work);
  if (customizationType !== undefined) await checkType(customizationType, work);
  if (baseModel === undefined) return filter;
  const known = await hasModel(baseModel, work, filter);
  return known === true ? filter : { ...filter, baseModel: await findModel(baseModel, work, known !== undefined) };
};
