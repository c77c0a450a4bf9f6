import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { createFileCheck, type FileReport } from '../../lib/data-check/check-file.ts';
import { rulesFor } from '../../lib/data-check/rules.ts';
import { MODELS, RECORDS } from '../support/training-data.ts';
import { checkMessage, fuzz, refuseHuge } from './support/harness.ts';
import { asJson, hostileJson, hostileText, mutatedDocument, mutatedText, weighted } from './support/inputs.ts';

const FORMATS: readonly (readonly [model: string, type: string])[] = [
  [MODELS.nova, 'FINE_TUNING'],
  [MODELS.nova2, 'FINE_TUNING'],
  [MODELS.nova2, 'REINFORCEMENT_FINE_TUNING'],
  [MODELS.nova, 'DISTILLATION'],
  [MODELS.canvas, 'FINE_TUNING'],
  [MODELS.haiku, 'FINE_TUNING'],
  [MODELS.llama31, 'FINE_TUNING'],
  [MODELS.llamaVision, 'FINE_TUNING'],
  ['my-model', 'FINE_TUNING'],
];

class Refused extends Error {}

/** Reads bytes in pieces of a size. Throws where they have an error, as a parser does that this harness knows. */
const readAs = (format: number, size: number, bytes: Buffer): FileReport => {
  const [model, type] = FORMATS[format] ?? ['', ''];
  const check = createFileCheck({ name: 'train.jsonl', role: 'training' }, rulesFor(model, type));
  for (let at = 0; at < bytes.byteLength; at += size) check.push(bytes.subarray(at, at + size));
  const report = check.end();
  for (const { path, text } of report.problems) {
    checkMessage(text, 400, false);
    expect(path).toMatch(/^[a-zA-Z0-9_.[\]-]{0,100}$/);
  }
  if (report.errors > 0 || report.badLines > 0) throw new Refused('It has errors.');
  return report;
};

const refusal = { isRefusal: (error: Error) => error instanceof Refused };
const image = { image: { format: 'png', source: { s3Location: { uri: 's3://acme/a.png' } } } };
const VALID = [
  ...Object.values(RECORDS),
  { ...RECORDS.converse, messages: [{ role: 'user', content: [image] }, RECORDS.converse.messages[1]] },
];
const format = fc.nat(FORMATS.length - 1);
const lines = fc
  .array(weighted([4, mutatedDocument(VALID, hostileText)], [1, hostileJson]), { maxLength: 4 })
  .map((records) => records.map((record) => `${asJson(record)}\n`).join(''));
const text = weighted([4, lines], [2, mutatedText(VALID.map((record) => JSON.stringify(record)))], [1, hostileText]);

describe('training data', () => {
  fuzz({
    parser: 'Training data',
    inputs: fc.tuple(format, fc.integer({ min: 1, max: 300 }), text),
    parse: ([model, size, given]) => readAs(model, size, Buffer.from(given)),
    ...refusal,
    check: ({ records, badLines }, [, , given]) => {
      expect(badLines).toBe(0);
      expect(records).toBeLessThanOrEqual(given.split('\n').length);
    },
  });

  fuzz({
    parser: 'Training data as bytes',
    inputs: fc.tuple(fc.integer({ min: 1, max: 50 }), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 })),
    parse: ([size, flips]) => {
      const bytes = Buffer.from(`${JSON.stringify(RECORDS.converse)}\n`.repeat(2));
      for (const [at, byte] of flips) bytes[at % bytes.byteLength] = byte;
      return readAs(0, size, bytes);
    },
    ...refusal,
    check: ({ records }) => expect(records).toBeGreaterThan(0),
  });

  const asLine = (line: string) => () => readAs(0, 1024 * 1024, Buffer.from(`${line}\n`));
  refuseHuge(
    'a line',
    {
      'of 10 MB': asLine('x'.repeat(10_000_000)),
      'with a list of depth 1,000,000': asLine('['.repeat(1_000_000)),
      'with a record of depth 500,000': asLine(`${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`),
      'with 200,000 messages': asLine(JSON.stringify({ messages: Array.from({ length: 200_000 }, () => 1) })),
      'with half of a character in depth 100,000': asLine(
        `${'[{"a":'.repeat(100_000)}"\\ud800"${'}]'.repeat(100_000)}`,
      ),
      'with spaces for 4 MB': asLine(`{"a":${' '.repeat(4_000_000)}x`),
      'that is almost many mistakes': asLine(`[${'[ '.repeat(50_000)}:${' '.repeat(50_000)}Nan`),
    },
    refusal,
  );
});
