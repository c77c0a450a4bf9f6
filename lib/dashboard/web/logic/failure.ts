/** A known kind of failure; the first match counts. Bedrock documents no list, so these are messages that occurred. */
interface FailureRule {
  readonly matches: RegExp;
  /** What happened, in a few words. */
  readonly title: string;
  /** What to do, the most likely cause first. */
  readonly steps: readonly string[];
}

const FAILURE_RULES: readonly FailureRule[] = [
  {
    matches: /permission|access ?denied|not authorized|forbidden/i,
    title: 'Bedrock may not read or write an S3 object',
    steps: [
      'Check that the job’s role allows s3:GetObject and s3:ListBucket on the training data, and s3:PutObject on the output.',
      'Check that the bucket’s policy does not deny the role, and that the object exists: a missing object gives the same error.',
      'If the object is encrypted with a KMS key, allow the role kms:Decrypt on it.',
    ],
  },
  {
    matches: /assume[^.]*role|role[^.]*assum|trust (?:policy|relationship)/i,
    title: 'Bedrock cannot assume the role of the job',
    steps: [
      'Let the role’s trust policy allow sts:AssumeRole to bedrock.amazonaws.com.',
      'If the policy has conditions, check aws:SourceAccount and aws:SourceArn against this account and Region.',
      'Check that the person who creates the job has iam:PassRole on the role.',
    ],
  },
  {
    matches: /not (?:a )?(?:valid )?json|json object|malformed|jsonl|line \d+|schema|invalid format|expected format/i,
    title: 'The training data has a line that Bedrock cannot read',
    steps: [
      'Check the line that the message names: each line must be one JSON object in the format of the base model.',
      'Check the encoding: UTF-8 without a byte order mark, and no empty lines.',
      'Validate the whole file before the next attempt: Bedrock names only the first bad line.',
    ],
  },
  {
    matches: /teacher|usable response|prompts? (?:got|returned|produced)/i,
    title: 'The teacher model gave too few usable responses',
    steps: [
      'Check that access to the teacher model is granted in this Region, and that the role may invoke it or its inference profile.',
      'Look for prompts that the teacher refuses or cuts off, and raise the maximum response length.',
    ],
  },
  {
    matches: /kms|encrypt|decrypt/i,
    title: 'A KMS key cannot be used',
    steps: [
      'Let the key’s policy allow the job’s role kms:Decrypt, kms:GenerateDataKey and kms:CreateGrant.',
      'Check that the key is enabled and lies in the Region of the job.',
    ],
  },
  {
    matches: /quota|limit exceeded|too many|exceed(?:s|ed) the (?:maximum|limit)|maximum number/i,
    title: 'A limit was reached',
    steps: [
      'Compare the data and the number of running jobs with the quotas of Amazon Bedrock for this model.',
      'Use less data or shorter records, or ask for a higher quota in Service Quotas.',
    ],
  },
  {
    matches: /subnet|security group|vpc|network interface/i,
    title: 'The VPC configuration cannot be used',
    steps: [
      'Check that the subnets and security groups exist and have free addresses, and that S3 can be reached through an endpoint.',
      'Check that the role may create and delete network interfaces (ec2:CreateNetworkInterface and related actions).',
    ],
  },
  {
    matches: /diverge|\bnan\b|not finite|exploding/i,
    title: 'Training diverged',
    steps: [
      'Lower the learning rate, or use a longer warm-up.',
      'Look at the loss curve below, and at the data around the step where it diverges.',
    ],
  },
  {
    matches: /internal (?:server )?error|unexpected error|service error|please (?:retry|try again)/i,
    title: 'Internal error in Bedrock',
    steps: [
      'Start the job again without changes.',
      'If it fails again, open a case with AWS Support and give the ARN of the job.',
    ],
  },
];

/** A piece of a message: words, or a term in code. */
export interface MessagePart {
  readonly kind: 'text' | 's3' | 'arn' | 'code';
  readonly text: string;
}

/** A place that the message names. */
interface FailurePlace {
  readonly label: string;
  readonly value: string;
}

/** A failure message, made readable. */
interface Failure {
  /** Only for known kinds. */
  readonly title?: string;
  readonly steps: readonly string[];
  /** The whole message. */
  readonly parts: readonly MessagePart[];
  readonly places: readonly FailurePlace[];
}

const END = String.raw`(?=[.,;:)\]'"]*(?:\s|$))`;
const PATTERNS: readonly (readonly [MessagePart['kind'], string])[] = [
  ['s3', String.raw`s3://\S+?${END}`],
  ['arn', String.raw`arn:aws[a-z-]*:\S+?${END}`],
  // Error codes, actions and fields.
  ['code', String.raw`\b[A-Z][a-zA-Z]+(?:Exception|Error)\b`],
  ['code', String.raw`\b(?:s3|kms|sts|iam|bedrock|lambda|ec2):[A-Z][A-Za-z]+\b`],
  ['code', String.raw`\b(?:Get|Put|List|Head|Delete|Create|Assume|Invoke)(?:[A-Z][a-z]+)+\b`],
  ['code', '`[^`]+`'],
];
const ANY = new RegExp(PATTERNS.map(([, pattern]) => `(${pattern})`).join('|'), 'g');

/** Splits a message; the parts joined are the message. */
export const splitMessage = (message: string): MessagePart[] => {
  const parts: MessagePart[] = [];
  let end = 0;
  for (const match of message.matchAll(ANY)) {
    const group = PATTERNS.findIndex((_, number) => match[number + 1] !== undefined);
    if (match.index > end) parts.push({ kind: 'text', text: message.slice(end, match.index) });
    parts.push({ kind: PATTERNS[group]?.[0] ?? 'text', text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < message.length) parts.push({ kind: 'text', text: message.slice(end) });
  return parts;
};

const BUCKET_AND_KEY = new RegExp(
  String.raw`bucket:?\s+(?<bucket>[a-z0-9][a-z0-9.-]+)\s+at key\s+(?<key>\S+?)${END}`,
  'i',
);
const LINE = /\bline (?:number )?(?<line>\d+)/i;

const placesOf = (message: string, parts: readonly MessagePart[]): FailurePlace[] => {
  const { bucket, key } = BUCKET_AND_KEY.exec(message)?.groups ?? {};
  const line = LINE.exec(message)?.groups?.['line'];
  const places = [
    ...(bucket === undefined || key === undefined ? [] : [{ label: 'S3 object', value: `s3://${bucket}/${key}` }]),
    ...parts.flatMap(({ kind, text }) => {
      if (kind === 's3') return [{ label: 'S3 location', value: text }];
      if (kind !== 'arn') return [];
      return [{ label: text.includes(':role/') ? 'Role' : 'Resource', value: text }];
    }),
    ...(line === undefined ? [] : [{ label: 'Line', value: line }]),
  ];
  return places.filter(({ value }, index) => places.findIndex((place) => place.value === value) === index);
};

/** What a failure message says and where it points, with the next steps for known kinds. */
export const readFailure = (message: string): Failure => {
  const rule = FAILURE_RULES.find(({ matches }) => matches.test(message));
  const parts = splitMessage(message);
  return {
    ...(rule === undefined ? {} : { title: rule.title }),
    steps: rule?.steps ?? [],
    parts,
    places: placesOf(message, parts),
  };
};
