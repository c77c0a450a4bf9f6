import { INDEX } from '../../contract.ts';
import { TrackerError } from '../../domain/errors.ts';
import { ACTIVE_STATUSES, JOB_STATUSES } from '../../domain/record.ts';
import { formatScope, type Scope } from '../../domain/identity.ts';
import { oneLine } from '../../domain/text.ts';
import type { SortAttribute } from '../requests.ts';
import { activity, oneOf, type Condition } from './filter.ts';
import { wrongRequest, type ListQuestion } from './validate.ts';

/** Regions of other AWS partitions start with the partition's suffix; all others are in `aws`. */
const OTHER_PARTITION = /^(?:cn|us-gov)(?=-)/;

/**
 * The ARN of a foundation model in a Region, by its id such as `amazon.nova-lite-v1:0:300k`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
const foundationModelArn = (modelId: string, region: string): string => {
  const [other] = OTHER_PARTITION.exec(region) ?? [];
  return `arn:aws${other === undefined ? '' : `-${other}`}:bedrock:${region}::foundation-model/${modelId}`;
};

/** One partition of an index. */
export interface Partition {
  /** Empty for a scan. */
  readonly key: string;
  readonly conditions: readonly Condition[];
}

/** How a question is answered: pure data. docs/querying.md lists the choices. */
export interface Plan {
  readonly question: ListQuestion;
  /** The name of the index, or `table` for a scan. */
  readonly index: string;
  /** Merged by the sort key. */
  readonly partitions: readonly Partition[];
  /** Of the sort key, including both ends. */
  readonly range: { readonly from?: string; readonly to?: string };
  /** Absent for a scan. */
  readonly sortedBy?: SortAttribute;
  readonly newestFirst: boolean;
}

/** The known scopes that match the request. */
export const scopesOf = ({ account, region }: ListQuestion, known: readonly Scope[]): readonly Scope[] => {
  if (account !== undefined && region !== undefined) return [{ accountId: account, region }];
  return known.filter(
    (scope) => (account ?? scope.accountId) === scope.accountId && (region ?? scope.region) === scope.region,
  );
};

/** The ARNs of a base model: one, or for the id of a foundation model one in each Region, as far as these are registered. */
export const modelArnsOf = (
  { baseModel, region }: ListQuestion,
  scopes: readonly Scope[],
  registered: boolean,
): readonly string[] => {
  if (baseModel === undefined) return [];
  if (baseModel.startsWith('arn:')) return [baseModel];
  const regions = region === undefined ? scopes.map((scope) => scope.region) : [region];
  if (regions.length > 0 || registered)
    return [...new Set(regions)].sort().map((each) => foundationModelArn(baseModel, each));
  throw wrongRequest([
    `baseModel is the id of a foundation model, which has an ARN in each Region, but no Region is known; name the region, give the client its scopes, or give the ARN (${foundationModelArn(oneLine(baseModel, 100), '<Region>')})`,
  ]);
};

const range = (attribute: string, bounds: Plan['range']): Condition[] =>
  bounds.from === undefined && bounds.to === undefined ? [] : [{ is: 'within', attribute, ...bounds }];

const equal = (attribute: string, value: string | undefined): Condition[] =>
  value === undefined ? [] : [oneOf(attribute, [value])];

/** A text in any of these attributes. */
const containing = (text: string | undefined, ...attributes: readonly string[]): Condition[] => {
  if (text === undefined) return [];
  const of = attributes.map((attribute): Condition => ({ is: 'containing', attribute, text }));
  return of.length === 1 ? of : [{ is: 'any', of }];
};

/** The request as conditions by member: an index leaves out those that its keys answer, and none answers `rest`. */
export const partsOf = (question: ListQuestion, models: readonly string[], named = 'job_name') => ({
  created: range('creation_time', question.created),
  modified: range('last_modified_time', question.modifiedFrom === undefined ? {} : { from: question.modifiedFrom }),
  scope: [...equal('account_id', question.account), ...equal('region', question.region)],
  model: models.length === 0 ? [] : [oneOf('base_model_arn', models)],
  /** The id of a model, in no Region. */
  isNowhere: question.baseModel !== undefined && models.length === 0,
  status: question.status === undefined ? [] : [oneOf('status', question.status)],
  rest: [
    ...equal('customization_type', question.customizationType),
    ...question.tags.map((tag): Condition => ({ is: 'tagged', ...tag })),
    ...containing(question.nameContains, named),
    ...containing(question.search, 'job_name', 'output_model_name'),
  ],
});

