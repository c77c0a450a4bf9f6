/**
 * The regular expressions of the service model (bedrock/2023-04-20). The model's own text is what error messages
 * quote. Some of those texts backtrack without end on hostile input (`(-*[a-zA-Z0-9\-])*` is exponential), so
 * matching uses an equivalent expression that reads each character a bounded number of times; tests compare the two.
 *
 * AWS matches the whole text, wherever the model's own anchors stand.
 */
export interface Pattern {
  /** As the model writes it. */
  readonly text: string;
  readonly matches: (value: string) => boolean;
}

const pattern = (text: string, equivalent = text): Pattern => {
  const expression = new RegExp(`^(?:${equivalent})$`);
  return { text, matches: (value) => expression.test(value) };
};

// Building blocks, as the model repeats them.
const WORD = '[a-z0-9-]{1,63}';
const SUFFIX = `([:]${WORD}){0,2}`;
const BEDROCK = 'arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:';
const JOB_MODEL_ID = `${WORD}[.]{1}${WORD}(${WORD}[.]){0,2}${WORD}${SUFFIX}`;
const BASE_MODEL_ID = `${WORD}[.]{1}${WORD}([.]?${WORD})${SUFFIX}`;
const FOUNDATION_MODEL_ID = `${WORD}[.]{1}(${WORD}[.]){0,2}${WORD}${SUFFIX}`;
const NAME = '[a-zA-Z0-9](-*[a-zA-Z0-9\\+\\-\\.])*';
const MODEL_NAME = '([0-9a-zA-Z][_-]?)+';

// Two neighbouring runs of the same characters are one run of the summed length.
const LINEAR_JOB_MODEL_ID = `${WORD}[.][a-z0-9-]{2,126}([.]${WORD}){0,2}${SUFFIX}`;
const LINEAR_BASE_MODEL_ID = `${WORD}[.]([a-z0-9-]{2,126}|${WORD}[.]${WORD})${SUFFIX}`;
// A dash is itself one of the repeated characters.
const LINEAR_NAME = '[a-zA-Z0-9][a-zA-Z0-9+.-]*';

const jobArn = (modelId: string): string => `${BEDROCK}[0-9]{12}:model-customization-job/${modelId}/[a-z0-9]{12}`;
const jobIdentifier = (modelId: string, name: string): string => `(${jobArn(modelId)})|(${name})`;
const customModelArn = (modelId: string): string =>
  `arn:aws(|-us-gov|-cn|-iso|-iso-b):bedrock:[a-z0-9-]{1,20}:[0-9]{12}:custom-model/(imported|${modelId})/[a-z0-9]{12}`;
const baseModelIdentifier = (modelId: string): string =>
  `(${BEDROCK}(([0-9]{12}:custom-model/(${modelId})/[a-z0-9]{12})|` +
  `(:foundation-model/${WORD}[.]{1}${WORD}${SUFFIX})))|(${modelId})|(${MODEL_NAME})`;
const teacherModelIdentifier = (modelId: string): string =>
  `(${BEDROCK}((:foundation-model/(${modelId})|(${MODEL_NAME})$)|` +
  `([0-9]{12}:inference-profile/[a-zA-Z0-9-:.]+$)))|(${modelId})`;
const taggableArn = (start: string, modelId: string, end: string): string =>
  `${start}(^[a-zA-Z0-9][a-zA-Z0-9\\-]*$)|(^${BEDROCK}[0-9]{12}:custom-model/(imported)/[a-z0-9]{12}$)|` +
  `(^${BEDROCK}([0-9]{12}|)((:(fine-tuning-job|model-customization-job|custom-model)/${modelId}(/[a-z0-9]{12})$)|` +
  '(:guardrail/[a-z0-9]+$)|(:automated-reasoning-policy/[a-zA-Z0-9]+(:[a-zA-Z0-9]+)?$)|' +
  '(:(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+$)|' +
  '(:(provisioned-model|model-invocation-job|model-evaluation-job|evaluation-job|model-import-job|imported-model|' +
  'async-invoke|provisioned-model-v2|provisioned-model-reservation|prompt-router|custom-model-deployment)' +
  `/[a-z0-9]{12}$)))${end}`;

export const PATTERNS = {
  jobName: pattern(NAME, LINEAR_NAME),
  jobArn: pattern(jobArn(JOB_MODEL_ID), jobArn(LINEAR_JOB_MODEL_ID)),
  jobIdentifier: pattern(jobIdentifier(JOB_MODEL_ID, NAME), jobIdentifier(LINEAR_JOB_MODEL_ID, LINEAR_NAME)),
  customModelName: pattern('([0-9a-zA-Z][_-]?){1,63}'),
  customModelArn: pattern(customModelArn(JOB_MODEL_ID), customModelArn(LINEAR_JOB_MODEL_ID)),
  foundationModelArn: pattern(`${BEDROCK}:foundation-model/${FOUNDATION_MODEL_ID}`),
  modelArn: pattern(
    `${BEDROCK}(([0-9]{12}:custom-model/((imported)|(${WORD}[.]{1}${WORD}))(${SUFFIX})?/[a-z0-9]{12})|` +
      `(:foundation-model/${FOUNDATION_MODEL_ID}))`,
  ),
  baseModelIdentifier: pattern(baseModelIdentifier(BASE_MODEL_ID), baseModelIdentifier(LINEAR_BASE_MODEL_ID)),
  teacherModelIdentifier: pattern(teacherModelIdentifier(BASE_MODEL_ID), teacherModelIdentifier(LINEAR_BASE_MODEL_ID)),
  taggableResourceArn: pattern(
    taggableArn('.*', JOB_MODEL_ID, '.*'),
    // The model's anchors leave nothing for its `.*` to match.
    taggableArn('', LINEAR_JOB_MODEL_ID, ''),
  ),
  idempotencyToken: pattern('[a-zA-Z0-9]([-a-zA-Z0-9]{0,254}[a-zA-Z0-9])?'),
  roleArn: pattern('arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+'),
  kmsKeyId: pattern(
    '(arn:aws(-[^:]+)?:kms:[a-zA-Z0-9-]*:[0-9]{12}:((key/[a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)))|' +
      '([a-zA-Z0-9-]{36})|(alias/[a-zA-Z0-9-_/]+)',
  ),
  kmsKeyArn: pattern('arn:aws(-[^:]+)?:kms:[a-zA-Z0-9-]*:[0-9]{12}:key/[a-zA-Z0-9-]{36}'),
  s3Uri: pattern("s3://[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](?:/[-!_*'().a-z0-9A-Z]+(?:/[-!_*'().a-z0-9A-Z]+)*)?/?"),
  tag: pattern('[a-zA-Z0-9\\s._:/=+@-]*'),
  requestMetadataKey: pattern('[a-zA-Z0-9\\s._:/=+$@-]{1,256}'),
  requestMetadataValue: pattern('[a-zA-Z0-9\\s._:/=+$@-]{0,256}'),
  vpcResourceId: pattern('[-0-9a-zA-Z]+'),
  lambdaArn: pattern(
    'arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}(-gov)?-[a-z]+-\\d{1}:\\d{12}:function:[a-zA-Z0-9-_\\.]+' +
      '(:(\\$LATEST|[a-zA-Z0-9-_]+))?',
  ),
  paginationToken: pattern('\\S*'),
} as const satisfies Readonly<Record<string, Pattern>>;
