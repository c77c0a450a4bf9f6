import { CUSTOMIZATION_TYPES } from '../../domain/record.ts';
import { MAX_TAGS, type CreateRequest } from '../../service-model/model.ts';
import type { Tag } from './flags.ts';
import type { SpecProblem } from './problems.ts';

type Given = Partial<CreateRequest>;

/** More tags than a resource may have. The model limits the list of a request. */
export const checkTagCount = (count: number, where: string): SpecProblem[] =>
  count > MAX_TAGS ? [{ where, text: `has ${count} tags, and a resource can have at most ${MAX_TAGS}` }] : [];

/** Keys that begin so are AWS's own: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const RESERVED_KEY = /^aws:/i;

export const checkReservedKeys = (
  keys: readonly string[],
  where: (key: string, index: number) => string = (key) => key,
): SpecProblem[] =>
  keys.flatMap((key, index) =>
    RESERVED_KEY.test(key) ? [{ where: where(key, index), text: 'begins with aws:, which is for AWS alone' }] : [],
  );

const checkTags = (tags: readonly Tag[] = [], member: string): SpecProblem[] => {
  const keys = tags.map(({ key }) => key);
  const where = (_: string, index: number) => `${member}[${index}].key`;
  return [
    ...checkTagCount(keys.length, member),
    // AWS refuses a request with the same key twice.
    ...keys.flatMap((key, index) =>
      keys.indexOf(key) < index ? [{ where: where(key, index), text: 'is the key of another tag too' }] : [],
    ),
    ...checkReservedKeys(keys, where),
  ];
};

const checkTrainingData = ({ trainingDataConfig }: Given): SpecProblem[] =>
  trainingDataConfig !== undefined &&
  trainingDataConfig.s3Uri === undefined &&
  trainingDataConfig.invocationLogsConfig === undefined
    ? [{ where: 'trainingDataConfig', text: 'must have s3Uri or invocationLogsConfig' }]
    : [];

/** The type of customization that each member of the union belongs to. */
const TYPES = { distillationConfig: 'DISTILLATION', rftConfig: 'REINFORCEMENT_FINE_TUNING' } as const;

const checkCustomization = ({ customizationType, customizationConfig = {} }: Given): SpecProblem[] => {
  // The schema reports an unknown type.
  if (customizationType === undefined || !CUSTOMIZATION_TYPES.includes(customizationType)) return [];
  const contradicting = Object.entries(TYPES).filter(
    ([member, type]) => Object.hasOwn(customizationConfig, member) && type !== customizationType,
  );
  if (
    contradicting.length === 0 &&
    customizationType === 'DISTILLATION' &&
    !('distillationConfig' in customizationConfig)
  )
    return [
      {
        where: 'customizationConfig.distillationConfig',
        text: 'is missing: a DISTILLATION needs it to name the teacher (or give --teacher-model)',
      },
    ];
  return contradicting.map(([member, type]) => ({
    where: `customizationConfig.${member}`,
    text: `is for the customizationType ${type}, and this job's is ${customizationType}`,
  }));
};

/**
 * Checks what the API requires beyond the schemas of its model, as far as that is certain:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelCustomizationJob.html
 */
export const checkRules = (request: Given): SpecProblem[] => [
  ...checkTrainingData(request),
  ...checkCustomization(request),
  ...checkTags(request.jobTags, 'jobTags'),
  ...checkTags(request.customModelTags, 'customModelTags'),
];
