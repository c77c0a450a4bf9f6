/** CloudFormation templates as JSON, and the functions in them. */
import { isDeepStrictEqual } from 'node:util';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface Template extends JsonObject {
  readonly Resources: Readonly<Record<string, JsonObject>>;
  readonly Outputs: Readonly<Record<string, JsonObject>>;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name and the arguments of a function of CloudFormation. */
export const functionOf = (value: Json | undefined): readonly [name: string, given: Json] | undefined => {
  if (!isObject(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  return entry !== undefined && others.length === 0 && /^(Ref|Fn::\w+)$/.test(entry[0]) ? entry : undefined;
};

/** What CloudFormation leaves out. */
export const NO_VALUE = { Ref: 'AWS::NoValue' } as const;
export const isNoValue = (value: Json): boolean => isDeepStrictEqual(value, NO_VALUE);

type If = readonly [condition: string, then: Json, otherwise: Json];
export const ifOf = (value: Json): If | undefined => {
  const [name, given] = functionOf(value) ?? [];
  return name === 'Fn::If' ? (given as unknown as If) : undefined;
};

/** The items of a text that is put together: of a Fn::Join without a separator. */
export const itemsOfText = (value: Json): readonly Json[] | undefined => {
  const [name, given] = functionOf(value) ?? [];
  const [separator, items] = name === 'Fn::Join' ? (given as readonly Json[]) : [];
  return separator === '' && Array.isArray(items) ? (items as readonly Json[]) : undefined;
};

/** Puts a text together, as far as its items are known. */
export const textOf = (items: readonly Json[]): Json => {
  const parts: Json[] = [];
  for (const item of items) {
    const last = parts.at(-1);
    if (typeof item === 'string' && typeof last === 'string') parts[parts.length - 1] = last + item;
    else if (item !== '') parts.push(item);
  }
  const [first = '', ...others] = parts;
  return others.length === 0 ? first : { 'Fn::Join': ['', parts] };
};
