import { Token, type StackProps } from 'aws-cdk-lib';
import type { BedrockJobTrackerProps } from './props.ts';

/** The stack's name unless the props give another one, and its id in the app. */
export const STACK_NAME = 'BedrockJobTracker';

/** The props of a stack of its own: those of the tracker, and by ARN what is made elsewhere. */
export interface BedrockJobTrackerStackProps extends BedrockJobTrackerProps, StackProps {
  /** ARN of {@link BedrockJobTrackerProps.alarmTopic}. */
  readonly alarmTopicArn?: string;
  /** ARN of {@link BedrockJobTrackerProps.transitionsBus}. */
  readonly transitionsBusArn?: string;
  /** ARN of {@link BedrockJobTrackerProps.encryptionKey}. */
  readonly encryptionKeyArn?: string;
}

const ARNS = {
  alarmTopicArn: { of: 'an SNS topic', like: /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/ },
  transitionsBusArn: { of: 'an event bus', like: /^arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus\/[\w./-]+$/ },
  encryptionKeyArn: { of: 'a KMS key', like: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/ },
} as const;

/** What is wrong with the ARNs, one sentence each. */
export function arnProblems(props: BedrockJobTrackerStackProps): string[] {
  return Object.entries(ARNS).flatMap(([name, { of, like }]) => {
    const arn = props[name as keyof typeof ARNS];
    if (arn === undefined || Token.isUnresolved(arn) || like.test(arn)) return [];
    return [`${name} is "${arn}": it takes the ARN of ${of}`];
  });
}
