import path from 'node:path';
import ts from 'typescript';
import { JOBS_TABLE, MODELS_TABLE, type TableSchema } from '../../lib/contract.ts';

/** A JSON schema (draft 7), as far as records need it. */
export interface Schema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  /** Known values, where AWS may add some. */
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
/** The records are in one each; the later uses types of the earlier. */
const SOURCES = ['lib/domain/record.ts', 'lib/domain/model-record.ts'].map((file) => path.join(ROOT, file));
const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** Closed in TypeScript, but AWS names them: it may add one. */
const OPEN_TYPES: readonly string[] = ['SubTask'];
/** Times are recognized by the names of their fields, as their type is `string`. */
const IS_TIME = /(?:_time|_at|_since|^at|^since)$/;
const TIME: Schema = {
  title: 'Time',
  description: 'ISO-8601, UTC, with milliseconds: sorts as text.',
  type: 'string',
  format: 'date-time',
  pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
};
const METRIC: Schema = {
  anyOf: [
    { type: 'number' },
    { type: 'string', pattern: String.raw`^(?:NaN|-?Infinity|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$` },
  ],
};

const compile = () => {
  const { options } = ts.convertCompilerOptionsFromJson(
    { target: 'es2023', lib: ['es2023'], module: 'nodenext', types: [], noEmit: true, strict: true },
    ROOT,
  );
  const program = ts.createProgram(SOURCES, { ...options, allowImportingTsExtensions: true });
  const checker = program.getTypeChecker();
  const exports = SOURCES.flatMap((file) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`Could not read ${file}.`);
    return checker.getExportsOfModule(module);
  });
  return { checker, exported: new Map(exports.map((symbol) => [symbol.name, symbol])) };
};

/** Turns the types of records into schemas. Named types become definitions. */
const createConverter = (checker: ts.TypeChecker, exported: ReadonlyMap<string, ts.Symbol>) => {
  const definitions = new Map<string, Schema>([['Time', TIME]]);
  const has = (type: ts.Type, flag: ts.TypeFlags): boolean => (type.flags & flag) !== 0;
  const describe = (symbol: ts.Symbol | undefined): { description?: string } => {
    const text = ts.displayPartsToString(symbol?.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ').trim();
    return text === '' ? {} : { description: text };
  };

  /** The type of an optional member without its undefined. No optional member is nullable. */
  const withoutUndefined = (type: ts.Type): ts.Type =>
    type.isUnion() && type.types.some((each) => has(each, ts.TypeFlags.Undefined))
      ? checker.getNonNullableType(type)
      : type;

  const isMetric = ({ types }: ts.UnionType): boolean => types.some((each) => has(each, ts.TypeFlags.TemplateLiteral));

  const ofUnion = (type: ts.UnionType, name: string): Schema => {
    const { types } = type;
    const texts = types.filter((each) => each.isStringLiteral()).map(({ value }) => value);
    // `string & {}`: any text, besides the known ones.
    const isOpen = types.some((each) => each.isIntersection()) || OPEN_TYPES.includes(name);
    if (isOpen) return { type: 'string', examples: texts };
    if (texts.length === types.length) return { type: 'string', enum: texts };
    const kinds = types.map((each) => ofType(each).type);
    if (kinds.every((kind) => typeof kind === 'string')) return { type: [...new Set(kinds)].sort().reverse() };
    throw new Error(`No schema for the union ${checker.typeToString(type)}.`);
  };

  const ofObject = (type: ts.Type): Schema => {
    const values = type.getStringIndexType();
    if (values !== undefined) return { type: 'object', additionalProperties: ofType(values) };
    // Members of its own file first.
    const fileOf = ({ declarations: [at] = [] }: ts.Symbol): number =>
      at === undefined ? 0 : -SOURCES.indexOf(path.normalize(at.getSourceFile().fileName));
    const positionOf = (symbol: ts.Symbol): number => symbol.declarations?.[0]?.pos ?? 0;
    const members = [...checker.getPropertiesOfType(type)].sort(
      (a, b) => fileOf(a) - fileOf(b) || positionOf(a) - positionOf(b),
    );
    const isOptional = ({ flags }: ts.Symbol): boolean => (flags & ts.SymbolFlags.Optional) !== 0;
    const required = members.filter((member) => !isOptional(member)).map(({ name }) => name);
    const properties = members.map((member): [string, Schema] => {
      const schema = ofType(checker.getTypeOfSymbol(member), member);
      // Draft 7 ignores what stands beside a reference; people do not.
      return [member.name, { ...describe(member), ...(IS_TIME.test(member.name) ? { $ref: '#/$defs/Time' } : schema) }];
    });
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required }),
    };
  };

  /** The exported name of a type; of a member, as it is declared, as unions forget their names. */
  const nameOf = (type: ts.Type, member?: ts.Symbol): string => {
    const [declaration] = member?.declarations ?? [];
    const written = declaration !== undefined && ts.isPropertySignature(declaration) && declaration.type?.getText();
    const own = type.isClassOrInterface() ? type.symbol.name : undefined;
    return [written, type.aliasSymbol?.name, own].find((name) => name && exported.has(name)) || '';
  };

  const refer = (name: string, make: () => Schema): Schema => {
    if (!definitions.has(name)) definitions.set(name, { title: name, ...describe(exported.get(name)), ...make() });
    return { $ref: `#/$defs/${name}` };
  };

  const ofType = (declared: ts.Type, member?: ts.Symbol): Schema => {
    const type = withoutUndefined(declared);
    if (has(type, ts.TypeFlags.BooleanLiteral)) return { const: checker.typeToString(type) === 'true' };
    if (has(type, ts.TypeFlags.BooleanLike)) return { type: 'boolean' };
    if (type.isStringLiteral()) return { type: 'string', enum: [type.value] };
    if (has(type, ts.TypeFlags.String)) return { type: 'string' };
    // Plain numbers of a record are whole; the others are of type MetricNumber.
    if (has(type, ts.TypeFlags.Number)) return { type: 'integer' };
    if (has(type, ts.TypeFlags.Null)) return { type: 'null' };
    const name = nameOf(type, member);
    if (type.isUnion()) return isMetric(type) ? refer(name, () => METRIC) : ofUnion(type, name);
    const [element] = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
    if (element !== undefined) return { type: 'array', items: ofType(element) };
    return name === '' ? ofObject(type) : refer(name, () => ofObject(type));
  };

  return { definitions, ofObject, describe };
};

