import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { ENV, INDEX } from '../contract.ts';
import { grantKey } from './encryption.ts';

/** What access to the records rests on. */
export interface ReadableJobs {
  readonly table: ITable;
  readonly encryptionKey: IKey | undefined;
  /** The tracked scopes as functions have them: `<account id>#<Region>`, separated by commas. */
  readonly scopes: string;
}

export const indexArn = (tableArn: string, index: string): string => `${tableArn}/index/${index}`;

const ACTIONS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];

/**
 * Allows to get records and query every index, nothing else. A function also gets two variables: the table's name and
 * the tracked scopes. A hundred scopes take 2.8 of Lambda's 4 KB.
 */
export function grantReading(grantee: IGrantable, jobs: ReadableJobs): Grant {
  const { table, encryptionKey, scopes } = jobs;
  const fn = functionOf(grantee);
  fn?.addEnvironment(ENV.jobsTable, table.tableName);
  fn?.addEnvironment(ENV.scopes, scopes);
  if (encryptionKey !== undefined) grantKey(encryptionKey, grantee, 'read', ['dynamodb']);
  const indexes = Object.values(INDEX).map((index) => indexArn(table.tableArn, index));
  return Grant.addToPrincipal({ grantee, actions: ACTIONS, resourceArns: [table.tableArn, ...indexes] });
}

interface HasEnvironment {
  addEnvironment(name: string, value: string): unknown;
}

/** By its method and not its class, which a SingletonFunction does not extend. An alias or version has its function's. */
function functionOf(grantee: object): HasEnvironment | undefined {
  if ('addEnvironment' in grantee) return grantee as HasEnvironment;
  return 'lambda' in grantee && typeof grantee.lambda === 'object' && grantee.lambda !== null
    ? functionOf(grantee.lambda)
    : undefined;
}
