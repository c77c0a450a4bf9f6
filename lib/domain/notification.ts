import { formatDuration, millisecondsBetween } from './time.ts';
import { consoleUrl, parseJobArn } from './identity.ts';
import { compareText, oneLine as cutToLine } from './text.ts';
import type { TransitionDetail } from './transition-event.ts';

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

const nameOf = (detail: TransitionDetail): string => detail.job_name ?? detail.job_id;

const subjectOf = (detail: TransitionDetail): string => {
  const rest = toAscii(`${verbFor(detail.to)} in ${detail.region}`).slice(0, MAX_SUBJECT / 2);
  const before = 'Bedrock job ';
  return `${before}${cut(toAscii(nameOf(detail)), MAX_SUBJECT - before.length - rest.length - 1)} ${rest}`;
};

const NOTICED: ReadonlyMap<string, string> = new Map([
  ['event', 'by an event'],
  ['sweep', 'by a sweep, as no event had arrived'],
  ['backfill', 'by the first sweep of its account and Region'],
]);

const describeNotice = ({ at, observed_at, via }: TransitionDetail): string => {
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

const tagsOf = ({ tags, tags_left_out = 0 }: TransitionDetail): string => {
  const entries = Object.entries(tags).sort(([a], [b]) => compareText(a, b));
  const shown = entries.slice(0, MAX_TAGS).map(([key, value]) => `${oneLine(key, 128)}=${oneLine(value, 256)}`);
  const more = entries.length - shown.length + tags_left_out;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** Only for an ARN of the known form, as readers paste the command into a shell. */
const linkLines = (detail: TransitionDetail): string[] => {
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

const line = (label: string, value: string | undefined): string[] =>
  value === undefined || value === '' ? [] : [`${`${label}:`.padEnd(15)}${value}`];

const toLine = (value: string | undefined): string | undefined => (value === undefined ? undefined : oneLine(value));

const messageOf = (detail: TransitionDetail): string =>
  [
    `The model customization job ${oneLine(nameOf(detail), 100)} ${verbFor(detail.to)}.`,
    '',
    ...line('Why', toLine(detail.failure_message)),
    ...line(
      'Status',
      `${oneLine(detail.from ?? 'none seen before')} -> ${oneLine(detail.to)}, at ${oneLine(detail.at)}`,
    ),
    ...line('Took', describeDuration(detail)),
    ...line('Noticed', describeNotice(detail)),
    ...line('Account', oneLine(detail.account_id)),
    ...line('Region', oneLine(detail.region)),
    ...line('Type', toLine(detail.customization_type)),
    ...line('Base model', toLine(detail.base_model_arn)),
    ...line('Output model', toLine(detail.output_model_arn ?? detail.output_model_name)),
    ...line('Tags', tagsOf(detail)),
    ...line('Job', oneLine(detail.job_arn)),
    ...linkLines(detail),
    '',
  ].join('\n');

export const notificationOf = (detail: TransitionDetail): Notification => ({
  subject: subjectOf(detail),
  message: messageOf(detail),
  attributes: { to: oneLine(detail.to, 100), account_id: oneLine(detail.account_id), region: oneLine(detail.region) },
});
