import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Aws, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { LogGroup, LogGroupClass, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import type { BedrockJobTrackerProps, BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import { arnProblems } from '../../lib/infra/props/places.ts';
import { problemsOf } from '../../lib/infra/props/validate-props.ts';
import { iamStatements, permissionsOf } from './permissions.ts';
import {
  ANYWHERE,
  defaultTemplate,
  findingsOf,
  fullTemplate,
  listOf,
  makeApp,
  makeStack,
  readable,
  resourceOf,
  resourcesOf,
  stubs,
  synthesize,
  toTemplate,
  type CfnTemplate,
} from './support.ts';

const NOTIFICATIONS = { notifications: { emails: ['ml-team@example.com'] } };

/** A property of each function, by the part of the stack that it is in. */
const ofFunctions = (template: CfnTemplate, property: string): Record<string, unknown> =>
  Object.fromEntries(
    resourcesOf(template, 'AWS::Lambda::Function').map(([id, { Properties }]) => [
      id.replace(/^Tracker(\w+?)Function.*/, '$1'),
      (Properties as Record<string, unknown>)[property],
    ]),
  );

describe('memory and reserved concurrency', () => {
  it('are those of all functions, and of single ones where these have their own', () => {
    const template = synthesize({
      ...NOTIFICATIONS,
      memorySize: 1024,
      reservedConcurrentExecutions: 10,
      functions: {
        trackJob: { reservedConcurrentExecutions: 20 },
        reconcileJobs: { memorySize: 2048, reservedConcurrentExecutions: 2 },
      },
    });
    expect(ofFunctions(template, 'MemorySize')).toEqual({
      TrackJob: 1024,
      ReconcileJobs: 2048,
      PublishTransitions: 1024,
      Notifications: 1024,
    });
    expect(ofFunctions(template, 'ReservedConcurrentExecutions')).toEqual({
      TrackJob: 20,
      ReconcileJobs: 2,
      PublishTransitions: 10,
      Notifications: 10,
    });
  });

  it('are 512 MB and nothing reserved by default', () => {
    expect(Object.values(ofFunctions(defaultTemplate(), 'MemorySize'))).toEqual([512, 512, 512]);
    expect(JSON.stringify(defaultTemplate())).not.toContain('ReservedConcurrentExecutions');
  });
});

const vpcStack = (props: (vpc: IVpc, stack: Stack) => BedrockJobTrackerProps): Stack => {
  const stack = new Stack(makeApp(), 'Acme');
  const vpc = new Vpc(stack, 'Vpc', {
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC },
      { name: 'inner', subnetType: SubnetType.PRIVATE_ISOLATED },
    ],
    restrictDefaultSecurityGroup: false,
    // The CDK's types were not written for exactOptionalPropertyTypes.
  }) as IVpc;
  const tracker = new BedrockJobTracker(stack, 'Tracker', { _codeDirectory: stubs, ...props(vpc, stack) });
  expect(tracker.node.children.length).toBeGreaterThan(0);
  return stack;
};

