import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema';
import { TRANSITION_DETAIL_VERSION } from '../lib/contract.ts';
import { transitionDetailSchema, transitionEventSchema } from '../lib/client/transition-event.ts';

/** The JSON schema of transition events, for subscribers in any language. */
export const SCHEMA_FILE = path.resolve(
  import.meta.dirname,
  `../schemas/transition-event.v${TRANSITION_DETAIL_VERSION}.schema.json`,
);

/** Draft 7 of JSON Schema, with the detail as a definition of its own. What the parser of the client checks, and no more. */
export const transitionEventJsonSchema = (): JsonSchema =>
  toJsonSchema(transitionEventSchema, {
    target: 'draft-07',
    definitions: { TransitionDetail: transitionDetailSchema },
  });

async function main(): Promise<void> {
  // Late, as whoever only compares the schema needs no formatter.
  const { format, resolveConfig } = await import('prettier');
  const text = JSON.stringify(transitionEventJsonSchema());
  await mkdir(path.dirname(SCHEMA_FILE), { recursive: true });
  await writeFile(SCHEMA_FILE, await format(text, { ...(await resolveConfig(SCHEMA_FILE)), parser: 'json' }));
  console.error(path.relative(process.cwd(), SCHEMA_FILE));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
