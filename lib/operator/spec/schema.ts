import type { GenericSchema } from 'valibot';
import { isObject, joinPath, Literal } from './document.ts';
import { nearest, type SpecProblem } from './problems.ts';

/** The parts of the service model's schemas that are read here: `lib/service-model/validation.ts` builds them so. */
export interface Schema {
  readonly type: string;
  readonly entries?: Schemas;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly pipe?: readonly Schema[];
}

type Schemas = Readonly<Record<string, Schema>>;

/** The members of a structure, which stand somewhere in its pipe. */
export const membersOf = ({ entries, pipe = [] }: Schema): Schemas | undefined => {
  if (entries !== undefined) return entries;
  // The first of a pipe is the schema itself, without the pipe.
  for (const step of pipe) {
    const found = membersOf(step);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Members of Create by what Get and the records call them: specs are often written from these. */
export const MEMBERS_BY_ANSWER: Readonly<Record<string, string>> = {
  outputModelName: 'customModelName',
  baseModelArn: 'baseModelIdentifier',
  outputModelKmsKeyArn: 'customModelKmsKeyId',
  tags: 'jobTags',
};

const OTHER_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(MEMBERS_BY_ANSWER).map(([name, member]) => [name.toLowerCase(), member])),
  basemodelid: 'baseModelIdentifier',
};

const MAX_LISTED_NAMES = 20;

const intendedName = (name: string, known: readonly string[]): string | undefined => {
  const other = OTHER_NAMES[name.toLowerCase().replaceAll(/[^a-z]/g, '')];
  return other !== undefined && known.includes(other) ? other : nearest(name, known);
};

/** A value as plain JSON. */
export const plain = (value: unknown): unknown => {
  if (value instanceof Literal) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
    : value;
};

interface Converted {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** Paths of members that were given under another name: they are not reported as missing. */
  readonly intended: ReadonlySet<string>;
}

/**
 * The value of a spec as the schema's request has it, a number only where the API has one; and every name in it that the
 * schema does not know.
 */
export const convertToSchema = (root: GenericSchema, spec: unknown): Converted => {
  const problems: SpecProblem[] = [];
  const intended = new Set<string>();

  const convertStructure = (members: Schemas, value: Readonly<Record<string, unknown>>, path: string) => {
    const entries = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
      const schema = Object.hasOwn(members, name) ? members[name] : undefined;
      // The API treats a null member as an absent one.
      if (schema !== undefined) return member === null ? [] : [[name, convert(schema, member, joinPath(path, name))]];
      const known = Object.keys(members);
      const meant = intendedName(name, known);
      const hint =
        meant === undefined
          ? `: use one of ${known.slice(0, MAX_LISTED_NAMES).join(', ')}`
          : `: did you mean ${meant}?`;
      problems.push({ where: joinPath(path, name), text: `is not a name of the API${hint}` });
      if (meant !== undefined) intended.add(joinPath(path, meant));
      return [];
    });
    return Object.fromEntries(entries);
  };

  /** The values of a map are strings, as they were written. */
  const convertMap = (value: Readonly<Record<string, unknown>>, path: string) => {
    const entries = Object.entries(value).flatMap(([name, item]): [string, string][] => {
      if (item instanceof Literal) return [[name, item.source]];
      if (typeof item === 'string') return [[name, item]];
      const text = item === null ? 'has no value' : 'must be a string or a number';
      problems.push({ where: joinPath(path, name), text });
      return [];
    });
    return Object.fromEntries(entries);
  };

  const convert = (optional: Schema, value: unknown, path: string): unknown => {
    const schema = optional.wrapped ?? optional;
    const members = membersOf(schema);
    if (members !== undefined && isObject(value)) return convertStructure(members, value, path);
    if (members !== undefined) return plain(value);
    const { item, type } = schema;
    if (item !== undefined && Array.isArray(value))
      return value.map((each, index) => convert(item, each, `${path}[${index}]`));
    if (item !== undefined) return plain(value);
    if (type === 'string' || type === 'picklist') return value instanceof Literal ? value.source : plain(value);
    return isObject(value) ? convertMap(value, path) : plain(value);
  };

  return { value: convert(root, spec, ''), problems, intended };
};
