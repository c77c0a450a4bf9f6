import type { Shape } from './attributes.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What had no place, by its name. Written to in passing: a million records go through here. */
type Rests = Record<string, unknown>;

const LARGEST_INT32 = 2 ** 31 - 1;
const NUMBERS_AS_TEXT: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (rests: Rests): boolean => {
  for (const _ in rests) return false;
  return true;
};

const timeOf = (value: unknown): Date | undefined => {
  const time = typeof value === 'string' ? new Date(value) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time;
};

const wholeOf = (value: unknown): number | undefined =>
  Number.isInteger(value) && Math.abs(value as number) <= LARGEST_INT32 ? (value as number) : undefined;

const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return NUMBERS_AS_TEXT.includes(value) ? Number(value) : undefined;
};

const mapOf = (value: unknown): Fields | undefined =>
  isFields(value) && Object.values(value).every((inner) => inner === null || typeof inner === 'string')
    ? value
    : undefined;

const listOf = (value: unknown, shape: Shape, rests: Rests, name: string): unknown[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const inner: Rests = {};
  const fitted = value.map((element) => fit(element, shape, inner, 'element'));
  // Entire, as an element's rest alone would not say whose it is.
  if (!isEmpty(inner)) rests[name] = value;
  return fitted;
};

const fieldsOf = (value: unknown, shapes: Readonly<Record<string, Shape>>, rests: Rests, name: string) => {
  if (!isFields(value)) return undefined;
  const inner: Rests = {};
  const fitted = fitFields(value, shapes, inner);
  if (!isEmpty(inner)) rests[name] = inner;
  return fitted;
};

const fitted = (value: unknown, shape: Shape, rests: Rests, name: string): unknown => {
  if (typeof shape === 'object') {
    return 'list' in shape ? listOf(value, shape.list, rests, name) : fieldsOf(value, shape.struct, rests, name);
  }
  switch (shape) {
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'time':
      return timeOf(value);
    case 'whole':
      return wholeOf(value);
    case 'number':
      return numberOf(value);
    case 'map':
      return mapOf(value);
    case 'document':
      return value;
    default:
      return shape satisfies never;
  }
};

/**
 * A value as a column of this shape takes it: times as dates, numbers as numbers. What does not fit is put among the
 * rests under its name, so that nothing is lost.
 */
const fit = (value: unknown, shape: Shape, rests: Rests, name: string): unknown => {
  // Absent, and NULL where a transition has none before it.
  if (value === undefined || value === null) return undefined;
  const result = fitted(value, shape, rests, name);
  if (result === undefined) rests[name] = value;
  return result;
};

/** The fields that the shapes name; what they do not name, or what does not fit, is put among the rests. */
export const fitFields = (value: Fields, shapes: Readonly<Record<string, Shape>>, rests: Rests): Fields => {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (shape === undefined) rests[name] = value[name];
    else row[name] = fit(value[name], shape, rests, name);
  }
  return row;
};

/** A record by columns of these shapes, and what has no place in them. */
export const fitRecord = (
  record: Fields,
  shapes: Readonly<Record<string, Shape>>,
): { readonly row: Fields; readonly rest: Fields | undefined } => {
  const rests: Rests = {};
  const row = fitFields(record, shapes, rests);
  return { row, rest: isEmpty(rests) ? undefined : rests };
};
