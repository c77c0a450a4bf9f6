import type { GenericSchema } from 'valibot';
import { isMembers, joined, Written } from './document.ts';
import { nearest, type SpecProblem } from './problems.ts';

/** What is read of the service model's schemas: they are built of these by `lib/service-model/validation.ts`. */
interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly wrapped?: Shape;
  readonly pipe?: readonly Shape[];
}

/** The members of a structure, which stand somewhere in its pipe. */
const membersOf = ({ entries, pipe = [] }: Shape): Readonly<Record<string, Shape>> | undefined => {
  if (entries !== undefined) return entries;
  // The first of a pipe is the schema itself, without the pipe.
  for (const step of pipe) {
    const found = membersOf(step);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** What Get and the records call a member that Create calls otherwise: specs are often written from these. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  outputmodelname: 'customModelName',
  basemodelarn: 'baseModelIdentifier',
  basemodelid: 'baseModelIdentifier',
  outputmodelkmskeyarn: 'customModelKmsKeyId',
  tags: 'jobTags',
};

const MAX_LISTED_NAMES = 20;

const unknownMember = (name: string, known: readonly string[]): { readonly text: string; readonly meant?: string } => {
  const other = OTHER_NAMES[name.toLowerCase().replaceAll(/[^a-z]/g, '')];
  const meant = other !== undefined && known.includes(other) ? other : nearest(name, known);
  if (meant !== undefined) return { text: `is not a name of the API: did you mean ${meant}?`, meant };
  return { text: `is not a name of the API, which has here: ${known.slice(0, MAX_LISTED_NAMES).join(', ')}` };
};

export interface Fitted {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** Paths of members that were meant by another name: that these are missing is no problem of its own. */
  readonly meant: ReadonlySet<string>;
}

/** Values as the schema's kinds want them: a number stays one only where the API has one. */
class Fitter {
  readonly problems: SpecProblem[] = [];
  readonly meant = new Set<string>();

  fit(schema: Shape, value: unknown, path: string): unknown {
    const shape = schema.wrapped ?? schema;
    const members = membersOf(shape);
    if (members !== undefined) return isMembers(value) ? this.#structure(members, value, path) : bare(value);
    if (shape.item !== undefined) {
      const { item } = shape;
      return Array.isArray(value) ? value.map((each, index) => this.fit(item, each, `${path}[${index}]`)) : bare(value);
    }
    if (shape.type === 'string' || shape.type === 'picklist')
      return value instanceof Written ? value.source : bare(value);
    // A map of texts, or a number or truth value: a map's values are texts as they were written.
    return isMembers(value) ? this.#map(value, path) : bare(value);
  }

  #structure(members: Readonly<Record<string, Shape>>, value: Readonly<Record<string, unknown>>, path: string) {
    const entries = Object.entries(value).flatMap(([name, member]) => {
      const schema = Object.hasOwn(members, name) ? members[name] : undefined;
      // To the API a member without a value is an absent one.
      if (schema !== undefined && member === null) return [];
      if (schema !== undefined) return [[name, this.fit(schema, member, joined(path, name))] as const];
      const { text, meant } = unknownMember(name, Object.keys(members));
      this.problems.push({ where: joined(path, name), text });
      if (meant !== undefined) this.meant.add(joined(path, meant));
      return [];
    });
    return Object.fromEntries(entries);
  }

  #map(value: Readonly<Record<string, unknown>>, path: string) {
    const entries = Object.entries(value).flatMap(([name, item]) => {
      if (item instanceof Written) return [[name, item.source]];
      if (typeof item === 'string') return [[name, item]];
      this.problems.push({
        where: joined(path, name),
        text: item === null ? 'has no value' : 'must be a text or a number',
      });
      return [];
    });
    return Object.fromEntries(entries) as Record<string, string>;
  }
}

/** A value as JSON has it, where the schema wants something else or nothing that could be mangled. */
const bare = (value: unknown): unknown => {
  if (value instanceof Written) return value.value;
  if (Array.isArray(value)) return value.map(bare);
  return isMembers(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, bare(member)]))
    : value;
};

/** A value of a spec as the schema's request has it, and every name in it that the schema does not know. */
export const fitted = (schema: GenericSchema, value: unknown): Fitted => {
  const fitter = new Fitter();
  return { value: fitter.fit(schema, value, ''), problems: fitter.problems, meant: fitter.meant };
};
