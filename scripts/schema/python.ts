import { REGISTERED_STATES } from '../../lib/client/registry.ts';
import {
  BY_STATE_INDEX,
  ENV,
  JOBS_TABLE,
  MODELS_TABLE,
  MODEL_TRANSITION_DETAIL_TYPE,
  PARAMETER,
  PARAMETER_PREFIX,
  REGISTERED_SCOPES,
  shardsOf,
  SWEEPS_TABLE,
  TRANSITION_DETAIL_TYPE,
  TRANSITION_DETAIL_VERSION,
  TRANSITION_EVENT_SOURCE,
  type TableSchema,
} from '../../lib/contract.ts';
import { RESOURCE_KINDS } from '../../lib/domain/identity.ts';
import { ACTIVE_STATUSES, JOB_STATUSES } from '../../lib/domain/record.ts';
import { MAKING } from '../../lib/domain/model-record.ts';
import type { Schema } from './records.ts';

const KEYWORDS = ['from', 'global', 'import', 'in', 'is', 'with'];

const text = (value: string): string => JSON.stringify(value);
const tuple = (values: readonly string[]): string => `(${values.map(text).join(', ')})`;
const camel = (name: string): string => name.replaceAll(/(?:^|_)(\w)/g, (_all, first: string) => first.toUpperCase());
const doc = (description: string, indent = '    '): string => `${indent}"""${description.replaceAll('\\', '\\\\')}"""`;

/** The names of lib/contract.ts, as Python. */
const constants = (): string => {
  const indexesOf = ({ indexes }: TableSchema): string => {
    const keys = Object.entries(indexes).map(
      ([name, index]) => `    ${text(name)}: ${tuple([index.partitionKey, index.sortKey])},`,
    );
    return `{\n${keys.join('\n')}\n}`;
  };
  const suffix = (parameter: string): string => text(parameter.slice(PARAMETER_PREFIX.length + 1));
  return [
    `JOBS_TABLE_VARIABLE = ${text(ENV.jobsTable)}`,
    `MODELS_TABLE_VARIABLE = ${text(ENV.modelsTable)}`,
    `SCOPES_VARIABLE = ${text(ENV.scopes)}`,
    `SWEEPS_TABLE_VARIABLE = ${text(ENV.sweepsTable)}`,
    `REGISTERED_SCOPES = ${text(REGISTERED_SCOPES)}`,
    `REGISTERED_SHARDS = ${tuple(REGISTERED_STATES.flatMap(shardsOf))}`,
    `BY_STATE_INDEX = ${text(BY_STATE_INDEX)}`,
    `PARAMETER_PREFIX = ${text(PARAMETER_PREFIX)}`,
    `JOBS_TABLE_PARAMETER = ${suffix(PARAMETER.jobsTableName)}`,
    `MODELS_TABLE_PARAMETER = ${suffix(PARAMETER.modelsTableName)}`,
    `SCOPES_PARAMETER = ${suffix(PARAMETER.trackedScopes)}`,
    `SWEEPS_TABLE_PARAMETER = ${suffix(PARAMETER.sweepsTableName)}`,
    `TRANSITION_EVENT_SOURCE = ${text(TRANSITION_EVENT_SOURCE)}`,
    `TRANSITION_DETAIL_TYPE = ${text(TRANSITION_DETAIL_TYPE)}`,
    `MODEL_TRANSITION_DETAIL_TYPE = ${text(MODEL_TRANSITION_DETAIL_TYPE)}`,
    `TRANSITION_DETAIL_VERSION = ${text(TRANSITION_DETAIL_VERSION)}`,
    `JOB_STATUSES = ${tuple(JOB_STATUSES)}`,
    `ACTIVE_STATUSES = ${tuple(ACTIVE_STATUSES)}`,
    '# Partition key and sort key of each index.',
    `INDEXES: dict[str, tuple[str, str]] = ${indexesOf(JOBS_TABLE)}`,
    '# What an ARN names, by its type.',
    `RESOURCE_KINDS = {\n${Object.entries(RESOURCE_KINDS)
      .map(([type, kind]) => `    ${text(type)}: ${text(kind)},`)
      .join('\n')}\n}`,
    `MODEL_INDEXES: dict[str, tuple[str, str]] = ${indexesOf(MODELS_TABLE)}`,
    `SWEEPS_INDEXES: dict[str, tuple[str, str]] = ${indexesOf(SWEEPS_TABLE)}`,
  ].join('\n');
};

