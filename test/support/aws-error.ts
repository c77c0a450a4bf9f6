import { type AwsRequest, rememberRequest } from '../../lib/operator/aws-errors.ts';

/** An error as a client of the SDK rejects with it; a client that remembers its requests says which one it answers. */
export const awsError = (name: string, message = name, request?: AwsRequest): Error => {
  const error = Object.assign(new Error(message), { name, $metadata: {} });
  return request === undefined ? error : rememberRequest(error, { region: 'us-east-1', ...request });
};
