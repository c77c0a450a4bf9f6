/** Loads the STS client lazily: a tracker of one account would pay for it with every cold start. */
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';

export interface SessionRequest {
  readonly roleArn: string;
  readonly externalId: string;
  readonly sessionName: string;
  /** Sessions of a Region's own STS are valid in every Region, opt-in Regions too. */
  readonly stsRegion: string;
  readonly timeouts: Timeouts;
}

/** The maximum for role chaining: the function's own credentials are a role's session. */
const LONGEST_CHAINED_SESSION_S = 3_600;

/** Each call requests a new session; the client keeps and refreshes it. */
export const sessionOf = ({ roleArn, externalId, sessionName, stsRegion, timeouts }: SessionRequest) =>
  fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ExternalId: externalId,
      DurationSeconds: LONGEST_CHAINED_SESSION_S,
    },
    // Without a Region, STS would be called in the Region of the client that needs the session.
    clientConfig: { region: stsRegion, ...clientSettingsOf(timeouts) },
  });

export type NewSession = ReturnType<typeof sessionOf>;
