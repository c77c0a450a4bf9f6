import {
  functionOf,
  isObject,
  itemsOfText,
  joined,
  NO_VALUE,
  type Json,
  type JsonObject,
  type Template,
} from './merge-templates.ts';
import { isDeepStrictEqual } from 'node:util';

/**
 * What CloudFormation makes of a template with conditions, as a template without: the other way round as mergeVariants.
 *
 * @param holds whether a condition holds that the template does not define by others
 */
export function chooseVariant(template: Template, holds: (condition: string) => boolean): Template {
  const { Resources, Outputs, Conditions = {}, ...others } = template;
  const isTrue = (condition: string): boolean => {
    const expression = (Conditions as JsonObject)[condition];
    return expression !== undefined && isCombined(expression) ? evaluate(expression) : holds(condition);
  };
  const evaluate = (expression: Json): boolean => {
    const [name = '', given] = isObject(expression) ? (Object.entries(expression)[0] ?? []) : [];
    if (name === 'Condition') return isTrue(given as string);
    const values = (given as readonly Json[]).map(evaluate);
    if (name === 'Fn::Not') return values[0] === false;
    return name === 'Fn::And' ? values.every(Boolean) : values.some(Boolean);
  };
  const chosen = (entries: Template['Resources']): [string, JsonObject][] =>
    Object.entries(entries)
      .filter(([, { Condition: condition }]) => condition === undefined || isTrue(condition as string))
      .map(([id, { Condition: _, ...body }]) => [id, resolve(body, isTrue) as JsonObject]);
  const resources = chosen(Resources);
  const exists = new Set(resources.map(([id]) => id));
  return {
    ...others,
    Resources: Object.fromEntries(resources.map(([id, body]) => [id, withDependencies(body, exists)])),
    Outputs: Object.fromEntries(chosen(Outputs)),
  };
}

/** Conditions of parameters, such as Fn::Equals, are for the caller to decide. */
const isCombined = (expression: Json): boolean => {
  const text = JSON.stringify(expression);
  return text.includes('"Condition"') && !text.includes('"Fn::Equals"');
};

/** Dependencies on what exists, in an order that does not depend on where they came from. */
const withDependencies = ({ DependsOn: needs, ...body }: JsonObject, exists: ReadonlySet<string>): JsonObject => {
  const left = [needs ?? []].flat().filter((id) => exists.has(id as string));
  return { ...body, ...(left.length > 0 && { DependsOn: left.sort() }) };
};

const isNoValue = (value: Json): boolean => isDeepStrictEqual(value, NO_VALUE);

/** A value with its conditions decided, and its texts put together as far as they are known. */
function resolve(value: Json, isTrue: (condition: string) => boolean): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => resolve(item, isTrue)).filter((item) => !isNoValue(item));
  }
  if (!isObject(value)) return value;
  const [name, given] = functionOf(value) ?? [];
  if (name === 'Fn::If') {
    const [condition, then, otherwise] = given as unknown as [string, Json, Json];
    return resolve(isTrue(condition) ? then : otherwise, isTrue);
  }
  const fields = Object.entries(value).map(([key, each]): [string, Json] => [key, resolve(each, isTrue)]);
  const resolved = Object.fromEntries(fields.filter(([, each]) => !isNoValue(each)));
  const items = itemsOfText(resolved);
  return items === undefined ? resolved : joined(items.flatMap((item) => itemsOfText(item) ?? [item]));
}
