import { SUB_TASKS } from './record.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What indexes are made of, statuses are compared by, and subscribers are told: the SDK does not check that it is text. */
const TEXTS = [
  'job_arn',
  'job_name',
  'status',
  'creation_time',
  'last_modified_time',
  'end_time',
  'base_model_arn',
  'output_model_arn',
  'output_model_name',
  'customization_type',
  'failure_message',
];
const DETAILS = ['status', 'creation_time', 'last_modified_time'];

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isStructure = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The texts of a structure that are something else; the structure itself where it is none. */
const wrongTexts = (value: unknown, names: readonly string[], path: string): string[] => {
  if (value === undefined) return [];
  if (!isStructure(value)) return [path];
  return names.filter((name) => !isText(value[name])).map((name) => (path === '' ? name : `${path}.${name}`));
};

/** The fields of a job, under their catalog names, that must be texts and are something else. */
export const wrongFields = (fields: Fields): string[] => {
  const { status_details: details } = fields;
  const ofTasks = SUB_TASKS.flatMap((task) =>
    wrongTexts(
      isStructure(details) ? details[`${task}_details`] : undefined,
      DETAILS,
      `status_details.${task}_details`,
    ),
  );
  return [...wrongTexts(fields, TEXTS, ''), ...wrongTexts(details, [], 'status_details'), ...ofTasks];
};
