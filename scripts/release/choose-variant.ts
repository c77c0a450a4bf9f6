import {
  functionOf,
  ifOf,
  isNoValue,
  isObject,
  itemsOfText,
  textOf,
  type Json,
  type JsonObject,
  type Template,
} from './json.ts';

/**
 * What CloudFormation makes of a template where these conditions hold and no other does, as a template without
 * conditions. Dependencies are sorted.
 *
 * @param held names of conditions that are not about other conditions
 */
export function chooseVariant(template: Template, held: ReadonlySet<string>): Template {
  const { Resources, Outputs, Conditions = {}, ...others } = template;
  const isTrue = (condition: string): boolean => {
    const expression = (Conditions as JsonObject)[condition];
    return isCombination(expression) ? evaluate(expression, isTrue) : held.has(condition);
  };
  const chosen = (entries: Template['Resources']): [string, JsonObject][] =>
    Object.entries(entries)
      .filter(([, { Condition: condition }]) => condition === undefined || isTrue(condition as string))
      .map(([id, { Condition: _, ...body }]) => [id, resolve(body, isTrue) as JsonObject]);
  const resources = chosen(Resources);
  const exists = new Set<Json>(resources.map(([id]) => id));
  return {
    ...others,
    Resources: Object.fromEntries(resources.map(([id, body]) => [id, withDependencies(body, exists)])),
    Outputs: Object.fromEntries(chosen(Outputs)),
  };
}

/** Whether an expression is about other conditions, and not about parameters. */
const isCombination = (expression: Json | undefined): expression is JsonObject =>
  expression !== undefined && JSON.stringify(expression).includes('"Condition":');

type IsTrue = (condition: string) => boolean;

/** An expression of conditions: the functions that mergeVariants writes. */
function evaluate(expression: Json, isTrue: IsTrue): boolean {
  const [name = '', given = ''] = isObject(expression) ? (Object.entries(expression)[0] ?? []) : [];
  if (name === 'Condition') return isTrue(given as string);
  const values = (given as readonly Json[]).map((each) => evaluate(each, isTrue));
  if (name === 'Fn::Not') return !values.every(Boolean);
  return name === 'Fn::And' ? values.every(Boolean) : values.some(Boolean);
}

/** CloudFormation ignores dependencies on what does not exist. */
const withDependencies = ({ DependsOn: needs = [], ...body }: JsonObject, exists: ReadonlySet<Json>): JsonObject => {
  const left = [needs].flat().filter((id) => exists.has(id));
  return { ...body, ...(left.length > 0 && { DependsOn: left.sort() }) };
};

function resolve(value: Json, isTrue: IsTrue): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => resolve(item, isTrue)).filter((item) => !isNoValue(item));
  }
  if (!isObject(value)) return value;
  const [condition, then, otherwise] = ifOf(value) ?? [];
  if (condition !== undefined) return resolve((isTrue(condition) ? then : otherwise) ?? null, isTrue);
  const members = Object.entries(value).map(([key, each]): [string, Json] => [key, resolve(each, isTrue)]);
  const resolved = Object.fromEntries(
    functionOf(value) === undefined ? members.filter(([, each]) => !isNoValue(each)) : members,
  );
  const items = itemsOfText(resolved);
  return items === undefined ? resolved : textOf(items.flatMap((item) => itemsOfText(item) ?? [item]));
}
