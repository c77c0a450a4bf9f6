import { Token } from 'aws-cdk-lib';
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { BedrockJobTrackerProps } from './props.ts';

/** Memory and concurrency of one function. */
export interface FunctionResources {
  /**
   * MB of memory, 128 to 10240; CPU comes with it.
   * @default - `memorySize` of the tracker
   */
  readonly memorySize?: number;
  /**
   * Invocations at once that Lambda keeps for the function, and its limit: at least `maxConcurrency` for track-job and 2
   * for reconcile-jobs, in a hub `sweepConcurrency` and one more.
   * @default - `reservedConcurrentExecutions` of the tracker
   */
  readonly reservedConcurrentExecutions?: number;
}

/** What differs from function to function. */
export interface FunctionOverrides {
  /** Turns events into records. */
  readonly trackJob?: FunctionResources;
  /** Sweeps. */
  readonly reconcileJobs?: FunctionResources;
  /** Turns writes of the jobs table into events. */
  readonly publishTransitions?: FunctionResources;
  /** Writes notifications. */
  readonly notifyTransition?: FunctionResources;
}

/** The folders of the functions' entries, `lambdas/<name>/index.ts`, and what the props call each function. */
export const FUNCTIONS = {
  'track-job': 'trackJob',
  'reconcile-jobs': 'reconcileJobs',
  'publish-transitions': 'publishTransitions',
  'notify-transition': 'notifyTransition',
} as const satisfies Readonly<Record<string, keyof FunctionOverrides>>;
const NAMES = Object.values(FUNCTIONS);

type Sizes = Pick<BedrockJobTrackerProps, 'memorySize' | 'reservedConcurrentExecutions' | 'functions'>;
type Concurrency = Required<Pick<BedrockJobTrackerProps, 'maxConcurrency' | 'sweepConcurrency'>>;

/** What a function gets: its own, or what all get. Lambda reserves nothing unless asked to. */
export const resourcesOf = (
  { memorySize, reservedConcurrentExecutions, functions }: Sizes,
  name: keyof FunctionOverrides,
): FunctionResources => {
  const own = functions?.[name];
  const memory = own?.memorySize ?? memorySize;
  const reserved = own?.reservedConcurrentExecutions ?? reservedConcurrentExecutions;
  return {
    ...(memory !== undefined && { memorySize: memory }),
    ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
  };
};

/** Where a number is not whole or lies outside of what a service takes. Tokens are let through. */
export function rangeProblems(
  name: string,
  value: number | undefined,
  [min, max]: readonly [min: number, max?: number],
  what = 'Lambda takes a whole number',
): string[] {
  if (value === undefined || Token.isUnresolved(value)) return [];
  if (Number.isInteger(value) && value >= min && value <= (max ?? Infinity)) return [];
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  return [`${name} is ${value}: ${what} ${range}`];
}

/** What is wrong with how the functions run, one sentence each. */
export const functionProblems = (props: BedrockJobTrackerProps, concurrency: Concurrency, isHub: boolean): string[] => [
  ...Object.keys(props.functions ?? {})
    .filter((name) => !NAMES.some((known) => known === name))
    .map((name) => `functions names "${name}": it takes ${NAMES.join(', ')}`),
  ...memoryProblems('memorySize', props.memorySize),
  ...NAMES.flatMap((name) => memoryProblems(`functions.${name}.memorySize`, props.functions?.[name]?.memorySize)),
  ...Object.entries(FUNCTIONS).flatMap(([fn, name]) =>
    reservationProblems(fn, name, props, neededBy(name, concurrency, isHub)),
  ),
  ...networkProblems(props),
  ...logGroupProblems(props),
];

const memoryProblems = (name: string, value: number | undefined): string[] =>
  rangeProblems(name, value, [128, 10_240], 'Lambda takes whole MB');

/** How many invocations a function needs at once, and why. */
function neededBy(
  name: keyof FunctionOverrides,
  { maxConcurrency, sweepConcurrency }: Concurrency,
  isHub: boolean,
): readonly [least: number, why: string] {
  if (name === 'trackJob') return [maxConcurrency, 'which is maxConcurrency'];
  if (name !== 'reconcileJobs') return [1, ''];
  return isHub
    ? [sweepConcurrency + 1, 'for sweepConcurrency and to start sweeps']
    : [2, 'as the next sweep starts while a long one runs'];
}

/** A function that is throttled by its own reservation would raise its alarm for good. */
function reservationProblems(
  fn: string,
  name: keyof FunctionOverrides,
  props: Sizes,
  [least, why]: readonly [number, string],
): string[] {
  const own = props.functions?.[name]?.reservedConcurrentExecutions;
  const value = own ?? props.reservedConcurrentExecutions;
  const prop = `${own === undefined ? '' : `functions.${name}.`}reservedConcurrentExecutions`;
  const problems = rangeProblems(prop, value, [1]);
  if (problems.length > 0) return name === NAMES[0] || own !== undefined ? problems : [];
  if (value === undefined || Token.isUnresolved(value) || value >= least) return [];
  return [`${prop} is ${value}: ${fn} needs at least ${least}, ${why}`];
}

function networkProblems({ vpc, vpcSubnets, securityGroups }: BedrockJobTrackerProps): string[] {
  if (vpc === undefined) {
    return Object.entries({ vpcSubnets, securityGroups })
      .filter(([, value]) => value !== undefined)
      .map(([name]) => `${name} has no effect without vpc: give the VPC too`);
  }
  const { hasPublic, subnets } = vpc.selectSubnets(vpcSubnets);
  const [found, next] =
    vpcSubnets === undefined ? ['vpc has only', 'give one with private'] : ['vpcSubnets selects', 'select private'];
  return [
    ...(securityGroups?.length === 0 ? ['securityGroups is empty: leave it out for a new group'] : []),
    ...(hasPublic ? [`${found} public subnets, from which a function reaches nothing: ${next} subnets`] : []),
    ...(subnets.length === 0 ? ['vpcSubnets selects no subnets: select private subnets'] : []),
  ];
}

function logGroupProblems({ logGroup, logRetention }: BedrockJobTrackerProps): string[] {
  if (logGroup === undefined) return [];
  const { logGroupClass = 'STANDARD' } = (logGroup.node.defaultChild ?? {}) as Partial<CfnLogGroup>;
  return [
    ...(logRetention === undefined ? [] : ['logRetention has no effect on the given logGroup: leave it out']),
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
    ...(logGroupClass === 'STANDARD' || Token.isUnresolved(logGroupClass)
      ? []
      : [
          `logGroup is of the class ${logGroupClass}, of whose logs CloudWatch makes no metrics: the alarms would see ` +
            'nothing. Use the class STANDARD',
        ]),
  ];
}
