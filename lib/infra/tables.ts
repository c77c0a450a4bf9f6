import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type GlobalSecondaryIndexProps,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { grantKey, type KeyUse } from './encryption.ts';
import { ENV, INDEX, JOBS_TABLE, SWEEPS_TABLE, type TableSchema } from '../contract.ts';

/** How the jobs table is kept. */
export interface JobsTableProps {
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly encryptionKey?: IKey;
  /** The tracked scopes as readers are told of them: `<account id>#<Region>`. */
  readonly scopeNames: readonly string[];
}

/**
 * The table of job records with the indexes of the contract: on demand, encrypted by the AWS managed key or the
 * customer's, a stream of old and new images. Its grants set a permission and the variable that names the table together.
 */
export class JobsTable extends Table {
  private readonly scopeNames: readonly string[];

  constructor(scope: Construct, id: string, props: JobsTableProps) {
    super(scope, id, {
      ...tableProps(JOBS_TABLE, props),
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      removalPolicy: props.removalPolicy,
      deletionProtection: props.deletionProtection,
    });
    for (const index of indexProps(JOBS_TABLE)) this.addGlobalSecondaryIndex(index);
    this.scopeNames = props.scopeNames;
    acknowledgeOptOut(this, props.pointInTimeRecovery);
  }

  /** Read one record and write it by compare-and-swap: what tracking one job needs. */
  grantTracking(fn: Function): Grant {
    fn.addEnvironment(ENV.jobsTable, this.tableName);
    grantTableKey(this, fn, 'write');
    return grantActions(fn, ['dynamodb:GetItem', 'dynamodb:PutItem'], [this.tableArn]);
  }

  /** Query what the tracker believes about the jobs of a scope, beside Bedrock's own list: what a sweep needs. */
  grantDriftQueries(fn: Function): Grant {
    fn.addEnvironment(ENV.jobsTable, this.tableName);
    grantTableKey(this, fn, 'read');
    return grantActions(fn, ['dynamodb:Query'], [INDEX.active, INDEX.byScope].map(this.indexArn));
  }

  /**
   * Get records and query every index, and nothing else: what a service that reads the table needs. A function also
   * gets two variables: the table's name, and the tracked scopes, which take 2.8 of Lambda's 4 KB where they are a hundred.
   */
  grantReading(grantee: IGrantable): Grant {
    if (grantee instanceof Function) {
      grantee.addEnvironment(ENV.jobsTable, this.tableName);
      grantee.addEnvironment(ENV.scopes, this.scopeNames.join(','));
    }
    grantTableKey(this, grantee, 'read');
    return grantActions(
      grantee,
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
      [this.tableArn, ...Object.values(INDEX).map(this.indexArn)],
    );
  }

  private readonly indexArn = (index: string): string => `${this.tableArn}/index/${index}`;
}

/**
 * The table of sweep state: last success, watermark of an unfinished sweep, counts.
 *
 * It goes with the stack, unprotected, whatever the jobs table does: all it holds is rebuilt, since a scope without
 * state gets a full sweep, and state that outlived its stack would tell a new one that old sweeps were its own.
 */
export class SweepsTable extends Table {
  constructor(scope: Construct, id: string, props: Pick<JobsTableProps, 'pointInTimeRecovery' | 'encryptionKey'>) {
    super(scope, id, {
      ...tableProps(SWEEPS_TABLE, props),
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
    });
    acknowledgeOptOut(this, props.pointInTimeRecovery);
  }

  /** Read and write the state of sweeps; the scan reads it all, which is two items a scope. */
  grantSweeping(fn: Function): Grant {
    fn.addEnvironment(ENV.sweepsTable, this.tableName);
    grantTableKey(this, fn, 'write');
    const actions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'];
    return grantActions(fn, actions, [this.tableArn]);
  }
}

// Not Table.grant: it adds every index of the table to each statement.
const grantActions = (grantee: IGrantable, actions: string[], resourceArns: string[]): Grant =>
  Grant.addToPrincipal({ grantee, actions, resourceArns });

const grantTableKey = ({ encryptionKey }: Table, grantee: IGrantable, use: KeyUse): void => {
  if (encryptionKey !== undefined) grantKey(encryptionKey, grantee, use, ['dynamodb']);
};

/** Who switches recovery off has decided; the finding would only keep the app from being deployed. */
function acknowledgeOptOut(table: Table, pointInTimeRecovery: boolean): void {
  if (pointInTimeRecovery) return;
  Validations.of(table).acknowledge({
    id: 'AwsSolutions-DDB3',
    reason: 'The prop pointInTimeRecovery switches it off. Bedrock still has every job then, though not its history.',
  });
}

const attribute = (name: string) => ({ name, type: AttributeType.STRING });

const tableProps = (
  schema: TableSchema,
  { pointInTimeRecovery, encryptionKey }: Pick<JobsTableProps, 'pointInTimeRecovery' | 'encryptionKey'>,
): TableProps => ({
  partitionKey: attribute(schema.partitionKey),
  ...(schema.sortKey !== undefined && { sortKey: attribute(schema.sortKey) }),
  billingMode: BillingMode.PAY_PER_REQUEST,
  ...(encryptionKey === undefined
    ? { encryption: TableEncryption.AWS_MANAGED }
    : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: pointInTimeRecovery },
});

/** An index carries its keys anyway, and DynamoDB refuses to see them named again. */
const indexProps = (schema: TableSchema): GlobalSecondaryIndexProps[] =>
  Object.entries(schema.indexes).map(([indexName, { partitionKey, sortKey, keysOnly }]) => ({
    indexName,
    partitionKey: attribute(partitionKey),
    sortKey: attribute(sortKey),
    ...(keysOnly === true
      ? { projectionType: ProjectionType.KEYS_ONLY }
      : {
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: schema.projected.filter((name) => name !== partitionKey && name !== sortKey),
        }),
  }));
