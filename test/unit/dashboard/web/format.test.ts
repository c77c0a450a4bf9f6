import { expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import { execFileSync } from 'node:child_process';
import { cliCommands, outputFolder } from '../../../../lib/dashboard/web/logic/cli-commands.ts';
import { shellWord } from '../../../../lib/domain/command-text.ts';
import {
  elapsedOf,
  exactTime,
  formatLoss,
  formatPercent,
  modelName,
  relativeTime,
  scopeLabel,
  shortModelName,
  statusLabel,
  typeLabel,
} from '../../../../lib/dashboard/web/logic/format.ts';
import { DAY, HOUR } from '../../../../lib/domain/time.ts';
import { aRecord, NOVA, NOW as START } from '../../../support/dashboard-server.ts';

const NOW = START.getTime();
const before = (ms: number) => new Date(NOW - ms).toISOString();

test.each([
  [0, 'just now'],
  [42_000, '42 s ago'],
  [61_000, '1 min ago'],
  [3 * HOUR, '3 h ago'],
  [5 * DAY, '5 d ago'],
  [45 * DAY, '2026-01-15'],
  [-20_000, 'just now'],
  [-2 * HOUR, 'in 2 h'],
])('a time %d ms ago is "%s"', (ms, words) => {
  expect(relativeTime(before(ms), NOW)).toBe(words);
});

test('text that is not a time stays as it is', () => {
  expect([relativeTime('soon', NOW), exactTime('soon')]).toEqual(['soon', 'soon']);
});

test('the exact time names UTC and the local time', () => {
  expect(exactTime('2026-03-01T12:00:00.123Z', 'en-GB', 'Europe/Berlin')).toBe(
    '2026-03-01 12:00:00 UTC\n1 Mar 2026, 13:00:00 CET (local time)',
  );
});

const LLAMA = 'meta.llama3-3-70b-instruct-v1:0:128k';
test.each([
  [NOVA, 'amazon.nova-lite-v1:0:300k', 'nova-lite'],
  [`arn:aws:bedrock:us-east-1::foundation-model/${LLAMA}`, LLAMA, 'llama3-3-70b-instruct'],
  [
    'arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/k3j8h5g2f7d4',
    'custom model k3j8h5g2f7d4',
    'custom model k3j8h5g2f7d4',
  ],
  [undefined, '–', '–'],
])('%s is the model %s, in short %s', (arn, name, short) => {
  expect([modelName(arn), shortModelName(arn)]).toEqual([name, short]);
});

test('labels show values that AWS adds as they are, and scopes as Region and account', () => {
  const labels = [statusLabel('Paused'), typeLabel('MERGING'), statusLabel('constructor'), statusLabel('InProgress')];
  expect(labels).toEqual(['Paused', 'MERGING', 'constructor', 'In progress']);
  expect(scopeLabel('123456789012#us-east-1')).toBe('us-east-1 · 123456789012');
});

test.each([
  [0.02681732177734375, '0.02682'],
  [1.5, '1.5'],
  [0.00001234, '1.23e-5'],
  [0, '0'],
  ['NaN', 'NaN'],
  [undefined, '–'],
] as const)('a loss of %s is written %s', (loss, text) => {
  expect(formatLoss(loss)).toBe(text);
});

test.each([
  [1, '100 %'],
  [0.8, '80 %'],
  [0.9987, '99.9 %'],
  [0, '0 %'],
])('a share of %d is written %s', (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

test('a job has run until now, or until its end', () => {
  const start = { creation_time: before(5000) };
  const times = [start, { ...start, end_time: before(2000) }, {}].map((job) => elapsedOf(job, NOW));
  expect(times).toEqual([5000, 3000, undefined]);
});

const job = aRecord('support-triage', {
  output_data_config: { s3_uri: 's3://out/triage/' },
  training_data_config: { s3_uri: 's3://in/train.jsonl' },
});

test('a shell reads each word as it was meant', () => {
  const words = ["it's", 'a b', '$HOME', '`id`', '"', '', "''", String.raw`\n`, 's3://b/k', 'a;b', '*'];
  const read = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  expect(read.split('\n').slice(0, -1)).toEqual(words);
});

property.prop([fc.stringMatching(/^[\w@%+=:,./-]+$/)])('a plain word needs no quotes', (word) => {
  expect(shellWord(word)).toBe(word);
});

test('commands name the job and its Region', () => {
  const command = `aws bedrock get-model-customization-job --job-identifier ${job.job_arn} --region us-east-1`;
  expect(cliCommands(job)[0]?.command).toBe(command);
});

test('commands of a simulated job ask the simulator, with credentials of its account', () => {
  const [described] = cliCommands(job, 'http://127.0.0.1:8422');
  expect(described?.command).toBe(
    `AWS_ACCESS_KEY_ID=${job.account_id} AWS_SECRET_ACCESS_KEY=local aws bedrock get-model-customization-job ` +
      `--job-identifier ${job.job_arn} --region us-east-1 --endpoint-url http://127.0.0.1:8422`,
  );
});

test.each([
  ['Stop it', {}, { status: 'Completed' }],
  ['Describe its model', { output_model_arn: 'arn:m' }, {}],
  ['List the training data', {}, { training_data_config: {} }],
])('the command "%s" is there for a job with %j, not with %j', (label, on, off) => {
  const has = (change: object) => cliCommands({ ...job, ...change }).some((command) => command.label === label);
  expect([has(on), has(off)]).toEqual([true, false]);
});

test.each(['s3://out/x', 's3://out/x/'])('the output is below %s', (s3_uri) => {
  const folder = outputFolder({ ...job, output_data_config: { s3_uri } });
  expect(folder).toBe(`s3://out/x/model-customization-job-${job.job_id}/`);
});