/** What an index carries: a part of the record, and its own keys. */
const summaryOf = (title: string, record: Schema, { indexes, partitionKey, projected }: TableSchema): Schema => {
  const keys = (keysOnly: boolean) =>
    Object.entries(indexes)
      .filter(([, index]) => (index.keysOnly ?? false) === keysOnly)
      .map(([name, index]) => `${name} (${index.partitionKey}, ${index.sortKey})`)
      .join(', ');
  const names = [partitionKey, ...projected];
  return {
    title,
    description: `The part of a record that these indexes carry, besides their keys: ${keys(false)}. ${keys(true)} carries ${partitionKey} and its keys alone.`,
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/properties/${name}` }])),
    required: names.filter((name) => record.required?.includes(name)),
  };
};

/**
 * The JSON schema of a record as readers see it: numbers as numbers, maps as objects. Made from the types and docstrings of
 * lib/domain. Allows further attributes, statuses and types, as AWS adds some.
 *
 * @param others exported types that become definitions too
 */
const jsonSchemaOf = (title: string, summary: string, table: TableSchema, others: readonly string[] = []): Schema => {
  const { checker, exported } = compile();
  const { definitions, ofObject, describe } = createConverter(checker, exported);
  const typed = (name: string): Schema => {
    const symbol = exported.get(name);
    if (symbol === undefined) throw new Error(`lib/domain does not export ${name}.`);
    return { title: name, ...describe(symbol), ...ofObject(checker.getDeclaredTypeOfSymbol(symbol)) };
  };
  const record = typed(title);
  const $defs = {
    ...Object.fromEntries(definitions),
    ...Object.fromEntries(others.map((name) => [name, typed(name)])),
    [summary]: summaryOf(summary, record, table),
  };
  return { $schema: DRAFT, ...record, $defs };
};

export const jobRecordJsonSchema = (): Schema => jsonSchemaOf('JobRecord', 'JobSummary', JOBS_TABLE);
/** With the other kind of items in the table. */
export const modelRecordJsonSchema = (): Schema =>
  jsonSchemaOf('ModelRecord', 'CustomModelSummary', MODELS_TABLE, ['ServingPointer']);
