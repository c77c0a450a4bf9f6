import { Fn, Stack, Token } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type CfnRule, type IEventBus, type Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { StringListParameter, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { PARAMETER, PARAMETER_PREFIX, parameterUnder } from '../contract.ts';
import { serviceNameOf, trackerMetric, type TrackerMetricOptions } from './operations/metrics.ts';
import { targetProblems } from './props/places.ts';
import { InvalidPropsError, prefixProblems } from './props/validate-props.ts';
import { grantReading, type RecordKind } from './read-access.ts';
import { transitionRule, type TransitionTargetProps } from './transitions.ts';

/** A tracker: one of this app, or one that is found by its parameters. */
export interface IBedrockJobTracker extends IConstruct {
  /** The job records; described for readers in docs/table.md. */
  readonly jobsTable: ITable;
  /** The model records; undefined where the tracker does not track models. */
  readonly modelsTable?: ITable;
  /** Where transitions are published; described for subscribers in docs/events.md. */
  readonly transitionsBus: IEventBus;

  /**
   * Lets a function, an alias or version of one, a role or another principal read the records: get them by key and query
   * every index. A function also gets the variables that name the table and the tracked scopes, by which the client finds
   * both.
   */
  grantReadJobs(grantee: IGrantable): Grant;

  /**
   * Lets a principal read the model records, as `grantReadJobs` does those of jobs. The lineage of a model takes both.
   *
   * @throws InvalidPropsError where the tracker of this app does not track models
   */
  grantReadModels(grantee: IGrantable): Grant;

  /**
   * Adds a rule to your scope that sends transitions to a target: a queue, a function, a state machine, an API. By
   * default it sends status changes of jobs, without sub-tasks, from now on. Delivery is at least once and unordered: see
   * docs/events.md.
   *
   * @param scope where the rule belongs; a stack of the account and Region of the transitions bus
   */
  addTransitionTarget(scope: Construct, id: string, props: TransitionTargetProps): Rule;

  /**
   * One of the metrics of docs/metrics.md, for graphs and alarms of your own: `tracker.metric(TrackerMetric.ACTIVE_JOBS)`.
   * The options win over the period of 5 minutes and the statistic of that page. CloudWatch does not add up dimensions: to
   * show all outcomes or operations, put a metric for each into the graph.
   *
   * @throws TypeError where there is no such metric, or it needs a dimension that the options do not give
   */
  metric(name: string, options?: TrackerMetricOptions): Metric;
}

/** Names a deployed tracker of the stack's account and Region. */
export interface DeployedTrackerProps {
  /**
   * The prefix that it was deployed with.
   * @default '/bedrock-job-tracker'
   */
  readonly parameterPrefix?: string;
  /**
   * The customer managed key of its jobs table. Readers need it.
   * @default - none: AWS manages the key
   */
  readonly encryptionKey?: IKey;
}

/**
 * A tracker that another stack deployed. CloudFormation reads its parameters with each deployment, and only those that are
 * used (ADR 0038).
 */
export class DeployedTracker extends Construct implements IBedrockJobTracker {
  private readonly prefix: string;
  private readonly encryptionKey: IKey | undefined;

  constructor(
    scope: Construct,
    id: string,
    { parameterPrefix = PARAMETER_PREFIX, encryptionKey }: DeployedTrackerProps,
  ) {
    super(scope, id);
    const problems = Token.isUnresolved(parameterPrefix)
      ? ['parameterPrefix must be known at synthesis: CloudFormation takes no token for the name of a parameter']
      : prefixProblems(parameterPrefix);
    if (problems.length > 0) throw new InvalidPropsError(problems);
    this.prefix = parameterPrefix;
    this.encryptionKey = encryptionKey;
  }

  get jobsTable(): ITable {
    return this.importedTable('JobsTable', PARAMETER.jobsTableArn);
  }

  /** Where the tracker does not track models, the deployment of what uses it fails: the parameter is missing. */
  get modelsTable(): ITable {
    return this.importedTable('ModelsTable', PARAMETER.modelsTableArn);
  }

  get transitionsBus(): IEventBus {
    return this.once('TransitionsBus', (id) =>
      EventBus.fromEventBusArn(this, id, this.parameter(PARAMETER.transitionsBusArn)),
    );
  }

  grantReadJobs(grantee: IGrantable): Grant {
    return this.grantReading(grantee, 'jobs', this.jobsTable);
  }

  grantReadModels(grantee: IGrantable): Grant {
    return this.grantReading(grantee, 'models', this.modelsTable);
  }

  addTransitionTarget(scope: Construct, id: string, props: TransitionTargetProps): Rule {
    const home = Stack.of(this);
    const problems = targetProblems(home, home, Stack.of(scope));
    if (problems.length > 0) throw new InvalidPropsError(problems);
    const rule = transitionRule(scope, id, { ...props, bus: this.transitionsBus });
    // Where the bus is, nobody knows before the deployment. Its name alone would mean a bus of that name here.
    (rule.node.defaultChild as CfnRule).eventBusName = this.transitionsBus.eventBusArn;
    return rule;
  }

  metric(name: string, options: TrackerMetricOptions = {}): Metric {
    return trackerMetric(serviceNameOf(this.prefix), name, options);
  }

  private grantReading(grantee: IGrantable, kind: RecordKind, table: ITable): Grant {
    const scopes = () =>
      Fn.join(',', StringListParameter.valueForTypedListParameter(this, this.nameOf(PARAMETER.trackedScopes)));
    // Whether it is a hub, nobody knows before the deployment.
    const sweepsTable = this.once('SweepsTable', (id) =>
      Table.fromTableName(this, id, this.parameter(PARAMETER.sweepsTableName)),
    );
    return grantReading(grantee, { kind, table, encryptionKey: this.encryptionKey, scopes }, sweepsTable);
  }

  private importedTable(id: string, arnParameter: string): ITable {
    return this.once(id, () =>
      Table.fromTableAttributes(this, id, {
        tableArn: this.parameter(arnParameter),
        grantIndexPermissions: true,
        ...(this.encryptionKey !== undefined && { encryptionKey: this.encryptionKey }),
      }),
    );
  }

  private nameOf(parameter: string): string {
    return parameterUnder(this.prefix, parameter);
  }

  private parameter(name: string): string {
    return StringParameter.valueForStringParameter(this, this.nameOf(name));
  }

  private once<T extends IConstruct>(id: string, make: (id: string) => T): T {
    return (this.node.tryFindChild(id) as T | undefined) ?? make(id);
  }
}
