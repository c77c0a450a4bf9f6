import { VERSION, type TrackerSettings } from '../../lib/contract.ts';

/** What the stack of `npm run deploy` with its defaults publishes, but for what CloudFormation draws. */
export const trackerSettings = (change: Partial<TrackerSettings> = {}): TrackerSettings => ({
  version: VERSION,
  stackName: 'BedrockJobTracker',
  activeSweepMinutes: 5,
  fullSweepMinutes: 1440,
  tagRefreshDays: 30,
  longRunningMinutes: 2880,
  functionNames: { trackJob: 'track-job', publishTransitions: 'publish-transitions' },
  eventSourceMappings: {
    jobEvents: '14e0db71-5d35-4eb5-b481-8945cf9d10c2',
    transitions: '2b07b1a0-7c36-4e63-8f9a-0a3a1d6e4f55',
  },
  jobEventsQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/job-events',
  ruleArns: ['arn:aws:events:us-east-1:123456789012:rule/state-change'],
  scheduleGroupName: 'schedules',
  transitionsBusArn: 'arn:aws:events:us-east-1:123456789012:event-bus/default',
  ...change,
});
