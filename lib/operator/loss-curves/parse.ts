import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { TrackerError } from '../../domain/errors.ts';
import type { CurveName, LossPoint } from '../../domain/loss-curve.ts';
import { oneLine } from '../../domain/text.ts';

/** Which of a job's two curves, as its files and their columns name it. */
export type CurveKind = 'training' | 'validation';

/** Bytes of one line: a line of a curve has some 60. */
const LONGEST_LINE = 64 * 1024;
const LONGEST_QUOTE = 40;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** How writers of CSV spell what is no finite number. */
const NOT_FINITE = /^(?:|[+-]?(?:nan|inf|infinity)|null|none|n\/a)$/i;

const FIELDS = [
  'step',
  'epoch',
  'loss',
  'perplexity',
  'reward',
  'reward_min',
  'reward_max',
  'validation_reward',
] as const;
type Field = (typeof FIELDS)[number];
interface Row {
  readonly info: { readonly lines: number };
  readonly record: Readonly<Partial<Record<Field, string>>>;
}

/** The curves of one file. */
export type ParsedCurves = Partial<Record<CurveName, LossPoint[]>>;

/** What is not plain text may be anything, and does not belong on a terminal. */
const quoted = (text: string): string => {
  const plain = text.slice(0, LONGEST_QUOTE).replace(/[^\x20-\x7e]/g, '?');
  return text.length > LONGEST_QUOTE ? `"${plain}…"` : `"${plain}"`;
};

const broken = (file: string, what: string, cause?: unknown): TrackerError =>
  new TrackerError(
    'BAD_LOSS_CURVE',
    `${oneLine(file, 1_100)} is not a loss curve as Bedrock writes it: ${what}. Look at the file, and whether something else writes there.`,
    { cause },
  );

/**
 * The columns of rewards as the user guide names them (https://docs.aws.amazon.com/bedrock/latest/userguide/rft-submit-job.html),
 * and as AWS's own tools for Nova do.
 */
const REWARD_COLUMNS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['critic/rewards/mean', 'reward'],
  ['critic/rewards/min', 'reward_min'],
  ['critic/rewards/max', 'reward_max'],
  ['reward', 'reward'],
  ['reward_score', 'reward'],
  ['training_reward', 'reward'],
  ['val-score/rewards/mean@1', 'validation_reward'],
  ['validation_reward', 'validation_reward'],
]);

/** Columns by their names, in any order; those that are not known are skipped. */
const fieldOf = (kind: CurveKind, column: string): Field | undefined => {
  const name = column.trim().toLowerCase();
  switch (name) {
    case 'step_number':
    case 'training/global_step':
      return 'step';
    case 'epoch_number':
    case 'training/epoch':
      return 'epoch';
    case `${kind}_loss`:
      return 'loss';
    case 'perplexity':
    case `${kind}_perplexity`:
      return 'perplexity';
    default:
      return REWARD_COLUMNS.get(name);
  }
};

const columnsOf = (kind: CurveKind, file: string, header: readonly string[]): (Field | undefined)[] => {
  const fields = header.map((name) => fieldOf(kind, name));
  const hasValues = (['loss', 'reward', 'validation_reward'] as const).some((field) => fields.includes(field));
  const missing = [...(fields.includes('step') ? [] : ['step_number']), ...(hasValues ? [] : [`${kind}_loss`])];
  if (missing.length > 0)
    throw broken(file, `line 1 has no column ${missing.join(' and no column ')}, but ${quoted(header.join(','))}`);
  // The first of two columns of one name counts.
  return fields.map((field, index) => (fields.indexOf(field) === index ? field : undefined));
};

type Numbers = Partial<Record<Field, number>> & { readonly step: number };

const numbersOf = (file: string, { info, record }: Row): Numbers => {
  const wrong = (field: Field) =>
    broken(file, `line ${info.lines} has ${quoted(record[field] ?? '')} where its ${field} should be`);
  const number = (field: Field): number | undefined => {
    const text = record[field] ?? '';
    if (NOT_FINITE.test(text)) return undefined;
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) throw wrong(field);
    return Number.isFinite(value) ? value : undefined;
  };
  const entries = FIELDS.map((field) => [field, number(field)] as const).filter(([, value]) => value !== undefined);
  const numbers = Object.fromEntries(entries) as Partial<Record<Field, number>>;
  if (numbers.step === undefined || numbers.step < 0) throw wrong('step');
  return { ...numbers, step: numbers.step };
};

/** The curve of each value in a line, with its point. */
const pointsOf = (kind: CurveKind, { record }: Row, numbers: Numbers): (readonly [CurveName, LossPoint])[] => {
  const { step, epoch, loss, perplexity, reward, reward_min, reward_max, validation_reward } = numbers;
  const point = (values: Partial<Record<keyof LossPoint, number | undefined>>): LossPoint => ({
    step,
    ...Object.fromEntries(Object.entries({ epoch, ...values }).filter(([, value]) => value !== undefined)),
  });
  // Rewards of the validation are measured at some steps only: the others have an empty cell.
  const has = (field: Field) => (record[field] ?? '') !== '';
  return [
    ...(record.loss === undefined ? [] : [[kind, point({ loss, perplexity })] as const]),
    ...(has('reward')
      ? [[kind === 'training' ? 'reward' : 'validation_reward', point({ reward, reward_min, reward_max })] as const]
      : []),
    ...(has('validation_reward') ? [['validation_reward', point({ reward: validation_reward })] as const] : []),
  ];
};

/**
 * The curves of one CSV file as Bedrock writes it (`step_number`, `epoch_number`, `training_loss` or `validation_loss`,
 * `perplexity`, columns of rewards), in the order of its lines. A value that is not a finite number is left out. A file
 * without a line has no curve.
 *
 * @throws TrackerError BAD_LOSS_CURVE, with the file and the line, for anything else
 */
export const parseCurveFile = async (
  bytes: AsyncIterable<Uint8Array>,
  kind: CurveKind,
  file: string,
): Promise<ParsedCurves> => {
  const parser = parse({
    bom: true,
    columns: (header: readonly string[]) => columnsOf(kind, file, header),
    info: true,
    max_record_size: LONGEST_LINE,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
  });
  const source = Readable.from(bytes);
  // A source that breaks off ends the parser too, which would wait for ever.
  source.once('error', (error) => parser.destroy(error));
  const curves: ParsedCurves = {};
  try {
    for await (const row of source.pipe(parser))
      for (const [name, point] of pointsOf(kind, row as Row, numbersOf(file, row as Row)))
        (curves[name] ??= []).push(point);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? `line ${error['lines']}: ` : '';
    throw broken(file, `${line}${oneLine(error.message, 160)}`, error);
  } finally {
    source.destroy();
  }
  return curves;
};
