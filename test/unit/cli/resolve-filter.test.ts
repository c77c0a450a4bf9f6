import { describe, expect, it } from '@jest/globals';
import { resolveFilter } from '../../../lib/cli/resolve-filter.ts';
import type { JobFilter, JobsClient, ListJobsRequest } from '../../../lib/client/requests.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';

const arnOf = (id: string): string => `arn:aws:bedrock:us-east-1::foundation-model/${id}`;
const LITE = 'amazon.nova-lite-v1:0:300k';
const LITE_2 = 'amazon.nova-2-lite-v1:0:256k';
const TITAN = 'amazon.titan-text-lite-v1:0:4k';
const OWN = 'arn:aws:bedrock:us-east-1:111122223333:custom-model/meta.llama3-3-70b-instruct-v1:0:128k/abcdefghijkl';
const JOBS = [
  ...[LITE, LITE_2, TITAN].map((id) => ({ base_model_arn: arnOf(id), customization_type: 'FINE_TUNING' })),
  { base_model_arn: OWN, customization_type: 'FINE_TUNE', status: 'Stoped' },
  ...['triage-v1', 'twice', 'twice'].map((output_model_name, index) => ({
    ...{ base_model_arn: arnOf(LITE), customization_type: 'FINE_TUNING', output_model_name },
    output_model_arn: `${OWN.slice(0, -1)}${index}`,
  })),
];

/** A client whose jobs are those above: it knows statuses and base models. */
const listJobs = ({ status, baseModel }: ListJobsRequest) => {
  const matches = (job: (typeof JOBS)[number]): boolean =>
    (typeof status !== 'string' || ('status' in job && job.status === status)) &&
    (baseModel === undefined || [baseModel, arnOf(baseModel)].includes(job.base_model_arn));
  return Promise.resolve({ jobs: JOBS.filter(matches) });
};
const resolve = async (filter: JobFilter, jobs: object = { listJobs }) => {
  const told: string[] = [];
  const resolved = await resolveFilter(filter, { jobs: jobs as JobsClient }, { tell: (line) => void told.push(line) });
  return { resolved, told };
};

describe('a base model', () => {
  it.each([[LITE], [arnOf(LITE)], [OWN]])('that a job has is taken as it is: %s', async (baseModel) => {
    expect(await resolve({ baseModel })).toEqual({ resolved: { baseModel }, told: [] });
  });

  it.each([
    ['nova-lite', LITE],
    ['NOVA-LITE', LITE],
    ['amazon.nova-2', LITE_2],
    ['amazon.nova-2-lite-v1:0', LITE_2],
    ['meta', OWN],
    ['triage-v1', `${OWN.slice(0, -1)}0`],
  ])('%s is completed, and told: %s', async (baseModel, whole) => {
    const { resolved, told } = await resolve({ baseModel, account: '111122223333' });
    expect(resolved).toEqual({ baseModel: whole, account: '111122223333' });
    expect(told).toEqual([expect.stringMatching(/^Base model .*: taken as .*\.$/)]);
  });

  it('is its ARN where no Region is known, as an id has none then', async () => {
    const jobs = {
      listJobs: (request: ListJobsRequest) =>
        request.baseModel === LITE
          ? Promise.reject(new TrackerError('BAD_REQUEST', 'No Region is known.'))
          : listJobs(request),
    };
    expect(await resolve({ baseModel: LITE }, jobs)).toEqual({ resolved: { baseModel: arnOf(LITE) }, told: [] });
  });

  it.each([
    ['nova', `nova can mean ${LITE_2}, ${LITE}. Give more of the id.`],
    ['lite', `No job has the base model lite. Did you mean ${LITE_2} or ${LITE} or ${TITAN}?`],
    ['amazon.nova-lit-v1', `No job has the base model amazon.nova-lit-v1. Did you mean ${LITE_2} or ${LITE}?`],
    ['twice', /^No job has the base model twice\. Jobs have /],
    ['claude', /^No job has the base model claude\. Jobs have amazon\.nova-2-lite-v1:0:256k, /],
  ])('%s is refused', async (baseModel, sentence) => {
    await expect(resolve({ baseModel })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
    });
  });

  it.each([
    ['cohere.command-r-v9:0', /^No job has the base model cohere\.command-r-v9:0\. Jobs have /],
    [arnOf('amazon.nova-lite-v1:0'), /Did you mean amazon\.nova-lite-v1:0:300k\?$/],
  ])('%s is whole, so it only gets a note', async (baseModel, note) => {
    const { resolved, told } = await resolve({ baseModel });
    expect([resolved, told]).toEqual([{ baseModel }, [expect.stringMatching(note)]]);
  });
});

describe('a status or type that Bedrock may have added', () => {
  it.each<JobFilter>([{ status: ['Stoped', 'Failed'] }, { customizationType: 'FINE_TUNE' }])(
    'passes where a job has it, near a known one or not: %j',
    async (filter) => {
      expect(await resolve(filter)).toEqual({ resolved: filter, told: [] });
    },
  );

  it.each<[JobFilter, string]>([
    [{ status: 'Faild' }, 'Faild is not a status. Did you mean Failed?'],
    [{ status: ['stop'] }, 'stop is not a status. Did you mean Stopped or Stopping?'],
    [{ status: ['running'] }, 'running is not a status. Did you mean InProgress?'],
    [{ customizationType: 'FINE_TUNNING' }, 'FINE_TUNNING is not a customization type. Did you mean FINE_TUNING?'],
  ])('%j is refused with the near value', async (filter, message) => {
    await expect(resolve(filter)).rejects.toMatchObject({ code: 'BAD_REQUEST', message });
  });

  it.each<[JobFilter, RegExp]>([
    [{ status: 'Paused' }, /^No job has the status Paused yet\. Known are InProgress, Completed, /],
    [{ customizationType: 'MERGING' }, /^No job has the customization type MERGING yet\. Known are FINE_TUNING, /],
  ])('%j gets a note where it is near none', async (filter, note) => {
    const { resolved, told } = await resolve(filter);
    expect([resolved, told]).toEqual([filter, [expect.stringMatching(note)]]);
  });
});
