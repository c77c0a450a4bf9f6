import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { TrackerError } from '../domain/errors.ts';

const ADVICE = 'Sign in (for example with "aws sso login"), or set AWS_PROFILE or AWS_ACCESS_KEY_ID, then start again.';

/** The account of the caller's own credentials. Throws NO_CREDENTIALS, in one sentence, where there are none that work. */
export const callerAccount = async (region: string): Promise<string> => {
  try {
    const { Account } = await new STSClient({ region, maxAttempts: 2 }).send(new GetCallerIdentityCommand({}));
    if (Account !== undefined) return Account;
    throw new Error('AWS named no account');
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
    const what =
      name === 'CredentialsProviderError'
        ? 'No AWS credentials were found.'
        : `AWS did not accept the credentials, or was not reached (${name}: ${message.replace(/\s+/g, ' ').slice(0, 200)}).`;
    throw new TrackerError('NO_CREDENTIALS', `${what} ${ADVICE}`, { cause: error });
  }
};
