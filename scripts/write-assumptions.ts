import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CHECKS } from '../lib/cli/doctor/examine.ts';
import { table } from './cost/document.ts';

/** What AWS is taken to do without an independent source that shows it. */
export const ASSUMPTIONS_FILE = path.resolve(import.meta.dirname, '../docs/assumptions.md');

/** One thing that AWS is taken to do. */
export interface Assumption {
  readonly what: string;
  /** The files that rely on it. */
  readonly where: readonly string[];
  readonly ifWrong: string;
  /** Ids of the doctor's checks that look at it. */
  readonly checks: readonly string[];
  /** How else it is looked at. */
  readonly byHand?: string;
}

const REPLACED_BY_SWEEP = 'The record is late until a sweep corrects it';

export const ASSUMPTIONS: readonly Assumption[] = [
  {
    what: 'ListModelCustomizationJobs and GetModelCustomizationJob tell the same times of a job',
    where: ['lib/domain/drift.ts'],
    ifWrong: 'Full sweeps look at jobs that did not change. Records stay right',
    checks: ['list-get-times'],
  },
  {
    what: 'Every change of a job moves its `lastModifiedTime` or status, but for its tags',
    where: ['lib/domain/drift.ts', 'lib/domain/advance.ts'],
    ifWrong: 'Sweeps miss a change that no event told of',
    checks: ['records'],
    byHand: 'Compare `bedrock-jobs show` with `aws bedrock get-model-customization-job`',
  },
  {
    what: 'A job name is unique in its account and Region, for ever, and Get takes it as an identifier',
    where: ['lambdas/track-job/parse-message.ts', 'lib/tracking/track-job.ts'],
    ifWrong: 'An event that only names its job leads to another one; a full sweep finds the right one',
    checks: ['unique-names'],
  },
  {
    what: "A job's ARN has the form of the service model's pattern, with the base model's id and 12 characters at its end",
    where: ['lib/domain/identity.ts'],
    ifWrong: 'Events about such jobs end in the dead-letter queue, and the client does not find their records by id',
    checks: ['job-arns'],
  },
  {
    what: "Bedrock's state change event names its job by a full ARN, or by `jobName` beside a short one",
    where: ['lambdas/track-job/parse-message.ts'],
    ifWrong: `Its messages end in the dead-letter queue. ${REPLACED_BY_SWEEP}`,
    checks: ['events', 'dead-letters'],
    byHand: 'Log events of `aws.bedrock` by a rule of your own',
  },
  {
    what: 'CloudTrail records Create with the full ARN in `responseElements`, and Stop, Tag and Untag with the ARN or name that was sent, as it is or percent-encoded',
    where: ['lambdas/track-job/parse-message.ts', 'lib/contract.ts'],
    ifWrong: `The rule does not match, or its messages end in the dead-letter queue. ${REPLACED_BY_SWEEP}`,
    checks: ['cloudtrail-records', 'dead-letters'],
    byHand: "Tag and Untag: look for their `resourceARN` in CloudTrail's event history",
  },
  {
    what: "EventBridge gets Bedrock's API calls where, and only where, a trail logs management events that write",
    where: ['lib/infra/job-events.ts'],
    ifWrong: 'Created, stopped and tagged jobs are found by sweeps alone',
    checks: ['trail', 'events'],
  },
  {
    what: 'EventBridge answers the conditions on `events:source` and `events:detail-type` for each entry of PutEvents',
    where: ['lib/infra/transitions.ts'],
    ifWrong: 'Transitions cannot be published: they wait in a queue that has an alarm',
    checks: ['mappings', 'dead-letters'],
    byHand: 'Subscribe to the bus and change a job',
  },
  {
    what: 'A key is used for a table, its stream and its indexes through `dynamodb`, for a queue through `sqs`, for a topic through `sns`, in the words of `kms:ViaService`',
    where: ['lib/infra/encryption.ts'],
    ifWrong: 'With `encryptionKey`: a function is denied the key, and alarms ring',
    checks: ['mappings', 'sweeps', 'dead-letters'],
  },
  {
    what: 'PutEvents takes the ARN of a bus in another account, but not in another Region; a key of another account cannot encrypt all of a stack',
    where: ['lib/infra/props/places.ts'],
    ifWrong: 'The stack refuses a bus or key that would work',
    checks: [],
    byHand: "Forward by a rule, and use a key of the stack's account and Region",
  },
  {
    what: 'CloudWatch evaluates alarms, and SQS, Lambda and EventBridge report their metrics, as the drills model it from the documents (`docs/alarms.md`, What this rests on)',
    where: ['lib/infra/operations/alarms.ts', 'test/drills/tracker.ts'],
    ifWrong: 'An alarm rings later than said, or another one rings',
    checks: [],
    byHand: 'Disable a rule or a mapping for some hours, and compare with the matrix',
  },
  {
    what: 'CloudFormation keeps a table with `DeletionPolicy: Retain` where the creation that made it is rolled back',
    where: ['lib/infra/tables.ts'],
    ifWrong: 'A first deployment that fails has to be deleted by hand, as the table is protected',
    checks: [],
    byHand: 'Look at the stack after a creation that failed',
  },
  {
    what: 'A stream of DynamoDB that is disabled and enabled again is empty, and has a new ARN that holds its time in UTC',
    where: ['lib/infra/adopt-table.ts'],
    ifWrong:
      'A tracker that adopts a table publishes transitions of the last 24 hours again, with the same `transition_id`',
    checks: [],
    byHand: 'Compare `LatestStreamArn` before and after',
  },
  {
    what: '`redrivePermission: denyAll` keeps out queues alone, not EventBridge, Scheduler, Lambda and SNS',
    where: ['lib/infra/queues.ts'],
    ifWrong: 'What cannot be delivered is lost after its retries; alarms ring for failed deliveries',
    checks: [],
    byHand: 'Break a target and look into its queue',
  },
  {
    what: '`bedrock:ListTagsForResource` on `model-customization-job/*` lets the functions read the tags of jobs',
    where: ['lib/infra/bedrock-access.ts'],
    ifWrong: 'No job is tracked, sweeps do not complete, and alarms ring',
    checks: ['tags', 'records', 'sweeps'],
  },
  {
    what: 'List sorts by creation time, the newest first, over all pages, also while jobs are created',
    where: ['lib/runtime/bedrock-jobs.ts', 'lib/tracking/sweep-full.ts'],
    ifWrong: 'Full sweeps look at more jobs than changed',
    checks: ['list-order'],
  },
  {
    what: 'List shows a job as soon as it is created, and for ever: no API deletes one',
    where: ['lib/tracking/sweep-active.ts', 'lib/tracking/sweep-full.ts'],
    ifWrong:
      'A record is marked `missing_since` only where Get does not know the job either; the mark goes when it is seen again',
    checks: ['records'],
    byHand: 'Look for records with `missing_since`',
  },
  {
    what: 'Get answers ResourceNotFoundException for a job that it does not know, and nothing else does',
    where: ['lib/runtime/bedrock-jobs.ts'],
    ifWrong: 'Such a job fails its sweep in place of being marked as missing',
    checks: [],
    byHand: 'Ask Get for a name that does not exist',
  },
  {
    what: 'Completed, Failed and Stopped are final; a finished job has an end time, and an active one has none',
    where: ['lib/domain/record.ts', 'lib/domain/transitions.ts'],
    ifWrong: 'A status that follows a final one is not shown',
    checks: ['statuses'],
  },
  {
    what: 'Losses lie below `<output>/model-customization-job-<id>/training_artifacts` and `validation_artifacts`, for each base model',
    where: ['lib/operator/loss-curves/index.ts'],
    ifWrong: 'No loss curve is drawn',
    checks: ['s3-output'],
  },
  {
    what: 'A throttled control plane answers HTTP 429 with ThrottlingException; a few requests a second are granted',
    where: ['lib/runtime/rate-limiter.ts', 'lib/runtime/rate-limiter.ts'],
    ifWrong: 'The pace is not lowered in time: sweeps take longer, and messages wait in the queue',
    checks: [],
    byHand: 'The metric BedrockThrottles, and errors in a recording of `bedrock-jobs doctor`',
  },
  {
    what: 'Bedrock answers a `clientRequestToken` that it knows with the job that it made',
    where: ['lib/cli/spec/create-request.ts'],
    ifWrong: 'Running `create` again after a lost answer is refused, or makes a second job',
    checks: [],
    byHand: 'Run the same `bedrock-jobs create` twice',
  },
  {
    what: 'Lambda reports a mapping that fails with a `LastProcessingResult` that begins with PROBLEM',
    where: ['lib/cli/doctor/checks/deployment.ts'],
    ifWrong: 'The doctor takes a failing mapping for a working one; alarms do not go by it',
    checks: [],
    byHand: 'Compare the alarms with `bedrock-jobs doctor`',
  },
];

