import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type CfnTable,
  type ITable,
  type GlobalSecondaryIndexProps,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { grantKey, type KeyUse } from './encryption.ts';
import { indexArn, type ReadableRecords, type RecordKind, TABLES, VARIABLES } from './read-access.ts';
import { InvalidPropsError, noStream, SUFFIX } from './props/validate-props.ts';
import { BY_STATE_INDEX, carriedBy, ENV, SWEEPS_TABLE, type TableSchema } from '../contract.ts';

/** How a table of records is kept. */
export interface RecordTableProps {
  readonly kind: RecordKind;
  /** A table to use instead of a new one. Its owner then decides how it is kept. */
  readonly adopted?: ITable | undefined;
  readonly tableName?: string;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly encryptionKey?: IKey;
  /** The tracked scopes, for readers: `<account id>#<Region>`. */
  readonly scopeNames: readonly string[];
}

/**
 * A table of records, made here or adopted, and what may be done with it. A new table has the indexes of the
 * contract, is paid on demand, encrypted by the AWS managed key or the customer's, and has a stream of old and new
 * images. The grants set a permission and the variable that names the table together.
 */
export class RecordTable extends Construct implements ReadableRecords {
  readonly kind: RecordKind;
  /** The table as the CDK knows it. */
  readonly table: ITable;
  readonly tableName: string;
  readonly tableArn: string;
  /** ARN of the stream that transitions are published from. */
  readonly tableStreamArn: string;
  readonly encryptionKey: IKey | undefined;
  readonly scopes: () => string;

  constructor(scope: Construct, id: string, props: RecordTableProps) {
    super(scope, id);
    this.kind = props.kind;
    // The CDK's types were not written for exactOptionalPropertyTypes.
    this.table = props.adopted ?? (newRecordTable(this, props) as ITable);
    const { tableName, tableArn, tableStreamArn, encryptionKey } = this.table;
    if (tableStreamArn === undefined) throw new InvalidPropsError([noStream(`${props.kind}Table`)]);
    this.tableName = tableName;
    this.tableArn = tableArn;
    this.tableStreamArn = tableStreamArn;
    this.encryptionKey = encryptionKey ?? props.encryptionKey;
    this.scopes = () => props.scopeNames.join(',');
  }

  /** Read one record and write it by compare-and-swap: what tracking one job or model needs. */
  grantTracking(fn: Function): Grant {
    fn.addEnvironment(VARIABLES[this.kind], this.tableName);
    grantTableKey(this.encryptionKey, fn, 'write');
    return grantActions(fn, ['dynamodb:GetItem', 'dynamodb:PutItem'], [this.tableArn]);
  }

  /** Query by these indexes: what a sweep compares with Bedrock's own list, and how a hint that has a name finds its model. */
  grantQueries(fn: Function, ...indexes: readonly string[]): Grant {
    grantTableKey(this.encryptionKey, fn, 'read');
    const arns = indexes.map((index) => indexArn(this.tableArn, index));
    return grantActions(fn, ['dynamodb:Query'], arns);
  }
}

/** The tables of records: that of models only where they are tracked. */
export interface RecordTables {
  readonly jobsTable: RecordTable;
  readonly modelsTable: RecordTable | undefined;
}

export interface SweepsTableProps extends Pick<RecordTableProps, 'pointInTimeRecovery' | 'encryptionKey'> {
  /** That of the jobs table, where readers in other accounts have to name this one too: `-sweeps` is added. */
  readonly tableName: string | undefined;
  /** What the functions that write here need to know besides its name: when scopes are due, and when they are released. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The table of scopes and of the state of their sweeps: last success, watermark of an unfinished sweep, counts.
 *
 * It goes with the stack, unprotected, whatever the jobs table does: all it holds is rebuilt, since a scope without
 * state gets a full sweep, and state that outlived its stack would tell a new one that old sweeps were its own.
 */
export class SweepsTable extends Table {
  private readonly variables: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: SweepsTableProps) {
    super(scope, id, {
      ...tableProps(SWEEPS_TABLE, props),
      ...(props.tableName !== undefined && { tableName: props.tableName + SUFFIX.sweeps }),
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
    });
    for (const index of indexProps(SWEEPS_TABLE)) this.addGlobalSecondaryIndex(index);
    setRecovery(this, props.pointInTimeRecovery);
    this.variables = { [ENV.sweepsTable]: this.tableName, ...props.variables };
  }

