import type { BedrockClientConfig } from '@aws-sdk/client-bedrock';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { asSentence } from '../domain/text.ts';
import { sessionTimeouts, type Timeouts } from './timeouts.ts';
import type { NewSession } from './spoke-session.ts';

/** How scopes of other accounts are reached: by a role in each of them. */
export interface SpokeAccess {
  /** The account whose scopes are reached without a role, in any Region. */
  readonly homeAccount: string;
  /** The Region of the function, whose STS gives the sessions. */
  readonly homeRegion: string;
  /** ARN of the role of a scope, with `{account}` and `{region}` in place of the scope's. */
  readonly roleArn: string;
  /** What the roles ask for besides the caller's identity. */
  readonly externalId: string;
}

export const spokeRoleArn = ({ roleArn }: Pick<SpokeAccess, 'roleArn'>, { accountId, region }: Scope): string =>
  roleArn.replaceAll('{account}', accountId).replaceAll('{region}', region);

/** Who it is that calls, as CloudTrail shows it in the spoke's account: the tracker, and where it runs. */
export const sessionNameOf = ({ homeAccount, homeRegion }: SpokeAccess): string =>
  `bedrock-job-tracker.${homeAccount}.${homeRegion}`;

/** STS says `AccessDenied` whatever is wrong: no such role, another external id, a trust policy without the caller. */
const translate = (error: unknown, roleArn: string, { accountId, region }: Scope): unknown =>
  error instanceof Error && (error.name === 'AccessDenied' || error.name === 'AccessDeniedException')
    ? new TrackerError(
        'ACCESS_DENIED',
        `Not allowed to assume ${roleArn} for account ${accountId}, Region ${region}: ${asSentence(error.message)} ` +
          "Is the spoke stack deployed in that account and Region, with this tracker's external id and its functions' roles?",
        { cause: error },
      )
    : error;

/**
 * The credentials by which a scope is reached: undefined (the function's own) in the home account, a session of the
 * spoke's role in any other.
 *
 * Give each scope one client and keep it. The SDK keeps the session by client: calls at once share one AssumeRole, a
 * session is refreshed 5 minutes before it ends, and one that was denied is asked for again by the next call.
 */
export const spokeCredentials = (
  spokes: SpokeAccess | undefined,
  scope: Scope,
  timeouts: Timeouts,
): BedrockClientConfig['credentials'] => {
  if (spokes === undefined || scope.accountId === spokes.homeAccount) return undefined;
  const roleArn = spokeRoleArn(spokes, scope);
  let newSession: NewSession | undefined;
  return async () => {
    const { sessionOf } = await import('./spoke-session.ts');
    newSession ??= sessionOf({
      roleArn,
      externalId: spokes.externalId,
      sessionName: sessionNameOf(spokes),
      stsRegion: spokes.homeRegion,
      timeouts: sessionTimeouts(timeouts),
    });
    try {
      return await newSession();
    } catch (error) {
      throw translate(error, roleArn, scope);
    }
  };
};
