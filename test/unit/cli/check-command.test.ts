import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { type CommandContext, Ended } from '../../../lib/cli/context.ts';
import { checkCommand } from '../../../lib/cli/commands/check.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { awsError } from '../../support/sdk-answers.ts';
import { testContext } from '../../support/command-context.ts';
import { jsonl, MODELS, RECORDS } from '../../support/training-data.ts';

const s3 = mockClient(S3Client);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  s3.reset();
});
afterEach(() => {
  s3.reset();
});

const GOOD = jsonl(Array.from({ length: 8 }, () => RECORDS.converse));

const fileOf = async (bytes: string | Buffer, name = 'train.jsonl'): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};

const run = async (argv: readonly string[], more: Partial<CommandContext> = {}) => {
  const { context, ...said } = testContext();
  let thrown: unknown;
  const command = checkCommand({ ...context, ...more }).exitOverride();
  await command
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(argv, { from: 'user' })
    .catch((error: unknown) => {
      thrown = error;
    });
  return { ...said, thrown };
};

describe('bedrock-jobs check', () => {
  it('says that a file is fine, and by which rules', async () => {
    const path = await fileOf(GOOD);
    const { printed, told, thrown } = await run([path, '--base-model', MODELS.nova]);
    expect(thrown).toBeUndefined();
    expect(printed).toEqual([
      `${path}: 8 lines, 2 kB`,
      expect.stringMatching(
        /^Checked as FINE_TUNING data of amazon.nova-lite-v1:0:300k \(Converse format\), by what AWS doc.*https/,
      ),
    ]);
    expect(told).toEqual(['No problem was found.']);
  });

  it('lists bad lines with their numbers, errors first, and ends with 1', async () => {
    const warned = { ...RECORDS.converse, toolConfig: {} };
    const wrong = Array.from({ length: 30 }, (_, number) => ({ ...RECORDS.converse, schemaVersion: number }));
    const path = await fileOf(Buffer.concat([jsonl([warned]), GOOD, jsonl(wrong)]));
    const { printed, told, thrown } = await run([path, '--base-model', MODELS.nova]);
    expect(thrown).toEqual(new Ended(1));
    expect(printed.slice(0, 2)).toEqual([
      `${path}: 39 lines, 30 of them wrong, 8 kB`,
      '  line 10: schemaVersion must be "bedrock-conversation-2024", not 0',
    ]);
    expect(printed).toContain('  … and 10 more errors and 1 more warning; --json has more of them');
    expect(told).toEqual(['A job with these data would fail.']);
  });

  it('lists lines with the same problem once', async () => {
    const line = '{"messages": []}\n';
    const path = await fileOf(`${line.repeat(3)}${jsonl([RECORDS.converse]).toString()}${line}7\n${line.repeat(2)}`);
    const { printed } = await run([path, '--base-model', MODELS.nova]);
    expect(printed.slice(1, 3)).toEqual([
      '  lines 1–3, 5, 7–8: messages are empty',
      '  line 6: must be an object, not 7',
    ]);
  });

  it('prints the report as JSON', async () => {
    const path = await fileOf('{}\n');
    const { printed, thrown } = await run([path, '--base-model', 'my-model', '--json']);
    expect(thrown).toBeUndefined();
    expect(JSON.parse(printed.join('\n'))).toEqual({
      baseModel: 'my-model',
      type: 'FINE_TUNING',
      ok: true,
      files: [
        { name: path, role: 'training', records: 1, bytes: 3, badLines: 0, errors: 0, warnings: 0, problems: [] },
      ],
      problems: [],
    });
  });

  it('says that a model without known rules gets the general checks alone', async () => {
    const { printed, told } = await run([await fileOf('{}\n'), '--base-model', 'my-model']);
    expect(printed[1]).toMatch(
      /^No rules are known for my-model and FINE_TUNING: checked only that each line is a JSON/,
    );
    expect(told).toEqual(['No problem was found by the general checks.']);
  });

  it('shows control characters in the data as symbols', async () => {
    const record = { ...RECORDS.converse, schemaVersion: { '\u001b[31m': 1 } };
    const path = await fileOf(jsonl([{ ...record, messages: [{ role: '\u001b[31mred\u202e' }] }]));
    const { printed } = await run([path, '--base-model', MODELS.nova]);
    // eslint-disable-next-line no-control-regex -- control characters are what it looks for
    expect(printed.join('\n')).not.toMatch(/[\u001b\u202e]/);
  });

  it('checks validation data together with training data', async () => {
    const [training, validation] = [await fileOf(GOOD), await fileOf(GOOD, 'validation.jsonl')];
    const { printed, thrown } = await run([training, '--validation-data', validation, '--base-model', MODELS.nova2]);
    expect(thrown).toEqual(new Ended(1));
    expect(printed.join('\n')).toMatch(/fewer than the 200[^]*doesn't support validation set/);
  });

  it.each([
    ['does not exist', 'nowhere.jsonl', /nowhere\.jsonl does not exist\.$/],
    ['is a folder', 'folder', /is a folder: name the file in it\.$/],
  ])('asks for another name where the file %s', async (_, name, words) => {
    const { thrown } = await run([name === 'folder' ? folder : join(folder, name), '--base-model', MODELS.nova]);
    expect(thrown).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(words) as unknown });
  });

  it('tells of a wrong suffix, and checks the file nevertheless', async () => {
    const { printed, thrown } = await run([await fileOf('[]\n', 'train.json'), '--base-model', MODELS.nova]);
    expect(thrown).toEqual(new Ended(1));
    expect(printed.join('\n')).toMatch(/line 1: must be an object[^]*train\.json does not end in \.jsonl: rename it/);
  });

  it('stops when it is asked to', async () => {
    const signal = AbortSignal.abort(new Ended(130));
    expect(await run([await fileOf(GOOD), '--base-model', MODELS.nova], { signal })).toMatchObject({
      thrown: { exitCode: 130 },
    });
  });

  describe('of S3', () => {
    const URI = 's3://acme/train.jsonl';
    const answer = (bytes: Buffer) =>
      s3
        .on(GetObjectCommand)
        .callsFake(() => Promise.resolve({ Body: Readable.from([bytes]), ContentLength: bytes.byteLength }));

    it('reads the object', async () => {
      answer(GOOD);
      const { printed, thrown } = await run([URI, '--base-model', MODELS.nova]);
      expect([printed[0], thrown]).toEqual([`${URI}: 8 lines, 2 kB`, undefined]);
      expect(s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input)).toEqual([
        { Bucket: 'acme', Key: 'train.jsonl' },
      ]);
    });

    it('does not wait for an answer when it is asked to stop', async () => {
      const controller = new AbortController();
      s3.on(GetObjectCommand).callsFake(
        () =>
          new Promise((_resolve, reject) => {
            controller.signal.addEventListener('abort', () => reject(awsError('AbortError')));
            controller.abort(new Ended(130));
          }),
      );
      const { thrown } = await run([URI, '--base-model', MODELS.nova], { signal: controller.signal });
      expect(thrown).toEqual(new Ended(130));
    });

    it('reads nothing of a folder', async () => {
      const { printed, thrown } = await run(['s3://acme/data/', '--base-model', MODELS.nova]);
      expect(thrown).toEqual(new Ended(1));
      expect(printed[0]).toMatch(/^s3:\/\/acme\/data\/ is a folder: .*Input data must be in \.jsonl format"\.$/);
      expect(s3.calls()).toEqual([]);
    });

    it.each([
      ['NoSuchKey', 'NO_DATA', /^s3:\/\/acme\/train\.jsonl does not exist\. Check its name/],
      ['NoSuchBucket', 'NO_DATA', /^s3:\/\/acme\/train\.jsonl does not exist: there is no such bucket\. Check/],
      ['AccessDenied', 'ACCESS_DENIED', /^You may not read s3:.* You need s3:GetObject/],
    ])('explains %s', async (name, code, words) => {
      s3.on(GetObjectCommand).rejects(awsError(name, name, { service: 'S3', operation: 'GetObject', resource: URI }));
      const { thrown } = await run([URI, '--base-model', MODELS.nova]);
      expect(thrown).toBeInstanceOf(TrackerError);
      expect(thrown).toMatchObject({ code, message: expect.stringMatching(words) as unknown });
    });
  });
});
