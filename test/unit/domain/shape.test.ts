import { describe, expect, it } from '@jest/globals';
import { wrongFields } from '../../../lib/domain/normalize.ts';

/** The keys of indexes, what statuses and times are compared by, and what subscribers read. */
const TEXTS = [
  ...['job_arn', 'job_name', 'status', 'creation_time', 'last_modified_time', 'end_time', 'base_model_arn'],
  ...['output_model_arn', 'output_model_name', 'customization_type', 'failure_message'],
];

describe('the fields of a job that must be texts', () => {
  it.each<[what: string, fields: Record<string, unknown>, wrong: string[]]>([
    ['may all be absent', {}, []],
    ['may be empty', { job_name: '', status_details: { training_details: { status: '' } } }, []],
    ['are no concern of others', { hyper_parameters: 5, status_details: { new_details: 5 } }, []],
    ['are named where they are null', { status: null, status_details: null }, ['status', 'status_details']],
    [
      'are named with the phase that they are of',
      { status_details: { data_processing_details: { creation_time: 1, last_modified_time: 2 } } },
      [
        'status_details.data_processing_details.creation_time',
        'status_details.data_processing_details.last_modified_time',
      ],
    ],
    ['are named each', Object.fromEntries(TEXTS.map((name) => [name, 1])), TEXTS],
  ])('%s', (_what, fields, wrong) => {
    expect(wrongFields(fields)).toEqual(wrong);
  });
});
