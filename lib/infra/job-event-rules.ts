import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { API_CALL_PATTERN, STATE_CHANGE_PATTERN } from '../contract.ts';

/** A pattern as the contract has it: in EventBridge's own words, and read-only. */
interface ContractPattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail?: Readonly<Record<string, unknown>>;
}

const eventPattern = (pattern: ContractPattern): EventPattern => ({
  source: [...pattern.source],
  detailType: [...pattern['detail-type']],
  ...(pattern.detail !== undefined && { detail: pattern.detail }),
});

/** A rule that tells of jobs: the same for the tracker's own events and for those that spokes forward. */
export interface JobEventRule {
  readonly description: string;
  readonly pattern: EventPattern;
}

export const JOB_EVENTS = {
  stateChange: {
    description: 'Bedrock: a model customization job changed its state',
    pattern: eventPattern(STATE_CHANGE_PATTERN),
  },
  apiCall: {
    description: 'CloudTrail: a job was created, stopped, tagged or untagged',
    pattern: eventPattern(API_CALL_PATTERN),
  },
} as const satisfies Record<string, JobEventRule>;
