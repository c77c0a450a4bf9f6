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
  /** True for the stack's own account and Region: the events are on its default bus. */
  readonly isHome: boolean;
}

/** The policy of an event bus holds 10,240 bytes: so many accounts fit, with the longest names. */
const MAX_ACCOUNTS = 200;
/** What the other variables of reconcile-jobs leave of Lambda's 4 KB, with names of 128 characters. */
const MAX_CHARACTERS = 2860;

const unique = (values: readonly string[]): string[] => [...new Set(values)];

const product = ({ accounts, regions }: TrackedScopes, home: Home): Home[] =>
  (accounts ?? [home.account]).flatMap((account) => (regions ?? [home.region]).map((region) => ({ account, region })));

/** The scopes of a tracker, one by one; its own account and Region where none is named. */
export function trackedScopes(scopes: readonly TrackedScopes[], home: Home): TrackedScope[] {
  return scopes
    .flatMap((each) => product(each, home))
    .map((scope) => ({ ...scope, isHome: scope.account === home.account && scope.region === home.region }));
}

/** The scopes as variables, parameters and the table's `scope` name them: `<account id>#<Region>`. */
export const scopeNames = (scopes: readonly Home[]): string[] =>
  scopes.map(({ account, region }) => `${account}#${region}`);

type ScopeProps = Pick<
  BedrockJobTrackerProps,
  'spokeExternalId' | 'organizationId' | 'spokeAccounts' | 'knownRegions'
> & { readonly scopes: readonly TrackedScopes[]; readonly parameterPrefix: string };

/** Who may have spokes: the accounts of an organization, these accounts, or both. */
export interface SpokeOwners {
  readonly organizationId?: string | undefined;
  readonly accounts: readonly string[];
}

/**
 * Who may have spokes; undefined for a tracker that is not a hub. Scopes elsewhere have spokes too, and belong to the
 * organization if one is named.
 */
export function spokeOwners(
  { scopes, organizationId, spokeAccounts = [] }: ScopeProps,
  home: Home,
): SpokeOwners | undefined {
  const elsewhere = trackedScopes(scopes, home).filter(({ isHome }) => !isHome);
  const named = organizationId === undefined ? elsewhere.map(({ account }) => account) : [];
  const accounts = unique([...spokeAccounts, ...named]);
  return organizationId === undefined && accounts.length === 0 ? undefined : { organizationId, accounts };
}

/** What is wrong with the scopes and what reaching them takes, one sentence each. */
export function scopeProblems(props: ScopeProps, home: Home): string[] {
  if (props.scopes.some(({ accounts, regions }) => Token.isUnresolved(accounts) || Token.isUnresolved(regions))) {
    return ['the lists of scopes must be known at synthesis: the permissions name each account and Region'];
  }
  if (Token.isUnresolved(props.spokeAccounts)) return ['spokeAccounts must be known at synthesis'];
  const scopes = trackedScopes(props.scopes, home);
  const owners = spokeOwners(props, home);
  return [
    ...emptyProblems(props),
    ...unknownHomeProblems(props, home),
    ...accountProblems('scopes', unique(scopes.map(({ account }) => account))),
    ...accountProblems('spokeAccounts', props.spokeAccounts ?? []),
    ...regionProblems(scopes, props.knownRegions ?? []),
    ...knownRegionProblems(props.knownRegions ?? []),
    ...repetitionProblems(scopes),
    ...numberProblems(owners?.accounts ?? []),
    ...sizeProblems(scopes, props),
    ...externalIdProblems(owners, home, props.spokeExternalId),
    ...organizationProblems(props.organizationId),
  ];
}

function emptyProblems({ scopes, organizationId, spokeAccounts }: ScopeProps): string[] {
  if (spokeAccounts?.length === 0) return ['spokeAccounts is empty: leave it out, or name the accounts of the spokes'];
  if (scopes.length === 0 && organizationId === undefined && spokeAccounts === undefined) {
    return ['scopes is empty: leave it out to track the account and Region of the stack'];
  }
  return scopes.some(({ accounts, regions }) => accounts?.length === 0 || regions?.length === 0)
    ? ['scopes has an empty list of accounts or regions: leave it out for the account or Region of the stack']
    : [];
}

/** Which scope is the stack's own decides what is granted, and the id of a hub names its place. */
function unknownHomeProblems(props: ScopeProps, { account, region }: Home): string[] {
  const naming = props.scopes.flatMap(({ accounts, regions }) => accounts ?? regions ?? []);
  const isKnown = !Token.isUnresolved(account) && !Token.isUnresolved(region);
  if (isKnown || (naming.length === 0 && !props.organizationId && !props.spokeAccounts)) return [];
  return [
    "scopes, organizationId and spokeAccounts need to know the stack's own account and Region: give the stack an env with " +
      'both, or credentials to the CDK (CDK_DEFAULT_ACCOUNT, CDK_DEFAULT_REGION)',
  ];
}

const accountProblems = (prop: string, accounts: readonly string[]): string[] =>
  accounts
    .filter((account) => !Token.isUnresolved(account) && !/^\d{12}$/.test(account))
    .map((account) => `${prop} names the account "${account}": an account id has 12 digits`);

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

function numberProblems({ length }: readonly string[]): string[] {
  return length > MAX_ACCOUNTS
    ? [
        `scopes and spokeAccounts name ${length.toString()} accounts for spokes: the policy of an event bus holds ` +
          `${MAX_ACCOUNTS.toString()}. Name the organization of the accounts instead, as organizationId`,
      ]
    : [];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 4 KB for all variables of a function. */
function sizeProblems(scopes: readonly Home[], { spokeExternalId = '', parameterPrefix }: ScopeProps): string[] {
  const size = scopeNames(scopes).join(',').length + spokeExternalId.length + parameterPrefix.length;
  if (scopes.length < 2 || size <= MAX_CHARACTERS) return [];
  return [
    `scopes, spokeExternalId and parameterPrefix take ${size} characters: Lambda's variables hold ${MAX_CHARACTERS}. Leave ` +
      'accounts out of scopes and name their organizationId, or spokeAccounts: their spokes register themselves',
  ];
}

function externalIdProblems(owners: SpokeOwners | undefined, home: Home, externalId?: string): string[] {
  const isNeeded = owners?.organizationId ?? owners?.accounts.find((account) => account !== home.account);
  if (externalId === undefined) {
    return isNeeded ? ["spokeExternalId is missing: other accounts' spokes ask the hub for it"] : [];
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
