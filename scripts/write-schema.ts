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
import { jobRecordJsonSchema, type Schema } from './schema/job-record.ts';
import { pythonRecords } from './schema/python.ts';

const fileOf = (name: string): string => path.resolve(import.meta.dirname, `../schemas/${name}.schema.json`);

/** The JSON schema of transition events, for subscribers in any language. */
export const SCHEMA_FILE = fileOf(`transition-event.v${TRANSITION_DETAIL_VERSION}`);

/** The same of events about models. */
export const MODEL_SCHEMA_FILE = fileOf(`model-transition-event.v${TRANSITION_DETAIL_VERSION}`);

/** The JSON schema of records. Attributes are only added within a major version: docs/table.md. */
export const RECORD_SCHEMA_FILE = fileOf('job-record.v1');

/** The types of both, and the names that readers share, in Python. */
export const PYTHON_FILE = path.resolve(
  import.meta.dirname,
  '../lib/client/python/bedrock_job_tracker_client/_records.py',
);

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
  await writeFile(
    PYTHON_FILE,
    pythonRecords(jobRecordJsonSchema(), [
      transitionEventJsonSchema() as Schema,
      modelTransitionEventJsonSchema() as Schema,
    ]),
  );
  console.error(path.relative(process.cwd(), PYTHON_FILE));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