const INTRODUCTION = `# What is assumed of AWS

<!-- Made from scripts/write-assumptions.ts by \`npm run docs:assumptions\`. -->

The tracker was built against the service model of Bedrock, AWS's documents, recorded answers and emulators. This page
lists what the code takes AWS to do and none of these shows. \`bedrock-jobs doctor\` checks what can be checked in your own
account, with your credentials, and only reads:

\`\`\`bash
bedrock-jobs doctor                      # with a tracker or without
bedrock-jobs doctor --record answers     # for a bug report
\`\`\`

\`--record\` keeps AWS's answers in the folder, one JSON file a call. Everything but numbers, times, Regions, words of AWS
and the names of members in AWS's model is replaced: account ids, names, buckets, the parts of ARNs, tags, messages, and
hyperparameters with their names. The same text gets the same replacement. Records and SSM parameters are not kept. The files can be replayed:
\`RECORDINGS=<parent folder> npx jest test/integration/replay\`.
`;

const row = ({ what, where, ifWrong, checks, byHand }: Assumption): string[] => {
  const how = [
    ...(checks.length === 0 ? [] : [checks.map((id) => `\`${id}\``).join(', ')]),
    ...(byHand === undefined ? [] : [`by hand: ${byHand}`]),
  ];
  return [what, where.map((file) => `\`${file}\``).join(', '), ifWrong, how.join('; ')];
};

const others = (): string[][] => {
  const named = new Set(ASSUMPTIONS.flatMap(({ checks }) => checks));
  return CHECKS.filter(({ id }) => !named.has(id)).map(({ id, title }) => [`\`${id}\``, title]);
};

/** The page. */
export const assumptionsPage = (): string =>
  [
    INTRODUCTION,
    table(['AWS', 'relied on in', 'if it is wrong', 'checked by'], ASSUMPTIONS.map(row)),
    '',
    'The doctor also looks at what is deployed:',
    '',
    table(['check', 'what holds'], others()),
    '',
  ].join('\n');

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  await writeFile(ASSUMPTIONS_FILE, assumptionsPage());
  console.error(path.relative(process.cwd(), ASSUMPTIONS_FILE));
}
