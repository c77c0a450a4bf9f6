import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { jsonl, MODELS, RECORDS } from '../../test/support/training-data.ts';
import { formatNumber, type MeasureOptions, type Result, type Section } from '../section.ts';
import type { CheckRun } from '../support/check-process.ts';
import { startProcess } from '../support/process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MB = 1024 ** 2;
const LEAST_RATE = 100;
const MOST_MEMORY = 150;

/** A conversation of about 1 kB whose texts hold these words. */
const conversation = (words: string, roles = ['user', 'assistant']): object => {
  const text = words.repeat(Math.ceil(350 / Buffer.byteLength(words)));
  return {
    ...RECORDS.converse,
    messages: roles.map((role) => ({ role, content: [{ text }] })),
  };
};

interface Case {
  readonly what: string;
  readonly record: object;
  readonly isInS3?: boolean;
}

const ENGLISH = 'Please tell me where my order is, and when it arrives. ';
const CASES: readonly Case[] = [
  { what: 'Lines of 1 kB in English', record: conversation(ENGLISH) },
  { what: 'Lines of 1 kB in Japanese', record: conversation('注文した荷物はいつ届きますか。') },
  { what: 'Each line wrong', record: conversation(ENGLISH, ['assistant', 'user']) },
  { what: 'From S3, over a local connection', record: conversation(ENGLISH), isInS3: true },
];

const writeData = async (path: string, record: object, bytes: number): Promise<void> => {
  const line = jsonl([record]);
  const piece = Buffer.concat(Array.from({ length: Math.ceil(MB / line.byteLength) }, () => line));
  const file = await open(path, 'w');
  for (let written = 0; written < bytes; written += piece.byteLength) await file.write(piece);
  await file.close();
};

/** GetObject for any key. */
const serve = async (path: string) => {
  const { size } = await stat(path);
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': size });
    createReadStream(path).pipe(response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
};

/** JavaScript, as what people start is: to read TypeScript takes Node.js 30 MB. Answers the file to start. */
const compile = async (): Promise<string> => {
  const outdir = join(ROOT, 'dist', 'bench');
  const entry = join(ROOT, 'bench', 'support', 'check-process.ts');
  await build({
    entryPoints: [entry],
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return join(outdir, 'check-process.js');
};

const checkFile = async (entry: string, path: string, isInS3: boolean): Promise<CheckRun> => {
  const s3 = isInS3 ? await serve(path) : undefined;
  const name = isInS3 ? 's3://bench/train.jsonl' : path;
  const helper = startProcess(entry, [name, '--base-model', MODELS.nova, '--json'], [], {
    ...process.env,
    ...(s3 !== undefined && { AWS_ENDPOINT_URL_S3: s3.url }),
  });
  const run = await helper.next<CheckRun>();
  await helper.ended;
  s3?.close();
  return run;
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  const bytes = (quick ? 16 : 1024) * MB;
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const path = join(folder, 'train.jsonl');
  const entry = await compile();
  const results: Result[] = [];
  for (const { what, record, isInS3 = false } of CASES) {
    say(what);
    await writeData(path, record, bytes);
    const { size } = await stat(path);
    const { exitCode, seconds, memory } = await checkFile(entry, path, isInS3);
    // More records than Nova takes: so the checks of the whole file are made, too.
    if (!quick && exitCode !== 1) throw new Error(`The check ended with ${exitCode}.`);
    const rate = size / MB / seconds;
    results.push(
      { what, target: `≥ ${LEAST_RATE} MB/s`, measured: `${formatNumber(rate)} MB/s`, met: rate >= LEAST_RATE },
      {
        what: `${what}: memory`,
        target: `< ${MOST_MEMORY} MB`,
        measured: `${formatNumber(memory)} MB`,
        met: memory < MOST_MEMORY,
      },
    );
  }
  await rm(folder, { recursive: true });
  return results;
};

export const section: Section = {
  title: 'Training data',
  text: '`bedrock-jobs check` on files of 1 GB, by the rules of Nova: what it checks in a second of processor time, all threads together, and the most memory of its process.',
  measure,
};
