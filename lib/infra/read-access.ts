import { Annotations, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnTable, Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import {
  AccountPrincipal,
  Grant,
  type IGrantable,
  type IPrincipal,
  type IResourceWithPolicyV2,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BY_STATE_INDEX, ENV, JOBS_TABLE, MODELS_TABLE, type TableSchema } from '../contract.ts';
import { grantKey, shareKey } from './encryption.ts';
import { pascalCase } from './operations/watched.ts';
import { otherPlaceOf, placeName, placeOf } from './props/places.ts';
import { InvalidPropsError } from './props/validate-props.ts';

/** The kinds of records, each with a table of its own. */
export type RecordKind = 'jobs' | 'models';
export const TABLES = { jobs: JOBS_TABLE, models: MODELS_TABLE } as const satisfies Record<RecordKind, TableSchema>;
/** The variables that name the tables to functions. */
export const VARIABLES = { jobs: ENV.jobsTable, models: ENV.modelsTable } as const;

/** What access to the records rests on. */
export interface ReadableRecords {
  readonly kind: RecordKind;
  readonly table: ITable;
  readonly encryptionKey: IKey | undefined;
  /** The tracked scopes as functions have them, and they alone: `<account id>#<Region>`, separated by commas. */
  readonly scopes: () => string;
}

const grantOf = (kind: RecordKind): string => `grantRead${pascalCase(kind)}`;

export const indexArn = (tableArn: string, index: string): string => `${tableArn}/index/${index}`;

const ACTIONS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];

/**
 * Allows to get records and query every index, nothing else, and to query the registered scopes that have jobs. A function
 * also gets variables: the tables' names and the tracked scopes. A hundred scopes take 2.8 of Lambda's 4 KB.
 *
 * The policies of table and key name the reader where its own policy is not enough, as for other accounts, or cannot be
 * changed. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-auth-iam-id-based-policies-DDB.html
 *
 * @param sweepsTable where the registered scopes are; undefined where readers are told all scopes
 * @throws InvalidPropsError where these policies cannot let the reader in
 */
export function grantReading(grantee: IGrantable, records: ReadableRecords, sweepsTable?: ITable): Grant {
  const { kind, table, encryptionKey, scopes } = records;
  const problem = namingProblem(grantee.grantPrincipal, records, sweepsTable);
  if (problem !== undefined) throw new InvalidPropsError([problem]);
  const fn = functionOf(grantee);
  fn?.addEnvironment(VARIABLES[kind], table.tableName);
  fn?.addEnvironment(ENV.scopes, scopes());
  if (encryptionKey !== undefined) grantKey(encryptionKey, grantee, 'read', ['dynamodb']);
  const indexes = Object.keys(TABLES[kind].indexes).map((index) => indexArn(table.tableArn, index));
  const grant = grantTable(grantee, records, ACTIONS, [table.tableArn, ...indexes]);
  if (sweepsTable === undefined) return grant;
  fn?.addEnvironment(ENV.sweepsTable, sweepsTable.tableName);
  const registry = [indexArn(sweepsTable.tableArn, BY_STATE_INDEX)];
  return grant.combine(grantTable(grantee, { ...records, table: sweepsTable }, ['dynamodb:Query'], registry));
}

