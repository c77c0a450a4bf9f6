import type { CallContext } from './call.ts';
import { ApiError, invalid } from './errors.ts';
import { assumedRoleArn } from './events.ts';
import type { Job } from './jobs.ts';
import { parseArn, partitionOf } from './scope.ts';

/** A job by its ARN, or undefined where the ARN names something else or nothing. Foreign accounts and Regions throw. */
export const jobByArn = (arn: string, { caller, store }: CallContext): Job | undefined => {
  const parsed = parseArn(arn);
  if (!parsed) return undefined;
  if (parsed.region !== caller.region || parsed.partition !== partitionOf(caller.region))
    throw invalid(`The provided ARN is of the Region ${parsed.region}, and this endpoint serves ${caller.region}.`);
  if (parsed.accountId !== '' && parsed.accountId !== caller.accountId)
    throw new ApiError('AccessDeniedException', `User: ${assumedRoleArn(caller)} has no access to ${arn}`);
  return store.get(arn);
};

/** The job that Get and Stop name. Throws ResourceNotFoundException. */
export const findJob = (identifier: string, context: CallContext): Job => {
  const job = identifier.startsWith('arn:')
    ? jobByArn(identifier, context)
    : context.store.in(context.caller).byName.get(identifier);
  if (!job)
    throw new ApiError('ResourceNotFoundException', `The model customization job ${identifier} could not be found.`);
  return job;
};
