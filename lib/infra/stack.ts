import { CfnOutput, Fn, Stack, Tags } from 'aws-cdk-lib';
import { Table, type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { BedrockJobTracker } from './bedrock-job-tracker.ts';
import { STACK_NAME, type BedrockJobTrackerProps, type BedrockJobTrackerStackProps } from './props/props.ts';
import { importedNetwork } from './network.ts';
import { outputsOf } from './outputs.ts';
import { arnProblems } from './props/places.ts';
import { InvalidPropsError } from './props/validate-props.ts';

/**
 * One tracker with the outputs that people and scripts look for. It needs no account or Region at synthesis unless
 * `scopes` names some, and every resource that can be tagged carries `application: bedrock-job-tracker`.
 *
 * @throws InvalidPropsError at synthesis, listing everything that is wrong with the props
 */
export class BedrockJobTrackerStack extends Stack {
  readonly tracker: BedrockJobTracker;

  constructor(scope: Construct, id: string = STACK_NAME, props: BedrockJobTrackerStackProps = {}) {
    super(scope, id, {
      description: 'Keeps every Amazon Bedrock model customization job as a current record in DynamoDB',
      ...props,
    });
    const problems = arnProblems(props, this);
    if (problems.length > 0) throw new InvalidPropsError(problems);
    this.tracker = new BedrockJobTracker(this, 'Tracker', { ...props, ...this.imported(props) });
    // The CDK lets a function depend on its role twice, by reference and by name; cfn-lint's one warning is about that.
    this.templateOptions.metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    // CloudFormation's published schema of a dashboard has no tags.
    const excludeResourceTypes = ['AWS::CloudWatch::Dashboard'];
    Tags.of(this).add('application', 'bedrock-job-tracker', { excludeResourceTypes });
    for (const [name, value, description] of outputsOf(this.tracker)) new CfnOutput(this, name, { value, description });
  }

  private imported(props: BedrockJobTrackerStackProps): BedrockJobTrackerProps {
    const { alarmTopicArn, transitionsBusArn, encryptionKeyArn, jobsTableStreamArn, logGroupName } = props;
    return {
      ...(alarmTopicArn !== undefined && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
      ...(transitionsBusArn !== undefined && {
        transitionsBus: EventBus.fromEventBusArn(this, 'TransitionsBus', transitionsBusArn),
      }),
      ...(encryptionKeyArn !== undefined && {
        encryptionKey: Key.fromKeyArn(this, 'EncryptionKey', encryptionKeyArn),
      }),
      ...(logGroupName !== undefined && { logGroup: LogGroup.fromLogGroupName(this, 'LogGroup', logGroupName) }),
      ...importedNetwork(this, props),
      ...(jobsTableStreamArn !== undefined && {
        jobsTable: this.importedTable(jobsTableStreamArn, props.jobsTableKeyArn),
      }),
    };
  }

  private importedTable(tableStreamArn: string, keyArn: string | undefined): ITable {
    return Table.fromTableAttributes(this, 'AdoptedJobsTable', {
      tableArn: Fn.select(0, Fn.split('/stream/', tableStreamArn)),
      tableStreamArn,
      ...(keyArn !== undefined && { encryptionKey: Key.fromKeyArn(this, 'JobsTableKey', keyArn) }),
    });
  }
}
