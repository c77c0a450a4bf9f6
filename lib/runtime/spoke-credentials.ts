import type { BedrockClientConfig } from '@aws-sdk/client-bedrock';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { asSentence } from '../domain/text.ts';
import { sessionTimeouts, type Timeouts } from './timeouts.ts';
import type { NewSession } from './spoke-session.ts';

/** Scopes of other accounts are reached by a role in each of them. */
export interface SpokeAccess {
  /** Its scopes need no role, in any Region. */
  readonly homeAccount: string;
  /** The function's Region, whose STS is called. */
  readonly homeRegion: string;
  /** ARN of a scope's role with the placeholders `{account}` and `{region}`. */
  readonly roleArn: string;
  readonly externalId: string;
}

export const spokeRoleArn = ({ roleArn }: Pick<SpokeAccess, 'roleArn'>, { accountId, region }: Scope): string =>
  roleArn.replaceAll('{account}', accountId).replaceAll('{region}', region);

/** Shows the caller in the spoke account's CloudTrail. */
export const sessionNameOf = ({ homeAccount, homeRegion }: SpokeAccess): string =>
  `bedrock-job-tracker.${homeAccount}.${homeRegion}`;

/** STS answers `AccessDenied` for a missing role, a wrong external id, and a trust policy without the caller. */
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
 * The credentials for a scope: undefined (the function's own) in the home account, else a session of the spoke's role.
 *
 * Keep one client for each scope, as the SDK keeps the session in the client: concurrent calls share one AssumeRole, a
 * session is refreshed 5 minutes before it ends, and the next call retries a denied one.
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
