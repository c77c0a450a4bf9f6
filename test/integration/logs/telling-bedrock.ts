import { parseJobArn } from '../../../lib/domain/identity.ts';
import { fixtureNames, jobOnWire, readFixture } from '../../support/fixtures.ts';
import {
  jsonAnswer,
  serve,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
} from '../../support/integration/http.ts';

/** Marks every value that no log may hold. Lower case, digits and dashes are valid wherever AWS checks a text. */
export const MARK = 'c4n4ry';

/** What a log may tell of a job, and what has to stay as it is for a document to be read at all. */
const TOLD =
  /^(jobArn|jobName|jobStatus|status|version|detail-type|source|account|region|id|event(Name|Source)|resourceARN|jobIdentifier|resources|customizationType)$|[Tt]ime$|^errorCode$/;

const marked = (text: string): string => {
  if (text.startsWith('s3://')) return text.replace('s3://', `s3://${MARK}-`);
  return text.startsWith('arn:') ? `${text}-${MARK}` : `${MARK}-${text}`;
};

/** A document whose every text is marked, besides what may be told; the keys of its hyperparameters and tags too. */
export const markAll = (value: unknown, name = ''): unknown => {
  if (TOLD.test(name)) return value;
  if (typeof value === 'string') return marked(value);
  if (Array.isArray(value)) return value.map((member) => markAll(member, name));
  if (typeof value !== 'object' || value === null) return value;
  const isMap = name === 'hyperParameters' && Object.values(value).every((member) => typeof member === 'string');
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [isMap ? marked(key) : key, markAll(member, isMap ? '' : key)]),
  );
};

/** More than the fixtures have: each place of an answer that tells of a company. */
const MORE = {
  outputModelKmsKeyArn: `arn:aws:kms:us-east-1:123456789012:key/${MARK}`,
  vpcConfig: { subnetIds: [`subnet-${MARK}`], securityGroupIds: [`sg-${MARK}`] },
  failureMessage: `Could not validate GetObject permissions to access Amazon S3 bucket: ${MARK}-bucket at key ${MARK}/train.jsonl`,
};

export type WireJob = Readonly<Record<string, unknown>> & { readonly jobArn: string; readonly jobName: string };

export const JOBS: readonly WireJob[] = fixtureNames('jobs').map((name) => {
  const { jobArn, jobName } = jobOnWire(name) as WireJob;
  return { ...(markAll(jobOnWire(name)) as object), ...MORE, jobArn, jobName };
});
export const EVENTS: readonly object[] = fixtureNames('events').map(
  (name) => markAll(readFixture(`events/${name}.json`)) as object,
);
export const SCOPES: readonly string[] = [
  ...new Set(
    JOBS.map(({ jobArn }) => {
      const { accountId = '', region = '' } = parseJobArn(jobArn) ?? {};
      return `${accountId}#${region}`;
    }),
  ),
];

/** An answer of AWS that quotes what it was about, in each way in which AWS writes of data. */
export const quoting = (status: number, type: string): HttpAnswer =>
  jsonAnswer(
    status,
    {
      message:
        `Could not read s3://${MARK}-data/${MARK}/train.jsonl (arn:aws:s3:::${MARK}-data/train.jsonl, ` +
        `https://${MARK}-data.s3.us-east-1.amazonaws.com/${MARK}.jsonl), S3 bucket: ${MARK}-data at key ${MARK}.jsonl. ` +
        `The Canonical String should have been 'GET\n/\n\nx-amz-security-token:${MARK}-token\n'`,
      __type: type,
    },
    { 'x-amzn-errortype': type },
  );

export interface TellingBedrock extends HttpServer {
  /** What it answers in place of what it knows. */
  refusal: HttpAnswer | undefined;
}

const SUMMARY = ['jobArn', 'jobName', 'status', 'creationTime', 'lastModifiedTime', 'endTime', 'baseModelArn'];

const answerOf = ({ method, path, headers }: HttpRequest): HttpAnswer => {
  const { pathname, searchParams } = new URL(path, 'http://bedrock');
  const [, region = ''] = /Credential=[^/]+\/\d+\/([\w-]+)\//.exec(headers.authorization ?? '') ?? [];
  const jobs = JOBS.filter(({ jobArn }) => jobArn.includes(`:${region}:`));
  if (pathname === '/listTagsForResource') return jsonAnswer(200, { tags: [{ key: MARK, value: MARK }] });
  if (method === 'GET' && pathname === '/model-customization-jobs') {
    const status = searchParams.get('statusEquals');
    const found = jobs.filter((job) => status === null || job['status'] === status);
    const summaries = found.map((job) =>
      Object.fromEntries(Object.entries(job).filter(([key]) => SUMMARY.includes(key))),
    );
    return jsonAnswer(200, { modelCustomizationJobSummaries: summaries });
  }
  const asked = decodeURIComponent(pathname.split('/').at(-1) ?? '');
  const job = jobs.find(({ jobArn, jobName }) => jobArn === asked || jobName === asked);
  return job === undefined ? quoting(404, 'ResourceNotFoundException') : jsonAnswer(200, job);
};

/** Bedrock whose every answer is full of what no log may hold. */
export const startTellingBedrock = async (): Promise<TellingBedrock> => {
  const server = await serve((request) => Promise.resolve(bedrock.refusal ?? answerOf(request)));
  const bedrock: TellingBedrock = { ...server, refusal: undefined };
  return bedrock;
};
