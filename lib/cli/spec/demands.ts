import { CUSTOMIZATION_TYPES, type CreateRequest } from '../../service-model/model.ts';
import type { SpecProblem } from './problem.ts';
import { tagDemands } from './tags.ts';

type Given = Partial<CreateRequest>;

const trainingData = ({ trainingDataConfig }: Given): SpecProblem[] =>
  trainingDataConfig !== undefined &&
  trainingDataConfig.s3Uri === undefined &&
  trainingDataConfig.invocationLogsConfig === undefined
    ? [{ where: 'trainingDataConfig', text: 'must have s3Uri or invocationLogsConfig' }]
    : [];

/** Which type of customization each member of the union is about. */
const TYPES = { distillationConfig: 'DISTILLATION', rftConfig: 'REINFORCEMENT_FINE_TUNING' } as const;

const customization = ({ customizationType, customizationConfig }: Given): SpecProblem[] => {
  // A type that is none is told already.
  if (customizationType === undefined || !CUSTOMIZATION_TYPES.includes(customizationType)) return [];
  const contradicting = Object.entries(TYPES).filter(
    ([member, type]) => Object.hasOwn(customizationConfig ?? {}, member) && type !== customizationType,
  );
  if (contradicting.length > 0) {
    return contradicting.map(([member, type]) => ({
      where: `customizationConfig.${member}`,
      text: `is for the customizationType ${type}, and this job's is ${customizationType}`,
    }));
  }
  return customizationType === TYPES.distillationConfig && customizationConfig?.distillationConfig === undefined
    ? [
        {
          where: 'customizationConfig.distillationConfig',
          text: 'is missing, which a DISTILLATION needs: it names the teacher (or give --teacher-model)',
        },
      ]
    : [];
};

/**
 * What the API demands besides the shapes of its model, as far as that is certain:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelCustomizationJob.html
 */
export const demandsOf = (request: Given): SpecProblem[] => [
  ...trainingData(request),
  ...customization(request),
  ...tagDemands(request.jobTags, 'jobTags'),
  ...tagDemands(request.customModelTags, 'customModelTags'),
];
