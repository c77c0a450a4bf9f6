import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { SingleBar } from 'cli-progress';
import type { Connection, Terminal } from '../context.ts';
import { grouped } from './format.ts';

/** What a person sees of an export while it runs. */
export interface Progress {
  /** To be called for each job. */
  readonly advance: () => void;
  readonly end: () => void;
}

const SILENT: Progress = { advance: () => undefined, end: () => undefined };

/**
 * About how many jobs the table holds, as DynamoDB counts them every six hours; undefined where that may not be asked,
 * as reading the table does not need it.
 */
export const approximateCount = async ({
  dynamoDb,
  tableName,
}: Pick<Connection, 'dynamoDb' | 'tableName'>): Promise<number | undefined> => {
  try {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: tableName }));
    return Table?.ItemCount === 0 ? undefined : Table?.ItemCount;
  } catch {
    return undefined;
  }
};

const COUNTING = '{value} jobs  {duration_formatted}';
const FILLING = '{bar} {value} of about {total} jobs  {eta_formatted} left';
/** Jobs between two looks at the bar: it is drawn five times a second anyway. */
const STEP = 100;

/** A bar on standard error, where that is a terminal; without a total it counts. */
export const startProgress = (
  { showsProgress }: Pick<Terminal, 'showsProgress'>,
  total: number | undefined,
): Progress => {
  if (!showsProgress) return SILENT;
  const bar = new SingleBar({
    format: total === undefined ? COUNTING : FILLING,
    formatValue: (value, _, type) => (type === 'value' || type === 'total' ? grouped(value) : value.toString()),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    fps: 5,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total ?? 0, 0);
  let done = 0;
  return {
    advance: () => {
      done += 1;
      if (done % STEP !== 0) return;
      // The count of the table is hours old, or of more jobs than a filter asks for.
      if (total !== undefined && done > bar.getTotal()) bar.setTotal(done);
      bar.update(done);
    },
    end: () => bar.stop(),
  };
};
