/**
 * What takes STS. Loaded where a scope of another account is tracked, and not before: a tracker of one account would
 * pay for it with every cold start.
 */
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';

export interface SessionRequest {
  readonly roleArn: string;
  readonly externalId: string;
  readonly sessionName: string;
  /** The Region whose STS is asked: sessions of a Region's own STS are valid in every Region, opt-in ones too. */
  readonly stsRegion: string;
  readonly timeouts: Timeouts;
}

/** The longest session that a role may ask for with another role's session: the function's own is one. */
const LONGEST_CHAINED_SESSION_S = 3_600;

/** Asks for a new session with each call. Keeping and refreshing it is the client's part. */
export const sessionOf = ({ roleArn, externalId, sessionName, stsRegion, timeouts }: SessionRequest) =>
  fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ExternalId: externalId,
      DurationSeconds: LONGEST_CHAINED_SESSION_S,
    },
    // The Region must be named: without it, it would be that of the client that the session is for.
    clientConfig: { region: stsRegion, ...clientSettingsOf(timeouts) },
  });

export type NewSession = ReturnType<typeof sessionOf>;
