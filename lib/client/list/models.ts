/** Regions of the other partitions that have Bedrock begin as their partitions end; all others are of `aws`. */
const OTHER_PARTITION = /^(?:cn|us-gov)(?=-)/;

/**
 * The ARN of a foundation model in a Region, by its id such as `amazon.nova-lite-v1:0:300k`: what records have as
 * `base_model_arn`. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
export const foundationModelArn = (modelId: string, region: string): string => {
  const [other] = OTHER_PARTITION.exec(region) ?? [];
  return `arn:aws${other === undefined ? '' : `-${other}`}:bedrock:${region}::foundation-model/${modelId}`;
};
