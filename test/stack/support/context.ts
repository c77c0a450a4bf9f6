/** Who is told of jobs that end. */
export const NOTIFIED = 'ops@example.com';

/**
 * The context that the stack is deployed with; what it does not name has its default. No sweep is due before the checks
 * want one.
 */
export const CONTEXT = { activeSweepMinutes: '60', notifyEmails: NOTIFIED } as const;
