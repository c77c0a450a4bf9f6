import { commandText } from './command-text.ts';
import { REMOVED } from './model-record.ts';
import { DAY, formatDuration, MINUTE, millisecondsBetween } from './time.ts';
import { consoleUrl, parseJobArn } from './identity.ts';
import { compareText, oneLine as cutToLine, pluralize } from './text.ts';
import type { AnyDetail, ModelTransitionDetail, TransitionDetail } from './transition-event.ts';

/** A message to a person about a transition. */
export interface Notification {
  /** SNS allows one line of printable ASCII, at most 100 characters. */
  readonly subject: string;
  /** Plain text. */
  readonly message: string;
  /** For a subscription's filter policy. */
  readonly attributes: Readonly<Record<'to' | 'account_id' | 'region', string>>;
}

const MAX_SUBJECT = 100;
const MAX_VALUE = 2_048;
const MAX_TAGS = 50;

const oneLine = (text: string, length = MAX_VALUE): string => cutToLine(text, length);

const toAscii = (text: string): string => oneLine(text).replaceAll(/[^ -~]/gu, '?');

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 3)}...`;

const VERBS: ReadonlyMap<string, string> = new Map([
  ['InProgress', 'is in progress'],
  ['Completed', 'completed'],
  ['Failed', 'failed'],
  ['Stopping', 'is being stopped'],
  ['Stopped', 'was stopped'],
]);

const verbFor = (status: string): string => VERBS.get(status) ?? `is now ${oneLine(status, 40)}`;

/** `what` is cut, so that the subject fits. */
const subjectOf = (before: string, what: string, after: string): string => {
  const rest = toAscii(after).slice(0, MAX_SUBJECT / 2);
  return `${before} ${cut(toAscii(what), MAX_SUBJECT - before.length - rest.length - 2)} ${rest}`;
};

const NOTICED: ReadonlyMap<string, string> = new Map([
  ['event', 'by an event'],
  ['sweep', 'by a sweep, as no event had arrived'],
  ['backfill', 'by the first sweep of its account and Region'],
]);

const describeNotice = ({ at, observed_at, via }: AnyDetail): string => {
  const late = millisecondsBetween(at, observed_at);
  const how = NOTICED.get(via) ?? oneLine(via, 40);
  return `${late === undefined ? oneLine(observed_at, 40) : `${formatDuration(late)} later`}, ${how}`;
};

/** From the job's creation to its end, or to this transition while it runs. */
const describeDuration = ({ creation_time, end_time, at }: TransitionDetail): string | undefined => {
  if (creation_time === undefined) return undefined;
  const end = end_time ?? at;
  const ms = millisecondsBetween(creation_time, end);
  return ms === undefined
    ? undefined
    : `${formatDuration(ms)}, from ${oneLine(creation_time, 40)} to ${oneLine(end, 40)}`;
};

const tagsOf = ({ tags, tags_left_out = 0 }: AnyDetail): string => {
  const entries = Object.entries(tags).sort(([a], [b]) => compareText(a, b));
  const shown = entries.slice(0, MAX_TAGS).map(([key, value]) => `${oneLine(key, 128)}=${oneLine(value, 256)}`);
  const more = entries.length - shown.length + tags_left_out;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const line = (label: string, value: string | undefined, most = MAX_VALUE): string[] => {
  const text = oneLine(value ?? '', most);
  return text === '' ? [] : [`${`${label}:`.padEnd(15)}${text}`];
};

const statusLine = ({ from, to, at }: AnyDetail): string[] =>
  line('Status', `${oneLine(from ?? 'none seen before')} -> ${oneLine(to)}, at ${oneLine(at)}`);

/** What the mail about a kind of event has besides what all have. */
interface Words {
  readonly subject: string;
  readonly sentence: string;
  readonly first: readonly string[];
  readonly last: readonly string[];
  /** Commands have ARNs of the known form alone, as readers paste them into a shell. */
  readonly links: readonly string[];
}

const jobLinks = (detail: TransitionDetail): string[] => {
  const arn = parseJobArn(detail.job_arn);
  if (arn === undefined) return [];
  const address = consoleUrl(arn);
  return [
    '',
    'Where to look:',
    ...(address === undefined ? [] : [`${address} (under Jobs)`]),
    `aws bedrock get-model-customization-job --region ${arn.region} --job-identifier ${detail.job_arn}`,
  ];
};

const jobWords = (detail: TransitionDetail): Words => {
  const name = detail.job_name ?? detail.job_id;
  return {
    subject: subjectOf('Bedrock job', name, `${verbFor(detail.to)} in ${detail.region}`),
    sentence: `The model customization job ${oneLine(name, 100)} ${verbFor(detail.to)}.`,
    first: [
      ...statusLine(detail),
      ...line('Took', describeDuration(detail)),
      ...line('Noticed', describeNotice(detail)),
    ],
    last: [
      ...line('Output model', detail.output_model_arn ?? detail.output_model_name),
      ...line('Tags', tagsOf(detail), Infinity),
      ...line('Job', detail.job_arn),
    ],
    links: jobLinks(detail),
  };
};

/** By kind its name, its label, and what the AWS CLI calls it and the option that takes its ARN. */
const KINDS: ReadonlyMap<string, readonly [name: string, label: string, noun: string, option: string]> = new Map([
  ['model', ['Custom model', 'Model', 'custom-model', 'model-identifier']],
  ['deployment', ['Deployment', 'Deployment', 'custom-model-deployment', 'custom-model-deployment-identifier']],
  ['throughput', ['Provisioned throughput', 'Throughput', 'provisioned-model-throughput', 'provisioned-model-id']],
]);
const KNOWN_ARN =
  /^arn:aws[a-z-]*:bedrock:([a-z0-9-]{1,20}):\d{12}:(?:provisioned-model|custom-model[a-z-]*)\/[\w.:/-]{1,900}$/;
const CLOUDTRAIL_KEEPS_MS = 90 * DAY;

/** "has served nothing for 14 days and costs 48 unit hours a day". */
const changeOf = ({ task, to, unused_since, observed_at, unit_hours_a_day }: ModelTransitionDetail): string => {
  if (task === undefined) return to === REMOVED ? 'is no longer there' : `is now ${oneLine(to, 40)}`;
  if (to !== 'Idle') return 'is used again';
  const ms = millisecondsBetween(unused_since ?? '', observed_at);
  const time = ms === undefined ? '' : ` for ${pluralize(Math.floor(ms / DAY), 'day')}`;
  const cost = unit_hours_a_day === undefined ? '' : ` and costs ${unit_hours_a_day} unit hours a day`;
  return `has served nothing${time}${cost}`;
};

/** No API of Bedrock says who created it, but CloudTrail does for 90 days. */
const creatorLines = (detail: ModelTransitionDetail, region: string, noun: string): string[] => {
  const created = Date.parse(detail.resource_creation_time ?? '');
  if (!(Date.parse(detail.observed_at) - created < CLOUDTRAIL_KEEPS_MS)) return [];
  const [start, end] = [created - MINUTE, created + 5 * MINUTE].map((ms) => new Date(ms).toISOString());
  const call = `-create-${noun}`.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const about = `--lookup-attributes AttributeKey=EventName,AttributeValue=${call}`;
  const command = `aws cloudtrail lookup-events --region ${region} ${about} --start-time ${start} --end-time ${end}`;
  return ['', 'Who created it:', command];
};

const modelLinks = (detail: ModelTransitionDetail): string[] => {
  const arn = detail.resource ?? detail.model_arn;
  const region = KNOWN_ARN.exec(arn)?.[1];
  const [, , noun, option] = KINDS.get(detail.kind) ?? [];
  if (region === undefined || noun === undefined) return [];
  const { commitment_duration: duration, commitment_expiration_time: end = '', observed_at: now } = detail;
  const isFree = duration === undefined || millisecondsBetween(end, now) !== undefined;
  const aws = (verb: string) => `aws bedrock ${verb}-${noun} --region ${region} --${option} ${arn}`;
  return [
    '',
    'Where to look:',
    commandText({ program: 'bedrock-jobs', trackerFlags: [] }, 'models', 'show', arn),
    aws('get'),
    ...creatorLines(detail, region, noun),
    ...(detail.to === 'Idle' && isFree ? ['', 'To delete it:', aws('delete')] : []),
  ];
};

const modelWords = (detail: ModelTransitionDetail): Words => {
  const { resource, resource_name, model_name, model_id, commitment_duration, commitment_expiration_time } = detail;
  const [kind, label] = KINDS.get(detail.kind) ?? ['Resource', 'Resource'];
  const name = resource === undefined ? (model_name ?? model_id) : (resource_name ?? resource);
  const change = changeOf(detail);
  const isIdle = detail.task === 'use' && detail.to === 'Idle';
  return {
    subject: subjectOf(kind, name, `${isIdle ? 'is idle' : change} in ${detail.region}`),
    sentence: `${kind} ${oneLine(name, 100)} ${change}.`,
    first: [
      ...(isIdle ? line('Unused since', detail.unused_since) : statusLine(detail)),
      ...line('Model units', detail.model_units?.toString()),
      ...line('Commitment', commitment_duration),
      ...line('It ends', commitment_expiration_time),
      ...line('Created', detail.resource_creation_time),
    ],
    last: [
      ...line('Model', resource === undefined ? undefined : detail.model_arn),
      ...line('Job', detail.job_arn),
      ...line('Tags', tagsOf(detail), Infinity),
      ...line(label, resource ?? detail.model_arn),
    ],
    links: modelLinks(detail),
  };
};

export const notificationOf = (detail: AnyDetail): Notification => {
  const { subject, sentence, first, last, links } = 'model_arn' in detail ? modelWords(detail) : jobWords(detail);
  return {
    subject,
    message: [
      sentence,
      '',
      ...line('Why', detail.failure_message),
      ...first,
      ...line('Account', detail.account_id),
      ...line('Region', detail.region),
      ...line('Type', detail.customization_type),
      ...line('Base model', detail.base_model_arn),
      ...last,
      ...links,
      '',
    ].join('\n'),
    attributes: { to: oneLine(detail.to, 100), account_id: oneLine(detail.account_id), region: oneLine(detail.region) },
  };
};