const byStatus = (question: ListQuestion, parts: ReturnType<typeof partsOf>): Plan => {
  const statuses = question.status ?? (question.active === true ? ACTIVE_STATUSES : JOB_STATUSES);
  const conditions = [...parts.created, ...parts.scope, ...parts.model, ...parts.rest];
  return {
    question,
    index: INDEX.byStatus,
    partitions: [...new Set(parts.isNowhere ? [] : statuses)].sort().flatMap((key) => {
      const more = question.active === undefined ? [] : activity(question.active, key);
      return more === undefined ? [] : [{ key, conditions: [...conditions, ...more] }];
    }),
    range: question.modifiedFrom === undefined ? {} : { from: question.modifiedFrom },
    sortedBy: 'last_modified_time',
    newestFirst: question.newestFirst,
  };
};

export const byCreation = (
  index: string,
  keys: readonly string[],
  conditions: readonly Condition[],
  question: ListQuestion,
): Plan => ({
  question,
  index,
  partitions: [...new Set(keys)].sort().map((key) => ({ key, conditions })),
  range: question.created,
  sortedBy: 'creation_time',
  newestFirst: question.newestFirst,
});

/** The plan that reads the whole table. */
export const scan = (
  question: ListQuestion,
  known: readonly Scope[],
  conditions: readonly Condition[],
  others: string,
): Plan => {
  const { account, region, allowScan, newestFirst } = question;
  if (allowScan) return { question, index: 'table', partitions: [{ key: '', conditions }], range: {}, newestFirst };
  const named = [account, region].filter((each) => each !== undefined).join(' in ');
  const why =
    known.length > 0 && named !== ''
      ? `No tracked scope matches ${named}.`
      : 'No index answers this without the accounts and Regions.';
  throw new TrackerError(
    'SCAN_NEEDED',
    `${why} Name account and region, give the client its scopes, name ${others}, or read the whole table with allowScan: true.`,
  );
};

/**
 * Chooses the index and partitions for a request; a filter does the rest.
 *
 * @param known the tracked scopes, as far as the client knows them
 * @param registered whether these are the registered ones, maybe thousands: an index of few partitions is then preferred
 * @throws TrackerError SCAN_NEEDED if no index answers and a scan is not allowed; BAD_REQUEST for a model without a known Region
 */
export const planList = (question: ListQuestion, known: readonly Scope[], registered = false): Plan => {
  const { active, status, sortBy, created, modifiedFrom, baseModel, account } = question;
  const scopes = scopesOf(question, known);
  const models = modelArnsOf(question, scopes, registered);
  const parts = partsOf(question, models);
  const isByCreation = sortBy !== 'last_modified_time';
  const areScopesKnown = registered || scopes.length > 0;
  const areFew = !registered || account !== undefined;
  const scopeKeys = scopes.map(formatScope);
  const rest = [...parts.modified, ...parts.status, ...parts.rest];
  const inactiveToo = active === undefined ? rest : [...rest, ...(activity(active) ?? [])];

  if (active === true && areScopesKnown && (sortBy === 'creation_time' || (isByCreation && areFew))) {
    return byCreation(INDEX.active, scopeKeys, [...parts.model, ...rest], question);
  }
  if (baseModel !== undefined && isByCreation && !(active === true && sortBy === undefined)) {
    return byCreation(INDEX.byBaseModel, models, [...parts.scope, ...inactiveToo], question);
  }
  const isSpan = active !== true && (created.from !== undefined || created.to !== undefined);
  const isByStatus = active !== undefined || status !== undefined || modifiedFrom !== undefined;
  const isScopeBetter =
    areScopesKnown && modifiedFrom === undefined && (isSpan || (areFew && active === false && status === undefined));
  if (!isByCreation || (sortBy === undefined && isByStatus && !isScopeBetter)) return byStatus(question, parts);
  if (areScopesKnown) return byCreation(INDEX.byScope, scopeKeys, [...parts.model, ...inactiveToo], question);
  const others = sortBy === 'creation_time' ? 'baseModel' : 'active, status, modifiedAfter or baseModel';
  return scan(question, known, [...parts.created, ...parts.scope, ...parts.model, ...inactiveToo], others);
};
