import { S3ServiceException } from '@aws-sdk/client-s3';
import { TrackerError, type ErrorCode } from '../../domain/errors.ts';
import { asSentence } from '../../domain/text.ts';

/** The permission that each call needs. */
export type S3Permission = 's3:ListBucket' | 's3:GetObject';

const accessDenied = (permission: S3Permission, address: string, message: string): string => {
  const needed = /\bkms\b/i.test(message) ? 'kms:Decrypt on the key of that bucket' : permission;
  return (
    `Not allowed to read the loss curve at ${address}: ${asSentence(message)} ` +
    `Grant ${needed} to who asks, and look at the policy of the bucket.`
  );
};

const regionOf = (error: S3ServiceException): string => {
  const region = error.$response?.headers['x-amz-bucket-region'];
  return region === undefined ? 'another Region than the job' : `the Region ${region}`;
};

const inWords = (
  error: S3ServiceException,
  permission: S3Permission,
  address: string,
): readonly [ErrorCode, string] | undefined => {
  switch (error.name) {
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return ['ACCESS_DENIED', accessDenied(permission, address, error.message)];
    case 'NoSuchBucket':
      return [
        'NO_LOSS_CURVE',
        `There is no bucket for ${address}: the job's output was deleted with it, or the credentials are of another AWS partition.`,
      ];
    case 'PermanentRedirect':
      return [
        'AWS_REFUSED',
        `The bucket of ${address} lies in ${regionOf(error)}. Ask S3 there, by a client that follows redirects.`,
      ];
    case 'NoSuchKey':
      return ['NO_LOSS_CURVE', `${address} was deleted while it was read.`];
    case 'InvalidObjectState':
      return ['NO_LOSS_CURVE', `${address} is archived. Restore it with "aws s3api restore-object", then ask again.`];
    default:
      return undefined;
  }
};

/** Sends, and puts what S3 refuses in words that a person can act on; anything else comes as it was thrown. */
export const asking = async <T>(permission: S3Permission, address: string, send: () => Promise<T>): Promise<T> => {
  try {
    return await send();
  } catch (error) {
    const words = error instanceof S3ServiceException ? inWords(error, permission, address) : undefined;
    throw words === undefined ? error : new TrackerError(words[0], words[1], { cause: error });
  }
};
