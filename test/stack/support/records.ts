/** The records as the table has them. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { OUTPUT, type SweepKind } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { eventually, invoke, output, table } from './aws.ts';

export const jobsTable = output(OUTPUT.jobsTableName);

/** The record in the first tracker's table or another one. */
export const recordOf = async (arn: string, tableName = jobsTable): Promise<JobRecord | undefined> => {
  const { Item } = await table.send(
    new GetCommand({ TableName: tableName, Key: { job_arn: arn }, ConsistentRead: true }),
  );
  return Item as JobRecord | undefined;
};

/** The record once it has this status. */
export const recordWith = (
  arn: string,
  status: string,
  { seconds, tableName }: { readonly seconds?: number; readonly tableName?: string } = {},
): Promise<JobRecord> =>
  eventually(
    `a record of ${arn} with the status ${status}`,
    async () => {
      const record = await recordOf(arn, tableName);
      if (record !== undefined && record.status !== status)
        throw new Error(`its status is ${record.status ?? 'absent'}`);
      return record;
    },
    seconds,
  );

export interface SweepResult {
  readonly scope: string;
  readonly sweep: SweepKind;
  readonly finished: boolean;
  readonly counts: Readonly<Record<'listed' | 'drifted' | 'corrected' | 'missing' | 'failed', number>>;
}

/** What the reconciler answers about each scope, invoked by hand as an operator does. */
export const sweep = async (kind: SweepKind): Promise<SweepResult[]> =>
  (await invoke(output(OUTPUT.reconcileJobsFunctionName), { sweep: kind })) as SweepResult[];
