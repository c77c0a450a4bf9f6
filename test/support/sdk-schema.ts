/** The schemas that the AWS SDK carries: [kind, namespace, name, traits, member names, member schemas, …]. */
type Schema = unknown;

const STRUCTURE = 3;
const UNION = 4;
const LIST = 1;
const MAP = 2;
/** The SDK's shorthand for a map of strings. */
const MAP_OF_STRINGS = 128;

export interface SchemaField {
  /** Member names from the shape down, lists left out. */
  readonly path: string;
  readonly isMap: boolean;
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
  return names.flatMap((name, position) => {
    const member = resolve(members[position]);
    const memberPath = path === '' ? name : `${path}.${name}`;
    return [{ path: memberPath, isMap: isMapSchema(member) }, ...fieldsBelow(member, memberPath)];
  });
};

/** Every field of a shape of the SDK, nested ones too. */
export const fieldsOfSchema = (schema: Schema): SchemaField[] => fieldsBelow(resolve(schema), '');
