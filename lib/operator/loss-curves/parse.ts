import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { TrackerError } from '../../domain/errors.ts';
import type { LossPoint } from '../../domain/loss-curve.ts';
import { oneLine } from '../../domain/text.ts';

/** Which of a job's two curves, as its files and their columns name it. */
export type CurveKind = 'training' | 'validation';

/** Bytes of one line: a line of a curve has some 60. */
const LONGEST_LINE = 64 * 1024;
const LONGEST_QUOTE = 40;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** How writers of CSV spell what is no finite number. */
const NOT_FINITE = /^(?:|[+-]?(?:nan|inf|infinity)|null|none|n\/a)$/i;

type Field = 'step' | 'epoch' | 'loss' | 'perplexity';
interface Row {
  readonly info: { readonly lines: number };
  readonly record: Readonly<Partial<Record<Field, string>>>;
}

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

/** Columns by their names, in any order; those that are not known are skipped. */
const fieldOf = (kind: CurveKind, name: string): Field | undefined => {
  switch (name.trim().toLowerCase()) {
    case 'step_number':
      return 'step';
    case 'epoch_number':
      return 'epoch';
    case `${kind}_loss`:
      return 'loss';
    case 'perplexity':
    case `${kind}_perplexity`:
      return 'perplexity';
    default:
      return undefined;
  }
};

const columnsOf = (kind: CurveKind, file: string, header: readonly string[]): (Field | undefined)[] => {
  const fields = header.map((name) => fieldOf(kind, name));
  const missing = (['step', 'loss'] as const).filter((field) => !fields.includes(field));
  const names = { step: 'step_number', loss: `${kind}_loss` };
  if (missing.length > 0) {
    const columns = missing.map((field) => names[field]).join(' and no column ');
    throw broken(file, `line 1 has no column ${columns}, but ${quoted(header.join(','))}`);
  }
  // The first of two columns of one name counts.
  return fields.map((field, index) => (fields.indexOf(field) === index ? field : undefined));
};

const pointOf = (file: string, { info, record }: Row): LossPoint => {
  const number = (field: Field): number | undefined => {
    const text = record[field] ?? '';
    if (NOT_FINITE.test(text)) return undefined;
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value)) throw broken(file, `line ${info.lines} has ${quoted(text)} where its ${field} should be`);
    return Number.isFinite(value) ? value : undefined;
  };
  const step = number('step');
  if (step === undefined || step < 0) {
    throw broken(file, `line ${info.lines} has ${quoted(record.step ?? '')} where its step should be`);
  }
  const optional = { epoch: number('epoch'), loss: number('loss'), perplexity: number('perplexity') };
  return { step, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) };
};

/**
 * The points of one CSV file as Bedrock writes it (`step_number`, `epoch_number`, `training_loss` or `validation_loss`,
 * `perplexity`), in the order of its lines. A loss that is no finite number is left out; a file without a line is empty.
 *
 * @throws TrackerError BAD_LOSS_CURVE, with the file and the line, for anything else
 */
export const parseLossFile = async (
  bytes: AsyncIterable<Uint8Array>,
  kind: CurveKind,
  file: string,
): Promise<LossPoint[]> => {
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
  const points: LossPoint[] = [];
  try {
    for await (const row of source.pipe(parser)) points.push(pointOf(file, row as Row));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? `line ${error['lines']}: ` : '';
    throw broken(file, `${line}${oneLine(error.message, 160)}`, error);
  } finally {
    source.destroy();
  }
  return points;
};