describe('a VPC', () => {
  const template = (props: (vpc: IVpc, stack: Stack) => BedrockJobTrackerProps) =>
    toTemplate(Template.fromStack(vpcStack(props)));

  it('has all functions in its private subnets, in one group that lets HTTPS out and nothing in', () => {
    const made = template((vpc) => ({ ...NOTIFICATIONS, vpc }));
    const networks = Object.values(ofFunctions(made, 'VpcConfig'));
    expect(networks).toHaveLength(4);
    for (const network of networks) {
      const { SubnetIds, SecurityGroupIds } = network as { SubnetIds: unknown[]; SecurityGroupIds: unknown[] };
      expect(SubnetIds.map(readable)).toEqual([
        expect.stringMatching(/^<VpcinnerSubnet1/),
        expect.stringMatching(/^<VpcinnerSubnet2/),
      ]);
      expect(SecurityGroupIds.map(readable)).toEqual([expect.stringMatching(/^<TrackerSecurityGroup.*GroupId>$/)]);
    }
    expect(resourceOf(made, 'AWS::EC2::SecurityGroup', 'Tracker').Properties).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }],
    });
    expect(resourceOf(made, 'AWS::EC2::SecurityGroup', 'Tracker').Properties).not.toHaveProperty(
      'SecurityGroupIngress',
    );
  });

  it("lets Lambda make the network interfaces by each role, and refuses it to the function's code", () => {
    const statements = iamStatements(template((vpc) => ({ vpc })))
      .map(({ role, statement }) => ({ role, statement, actions: listOf(statement.Action) }))
      .filter(({ actions }) => actions.some((action) => action.startsWith('ec2:')));
    const actions = [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ];
    expect(statements.map((each) => [each.statement.Effect, each.actions])).toEqual(
      Array.from({ length: 3 }, () => [
        ['Allow', actions],
        ['Deny', actions],
      ]).flat(),
    );
    expect(statements.map(({ statement }) => statement.Condition).filter(Boolean)).toHaveLength(3);
    const { ArnLike } = statements[1]?.statement.Condition as { ArnLike: Record<string, object> };
    expect(readable(ArnLike['lambda:SourceFunctionArn'])).toBe(
      'arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:*',
    );
  });

  it('takes given security groups and subnets', () => {
    const made = template((vpc, stack) => ({
      vpc,
      vpcSubnets: { subnets: vpc.isolatedSubnets.slice(0, 1) },
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Own', 'sg-0a1b2c3d')],
    }));
    expect(resourcesOf(made, 'AWS::EC2::SecurityGroup')).toEqual([]);
    expect(ofFunctions(made, 'VpcConfig')['TrackJob']).toMatchObject({
      SecurityGroupIds: ['sg-0a1b2c3d'],
      SubnetIds: [{}],
    });
  });

  it('can be named by ids, as the context of the app does', () => {
    const made = synthesize({
      vpcId: 'vpc-0a1b2c3d',
      subnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
      securityGroupIds: ['sg-0a1b2c3d'],
    });
    expect(ofFunctions(made, 'VpcConfig')['TrackJob']).toEqual({
      SubnetIds: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
      SecurityGroupIds: ['sg-0a1b2c3d'],
    });
    const withGroup = synthesize({ vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'] });
    expect(resourceOf(withGroup, 'AWS::EC2::SecurityGroup', '').Properties).toMatchObject({ VpcId: 'vpc-0a1b2c3d' });
  });

  it('needs the endpoints that docs/configuration.md lists for each function', () => {
    // What Lambda does by the role of a function goes through its own network.
    const byLambda =
      /^(logs|ec2|kms):|^sqs:(?!SendMessage <TrackerReconcileJobsQueue\.)|^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams) /;
    const services = (role: string) =>
      permissionsOf(fullTemplate(), `<Tracker${role}Role>`)
        .filter((permission) => !byLambda.test(permission))
        .map((permission) => permission.split(':')[0] ?? '')
        .filter((service) => service !== 'sts')
        // https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
        .map((service) => (service === 'cloudwatch' ? 'monitoring' : service));
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const listed = (name: string) =>
      [...(new RegExp(`^\\| \`${name}\` +\\|(.*)`, 'm').exec(page)?.[1] ?? '').matchAll(/`([a-z]+)`/g)].map(
        ([, service]) => service,
      );
    for (const [name, role] of [
      ['track-job', 'TrackJob'],
      ['reconcile-jobs', 'ReconcileJobs'],
      ['publish-transitions', 'PublishTransitions'],
      ['notify-transition', 'Notifications'],
    ] as const) {
      expect([name, listed(name)]).toEqual([name, [...new Set(services(role))]]);
    }
  });

  it('leaves nothing for cdk-nag to find', () => {
    expect(findingsOf(makeStack({ vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'] }))).toEqual([]);
  });

  it.each<[string, SubnetSelection, string]>([
    [
      'its public subnets',
      { subnetType: SubnetType.PUBLIC },
      'vpcSubnets selects public subnets, from which a function',
    ],
    ['no subnets', { subnets: [] }, 'vpcSubnets selects no subnets: select private subnets'],
  ])('is refused with %s', (_case, vpcSubnets, problem) => {
    expect(() => vpcStack((vpc) => ({ vpc, vpcSubnets }))).toThrow(problem);
  });

  it('is refused where all its subnets are public', () => {
    const subnetConfiguration = [{ name: 'public', subnetType: SubnetType.PUBLIC }];
    const vpc = new Vpc(new Stack(makeApp(), 'Acme'), 'Vpc', { subnetConfiguration }) as IVpc;
    expect(problemsOf({ vpc }, ANYWHERE)).toEqual([
      'vpc has only public subnets, from which a function reaches nothing: give one with private subnets',
    ]);
  });
});

describe('a log group', () => {
  it('takes the logs of all functions, which may write to it alone', () => {
    const stack = new Stack(makeApp(), 'Acme');
    const logGroup = new LogGroup(stack, 'Logs', { retention: RetentionDays.TWO_YEARS });
    const tracker = new BedrockJobTracker(stack, 'Tracker', { _codeDirectory: stubs, logGroup });
    const made = toTemplate(Template.fromStack(stack));
    expect(tracker.node.children.length).toBeGreaterThan(0);
    expect(resourcesOf(made, 'AWS::Logs::LogGroup')).toHaveLength(1);
    const groups = Object.values(ofFunctions(made, 'LoggingConfig')) as { LogGroup: unknown }[];
    expect(groups.map(({ LogGroup }) => readable(LogGroup))).toEqual(['<Logs>', '<Logs>', '<Logs>']);
    const writes = iamStatements(made).filter(({ statement }) =>
      listOf(statement.Action).includes('logs:PutLogEvents'),
    );
    expect(writes.map(({ statement }) => readable(statement.Resource as object))).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^<Logs.*\.Arn>$/)),
    );
  });

  it('can be named in the context of the app', () => {
    const made = synthesize({ logGroupName: '/acme/trackers' });
    expect(resourcesOf(made, 'AWS::Logs::LogGroup')).toEqual([]);
    expect(ofFunctions(made, 'LoggingConfig')['TrackJob']).toMatchObject({ LogGroup: '/acme/trackers' });
    const env = { account: '111122223333', region: 'us-east-1' };
    for (const home of [{}, { env }]) {
      expect(findingsOf(makeStack({ ...home, logGroupName: '/acme/trackers' }))).toEqual([]);
    }
  });

  it('is refused where CloudWatch would make no metrics of it', () => {
    const logGroup = new LogGroup(new Stack(makeApp(), 'Acme'), 'Logs', {
      logGroupClass: LogGroupClass.INFREQUENT_ACCESS,
    });
    expect(problemsOf({ logGroup }, ANYWHERE)).toEqual([
      'logGroup is of the class INFREQUENT_ACCESS, of whose logs CloudWatch makes no metrics: the alarms would see ' +
        'nothing. Use the class STANDARD',
    ]);
  });

  it('is refused together with a retention, and from elsewhere', () => {
    const stack = new Stack(makeApp(), 'Acme');
    const arn = 'arn:aws:logs:eu-west-1:444455556666:log-group:acme';
    const logGroup = LogGroup.fromLogGroupArn(stack, 'Logs', arn);
    const home = { account: '111122223333', region: 'us-east-1' };
    expect(problemsOf({ logGroup, logRetention: RetentionDays.ONE_DAY }, home)).toEqual([
      'logRetention has no effect on the given logGroup: leave it out',
      "logGroup is in 444455556666 in eu-west-1: it takes a log group of the stack's own account and Region, " +
        '111122223333 in us-east-1',
    ]);
  });
});

