import { describe, expect, it } from '@jest/globals';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { asking } from '../../../../lib/operator/loss-curves/refusals.ts';
import { TrackerError } from '../../../../lib/domain/errors.ts';

const ADDRESS = 's3://acme-output/x.csv';
const refusal = (name: string, message = 'No') =>
  new S3ServiceException({ name, message, $fault: 'client', $metadata: {} });
const thrownBy = async (error: Error) => {
  const thrown: unknown = await asking('s3:GetObject', ADDRESS, () => Promise.reject(error)).catch(
    (other: unknown) => other,
  );
  return thrown as Error & { readonly code?: string };
};

describe('what S3 refuses', () => {
  it.each([
    ['AccessDenied', 'No', 'ACCESS_DENIED', /Grant s3:GetObject to who asks/],
    ['AccessDenied', 'not authorized to perform: kms:Decrypt', 'ACCESS_DENIED', /Grant kms:Decrypt on the key/],
    ['NoSuchBucket', 'No', 'NO_LOSS_CURVE', /no bucket for s3:\/\/acme-output\/x.csv/],
    ['NoSuchKey', 'No', 'NO_LOSS_CURVE', /was deleted while it was read/],
    ['InvalidObjectState', 'No', 'NO_LOSS_CURVE', /is archived. Restore it/],
    ['PermanentRedirect', 'No', 'AWS_REFUSED', /lies in another Region than the job/],
  ])('by %s (%s) is %s, with the next step', async (name, message, code, words) => {
    const error = refusal(name, message);
    const thrown = await thrownBy(error);
    expect(thrown).toBeInstanceOf(TrackerError);
    expect([thrown.code, thrown.cause]).toEqual([code, error]);
    expect(thrown.message).toMatch(words);
  });

  it.each([refusal('SlowDown'), new Error('socket hang up')])(
    'comes as it was thrown where there is nothing to add',
    async (error) => {
      expect(await thrownBy(error)).toBe(error);
    },
  );
});
