/**
 * Failure messages that are known, what they mean and what to do. Bedrock documents some of them; others are from public
 * reports. A rule matches whole phrases of a message whose names were taken out, never single words.
 */

/** What a message means and what to do, with where that was read. */
export interface FailureRule {
  readonly kind: string;
  /** Any of them, in a message without its names. */
  readonly phrases: readonly RegExp[];
  /** What happened, in a few words. */
  readonly title: string;
  /** What to do, the most likely cause first. */
  readonly steps: readonly string[];
  /** Pages with the message or the advice, first the one to read. */
  readonly sources: readonly [string, ...string[]];
}

/** When the sources were last read. */
export const CHECKED = '2026-11-28';

const GUIDE = 'https://docs.aws.amazon.com/bedrock/latest/userguide';
const TROUBLESHOOTING = `${GUIDE}/fine-tuning-troubleshooting.html`;
const KNOWLEDGE_CENTER = 'https://repost.aws/knowledge-center/bedrock-fine-tuning-errors';
const ACCESS_DENIED = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html';
const WORKSHOP = 'https://github.com/aws-samples/amazon-bedrock-workshop/issues';

/** The first match counts. */
export const FAILURE_RULES: readonly FailureRule[] = [
  {
    kind: 'scp',
    phrases: [/explicit deny in a service control policy/i],
    title: 'A service control policy of the organization denies the call',
    steps: [
      'Ask the administrators of the AWS organization to allow the action that the message names, in this Region.',
      'Or create the job in an account or Region where the policy allows it. No policy of the role or user can override it.',
    ],
    sources: [ACCESS_DENIED],
  },
  {
    kind: 's3',
    phrases: [
      /could not validate \w+ permissions to access (?:amazon )?s3 bucket/i,
      /\bs3 perms missing\b/i,
      /not authorized to perform:? s3:/i,
      /unexpected error when processing the request.*\bAccessDenied\b/i,
    ],
    title: 'Bedrock cannot read or write an S3 object',
    steps: [
      'Check that the job’s role allows s3:GetObject and s3:ListBucket on the data, and s3:PutObject on the output.',
      'Check that the object exists, and that the bucket is in the Region of the job: both give the same error.',
      'Check that the policy of the bucket does not deny the role.',
      'If the bucket is encrypted with a KMS key of your own, allow the role kms:Decrypt on it.',
    ],
    sources: [TROUBLESHOOTING, KNOWLEDGE_CENTER],
  },
  {
    kind: 'kms',
    phrases: [/not authorized to perform:? kms:/i],
    title: 'A KMS key cannot be used',
    steps: [
      'Allow the action that the message names in the policy of the key and in the policy of the role.',
      'Check that the key is enabled and in the Region of the job.',
    ],
    sources: [`${GUIDE}/encryption-custom-job.html`, ACCESS_DENIED],
  },
  {
    kind: 'denied',
    phrases: [/not authorized to perform:? \w+:/i],
    title: 'A permission is missing',
    steps: [
      'Allow the action that the message names to the user or role that it names.',
      'If the message ends with “explicit deny”, change the policy that it names: a deny overrides every allow.',
    ],
    sources: [ACCESS_DENIED],
  },
  {
    kind: 'assume',
    phrases: [/could not assume (?:the )?provided iam role/i],
    title: 'Bedrock cannot assume the role of the job',
    steps: [
      'Check that the role exists in the account of the job.',
      'Allow sts:AssumeRole to bedrock.amazonaws.com in the role’s trust policy.',
      'If the trust policy has conditions, check aws:SourceAccount and aws:SourceArn against this account and Region.',
    ],
    sources: [`${GUIDE}/model-customization-iam-role.html`, `${WORKSHOP}/367`],
  },
  {
    kind: 'uri',
    phrases: [
      /should be a file, not a directory/i,
      /provided s3 (?:location|uri) is invalid/i,
      /input data must be in \.jsonl format/i,
    ],
    title: 'The location of the data is not a .jsonl file',
    steps: [
      'Give the URI of one file, not of a folder: s3://bucket/folder/train.jsonl.',
      'Let the name of the file end with .jsonl.',
      'Check the validation data in the same way.',
    ],
    sources: [KNOWLEDGE_CENTER],
  },
  {
    kind: 'limit',
    phrases: [
      /input size exceeded in file/i,
      /max(?:imum)? (?:input|output) token count \d+ exceeds limit/i,
      /max(?:imum)? sum of input and output token length \d+ exceeds/i,
    ],
    title: 'A record of the data is too long',
    steps: [
      'Shorten or split the records that are longer than the limit of the base model.',
      'Check the other records too: the message names one of them.',
    ],
    sources: [TROUBLESHOOTING, `${GUIDE}/model-customization-prepare.html`, `${WORKSHOP}/224`],
  },
  {
    kind: 'format',
    phrases: [
      /unable to parse (?:amazon )?s3 file/i,
      /data files must conform to jsonl/i,
      /input data at .* must follow .* format/i,
    ],
    title: 'The data is not in the format of the base model',
    steps: [
      'Check that each line is one JSON object with the fields that the base model expects, each of them text.',
      'Remove empty lines, and a byte order mark at the start of the file.',
      'Check the whole file: the message names one problem at most.',
    ],
    sources: [TROUBLESHOOTING, `${GUIDE}/model-customization-prepare.html`, `${WORKSHOP}/266`],
  },
  {
    kind: 'policy',
    phrases: [/inconsistent with .*third-party license terms/i],
    title: 'Automated tests found data that the model’s provider does not allow',
    steps: [
      'Remove records that conflict with the usage policies of the provider that the message names.',
      'If the data keeps to the policies, contact AWS Support and give the ARN of the job.',
    ],
    sources: [TROUBLESHOOTING],
  },
  {
    kind: 'nova2val',
    phrases: [/doesn['’]t support validation set/i],
    title: 'The base model does not take validation data',
    steps: ['Create the job again without validation data.'],
    sources: ['https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws'],
  },
  {
    kind: 'internal',
    phrases: [/encountered an (?:unexpected|internal) error when processing/i],
    title: 'Internal error in Bedrock',
    steps: [
      'Start the job again without changes.',
      'If it fails again, open a case with AWS Support and give the ARN of the job.',
    ],
    sources: [TROUBLESHOOTING],
  },
  // The words of the two below are the simulator's: those of Bedrock are not known. The sources are of the advice.
  {
    kind: 'teacher',
    phrases: [/usable response from the teacher model/i],
    title: 'The teacher model gave too few usable responses',
    steps: [
      'Read the prompt insights in the output folder of the job: they list the rejected prompts, each with its reason.',
      'Check that the role may invoke the teacher model, and that the maximum response length does not cut its answers.',
    ],
    sources: [`${GUIDE}/model-customization-analyze.html`],
  },
  {
    kind: 'diverged',
    phrases: [/training loss diverged/i],
    title: 'Training diverged',
    steps: ['Lower the learning rate.', 'Look at the loss curve, and at the data around the step where it diverges.'],
    sources: [`${GUIDE}/model-customization-guidelines.html`],
  },
];
