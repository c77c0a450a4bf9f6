/** What the app of the service and its check call things. */
export const SERVICE = { stack: 'Service', reader: 'service-reader', alias: 'live', queueOutput: 'QueueUrl' } as const;
