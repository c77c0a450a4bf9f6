import { diagnose } from '../domain/failure/index.ts';
import type { ModelRecord } from '../domain/model-record.ts';
import type { Trained } from '../domain/run.ts';
import { isFoundAgain, isTerminal, type JobRecord, SUB_TASKS, type Transition } from '../domain/record.ts';
import { ATTRIBUTES, MODEL_ATTRIBUTES } from './export/columns.ts';
import type { Fact } from './output/table.ts';
import { formatNumber, formatTime, modelName, NOTHING } from './output/values.ts';
import { formatDuration, millisecondsBetween } from '../domain/time.ts';

/** A heading with what stands below it. */
export interface Section {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** `s3_uri` as a person says it: `s3 uri`. */
const words = (name: string): string => name.replaceAll('_', ' ');

const leaf = (value: unknown): string => {
  if (typeof value !== 'string') return JSON.stringify(value);
  return TIME.test(value) ? formatTime(value) : value;
};

/** A document as facts, one for each value in it: `lambda grader › lambda arn`. */
const flattened = (value: unknown, path: readonly string[]): Fact[] => {
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return [{ label: path.join(' › '), value: value.map(leaf).join(', ') || NOTHING }];
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, each]) =>
      flattened(each, [...path, Array.isArray(value) ? String(Number(name) + 1) : words(name)]),
    );
  return [{ label: path.join(' › '), value: leaf(value) }];
};

/** A map whose keys are the user's own words, which stay as they are. */
const ownWords = (map: Readonly<Record<string, unknown>> | undefined): Fact[] =>
  Object.entries(map ?? {}).map(([label, value]) => ({ label, value: leaf(value) }));

/** A record of a job or a model. */
type AnyRecord = Trained & Partial<Omit<ModelRecord, 'transitions'>>;

const document = (record: AnyRecord, attribute: keyof AnyRecord, label: string): Fact[] =>
  record[attribute] === undefined ? [] : flattened(record[attribute], [label]);

/** The attributes that a record's last section shows, with all that AWS adds. The others have a place of their own. */
const LAST: ReadonlySet<string> = new Set<keyof JobRecord>([
  ...(['last_modified_time', 'fetched_at', 'observed_via', 'first_seen_at', 'revision'] as const),
  ...(['missing_since', 'untracked_since', 'listed_as', 'active_scope'] as const),
]);
const isLast = (name: string): boolean =>
  LAST.has(name) || !(Object.hasOwn(ATTRIBUTES, name) || Object.hasOwn(MODEL_ATTRIBUTES, name));

const metrics = ({ training_metrics, validation_metrics = [] }: Trained): Fact[] => [
  ...(training_metrics?.training_loss === undefined
    ? []
    : [{ label: 'training loss', value: formatNumber(training_metrics.training_loss) }]),
  ...validation_metrics.map(({ validation_loss }, index) => ({
    label: validation_metrics.length === 1 ? 'validation loss' : `validation loss ${index + 1}`,
    value: formatNumber(validation_loss),
  })),
];

/** What a failure message means and what to do; nothing for one that is not known. */
export const adviceOn = (message: string | undefined): Fact[] => {
  const diagnosis = message === undefined ? undefined : diagnose(message);
  if (diagnosis === undefined) return [];
  const { title, steps, source, checked } = diagnosis;
  return [
    { label: 'meaning', value: title },
    { label: 'to do', value: steps.map((step, index) => `${index + 1}. ${step}`).join('\n') },
    { label: 'source', value: `${source} (${checked})` },
  ];
};

/** What is known of a job or model besides its name, status and history; sections without facts are left out. */
export const sectionsOf = (job: AnyRecord): Section[] => {
  const others = Object.fromEntries(Object.entries(job).filter(([name]) => isLast(name)));
  const sections: Section[] = [
    {
      title: 'Model',
      facts: [
        { label: 'base model', value: modelName(job.base_model_arn) },
        ...document(job, 'base_model_arn', 'base model arn'),
        ...document(job, 'output_model_name', 'output model'),
        ...document(job, 'output_model_arn', 'output model arn'),
        ...document(job, 'output_model_kms_key_arn', 'kms key'),
        ...document(job, 'model_kms_key_arn', 'kms key'),
      ],
    },
    { title: 'Metrics', facts: metrics(job) },
    {
      title: 'Configuration',
      facts: [
        ...document(job, 'training_data_config', 'training data'),
        ...document(job, 'validation_data_config', 'validation data'),
        ...document(job, 'output_data_config', 'output data'),
        ...document(job, 'customization_config', 'customization'),
        ...document(job, 'vpc_config', 'vpc'),
        ...document(job, 'role_arn', 'role'),
        ...document(job, 'client_request_token', 'request token'),
      ],
    },
    { title: 'Hyperparameters', facts: ownWords(job.hyper_parameters) },
    { title: 'Tags', facts: ownWords(job.tags) },
    { title: 'Record', facts: flattened(others, []) },
  ];
  return sections.filter(({ facts }) => facts.length > 0);
};

type Change = Pick<Transition, 'from' | 'to' | 'at'>;

/** A transition with how long the status lasted that it began. */
export type Lasting<T = Transition> = T & { readonly lasted: string };

/** How long each status lasted: until the next change of the same thing, or so far unless it is final. */
export const timelineOf = <T extends Change>(
  transitions: readonly T[],
  thingOf: (transition: T) => unknown,
  isFinal: (transition: T) => boolean,
  now: Date,
): readonly Lasting<T>[] =>
  transitions.map((transition, index) => {
    const next = transitions.slice(index + 1).find((later) => thingOf(later) === thingOf(transition));
    const end = next?.at ?? (isFinal(transition) ? undefined : now.toISOString());
    const ms = end === undefined ? undefined : millisecondsBetween(transition.at, end);
    const lasted = ms === undefined ? NOTHING : `${formatDuration(ms)}${next === undefined ? ' so far' : ''}`;
    return { ...transition, lasted };
  });

/** Changes of a job's end need no duration, nor has one that is not known. */
export const isFinal = (job: JobRecord, { to }: Change): boolean =>
  isTerminal(job) || isTerminal({ status: to }) || to === 'NotStarted';

/** The phase in which an active job is: `data processing`. */
export const phaseOf = (
  job: Pick<JobRecord, 'end_time'> & Partial<Pick<JobRecord, 'status' | 'status_details'>>,
): string | undefined => {
  if (isTerminal(job)) return undefined;
  return SUB_TASKS.findLast((task) => job.status_details?.[`${task}_details`]?.status === 'InProgress')?.replaceAll(
    '_',
    ' ',
  );
};

/** What a transition is about: the job, or one of its sub-tasks. */
export const subjectOf = ({ task }: Pick<Transition, 'task'>): string => task?.replaceAll('_', ' ') ?? 'job';

/** From which status to which; of the first one only where it began. The reason where the status did not change. */
export const changeOf = (change: Omit<Change, 'at'> & { readonly reason?: string }): string => {
  const { from, to, reason = 'found again' } = change;
  if (isFoundAgain(change)) return `${reason}, ${to}`;
  return from === null ? to : `${from} → ${to}`;
};
