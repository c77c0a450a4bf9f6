type Item = Readonly<Record<string, unknown>>;
interface Names {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

const COMPARISONS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '=': (a, b) => a === b,
  '<=': (a, b) => typeof a === typeof b && (a as string) <= (b as string),
};

const holdsClause = (clause: string, item: Item, { ExpressionAttributeNames, ExpressionAttributeValues }: Names) => {
  const nameOf = (placeholder: string): string => ExpressionAttributeNames?.[placeholder] ?? placeholder;
  const absent = /^attribute_not_exists\((#\w+)\)$/.exec(clause)?.[1];
  if (absent !== undefined) return item[nameOf(absent)] === undefined;
  const [, name = '', comparison = '', value = ''] = /^(#\w+) (=|<=) (:\w+)$/.exec(clause) ?? [];
  const compare = COMPARISONS[comparison];
  if (compare === undefined) throw new Error(`The world's table does not understand "${clause}".`);
  return item[nameOf(name)] !== undefined && compare(item[nameOf(name)], ExpressionAttributeValues?.[value]);
};

/** Whether an item (empty where there is none) meets one of DynamoDB's expressions, as far as the tracker writes them. */
export const holds = (expression: string | undefined, item: Item, names: Names): boolean =>
  expression === undefined ||
  expression
    .split(' OR ')
    .some((terms) => terms.split(' AND ').every((clause) => holdsClause(clause.trim(), item, names)));
