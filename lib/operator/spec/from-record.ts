import { Document } from 'yaml';
import { TrackerError } from '../../domain/errors.ts';
import { catalogName } from '../../domain/normalize.ts';
import type { JobRecord } from '../../domain/record.ts';
import { CreateRequest, PATTERNS } from '../../service-model/model.ts';
import { escapeUnsafe, visible } from '../visible.ts';
import { readRequest, type Spec } from './create-request.ts';
import { isObject, joinPath } from './document.ts';
import { RESERVED_KEY } from './rules.ts';
import { MEMBERS_BY_ANSWER, membersOf, type Schema } from './schema.ts';

/** The request that made a job, as far as its record tells it. */
export type JobSpec = Spec & {
  readonly value: Readonly<Record<string, unknown>>;
  /** What is missing of it or cannot be sent, each as `customModelTags: why`. */
  readonly missing: readonly string[];
};

/** A token stands for the request that made the job, and tags are a map. */
const BY_HAND = ['clientRequestToken', 'jobTags', 'customModelTags'];
const IMPORTED = 'IMPORTED';

const ANSWER_NAMES = new Map(Object.entries(MEMBERS_BY_ANSWER).map(([name, member]) => [member, name]));

/** A part of a record as Create has it: the schema names the members, and the keys of maps stay as they are. */
const convert = (optional: Schema, value: unknown, path: string, missing: string[]): unknown => {
  const schema = optional.wrapped ?? optional;
  const members = membersOf(schema);
  if (Array.isArray(value))
    return schema.item === undefined
      ? value
      : value.map((item, index) => convert(schema.item ?? schema, item, `${path}[${index}]`, missing));
  if (!isObject(value)) return value;
  if (members === undefined) {
    const entries = Object.entries(value);
    for (const [key, item] of entries) if (item === null) missing.push(`${path}.${key}: has no value`);
    return Object.fromEntries(entries.filter(([, item]) => item !== null));
  }
  const known = new Map(Object.entries(members).map(([name, member]) => [catalogName(name), [name, member] as const]));
  return Object.fromEntries(
    Object.entries(value).flatMap(([attribute, item]) => {
      const [name, member] = known.get(attribute) ?? [];
      if (name !== undefined && member !== undefined)
        return [[name, convert(member, item, joinPath(path, name), missing)]];
      missing.push(`${joinPath(path, attribute)}: this version does not know it`);
      return [];
    }),
  );
};

/** A foundation model by its id, which is the same in each Region. */
const baseModelOf = (arn: unknown): unknown => {
  const id = typeof arn === 'string' ? /^arn:[^:]+:bedrock:[^:]*::foundation-model\/(.+)$/.exec(arn)?.[1] : undefined;
  return id !== undefined && PATTERNS.baseModelIdentifier.matches(id) ? id : arn;
};

const tagsOf = (tags: Readonly<Record<string, string>>, missing: string[]): [string, unknown][] => {
  const own = Object.entries(tags).filter(([key]) => !RESERVED_KEY.test(key));
  for (const key of Object.keys(tags).filter((each) => RESERVED_KEY.test(each)))
    missing.push(`jobTags.${key}: only AWS sets such a tag`);
  return own.length === 0 ? [] : [['jobTags', Object.fromEntries(own)]];
};

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0;

/**
 * The spec of a job: everything of its record that CreateModelCustomizationJob takes.
 *
 * @throws TrackerError BAD_REQUEST for an imported job, which another operation made
 */
export const specOf = (record: JobRecord): JobSpec => {
  const name = record.job_name ?? record.job_arn;
  if (record.customization_type === IMPORTED)
    throw new TrackerError(
      'BAD_REQUEST',
      `${visible(name)} was imported: CreateModelCustomizationJob cannot make it again. Import its model again, for ` +
        'example with "aws bedrock create-custom-model".',
    );
  const missing: string[] = [];
  const attributes = record as unknown as Readonly<Record<string, unknown>>;
  const members = Object.entries(membersOf(CreateRequest as Schema) ?? {}).flatMap(([member, schema]) => {
    const value = attributes[catalogName(ANSWER_NAMES.get(member) ?? member)];
    if (BY_HAND.includes(member) || value === undefined || value === null) return [];
    const converted = convert(schema, value, member, missing);
    return isEmpty(converted) ? [] : [[member, converted] as const];
  });
  const value: Readonly<Record<string, unknown>> = Object.fromEntries([...members, ...tagsOf(record.tags, missing)]);
  const complete = {
    ...value,
    ...('baseModelIdentifier' in value && { baseModelIdentifier: baseModelOf(value['baseModelIdentifier']) }),
  };
  const spec = { name: `The job ${visible(name)}`, value: complete };
  const { problems } = readRequest(spec, {});
  missing.push(
    ...problems.map(({ where, text }) => `${where}: ${text}`),
    'customModelTags: the tags of the model are not known',
  );
  return { ...spec, missing: missing.map(visible) };
};

/** A spec as YAML, with a comment at its beginning. It is safe to print. */
export const formatSpec = (value: unknown, comment: readonly string[]): string => {
  const document = new Document(value);
  document.commentBefore = comment.map((line) => ` ${visible(line)}`).join('\n');
  const plain = document.toString({ lineWidth: 0 });
  // Only strings in double quotes may have escapes.
  return plain === escapeUnsafe(plain)
    ? plain
    : escapeUnsafe(document.toString({ lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }));
};

/** The spec of a job for a person to change, and what that person should know of it. */
export const formatJobSpec = ({ name, value, missing }: JobSpec): string =>
  formatSpec(value, [
    `${name} as a spec for bedrock-jobs create --spec.`,
    'Change jobName and customModelName: Bedrock keeps the names of jobs and models.',
    ...missing,
  ]);
