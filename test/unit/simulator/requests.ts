/** One valid request with every member of the model; tests change one thing at a time. */
export const fullCreate = {
  jobName: 'support-triage-ft-0142',
  customModelName: 'support-triage-llama33-v3',
  roleArn: 'arn:aws:iam::123456789012:role/service-role/BedrockCustomizationRole',
  clientRequestToken: '6f1d2c1e-3d4b-4a55-9c77-0b8e2f9a1d34',
  baseModelIdentifier: 'amazon.nova-lite-v1:0:300k',
  customizationType: 'DISTILLATION',
  customModelKmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/0f8fad5b-d9cb-469f-a165-70867728950e',
  jobTags: [
    { key: 'team', value: 'ml-platform' },
    { key: 'cost-center', value: '' },
  ],
  customModelTags: [{ key: 'model', value: 'yes' }],
  trainingDataConfig: {
    s3Uri: 's3://acme-ml-training/triage/train.jsonl',
    invocationLogsConfig: {
      usePromptResponse: true,
      invocationLogSource: { s3Uri: 's3://acme-bedrock-logs/prod' },
      requestMetadataFilters: { andAll: [{ equals: { project: 'faq-bot' } }, { notEquals: { env: 'dev' } }] },
    },
  },
  validationDataConfig: { validators: [{ s3Uri: 's3://acme-ml-training/triage/validation.jsonl' }] },
  outputDataConfig: { s3Uri: 's3://acme-ml-output/triage/' },
  hyperParameters: { epochCount: '2' },
  vpcConfig: { subnetIds: ['subnet-0a1b2c3d4e5f60718'], securityGroupIds: ['sg-0c3d4e5f60718293a'] },
  customizationConfig: {
    distillationConfig: {
      teacherModelConfig: {
        teacherModelIdentifier: 'amazon.nova-premier-v1:0',
        maxResponseLengthForInference: 1000,
      },
    },
  },
} as const;

/** The other member of customizationConfig. */
export const rftConfig = {
  graderConfig: { lambdaGrader: { lambdaArn: 'arn:aws:lambda:us-east-1:123456789012:function:grader:live' } },
  hyperParameters: {
    epochCount: 1,
    batchSize: 32,
    learningRate: 0.00005,
    maxPromptLength: 310,
    trainingSamplePerPrompt: 4,
    inferenceMaxTokens: 750,
    reasoningEffort: 'high',
    evalInterval: 10,
  },
} as const;

/** A copy of `value` with `replacement` at `path` (`a.0.b`); undefined takes the member away. */
export const changed = (value: unknown, path: string, replacement: unknown): unknown => {
  const copy: unknown = structuredClone(value);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let place = copy as Record<string, unknown>;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  if (replacement === undefined) Reflect.deleteProperty(place, last);
  else place[last] = replacement;
  return copy;
};
