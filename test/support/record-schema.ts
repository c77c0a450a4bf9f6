import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { MODEL_RECORD_SCHEMA_FILE, RECORD_SCHEMA_FILE } from '../../scripts/write-schema.ts';

export const recordSchema = JSON.parse(readFileSync(RECORD_SCHEMA_FILE, 'utf8')) as object & { readonly title: string };

export const modelSchema = JSON.parse(readFileSync(MODEL_RECORD_SCHEMA_FILE, 'utf8')) as {
  readonly properties: object;
};

const ajv = new Ajv({ allErrors: true }).addSchema(recordSchema, 'record').addSchema(modelSchema, 'model');

const problemsBy =
  (schema: string) =>
  (document: unknown): string[] => {
    void ajv.validate(schema, document);
    return (ajv.errors ?? []).map(({ dataPath, message = '' }) => `${dataPath} ${message}`.trim());
  };

/** What is wrong with a record, by the schema that readers get; nothing for a record that any tracker may write. */
export const recordProblems = problemsBy('record');

/** The same of models, of what an index carries of them, and of pointers. */
export const modelProblems = problemsBy('model');
export const modelSummaryProblems = problemsBy('model#/$defs/CustomModelSummary');
export const pointerProblems = problemsBy('model#/$defs/ServingPointer');

/** The same of what an index carries. */
export const summaryProblems = problemsBy('record#/$defs/JobSummary');
