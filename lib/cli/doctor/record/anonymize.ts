/**
 * Replaces everything in an answer of AWS that somebody chose: what stays is numbers, times, booleans, the names of
 * members in AWS's own model, and words of AWS. A list of what may stay decides, so that what nobody thought of goes.
 * The same text gets the same replacement, so that ARNs, names and S3 keys of one recording still belong together.
 */

/** Schemas of the SDK are lists: [kind, namespace, name, traits, …]; a member's may be a function or a pair with traits. */
export type Schema = unknown;
const LIST = 1;
const STRUCTURE = 3;
const UNION = 4;

/** Full times in UTC: they hold nothing but digits. */
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const REGION =
  /^(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[a-z]?|eu-isoe)-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d$/;
/** Members whose texts are AWS's, where they are of an enumeration of the SDK. */
const OF_ENUMERATION = /(?:status|state|type)$/i;

/** Words of AWS in ARNs, S3 keys and CloudTrail records. */
const WORDS: ReadonlySet<string> = new Set([
  // Services and partitions.
  ...['aws', 'aws-cn', 'aws-us-gov', 'bedrock', 'cloudtrail', 'events', 'iam', 'kms', 'lambda', 's3', 'scheduler'],
  ...['sns', 'sqs', 'sts'],
  // Types of resources.
  ...['assumed-role', 'custom-model', 'event-bus', 'event-source-mapping', 'foundation-model', 'function'],
  ...[
    'imported-model',
    'key',
    'model-customization-job',
    'role',
    'rule',
    'schedule',
    'schedule-group',
    'trail',
    'user',
  ],
  ...['default', 'service-role'],
  // The layout of a job's output.
  ...['model-customization-job-', 'post_fine_tuning_validation', 'step_wise_training_metrics.csv'],
  ...['training_artifacts', 'validation', 'validation_artifacts', 'validation_metrics.csv'],
  // Publishers of foundation models.
  ...['ai21', 'amazon', 'anthropic', 'cohere', 'deepseek', 'meta', 'mistral', 'openai', 'qwen', 'stability'],
]);

/** Names of members in CloudTrail's records, which are JSON inside a text, and their words. */
const RECORD_MEMBERS: ReadonlySet<string> = new Set([
  ...['errorCode', 'errorMessage', 'eventName', 'eventSource', 'eventTime', 'eventVersion', 'jobArn', 'jobIdentifier'],
  ...['jobName', 'requestParameters', 'resourceARN', 'responseElements'],
]);
const RECORD_WORDS: ReadonlySet<string> = new Set([
  ...['bedrock.amazonaws.com', 'CreateModelCustomizationJob', 'StopModelCustomizationJob'],
]);

const ACCOUNT = /^\d{12}$/;
/** What the first account is called: AWS's own example. */
const FIRST_ACCOUNT = 111_122_223_333;
const JOB_ID = /^[a-z0-9]{12}$/;
const MODEL_PART = /^\d{1,4}[km]?$/;

const resolve = (schema: Schema): Schema => {
  if (typeof schema === 'function') return resolve((schema as () => Schema)());
  return Array.isArray(schema) && typeof schema[0] !== 'number' ? resolve(schema[0]) : schema;
};

/** The schema of each member that AWS's model names; empty for a map, and for what the model does not know. */
const membersOf = (schema: Schema): ReadonlyMap<string, Schema> => {
  const resolved = resolve(schema);
  if (!Array.isArray(resolved) || (resolved[0] !== STRUCTURE && resolved[0] !== UNION)) return new Map();
  const [, , , , names, members] = resolved as [unknown, unknown, unknown, unknown, string[], Schema[]];
  return new Map(names.map((name, position) => [name, members[position]]));
};

const elementOf = (schema: Schema): Schema => {
  const resolved = resolve(schema);
  return Array.isArray(resolved) && resolved[0] === LIST ? (resolved as Schema[])[4] : undefined;
};

