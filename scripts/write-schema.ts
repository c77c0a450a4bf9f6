import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema';
import { TRANSITION_DETAIL_VERSION } from '../lib/contract.ts';
import {
  modelTransitionDetailSchema,
  modelTransitionEventSchema,
  transitionDetailSchema,
  transitionEventSchema,
} from '../lib/client/transition-event.ts';
import { jobRecordJsonSchema, modelRecordJsonSchema, type Schema } from './schema/records.ts';
import { pythonRecords } from './schema/python.ts';

const fileOf = (name: string): string => path.resolve(import.meta.dirname, `../schemas/${name}.schema.json`);

/** The JSON schema of transition events, for subscribers in any language. */
export const SCHEMA_FILE = fileOf(`transition-event.v${TRANSITION_DETAIL_VERSION}`);

/** The same of events about models. */
export const MODEL_SCHEMA_FILE = fileOf(`model-transition-event.v${TRANSITION_DETAIL_VERSION}`);

/** The JSON schemas of records. Attributes are only added within a major version: docs/table.md. */
export const RECORD_SCHEMA_FILE = fileOf('job-record.v1');
export const MODEL_RECORD_SCHEMA_FILE = fileOf('model-record.v1');

/** The types of all of them, and the names that readers share, in Python. Made with each wheel, so it is not in Git. */
const PYTHON_FILE = path.resolve(import.meta.dirname, '../lib/client/python/bedrock_job_tracker_client/_records.py');

/** Draft 7 of JSON Schema, with the detail as a definition of its own. What the parser of the client checks, and no more. */
export const transitionEventJsonSchema = (): JsonSchema =>
  toJsonSchema(transitionEventSchema, {
    target: 'draft-07',
    definitions: { TransitionDetail: transitionDetailSchema },
  });

export const modelTransitionEventJsonSchema = (): JsonSchema =>
  toJsonSchema(modelTransitionEventSchema, {
    target: 'draft-07',
    definitions: { ModelTransitionDetail: modelTransitionDetailSchema },
  });

/** The Python module with the types of all of them, and the names that readers share. */
export const pythonModule = (): string =>
  pythonRecords([
    jobRecordJsonSchema(),
    modelRecordJsonSchema(),
    transitionEventJsonSchema() as Schema,
    modelTransitionEventJsonSchema() as Schema,
  ]);

export const writePython = (): Promise<void> => writeFile(PYTHON_FILE, pythonModule());

async function main(): Promise<void> {
  // Imported late: comparing the schemas needs no formatter.
  const { format, resolveConfig } = await import('prettier');
  const write = async (file: string, schema: object): Promise<void> => {
    await mkdir(path.dirname(file), { recursive: true });
    const options = { ...(await resolveConfig(file)), parser: 'json' };
    await writeFile(file, await format(JSON.stringify(schema), options));
    console.error(path.relative(process.cwd(), file));
  };
  await write(SCHEMA_FILE, transitionEventJsonSchema());
  await write(MODEL_SCHEMA_FILE, modelTransitionEventJsonSchema());
  await write(RECORD_SCHEMA_FILE, jobRecordJsonSchema());
  await write(MODEL_RECORD_SCHEMA_FILE, modelRecordJsonSchema());
  await writePython();
  console.error(path.relative(process.cwd(), PYTHON_FILE));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
