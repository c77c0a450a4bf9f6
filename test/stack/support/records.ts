/** The records as the table has them. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { OUTPUT } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { output, table } from './aws.ts';
import { eventually } from './eventually.ts';

export const jobsTable = output(OUTPUT.jobsTableName);

export const recordOf = async (arn: string): Promise<JobRecord | undefined> => {
  const { Item } = await table.send(
    new GetCommand({ TableName: jobsTable, Key: { job_arn: arn }, ConsistentRead: true }),
  );
  return Item as JobRecord | undefined;
};

/** The record once it has this status. */
export const recordWith = (arn: string, status: string, seconds?: number): Promise<JobRecord> =>
  eventually(
    `a record of ${arn} with the status ${status}`,
    async () => {
      const record = await recordOf(arn);
      if (record !== undefined && record.status !== status)
        throw new Error(`its status is ${record.status ?? 'absent'}`);
      return record;
    },
    seconds,
  );