describe('schedules and the table', () => {
  it('switch the schedules off', () => {
    const states = (template: CfnTemplate) =>
      resourcesOf(template, 'AWS::Scheduler::Schedule').map(
        ([, { Properties }]) => (Properties as { State: string }).State,
      );
    expect(new Set(states(synthesize({ schedulesEnabled: false })))).toEqual(new Set(['DISABLED']));
    expect(new Set(states(defaultTemplate()))).toEqual(new Set(['ENABLED']));
    const settings = (template: CfnTemplate) => JSON.stringify(resourcesOf(template, 'AWS::SSM::Parameter'));
    expect(settings(synthesize({ schedulesEnabled: false }))).toContain(String.raw`\"schedulesEnabled\":false`);
    expect(settings(defaultTemplate())).not.toContain('schedulesEnabled');
  });

  it('give the tables of records alone their names, and keep their logical ids', () => {
    const named = (template: CfnTemplate) =>
      resourcesOf(template, 'AWS::DynamoDB::Table').map(([id, { Properties }]) => [
        id,
        (Properties as { TableName?: string }).TableName,
      ]);
    expect(named(synthesize({ tableName: 'acme-jobs' })).map(([, name]) => name)).toEqual([
      'acme-jobs',
      'acme-jobs-models',
      undefined,
    ]);
    expect(named(synthesize({ tableName: 'acme-jobs' })).map(([id]) => id)).toEqual(
      named(defaultTemplate()).map(([id]) => id),
    );
  });
});

