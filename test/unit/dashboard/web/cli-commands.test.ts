import { describe, expect, test } from '@jest/globals';
import { fc, test as property } from '@fast-check/jest';
import { execFileSync } from 'node:child_process';
import { cliCommands, outputFolder, shellWord } from '../../../../lib/dashboard/web/logic/cli-commands.ts';
import { aRecord } from '../../../support/dashboard-server.ts';

const job = aRecord('support-triage', {
  output_data_config: { s3_uri: 's3://out/triage/' },
  training_data_config: { s3_uri: 's3://in/train.jsonl' },
});
const labels = (change: Parameters<typeof aRecord>[1]) => cliCommands({ ...job, ...change }).map(({ label }) => label);

test('a shell reads each word as it was meant', () => {
  const words = ["it's", 'a b', '$HOME', '`id`', '"', '', "''", String.raw`\n`, 's3://b/k', 'a;b', '*'];
  const read = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  expect(read.split('\n').slice(0, -1)).toEqual(words);
});

property.prop([fc.stringMatching(/^[\w@%+=:,./-]+$/)])('a plain word needs no quotes', (word) => {
  expect(shellWord(word)).toBe(word);
});

test('the commands name the job and its Region', () => {
  expect(cliCommands(job)[0]?.command).toBe(
    `aws bedrock get-model-customization-job --job-identifier ${job.job_arn} --region us-east-1`,
  );
});

describe('what can be done', () => {
  test('only a running job can be stopped', () => {
    expect([labels({}).includes('Stop it'), labels({ status: 'Completed' }).includes('Stop it')]).toEqual([
      true,
      false,
    ]);
  });

  test('a model is described once it was made', () => {
    expect([
      labels({}).includes('Describe its model'),
      labels({ output_model_arn: 'arn:m' }).includes('Describe its model'),
    ]).toEqual([false, true]);
  });

  test('a job of invocation logs has no training file to look at', () => {
    expect(labels({ training_data_config: {} })).not.toContain('Look at the training data');
  });
});

test('the output is below the location, however that ends', () => {
  expect(
    ['s3://out/x', 's3://out/x/'].map((s3_uri) => outputFolder({ ...job, output_data_config: { s3_uri } })),
  ).toEqual([`s3://out/x/model-customization-job-${job.job_id}/`, `s3://out/x/model-customization-job-${job.job_id}/`]);
});
