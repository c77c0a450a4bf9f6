import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { BedrockJobTrackerStackProps } from './props.ts';
import type { Home } from './tracked-scopes.ts';

/** The account and Region of what the app makes elsewhere, by the prop that gives it. */
type Places = Partial<
  Record<'alarmTopic' | 'encryptionKey' | 'logGroup' | 'jobsTable' | 'modelsTable' | 'transitionsBus', Home | undefined>
>;

/** Where an ARN says that a resource is; undefined for what is not known or not an ARN. */
export const placeOf = (arn: string | undefined): Home | undefined => {
  if (arn === undefined || Token.isUnresolved(arn)) return undefined;
  const [, , , region, account] = arn.split(':');
  return region === undefined || account === undefined ? undefined : { account, region };
};

/** True where both are known and are not the same. */
const differ = (a: string, b: string): boolean => Token.compareStrings(a, b) === TokenComparison.DIFFERENT;

/** The place of a construct's stack where it is known to be another one than home. */
export function otherPlaceOf(construct: unknown, home: Home): Home | undefined {
  if (!Construct.isConstruct(construct)) return undefined;
  const { account, region } = Stack.of(construct);
  return differ(account, home.account) || differ(region, home.region) ? { account, region } : undefined;
}

export const placeName = ({ account, region }: Home): string =>
  Token.isUnresolved(account) || Token.isUnresolved(region) ? "the stack's own" : `${account} in ${region}`;

const elsewhereProblems = (name: string, what: string, place: Home, home: Home): string[] =>
  differ(place.region, home.region) || differ(place.account, home.account)
    ? [`${name} is in ${placeName(place)}: it takes ${what} of the stack's own account and Region, ${placeName(home)}`]
    : [];

const FORWARD =
  'leave it out, and forward from the default bus by ' +
  "tracker.addTransitionTarget(stack, 'Forward', { target: new targets.EventBus(otherBus) })";

/**
 * Whether a rule of the stack can listen to a bus. CloudFormation takes the name of a rule's bus for one of the stack's
 * own account and Region, so a rule on the bus of another one would listen to a bus of the same name at home.
 */
export const ruleProblems = (name: string, bus: Home, home: Home): string[] => {
  if (differ(bus.account, home.account) || differ(bus.region, home.region)) {
    return [
      `${name} is in ${placeName(bus)}, where no rule of this stack can listen. For notifications and targets ${FORWARD}`,
    ];
  }
  const known = [Token.compareStrings(bus.account, home.account), Token.compareStrings(bus.region, home.region)];
  return known.includes(TokenComparison.ONE_UNRESOLVED)
    ? [
        `${name} is in ${placeName(bus)}, which may not be the stack's own account and Region: rules for notifications and ` +
          'targets need to know. Give the stack an env with both, or credentials to the CDK (CDK_DEFAULT_ACCOUNT, ' +
          'CDK_DEFAULT_REGION)',
      ]
    : [];
};

/**
 * Whether a rule of a stack can listen to the bus that a tracker publishes on.
 *
 * @param home where the tracker is
 * @param rule where the rule is to be
 */
export const targetProblems = (bus: Home, home: Home, rule: Home): string[] => {
  const problems = ruleProblems('transitionsBus', bus, home);
  if (problems.length > 0) return problems;
  return differ(rule.account, home.account) || differ(rule.region, home.region)
    ? [
        `the scope of addTransitionTarget is in ${placeName(rule)}, but transitions are published in ${placeName(home)}: a rule ` +
          'cannot listen to a bus of another account or Region. Add the target in a stack beside the tracker, with ' +
          'new targets.EventBus(otherBus) as the target',
      ]
    : [];
};

/** PutEvents reaches buses of other accounts; other Regions are reached by rules alone. */
const busProblems = (name: string, bus: Home, home: Home, hasRules: boolean): string[] => {
  if (differ(bus.region, home.region)) {
    return [
      `${name} is in ${bus.region}: events reach other Regions than ${home.region} by rules alone. Instead, ${FORWARD}`,
    ];
  }
  return hasRules ? ruleProblems(name, bus, home) : [];
};

/**
 * What is wrong with where these are, one sentence each.
 *
 * @param suffix what the names of the props end with: those of ARNs end with Arn
 */