describe('wrong settings of functions are refused with a sentence', () => {
  it.each<[BedrockJobTrackerProps, string[]]>([
    [{ memorySize: 64 }, ['memorySize is 64: Lambda takes whole MB from 128 to 10240']],
    [{ memorySize: 512.5 }, ['memorySize is 512.5: Lambda takes whole MB from 128 to 10240']],
    [
      { functions: { notifyTransition: { memorySize: 20_000 } } },
      ['functions.notifyTransition.memorySize is 20000: Lambda takes whole MB from 128 to 10240'],
    ],
    [
      { reservedConcurrentExecutions: 0 },
      ['reservedConcurrentExecutions is 0: Lambda takes a whole number of at least 1'],
    ],
    [
      { reservedConcurrentExecutions: 3 },
      ['reservedConcurrentExecutions is 3: track-job needs at least 5, which is maxConcurrency'],
    ],
    [
      { maxConcurrency: 8, functions: { trackJob: { reservedConcurrentExecutions: 7 } } },
      ['functions.trackJob.reservedConcurrentExecutions is 7: track-job needs at least 8, which is maxConcurrency'],
    ],
    [
      { functions: { reconcileJobs: { reservedConcurrentExecutions: 1 } } },
      [
        'functions.reconcileJobs.reservedConcurrentExecutions is 1: reconcile-jobs needs at least 2, as the next sweep ' +
          'starts while a long one runs',
      ],
    ],
    [
      { functions: { trackJobs: {} } as BedrockJobTrackerProps['functions'] & object },
      ['functions names "trackJobs": it takes trackJob, reconcileJobs, publishTransitions, notifyTransition'],
    ],
    [
      { vpcSubnets: {}, securityGroups: [] },
      [
        'vpcSubnets has no effect without vpc: give the VPC too',
        'securityGroups has no effect without vpc: give the VPC too',
      ],
    ],
    [
      { tableName: 'a b' },
      ['tableName is "a b": DynamoDB takes 3 to 255 letters, digits and _.-, and the models table adds "-models"'],
    ],
    [{ memorySize: Lazy.number({ produce: () => 1 }), tableName: Aws.STACK_NAME }, []],
    [{ reservedConcurrentExecutions: 5, functions: { trackJob: { memorySize: 10_240 } } }, []],
  ])('%j', (props, problems) => {
    expect(problemsOf(props, ANYWHERE)).toEqual(problems);
  });

  it.each<[BedrockJobTrackerStackProps, string[]]>([
    [
      { vpcId: 'main' },
      [
        'vpcId has "main", which does not name a VPC',
        'vpcId needs subnetIds: the private subnets that the functions connect to',
      ],
    ],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'vpc-0a1b2c3d'] },
      ['subnetIds has "vpc-0a1b2c3d", which does not name subnets'],
    ],
    [
      { securityGroupIds: ['sg-0a1b2c3d'] },
      ['subnetIds and securityGroupIds have no effect without vpcId: give the VPC too'],
    ],
    [{ logGroupName: 'two words' }, ['logGroupName has "two words", which does not name a log group']],
    [
      { vpcId: 'vpc-0a1b2c3d', subnetIds: Fn.split(',', Fn.importValue('subnets')) },
      ['subnetIds must be known at synthesis: in code, give vpc, vpcSubnets and securityGroups instead'],
    ],
    [{ vpcId: Aws.NO_VALUE, subnetIds: [Aws.NO_VALUE] }, []],
  ])('%j', (props, problems) => {
    expect(arnProblems(props, ANYWHERE)).toEqual(problems);
  });
});
