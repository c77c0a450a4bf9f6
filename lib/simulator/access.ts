/** Who is denied what, by the switchboard. */
import type { CallContext, RawCall } from './call.ts';
import { ApiError } from './errors.ts';
import { assumedRoleArn } from './events.ts';
import type { OperationName } from './faults.ts';
import type { Caller } from './scope.ts';

const denied = (operation: string, resource: string, caller: Caller): ApiError =>
  new ApiError(
    'AccessDeniedException',
    `User: ${assumedRoleArn(caller)} is not authorized to perform: bedrock:${operation} on resource: ${resource}`,
  );

/** The texts by which a call may name its job. */
const targetOf = (call: RawCall): string => {
  if (call.identifier !== '') return call.identifier;
  const { jobName, resourceARN } = (call.body ?? {}) as { readonly jobName?: unknown; readonly resourceARN?: unknown };
  return typeof jobName === 'string' ? jobName : typeof resourceARN === 'string' ? resourceARN : '';
};

/** Throws AccessDeniedException where the switchboard denies the operation, or the operation on this job. */
export const refuseDenied = (
  name: OperationName,
  call: RawCall,
  { store, caller }: CallContext,
  accessDenied: readonly string[],
): void => {
  if (accessDenied.length === 0) return;
  const target = targetOf(call);
  const jobName = store.get(target)?.given.jobName ?? target;
  if (accessDenied.includes(name) || accessDenied.includes(`${name}:${jobName}`))
    throw denied(name, target === '' ? '*' : target, caller);
};
