/** The schemas that the AWS SDK carries: [kind, namespace, name, traits, member names, member schemas, required members]. */
type Schema = unknown;

const STRUCTURE = 3;
const UNION = 4;
const LIST = 1;
const MAP = 2;
/** The SDK's shorthand for a map of strings. */
const MAP_OF_STRINGS = 128;

export interface SchemaField {
  /** Member names from the root down, without lists. */
  readonly path: string;
  readonly isMap: boolean;
  readonly isRequired: boolean;
}

const resolve = (schema: Schema): Schema => {
  if (typeof schema === 'function') return resolve((schema as () => Schema)());
  // A member with traits of its own is a pair of its schema and these traits.
  return Array.isArray(schema) && typeof schema[0] !== 'number' ? resolve(schema[0]) : schema;
};

const isMapSchema = (schema: Schema): boolean =>
  schema === MAP_OF_STRINGS || (Array.isArray(schema) && schema[0] === MAP);

const fieldsBelow = (schema: Schema, path: string): SchemaField[] => {
  if (!Array.isArray(schema)) return [];
  if (schema[0] === LIST) return fieldsBelow(resolve(schema[4]), path);
  if (schema[0] !== STRUCTURE && schema[0] !== UNION) return [];
  const names = schema[4] as string[];
  const members = schema[5] as Schema[];
  const required = schema[0] === STRUCTURE ? ((schema[6] as number | undefined) ?? 0) : 0;
  return names.flatMap((name, position) => {
    const member = resolve(members[position]);
    const memberPath = path === '' ? name : `${path}.${name}`;
    const field = { path: memberPath, isMap: isMapSchema(member), isRequired: position < required };
    return [field, ...fieldsBelow(member, memberPath)];
  });
};

/** Every field of a shape of the SDK, nested ones too. */
export const fieldsOfSchema = (schema: Schema): SchemaField[] => fieldsBelow(resolve(schema), '');
