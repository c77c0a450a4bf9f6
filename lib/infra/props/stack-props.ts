import { Token, type StackProps } from 'aws-cdk-lib';
import { placeOf, placeProblems } from './places.ts';
import type { BedrockJobTrackerProps } from './props.ts';
import type { Home } from './tracked-scopes.ts';

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
  /** ARN of the stream of {@link BedrockJobTrackerProps.jobsTable}: the table's own is its beginning. */
  readonly jobsTableStreamArn?: string;
  /**
   * ARN of the KMS key that encrypts {@link BedrockJobTrackerProps.jobsTable}.
   * @default - `encryptionKey`
   */
  readonly jobsTableKeyArn?: string;
}

const ARNS = {
  alarmTopicArn: { of: 'an SNS topic', like: /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/ },
  transitionsBusArn: { of: 'an event bus', like: /^arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus\/[\w./-]+$/ },
  encryptionKeyArn: { of: 'a KMS key', like: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/ },
  jobsTableStreamArn: {
    of: "a table's stream",
    like: /^arn:aws[\w-]*:dynamodb:[\w-]+:\d{12}:table\/[\w.-]+\/stream\/[\w.:-]+$/,
  },
  jobsTableKeyArn: { of: 'a KMS key', like: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/ },
} as const;

/** What is wrong with the ARNs, one sentence each. */
export function arnProblems(props: BedrockJobTrackerStackProps, home: Home): string[] {
  const misshapen = Object.entries(ARNS).flatMap(([name, { of, like }]) => {
    const arn = props[name as keyof typeof ARNS];
    if (arn === undefined || Token.isUnresolved(arn) || like.test(arn)) return [];
    return [`${name} is "${arn}": it takes the ARN of ${of}`];
  });
  if (misshapen.length > 0) return misshapen;
  const { alarmTopicArn, transitionsBusArn, encryptionKeyArn } = props;
  const places = {
    alarmTopic: placeOf(alarmTopicArn),
    encryptionKey: placeOf(encryptionKeyArn),
    transitionsBus: placeOf(transitionsBusArn),
  };
  return placeProblems(places, home, { hasNotifications: props.notifications !== undefined, suffix: 'Arn' });
}