  /** Read and write a scope by compare-and-swap: what an event that tells of it takes. */
  grantHearing(fn: Function, ...more: string[]): void {
    for (const [name, value] of Object.entries(this.variables)) fn.addEnvironment(name, value);
    grantTableKey(this.encryptionKey, fn, 'write');
    grantActions(fn, ['dynamodb:Query', 'dynamodb:PutItem', ...more], [this.tableArn]);
  }

  /** Also find the scopes that are due, and keep the state of sweeps. */
  grantSweeping(fn: Function): void {
    this.grantHearing(fn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    grantActions(fn, ['dynamodb:Query'], [indexArn(this.tableArn, BY_STATE_INDEX)]);
  }
}

// Not Table.grant: it adds every index of the table to each statement.
const grantActions = (grantee: IGrantable, actions: string[], resourceArns: string[]): Grant =>
  Grant.addToPrincipal({ grantee, actions, resourceArns });

const grantTableKey = (key: IKey | undefined, grantee: IGrantable, use: KeyUse): void => {
  if (key !== undefined) grantKey(key, grantee, use, ['dynamodb']);
};

/** By the id "Default", which logical ids leave out: the table keeps the one that it had as a construct of its own. */
function newRecordTable(scope: Construct, props: RecordTableProps): Table {
  const schema = TABLES[props.kind];
  const table = new Table(scope, 'Default', {
    ...tableProps(schema, props),
    ...(props.tableName !== undefined && {
      tableName: props.kind === 'models' ? props.tableName + SUFFIX.models : props.tableName,
    }),
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    removalPolicy: props.removalPolicy,
    deletionProtection: props.deletionProtection,
  });
  for (const index of indexProps(schema)) table.addGlobalSecondaryIndex(index);
  setRecovery(table, props.pointInTimeRecovery);
  return table;
}

/** On the resource: TableProps have no prop for it that is known before aws-cdk-lib 2.173 and not deprecated since. */
function setRecovery(table: Table, pointInTimeRecovery: boolean): void {
  const resource = table.node.defaultChild as CfnTable;
  resource.pointInTimeRecoverySpecification = { pointInTimeRecoveryEnabled: pointInTimeRecovery };
  if (pointInTimeRecovery) return;
  // Who switches it off has decided; the finding would only keep the app from being deployed.
  acknowledge(table, {
    id: 'AwsSolutions-DDB3',
    reason: 'The prop pointInTimeRecovery switches it off. Bedrock still has every job then, though not its history.',
  });
}

const attribute = (name: string) => ({ name, type: AttributeType.STRING });

const tableProps = (schema: TableSchema, { encryptionKey }: Pick<RecordTableProps, 'encryptionKey'>): TableProps => ({
  partitionKey: attribute(schema.partitionKey),
  ...(schema.sortKey !== undefined && { sortKey: attribute(schema.sortKey) }),
  billingMode: BillingMode.PAY_PER_REQUEST,
  ...(encryptionKey === undefined
    ? { encryption: TableEncryption.AWS_MANAGED }
    : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
});

const indexProps = (schema: TableSchema): GlobalSecondaryIndexProps[] =>
  Object.entries(schema.indexes).map(([indexName, index]) => ({
    indexName,
    partitionKey: attribute(index.partitionKey),
    sortKey: attribute(index.sortKey),
    ...(index.keysOnly === true
      ? { projectionType: ProjectionType.KEYS_ONLY }
      : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: carriedBy(index, schema.projected) }),
  }));
