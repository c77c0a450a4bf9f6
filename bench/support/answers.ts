import { STATE_CHANGE_DETAIL_TYPE } from '../../lib/contract.ts';
import { parseJobArn, type Scope } from '../../lib/domain/identity.ts';
import { jobOnWire } from '../../test/support/fixtures.ts';
import { jsonAnswer, serve, type HttpAnswer, type HttpRequest } from '../../test/support/integration/http.ts';

const JOB = jobOnWire('fine-tuning-completed');
/** The job of these answers. */
export const JOB_ARN = String(JOB['jobArn']);
const JOB_TEXT = JSON.stringify(JOB);

export const SCOPE: Scope = parseJobArn(JOB_ARN) ?? { accountId: '', region: '' };

/** An event about a job. By the answers below, what a look at the job finds was not known before. */
export const stateChange = (jobArn: string) => ({
  version: '0',
  id: '0',
  'detail-type': STATE_CHANGE_DETAIL_TYPE,
  source: 'aws.bedrock',
  account: SCOPE.accountId,
  time: '2026-08-09T21:23:11Z',
  region: SCOPE.region,
  resources: [],
  detail: { jobArn, jobName: JOB['jobName'], status: 'Completed' },
});

const GET = '/model-customization-jobs/';
const PUBLISHED = '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>';

const accepted = (body: string): HttpAnswer => {
  const { Entries } = JSON.parse(body) as { readonly Entries: readonly unknown[] };
  return jsonAnswer(200, { FailedEntryCount: 0, Entries: Entries.map((_, n) => ({ EventId: `event-${n}` })) });
};

const answerOf = ({ method, path, headers, body }: HttpRequest): HttpAnswer => {
  const target = headers['x-amz-target'];
  if (target === 'AWSEvents.PutEvents') return accepted(body);
  if (typeof target === 'string') return jsonAnswer(200, target.endsWith('.Query') ? { Items: [], Count: 0 } : {});
  if (path.startsWith('/listTagsForResource')) return jsonAnswer(200, { tags: [{ key: 'Team', value: 'Search' }] });
  if (path.startsWith(GET)) {
    // Whatever job is asked for is there, and like every other.
    const body = JOB_TEXT.replaceAll(JOB_ARN, decodeURIComponent(path.slice(GET.length)));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  if (path.startsWith('/model-customization-jobs')) return jsonAnswer(200, { modelCustomizationJobSummaries: [] });
  if (method === 'POST') return { status: 200, headers: { 'content-type': 'text/xml' }, body: PUBLISHED };
  return jsonAnswer(404, {});
};

/**
 * Bedrock, DynamoDB, EventBridge and SNS as far as the functions call them here, at once and always the same: what is
 * measured is the functions, not who answers them.
 */
export const startAnswers = () => serve((request) => Promise.resolve(answerOf(request)));