/** As placebo, whose recordings these are laid out like, writes a time. */
const placeboTime = (text: string): object | undefined => {
  const parts = TIME.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const microsecond = Number((parts[7] ?? '').padEnd(6, '0').slice(0, 6));
  return { __class__: 'datetime', year, month, day, hour, minute, second, microsecond };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

export interface Anonymizer {
  /** An answer by the schema of its operation's output. */
  readonly answer: (value: unknown, schema: Schema) => unknown;
  readonly text: (text: string) => string;
}

/** The words of enumerations: exports of the SDK's modules whose every value is a text. */
const enumerated = (modules: readonly object[]): ReadonlySet<string> =>
  new Set(
    modules
      .flatMap((module) => Object.values(module) as unknown[])
      .filter((found) => isObject(found) && Object.values(found).every((value) => typeof value === 'string'))
      .flatMap((found) => Object.values(found as Readonly<Record<string, string>>)),
  );

/** Replaces in the answers of one recording. `modules` are those of the SDK whose enumerations may stay. */
export const createAnonymizer = (modules: readonly object[]): Anonymizer => {
  const enumerations = enumerated(modules);
  const replacer = (make: (number: number) => string) => {
    const replaced = new Map<string, string>();
    return (original: string): string => {
      const made = replaced.get(original) ?? make(replaced.size + 1);
      replaced.set(original, made);
      return made;
    };
  };

  const account = replacer((number) => String(FIRST_ACCOUNT + number - 1));
  const jobId = replacer((number) => `j${String(number).padStart(11, '0')}`);
  const other = replacer((number) => `name${number}`);
  const word = (text: string): string => {
    if (text === '' || WORDS.has(text)) return text;
    if (ACCOUNT.test(text)) return account(text);
    if (REGION.test(text)) return text;
    if (JOB_ID.test(text)) return jobId(text);
    return other(text);
  };
  /** `amazon.nova-lite-v1:0:256k`: the publisher and the numbers stay. */
  const model = (text: string): string =>
    text
      .split(/([.:])/)
      .map((part, index) => (index % 2 === 1 || MODEL_PART.test(part) ? part : word(part)))
      .join('');
  const segment = (text: string): string => {
    const [, id] = /^model-customization-job-([a-z0-9]{12})$/.exec(text) ?? [];
    return id === undefined ? word(text) : `model-customization-job-${jobId(id)}`;
  };
  const path = (text: string): string => text.split('/').map(segment).join('/');
  const arn = (text: string): string => {
    const [, partition = '', service = '', region = '', owner = '', ...rest] = text.split(':');
    const resource = rest.join(':');
    const shown = /^(?:model-customization-job|foundation-model|custom-model)\//.test(resource)
      ? resource.split('/').map((part, index) => (index === 1 ? model(part) : word(part)))
      : [
          resource
            .split(/([/:])/)
            .map((part, index) => (index % 2 === 1 ? part : word(part)))
            .join(''),
        ];
    return ['arn', word(partition), word(service), word(region), word(owner), shown.join('/')].join(':');
  };
  const address = (text: string): string => {
    const [, scheme = '', host = '', rest = ''] = /^(\w+):\/\/([^/]*)(.*)$/s.exec(text) ?? [];
    const kept = scheme === 's3' || scheme === 'https' || scheme === 'http' ? scheme : 'https';
    return `${kept}://${word(host)}${path(rest)}`;
  };
  const decoded = (text: string): string | undefined => {
    try {
      return /^arn%3A/i.test(text) ? decodeURIComponent(text) : undefined;
    } catch {
      return undefined;
    }
  };
  const json = (text: string): string | undefined => {
    if (!/^\s*[[{]/.test(text)) return undefined;
    try {
      return JSON.stringify(record(JSON.parse(text)));
    } catch {
      return undefined;
    }
  };
  const text = (value: string): string => {
    if (TIME.test(value)) return value;
    if (value.startsWith('arn:')) return arn(value);
    if (/^\w+:\/\//.test(value)) return address(value);
    const encoded = decoded(value);
    if (encoded !== undefined) return encodeURIComponent(arn(encoded));
    return json(value) ?? word(value);
  };
  const number = (value: number): number => (ACCOUNT.test(String(value)) ? Number(account(String(value))) : value);

  /** What AWS's model does not describe: the names of its members are anybody's. */
  const unknown = (value: unknown): unknown => {
    if (typeof value === 'string') return placeboTime(value) ?? text(value);
    if (typeof value === 'number') return number(value);
    if (value instanceof Date) return placeboTime(value.toISOString());
    if (Array.isArray(value)) return value.map(unknown);
    if (!isObject(value)) return typeof value === 'boolean' ? value : null;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [word(name), unknown(member)]));
  };
  /** A record of CloudTrail: its known members under their names, the others like anything unknown. */
  const record = (value: unknown): unknown => {
    if (typeof value === 'string') return RECORD_WORDS.has(value) ? value : text(value);
    if (Array.isArray(value)) return value.map(record);
    if (!isObject(value)) return unknown(value);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [RECORD_MEMBERS.has(name) ? name : word(name), record(member)]),
    );
  };

  const member = (name: string, value: unknown, schema: Schema): unknown => {
    if (typeof value !== 'string') return answer(value, schema);
    if (OF_ENUMERATION.test(name) && enumerations.has(value)) return value;
    return name === 'Key' || name === 'Prefix' ? path(value) : unknown(value);
  };
  const answer = (value: unknown, schema: Schema): unknown => {
    if (Array.isArray(value)) return value.map((each) => answer(each, elementOf(schema)));
    if (!isObject(value) || value instanceof Date) return unknown(value);
    const members = membersOf(schema);
    if (members.size === 0) return unknown(value);
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => name !== '$metadata')
        .map(([name, each]) =>
          members.has(name) ? [name, member(name, each, members.get(name))] : [word(name), unknown(each)],
        ),
    );
  };
  return { answer, text };
};