export const placeProblems = (
  { alarmTopic, encryptionKey, jobsTable, modelsTable, logGroup, transitionsBus }: Places,
  home: Home,
  { hasNotifications, suffix = '' }: { readonly hasNotifications: boolean; readonly suffix?: string },
): string[] => [
  ...(transitionsBus ? busProblems(`transitionsBus${suffix}`, transitionsBus, home, hasNotifications) : []),
  // A topic of another account must let CloudWatch publish.
  ...(alarmTopic && differ(alarmTopic.region, home.region)
    ? [
        `alarmTopic${suffix} is in ${alarmTopic.region}: alarms reach only topics of their own Region, which is ${home.region}`,
      ]
    : []),
  ...(encryptionKey ? elsewhereProblems(`encryptionKey${suffix}`, 'a key', encryptionKey, home) : []),
  ...(logGroup ? elsewhereProblems('logGroup', 'a log group', logGroup, home) : []),
  ...(jobsTable ? elsewhereProblems('jobsTable', 'a table', jobsTable, home) : []),
  ...(modelsTable ? elsewhereProblems('modelsTable', 'a table', modelsTable, home) : []),
];

const KEY = { of: 'a KMS key', like: /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/ };

export const ARNS = {
  alarmTopicArn: { of: 'an SNS topic', like: /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/ },
  transitionsBusArn: { of: 'an event bus', like: /^arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus\/[\w./-]+$/ },
  encryptionKeyArn: KEY,
  jobsTableStreamArn: {
    of: "a table's stream",
    like: /^arn:aws[\w-]*:dynamodb:[\w-]+:\d{12}:table\/[\w.-]+\/stream\/[\w.:-]+$/,
  },
  jobsTableKeyArn: KEY,
} as const;

const IDS = {
  vpcId: { of: 'a VPC', like: /^vpc-[0-9a-f]{8,17}$/ },
  subnetIds: { of: 'subnets', like: /^subnet-[0-9a-f]{8,17}$/ },
  securityGroupIds: { of: 'security groups', like: /^sg-[0-9a-f]{8,17}$/ },
  logGroupName: { of: 'a log group', like: /^[\w./#-]{1,512}$/ },
} as const;

function idProblems(props: BedrockJobTrackerStackProps): string[] {
  const { vpcId, subnetIds, securityGroupIds } = props;
  return [
    ...Object.entries({ subnetIds, securityGroupIds })
      .filter(([, ids]) => Token.isUnresolved(ids))
      .map(([name]) => `${name} must be known at synthesis: in code, give vpc, vpcSubnets and securityGroups instead`),
    ...Object.entries(IDS).flatMap(([name, { of, like }]) =>
      [props[name as keyof typeof IDS] ?? []]
        .flat()
        .filter((id) => !Token.isUnresolved(id) && !Token.isUnresolved([id]) && !like.test(id))
        .map((id) => `${name} has "${id}", which does not name ${of}`),
    ),
    ...(vpcId !== undefined && (subnetIds ?? []).length === 0
      ? ['vpcId needs subnetIds: the private subnets that the functions connect to']
      : []),
    ...(vpcId === undefined && (subnetIds ?? securityGroupIds) !== undefined
      ? ['subnetIds and securityGroupIds have no effect without vpcId: give the VPC too']
      : []),
  ];
}

/** What is wrong with the ARNs, ids and names, one sentence each. */
export function arnProblems(props: BedrockJobTrackerStackProps, home: Home): string[] {
  const misshapen = Object.entries(ARNS).flatMap(([name, { of, like }]) => {
    const arn = props[name as keyof typeof ARNS];
    if (arn === undefined || Token.isUnresolved(arn) || like.test(arn)) return [];
    return [`${name} is "${arn}": it takes the ARN of ${of}`];
  });
  misshapen.push(...idProblems(props));
  if (misshapen.length > 0) return misshapen;
  const { alarmTopicArn, transitionsBusArn, encryptionKeyArn } = props;
  const places = {
    alarmTopic: placeOf(alarmTopicArn),
    encryptionKey: placeOf(encryptionKeyArn),
    transitionsBus: placeOf(transitionsBusArn),
  };
  return placeProblems(places, home, { hasNotifications: props.notifications !== undefined, suffix: 'Arn' });
}
