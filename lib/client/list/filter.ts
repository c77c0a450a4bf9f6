import type { Condition } from './conditions.ts';

/** Gives every name and value a placeholder: attributes may be reserved words, and keys of tags are anything. */
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
export type Placeholders = ReturnType<typeof createPlaceholders>;

/** `from` and `to` included. */
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
 * A condition as DynamoDB's text. AND binds closer than OR, so brackets stand only around an OR within an AND: the parser
 * of the embedded DynamoDB takes twice the time for each pair.
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
