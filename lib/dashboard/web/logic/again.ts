import type { AgainChanges, AgainFields } from '../../api.ts';

/** A key and its value, as a person types them. */
export type Pair = readonly [key: string, value: string];

/** The fields of the dialog as they stand there. */
export interface AgainForm {
  readonly jobName: string;
  readonly customModelName: string;
  readonly trainingData: string;
  /** One a line. */
  readonly validationData: string;
  readonly hyperParameters: readonly Pair[];
  readonly tags: readonly Pair[];
}

export const formOf = (fields: AgainFields): AgainForm => ({
  jobName: fields.jobName,
  customModelName: fields.customModelName,
  trainingData: fields.trainingData ?? '',
  validationData: fields.validationData.join('\n'),
  hyperParameters: Object.entries(fields.hyperParameters),
  tags: Object.entries(fields.tags),
});

const LOGS = 'trainingDataConfig.invocationLogsConfig';

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What differs of a map: `key=value` of what is new or another, and the paths of what is gone. */
const pairChanges = (before: Readonly<Record<string, string>>, pairs: readonly Pair[], path: string) => {
  const now = pairs.map(([key, value]): Pair => [key.trim(), value.trim()]).filter(([key]) => key !== '');
  const keys = new Set(now.map(([key]) => key));
  return {
    set: now
      .filter(([key, value]) => !Object.hasOwn(before, key) || before[key] !== value)
      .map((pair) => pair.join('=')),
    gone: Object.keys(before)
      .filter((key) => !keys.has(key))
      .map((key) => `${path}.${key}`),
  };
};

const validationChanges = (before: readonly string[], text: string) => {
  const now = linesOf(text);
  const isSame = now.length === before.length && now.every((uri, index) => uri === before[index]);
  if (isSame) return { set: [], gone: [] };
  return now.length === 0 ? { set: [], gone: ['validationDataConfig'] } : { set: now, gone: [] };
};

const given = (text: string, before: string | undefined): string | undefined =>
  text.trim() === (before ?? '') ? undefined : text.trim();

/** What a person changed. The names are always given: the tracker may know of a further job by then. */
export const changesOf = (fields: AgainFields, form: AgainForm): AgainChanges => {
  const hyperParameters = pairChanges(fields.hyperParameters, form.hyperParameters, fields.hyperParametersPath);
  const tags = pairChanges(fields.tags, form.tags, 'jobTags');
  const validation = validationChanges(fields.validationData, form.validationData);
  const trainingData = given(form.trainingData, fields.trainingData);
  const hasLogs = fields.trainingData === undefined;
  const without = [
    ...hyperParameters.gone,
    ...tags.gone,
    ...validation.gone,
    ...(trainingData !== undefined && hasLogs ? [LOGS] : []),
  ];
  const lists = {
    hyperParameter: hyperParameters.set,
    tag: tags.set,
    validationData: validation.set,
    without,
  };
  return {
    jobName: form.jobName.trim(),
    customModelName: form.customModelName.trim(),
    ...(trainingData !== undefined && { trainingData }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
  };
};

/** What cannot be sent as `key=value`: such a tag can stay or be removed, and a spec can change it. */
export const formProblems = (fields: AgainFields, form: AgainForm): string[] =>
  [
    ...form.hyperParameters.map((pair) => [pair, fields.hyperParameters] as const),
    ...form.tags.map((pair) => [pair, fields.tags] as const),
  ]
    .filter(([[key, value], before]) => key.includes('=') && (!Object.hasOwn(before, key) || before[key] !== value))
    .map(([[key]]) => `${key}: a name with = can be kept or removed here. Change it in the spec.`);

/** The changes as a query. */
export const againQuery = (changes: AgainChanges): string =>
  new URLSearchParams(
    Object.entries(changes as Readonly<Record<string, string | readonly string[]>>).flatMap(([name, value]) =>
      [value].flat().map((each) => [name, each] as [string, string]),
    ),
  ).toString();

/** What the dialog calls the options of the command line. */
const LABELS: Readonly<Record<string, string>> = {
  '--job-name': 'Job name',
  '--custom-model-name': 'Model name',
  '--training-data': 'Training data',
  '--validation-data': 'Validation data',
  '--hyper-parameter': 'Hyperparameters',
  '--tag': 'Tags',
};

/** A problem as a sentence of the dialog. */
export const problemText = ({ where, text }: { readonly where: string; readonly text: string }): string => {
  const [option = '', ...key] = where.split(' ');
  const name = key.length > 0 ? key.join(' ') : (LABELS[option] ?? where);
  return `${name}: ${text}.`;
};
