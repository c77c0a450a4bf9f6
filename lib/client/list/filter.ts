import { ACTIVE_STATUSES, JOB_STATUSES } from '../../domain/record.ts';

/** A filter that DynamoDB applies to what it has read, for what the keys of an index do not answer. */
export type Condition =
  | { readonly is: 'one-of'; readonly attribute: string; readonly values: readonly string[] }
  | { readonly is: 'within'; readonly attribute: string; readonly from?: string; readonly to?: string }
  | { readonly is: 'containing'; readonly attribute: string; readonly text: string }
  | { readonly is: 'tagged'; readonly key: string; readonly value?: string }
  | { readonly is: 'none-of'; readonly attribute: string; readonly values: readonly string[] }
  | { readonly is: 'present' | 'absent'; readonly attribute: string }
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] };

const any = (...of: readonly Condition[]): Condition => ({ is: 'any', of });
export const all = (...of: readonly Condition[]): Condition => ({ is: 'all', of });
const present = (attribute: string): Condition => ({ is: 'present', attribute });
const absent = (attribute: string): Condition => ({ is: 'absent', attribute });
export const oneOf = (attribute: string, values: readonly string[]): Condition => ({ is: 'one-of', attribute, values });
const noneOf = (attribute: string, values: readonly string[]): Condition => ({ is: 'none-of', attribute, values });

const isActive = (status: string): boolean => (ACTIVE_STATUSES as readonly string[]).includes(status);
const FINAL_STATUSES = JOB_STATUSES.filter((status) => !isActive(status));

const FOLLOWED = [absent('missing_since'), absent('untracked_since')];
const NOT_FOLLOWED = [present('missing_since'), present('untracked_since')];

/**
 * The conditions for active jobs, all of which must hold; undefined if no job can match. Active records have
 * `active_scope`, but only one index carries it. So this follows the domain's `isTerminal`: an unknown status is final
 * once the job has ended. Give the status if it is the key of the index, as filters may not name keys.
 */
export const activity = (active: boolean, status?: string): readonly Condition[] | undefined => {
  if (status === undefined) {
    const goesOn = all(absent('end_time'), noneOf('status', FINAL_STATUSES));
    const ended = all(present('end_time'), noneOf('status', ACTIVE_STATUSES));
    return active
      ? [any(oneOf('status', ACTIVE_STATUSES), goesOn), ...FOLLOWED]
      : [any(oneOf('status', FINAL_STATUSES), ended, ...NOT_FOLLOWED)];
  }
  if (FINAL_STATUSES.some((final) => final === status)) return active ? undefined : [];
  if (isActive(status)) return active ? FOLLOWED : [any(...NOT_FOLLOWED)];
  return active ? [absent('end_time'), ...FOLLOWED] : [any(present('end_time'), ...NOT_FOLLOWED)];
};

/** A placeholder for each name and value: attributes may be reserved words, and tag keys any text. */
export const createPlaceholders = () => {
  const names = new Map<string, string>();
  const values = new Map<string, string>();
  const placeholder = (of: Map<string, string>, prefix: string, text: string): string => {
    const known = of.get(text);
    if (known !== undefined) return known;
    const made = `${prefix}${of.size}`;
    of.set(text, made);
    return made;
  };
  const reversed = (of: Map<string, string>) => Object.fromEntries([...of].map(([text, made]) => [made, text]));
  return {
    name: (attribute: string) => placeholder(names, '#n', attribute),
    value: (text: string) => placeholder(values, ':v', text),
    names: () => reversed(names),
    values: () => reversed(values),
  };
};
type Placeholders = ReturnType<typeof createPlaceholders>;

/** Includes `from` and `to`. */
export const within = (
  { name, value }: Placeholders,
  attribute: string,
  { from, to }: { readonly from?: string; readonly to?: string },
): string => {
  if (from !== undefined && to !== undefined) return `${name(attribute)} BETWEEN ${value(from)} AND ${value(to)}`;
  if (from !== undefined) return `${name(attribute)} >= ${value(from)}`;
  return `${name(attribute)} <= ${value(to ?? '')}`;
};

/**
 * A condition as DynamoDB's expression. AND binds closer than OR, so only an OR within an AND gets brackets: the parser of
 * the embedded DynamoDB takes twice the time for each pair.
 */
export const render = (condition: Condition, using: Placeholders): string => {
  const { name, value } = using;
  switch (condition.is) {
    case 'one-of': {
      const values = condition.values.map(value);
      const attribute = name(condition.attribute);
      return values.length === 1 ? `${attribute} = ${values.join('')}` : `${attribute} IN (${values.join(', ')})`;
    }
    case 'none-of':
      return `NOT ${name(condition.attribute)} IN (${condition.values.map(value).join(', ')})`;
    case 'within':
      return within(using, condition.attribute, condition);
    case 'containing':
      return `contains(${name(condition.attribute)}, ${value(condition.text)})`;
    case 'tagged': {
      const tag = `${name('tags')}.${name(condition.key)}`;
      return condition.value === undefined ? `attribute_exists(${tag})` : `${tag} = ${value(condition.value)}`;
    }
    case 'present':
      return `attribute_exists(${name(condition.attribute)})`;
    case 'absent':
      return `attribute_not_exists(${name(condition.attribute)})`;
    case 'all':
      return condition.of
        .map((each) => (each.is === 'any' ? `(${render(each, using)})` : render(each, using)))
        .join(' AND ');
    case 'any':
      return condition.of.map((each) => render(each, using)).join(' OR ');
  }
};
