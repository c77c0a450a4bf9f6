import { Token } from 'aws-cdk-lib';
import { EXTERNAL_ID_PATTERN } from '../../contract.ts';
import type { BedrockJobTrackerProps, TrackedScopes } from './props.ts';

/** Where the stack is deployed; tokens where the synthesis does not know. */
export interface Home {
  readonly account: string;
  readonly region: string;
}

/** One account and Region. */
export interface TrackedScope extends Home {
  /** True for the stack's own account, whatever the Region: read with the functions' own credentials. */
  readonly isHomeAccount: boolean;
  /** True for the stack's own account and Region: the events are on its default bus. */
  readonly isHome: boolean;
}

/** Role policies hold 10,240 characters, the functions' variables and an SSM parameter 4 KB: so many scopes fit each. */
const MAX_SCOPES = 100;

const product = ({ accounts, regions }: TrackedScopes, home: Home): Home[] =>
  (accounts ?? [home.account]).flatMap((account) => (regions ?? [home.region]).map((region) => ({ account, region })));

/** The scopes of a tracker, one by one; its own account and Region where none is named. */
export function trackedScopes(scopes: readonly TrackedScopes[], home: Home): TrackedScope[] {
  return scopes
    .flatMap((each) => product(each, home))
    .map((scope) => {
      const isHomeAccount = scope.account === home.account;
      return { ...scope, isHomeAccount, isHome: isHomeAccount && scope.region === home.region };
    });
}

/** The scopes as variables, parameters and the table's `scope` name them: `<account id>#<Region>`. */
export const scopeNames = (scopes: readonly Home[]): string[] =>
  scopes.map(({ account, region }) => `${account}#${region}`);

type ScopeProps = Pick<BedrockJobTrackerProps, 'spokeExternalId' | 'organizationId' | 'knownRegions'> & {
  readonly scopes: readonly TrackedScopes[];
};

/** What is wrong with the scopes and what reaching them takes, one sentence each. */
export function scopeProblems(props: ScopeProps, home: Home): string[] {
  if (props.scopes.some(({ accounts, regions }) => Token.isUnresolved(accounts) || Token.isUnresolved(regions))) {
    return ['the lists of scopes must be known at synthesis: the permissions name each account and Region'];
  }
  const scopes = trackedScopes(props.scopes, home);
  return [
    ...emptyProblems(props.scopes),
    ...unknownHomeProblems(props.scopes, home),
    ...accountProblems(scopes),
    ...regionProblems(scopes, props.knownRegions ?? []),
    ...knownRegionProblems(props.knownRegions ?? []),
    ...repetitionProblems(scopes),
    ...numberProblems(scopes),
    ...externalIdProblems(scopes, props.spokeExternalId),
    ...organizationProblems(props.organizationId),
  ];
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

function emptyProblems(scopes: readonly TrackedScopes[]): string[] {
  if (scopes.length === 0) return ['scopes is empty: leave it out to track the account and Region of the stack'];
  return scopes.some(({ accounts, regions }) => accounts?.length === 0 || regions?.length === 0)
    ? ['scopes has an empty list of accounts or regions: leave it out for the account or Region of the stack']
    : [];
}

/** Which scope is the stack's own decides what is granted, so it must be known as soon as any is named. */
function unknownHomeProblems(scopes: readonly TrackedScopes[], { account, region }: Home): string[] {
  const named = scopes.some(({ accounts, regions }) => accounts !== undefined || regions !== undefined);
  if (!named || !(Token.isUnresolved(account) || Token.isUnresolved(region))) return [];
  return [
    "scopes names accounts or Regions, so the stack's own must be known: give the stack an env with account and " +
      'region, or credentials to the CDK (CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION)',
  ];
}

function accountProblems(scopes: readonly TrackedScope[]): string[] {
  return unique(scopes.map(({ account }) => account))
    .filter((account) => !Token.isUnresolved(account) && !/^\d{12}$/.test(account))
    .map((account) => `scopes names the account "${account}": an account id has 12 digits`);
}

function regionProblems(scopes: readonly TrackedScope[], known: readonly string[]): string[] {
  return unique(scopes.map(({ region }) => region))
    .filter((region) => !Token.isUnresolved(region) && ![...BEDROCK_REGIONS, ...known].includes(region))
    .map(
      (region) =>
        `scopes names the Region "${region}", which is not known to have Amazon Bedrock: correct it, or add it ` +
        'to knownRegions if AWS has added it',
    );
}

/** What is longer would be refused by the functions, and a hundred of them by SSM. */
function knownRegionProblems(known: readonly string[]): string[] {
  return known
    .filter((region) => !/^[a-z0-9-]{1,20}$/.test(region))
    .map((region) => `knownRegions names "${region}": the name of a Region has up to 20 of a-z, 0-9 and -`);
}

function repetitionProblems(scopes: readonly TrackedScope[]): string[] {
  const names = scopes.map(({ account, region }) => `${account} in ${region}`);
  return unique(names.filter((name, position) => names.indexOf(name) !== position)).map(
    (name) => `scopes names ${name} more than once`,
  );
}

function numberProblems({ length }: readonly TrackedScope[]): string[] {
  return length > MAX_SCOPES
    ? [`scopes names ${length.toString()} accounts and Regions: a tracker follows at most ${MAX_SCOPES.toString()}`]
    : [];
}

function externalIdProblems(scopes: readonly TrackedScope[], externalId: string | undefined): string[] {
  if (externalId === undefined) {
    return scopes.every(({ isHomeAccount }) => isHomeAccount)
      ? []
      : ["spokeExternalId is missing: other accounts' spokes ask the hub for it"];
  }
  return Token.isUnresolved(externalId) || new RegExp(`^${EXTERNAL_ID_PATTERN}$`).test(externalId)
    ? []
    : [`spokeExternalId is "${externalId}": it takes 2 to 1224 of a-z, A-Z, 0-9 and +=,.@:/_-`];
}

function organizationProblems(organizationId: string | undefined): string[] {
  if (organizationId === undefined || Token.isUnresolved(organizationId)) return [];
  return /^o-[a-z0-9]{10,32}$/.test(organizationId)
    ? []
    : [`organizationId is "${organizationId}": it looks like o-a1b2c3d4e5`];
}

/**
 * The Regions that have Amazon Bedrock's control plane, as AWS's own endpoint list (botocore 1.43) names them.
 * AWS adds Regions: the prop `knownRegions` names what this list does not have yet.
 */
export const BEDROCK_REGIONS: readonly string[] = `
  af-south-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
  ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1
  ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
  eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1
  us-gov-west-1 us-west-1 us-west-2
`
  .trim()
  .split(/\s+/);
