/** Whether the SDK's deserializer failed: its error is not an exception of the service, and carries the answer. */
export const isUnreadable = (error: unknown): error is Error =>
  error instanceof Error && '$response' in error && !('$fault' in error);
