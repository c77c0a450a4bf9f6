import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { RECORD_SCHEMA_FILE } from '../../scripts/write-schema.ts';

export const recordSchema = JSON.parse(readFileSync(RECORD_SCHEMA_FILE, 'utf8')) as object & { readonly title: string };

const ajv = new Ajv({ allErrors: true }).addSchema(recordSchema, 'record');

const problemsBy =
  (schema: string) =>
  (document: unknown): string[] => {
    void ajv.validate(schema, document);
    return (ajv.errors ?? []).map(({ dataPath, message = '' }) => `${dataPath} ${message}`.trim());
  };

/** What is wrong with a record, by the schema that readers get; nothing for a record that any tracker may write. */
export const recordProblems = problemsBy('record');

/** The same of what an index carries. */
export const summaryProblems = problemsBy('record#/$defs/JobSummary');