function grantTable(grantee: IGrantable, records: Shared, actions: string[], resourceArns: string[]): Grant {
  const own = Grant.addToPrincipal({ grantee, actions, resourceArns });
  const account = accountOf(grantee.grantPrincipal);
  return own.success && !isElsewhere(account, Stack.of(records.table).account)
    ? own
    : own.combine(share(records, actions, { principal: grantee.grantPrincipal, account }));
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

/** From another account or Region a stack cannot ask for the name that CloudFormation gave the table. */
function namingProblem(reader: IPrincipal, { kind, table }: Shared, sweepsTable?: ITable): string | undefined {
  const place = otherPlaceOf(reader, Stack.of(table));
  const isUnnamed = (each: ITable | undefined): boolean => {
    const cfnTable = each?.node.defaultChild;
    return cfnTable instanceof CfnTable && Stack.of(table).resolve(cfnTable.tableName) === undefined;
  };
  if (place === undefined || !(isUnnamed(table) || isUnnamed(sweepsTable))) return undefined;
  return (
    `${grantOf(kind)} names a role of a stack in ${placeName(place)}, which cannot ask for the name that CloudFormation gave ` +
    `the ${isUnnamed(table) ? kind : 'sweeps'} table. Give a new tracker a tableName, or grant it to Role.fromRoleArn`
  );
}

/** Undefined where it is not known: of an organization, or of an ARN that is a token. */
const accountOf = (principal: IPrincipal): string | undefined =>
  principal.principalAccount ??
  ('arn' in principal && typeof principal.arn === 'string' ? placeOf(principal.arn)?.account : undefined);

function isElsewhere(account: string | undefined, home: string): boolean {
  if (account === undefined) return false;
  const comparison = Token.compareStrings(account, home);
  return comparison !== TokenComparison.SAME && comparison !== TokenComparison.BOTH_UNRESOLVED;
}

/** Who is to read, and the account where that is known. */
interface Reader {
  readonly principal: IPrincipal;
  readonly account: string | undefined;
}

type Shared = Pick<ReadableRecords, 'kind' | 'table' | 'encryptionKey'>;

/** Lets the policies of the table and its key name the reader. */
function share({ kind, table, encryptionKey }: Shared, actions: string[], reader: Reader): Grant {
  const stack = Stack.of(table);
  const name = nameOf(reader, stack);
  const problem = sharingProblem(reader, stack.account, encryptionKey);
  if (problem !== undefined) throw new InvalidPropsError([`${grantOf(kind)} names ${name}: ${problem}`]);
  const grantee = namedIn(reader);
  if (table.node.defaultChild === undefined) {
    throw new InvalidPropsError([
      `${grantOf(kind)} names ${name}, which needs a statement in the policy of the ${kind} table, and this app did not ` +
        `make the table. Call ${grantOf(kind)} in the app that did`,
    ]);
  }
  // The policy of a table rules its indexes too. It says "*" of what it is attached to, as the ARN would be a circle.
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
  const grant = Grant.addToPrincipalOrResource({
    grantee,
    actions,
    resourceArns: [table.tableArn],
    resourceSelfArns: ['*'],
    resource: table as ITable & IResourceWithPolicyV2,
  });
  const cfnTable = table.node.defaultChild;
  // CDKs before 2.222 collect the statements and leave them out of the template.
  if (table instanceof Table && table.resourcePolicy !== undefined && cfnTable instanceof CfnTable) {
    cfnTable.resourcePolicy = { policyDocument: table.resourcePolicy };
  }
  if (encryptionKey !== undefined && !shareKey(encryptionKey, grantee)) {
    Annotations.of(encryptionKey).addWarningV2(
      'bedrock-job-tracker:keyPolicy',
      `The policy of this key must let ${name} decrypt the ${kind} table, and this app did not make the key: see "Other ` +
        'accounts" in docs/library.md',
    );
  }
  return grant;
}

function nameOf({ account, principal }: Reader, stack: Stack): string {
  if (account !== undefined) {
    return Token.isUnresolved(account) ? 'an account that is not known yet' : `the account ${account}`;
  }
  const { conditions, principalJson } = principal.policyFragment;
  const names = Object.values(stack.resolve(principalJson) as Record<string, unknown[]>)
    .flat()
    .map((name) => (typeof name === 'string' ? name : JSON.stringify(name)))
    .join(', ');
  return Object.keys(conditions).length === 0 ? names : `${names} where ${JSON.stringify(conditions)}`;
}

/** Why the table's policy cannot let a reader in, as the second half of a sentence. */
function sharingProblem({ principal, account }: Reader, home: string, key: IKey | undefined): string | undefined {
  const { conditions, principalJson } = principal.policyFragment;
  // An organization is everyone under a condition.
  const names = Object.values(principalJson).flat();
  const isEveryone = names.includes('*');
  if (isEveryone && Object.keys(conditions).length === 0) {
    return 'DynamoDB refuses a table that everyone can read. Name a role, an account or an organization';
  }
  if (Object.keys(principalJson).some((kind) => kind !== 'AWS')) {
    return 'the policy of a table lets in roles, users and accounts. Name the role that is assumed';
  }
  // The accounts of a CompositePrincipal are not told.
  if (names.length > 1) return 'it takes one reader at a time. Call it for each';
  return key === undefined && (isEveryone || isElsewhere(account, home))
    ? 'other accounts cannot use the AWS managed key of the table. Give the tracker an encryptionKey, or let them ' +
        "assume a role of the tracker's account. If this is the tracker's account, give its stack an env"
    : undefined;
}

/**
 * A role by its account and a condition: a policy that names the role itself is refused until the role exists, and no
 * longer fits once it is made anew.
 */
const namedIn = ({ principal, account }: Reader): IPrincipal =>
  account !== undefined && 'roleArn' in principal
    ? new AccountPrincipal(account).withConditions({ ArnEquals: { 'aws:PrincipalArn': principal.roleArn } })
    : principal;
