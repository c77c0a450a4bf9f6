import { describe, expect, it } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ENV, MODELS_TABLE } from '../../lib/contract.ts';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import { permissionsOf } from './permissions.ts';
import {
  defaultTemplate,
  FULL_PROPS,
  makeApp,
  makeStack,
  resourceOf,
  resourcesOf,
  synthesize,
  toTemplate,
  variablesOf,
} from './support.ts';

describe('a tracker without models', () => {
  // Of a job: the words that are left once these are gone are about models.
  const ABOUT_JOBS =
    /Model Customization Job|model.customization.job|ModelCustomizationJob|base-model|output-model|custom-model-/gi;

  it.each([
    ['as it comes', {}],
    ['as a hub that tells people', FULL_PROPS],
  ])('%s has no table, permission, event, sweep, mapping, alarm or variable for them', (_case, props) => {
    const template = synthesize({ ...props, models: false });
    const text = JSON.stringify(template).replaceAll(ABOUT_JOBS, '');
    expect(text.match(/.{40}(?:Models?Table|custom-?model|provisioned|GetMetricData|ModelStream).{40}/i)).toBeNull();
    expect(
      text.match(/.{40}(?:(?:sweep[^a-z]+|,)(?:models|usage)|models?-transitions|IDLE_AFTER|MODELS_).{40}/),
    ).toBeNull();
    const added = (type: string) => resourcesOf(synthesize(props), type).length - resourcesOf(template, type).length;
    expect({
      tables: added('AWS::DynamoDB::Table'),
      mappings: added('AWS::Lambda::EventSourceMapping'),
      alarms: added('AWS::CloudWatch::Alarm'),
      parameters: added('AWS::SSM::Parameter'),
      functions: added('AWS::Lambda::Function'),
      queues: added('AWS::SQS::Queue'),
    }).toEqual({
      tables: 1,
      mappings: 1,
      alarms: 2,
      parameters: 2,
      functions: 0,
      queues: 0,
    });
  });

  it('lets nobody read models', () => {
    const stack = makeStack({ models: false });
    const role = new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    expect(stack.tracker.modelsTable).toBeUndefined();
    expect(() => stack.tracker.grantReadModels(role)).toThrow('grantReadModels needs models, which is false');
  });
});

describe('a tracker that does not measure use', () => {
  it('may not ask CloudWatch, is never told to, and has no alarm about it', () => {
    const template = synthesize({ modelUsage: false });
    expect(JSON.stringify(template)).not.toMatch(/GetMetricData|UsageSweep|usage=/);
    expect(variablesOf(template, 'ReconcileJobs')).not.toHaveProperty(ENV.idleAfterDays);
    expect(variablesOf(template, 'ReconcileJobs')).toHaveProperty(ENV.modelsTable);
  });

  it('measures by default, and says after how many days a model is idle', () => {
    const variables = variablesOf(synthesize({ idleAfter: Duration.days(30) }), 'ReconcileJobs');
    expect(variables[ENV.idleAfterDays]).toBe('30');
  });
});

describe('the models table', () => {
  it('is kept as the jobs table is', () => {
    const table = resourceOf(defaultTemplate(), 'AWS::DynamoDB::Table', 'ModelsTable');
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      KeySchema: [{ AttributeName: MODELS_TABLE.partitionKey, KeyType: 'HASH' }],
    });
  });

  it('can be read by who is let, and by the variable that names it', () => {
    const stack = makeStack();
    stack.tracker.grantReadModels(stack.tracker.publishTransitionsFunction);
    const template = toTemplate(Template.fromStack(stack));
    expect(variablesOf(template, 'PublishTransitions')).toMatchObject({ [ENV.modelsTable]: '<TrackerModelsTable>' });
    const reading = permissionsOf(template, '<TrackerPublishTransitionsRole>').filter((line) => /Query/.test(line));
    expect(reading).toEqual(
      ['', ...Object.keys(MODELS_TABLE.indexes).map((index) => `/index/${index}`)]
        .map((part) => `dynamodb:Query <TrackerModelsTable.Arn>${part}`)
        .sort(),
    );
  });

  it('can be read by who finds the tracker by its parameters', () => {
    const stack = new Stack(makeApp(), 'Reader');
    const tracker = BedrockJobTracker.fromParameterPrefix(stack, 'Tracker');
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    tracker.grantReadModels(role);
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text).toContain('/bedrock-job-tracker/models-table-arn');
    expect(text).toContain('/index/by-model-name');
    expect(text).not.toContain('jobs-table');
  });
});