/** Writes a TypedDict for each object of a schema, those that others need first. */
const createClasses = (root: Schema) => {
  const classes = new Map<string, string>();
  const schemas = new Map<string, Schema>();
  const resolve = ($ref: string): Schema =>
    $ref
      .slice(2)
      .split('/')
      .reduce((at, name) => (at as Record<string, Schema>)[name] as Schema, root);

  const typeOf = (schema: Schema, name: string): string => {
    const { $ref, type, const: constant } = schema;
    if ($ref !== undefined) {
      const last = $ref.split('/').at(-1) ?? name;
      return typeOf(resolve($ref), $ref.startsWith('#/$defs/') ? last : camel(last));
    }
    if (constant !== undefined) return constant === true ? 'bool' : `Literal[${JSON.stringify(constant)}]`;
    if (schema.enum !== undefined) return `Literal[${schema.enum.map((value) => text(String(value))).join(', ')}]`;
    if (schema.anyOf !== undefined)
      return schema.anyOf
        .map((one) => typeOf(one, name))
        .join(' | ')
        .replace('float | int', 'float');
    if (Array.isArray(type)) return type.map((one: string) => typeOf({ type: one }, name)).join(' | ');
    switch (type) {
      case 'array':
        return `list[${typeOf(schema.items ?? {}, name.replace(/s$/, ''))}]`;
      case 'object':
        if (schema.properties === undefined) return `dict[str, ${typeOf(schema.additionalProperties ?? {}, name)}]`;
        if ((schemas.get(name) ?? schema) !== schema) throw new Error(`Two objects would be called ${name} in Python.`);
        schemas.set(name, schema);
        if (!classes.has(name)) classes.set(name, classOf(name, schema));
        return name;
      case 'string':
        return 'str';
      case 'integer':
        return 'int';
      case 'number':
        return 'float';
      case 'boolean':
        return 'bool';
      case 'null':
        return 'None';
      default:
        throw new Error(`No Python type for ${JSON.stringify(schema)}.`);
    }
  };

  const classOf = (name: string, { description, properties = {}, required = [] }: Schema): string => {
    const members = Object.entries(properties).map(([key, schema]) => ({
      key,
      type: typeOf(schema, camel(key)),
      description: schema.description,
      isRequired: required.includes(key),
      // Other keys need the call syntax of TypedDict.
      isPlain: /^\w+$/.test(key) && !KEYWORDS.includes(key),
    }));
    const lines = (isRequired: boolean) =>
      members
        .filter((member) => member.isPlain && member.isRequired === isRequired)
        .flatMap(({ key, type, description: about }) => [
          `    ${key}: ${type}`,
          ...(about === undefined ? [] : [doc(about)]),
        ]);
    const odd = members.filter(({ isPlain }) => !isPlain);
    if (odd.some(({ isRequired }) => !isRequired))
      throw new Error(`${name} has an optional key that Python cannot name.`);
    const about = description === undefined ? [] : [doc(description), ''];
    const needed = lines(true);
    const bases = [...(odd.length > 0 ? [`_${name}Keys`] : []), ...(needed.length > 0 ? [`_${name}Required`] : [])];
    const keys = odd.map(({ key, type }) => `        ${text(key)}: ${type},`).join('\n');
    return [
      ...(odd.length > 0 ? [`_${name}Keys = TypedDict(\n    "_${name}Keys",\n    {\n${keys}\n    },\n)`, '', ''] : []),
      ...(needed.length > 0 ? [`class _${name}Required(TypedDict):`, ...needed, '', ''] : []),
      `class ${name}(${bases.length === 0 ? 'TypedDict' : bases.join(', ')}, total=False):`,
      ...about,
      ...lines(false),
      ...(about.length + lines(false).length === 0 ? ['    pass'] : []),
    ]
      .join('\n')
      .trimEnd();
  };
  return { classes, typeOf };
};

/** The Python module with what both languages share: constants of the contract, and the types of records and events. */
export const pythonRecords = (schemas: readonly Schema[]): string => {
  const classes = new Map<string, string>();
  for (const schema of schemas) {
    const made = createClasses(schema);
    made.typeOf(schema, schema.title ?? '');
    for (const [name, definition] of Object.entries(schema.$defs ?? {})) {
      if (name.endsWith('Summary')) made.typeOf(definition, name);
    }
    if (schema.title === 'ModelRecord') {
      const making = Object.entries(schema.properties ?? {}).filter(([name]) => MAKING.some((each) => each === name));
      made.typeOf({ type: 'object', properties: Object.fromEntries(making) }, 'Making');
    }
    for (const [name, text] of made.classes) {
      if ((classes.get(name) ?? text) !== text) throw new Error(`Two objects would be called ${name} in Python.`);
      classes.set(name, text);
    }
  }
  return (
    [
      '"""Made by `node scripts/write-schema.ts` from the JSON schemas and the names that all readers share."""',
      'from typing import Literal, TypedDict',
      constants(),
      ...[...classes.values()].map((one) => `\n${one}`),
      '',
    ]
      .join('\n\n')
      .replaceAll(/\n{4,}/g, '\n\n\n')
      .trimEnd() + '\n'
  );
};
