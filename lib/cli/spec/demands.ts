import { type CreateRequest, CUSTOMIZATION_TYPES, MAX_TAGS } from '../../service-model/model.ts';
import type { SpecProblem } from './problems.ts';
import { isMembers, joined, Written } from './document.ts';

/** A tag as the API takes it. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Which path of the spec stands for which path of the request: a map of tags becomes a list. */
export type Renamed = ReadonlyMap<string, string>;

export interface Tags {
  readonly value: unknown;
  readonly renamed: Renamed;
}

/** Tags of a spec as the API's list. A map of keys and values becomes one; anything else is for the schema to refuse. */
export const asTagList = (value: unknown, member: string): Tags => {
  if (!isMembers(value)) return { value, renamed: new Map() };
  const entries = Object.entries(value);
  return {
    value: entries.map(([key, text]) => ({ key, value: text })),
    renamed: new Map(entries.map(([key], index) => [`${member}[${index}]`, joined(member, key)])),
  };
};

/** Tags with those of flags: of the same key the flag's value counts. */
export const mergedTags = (tags: unknown, more: readonly Tag[]): unknown => {
  if (more.length === 0) return tags;
  // What is no list stays as it is, to be told.
  if (tags !== undefined && tags !== null && !Array.isArray(tags)) return tags;
  const keys = new Set(more.map(({ key }) => key));
  const kept = ((tags ?? []) as readonly unknown[]).filter((tag) => !isMembers(tag) || !keys.has(textOf(tag['key'])));
  return [...kept, ...more];
};

const textOf = (value: unknown): string =>
  value instanceof Written ? value.source : typeof value === 'string' ? value : '';

/** More than a resource may have. A list beyond what a request may hold is told by the model. */
export const tooManyTags = (count: number, where: string): SpecProblem[] =>
  count > MAX_TAGS ? [{ where, text: `has ${count} tags, and a resource can have at most ${MAX_TAGS}` }] : [];

/** What AWS demands of the tags of one resource besides their patterns. */
export const tagDemands = (tags: readonly Tag[] | undefined, member: string): SpecProblem[] => [
  ...tooManyTags(tags?.length ?? 0, member),
  ...repeatedKeys(tags, member),
  ...reservedKeys(
    (tags ?? []).map(({ key }) => key),
    (index) => `${member}[${index}].key`,
  ),
];

/** A resource has each key once: AWS refuses a request with one twice. */
const repeatedKeys = (tags: readonly Tag[] | undefined, member: string): SpecProblem[] => {
  const seen = new Set<string>();
  return (tags ?? []).flatMap(({ key }, index) => {
    if (seen.has(key)) return [{ where: `${member}[${index}].key`, text: 'is the key of another tag too' }];
    seen.add(key);
    return [];
  });
};

/** Keys that begin so are AWS's own: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const RESERVED = /^aws:/i;

export const reservedKeys = (keys: readonly string[], where: (index: number) => string = () => ''): SpecProblem[] =>
  keys.flatMap((key, index) =>
    RESERVED.test(key) ? [{ where: where(index) || key, text: 'begins with aws:, which is for AWS alone' }] : [],
  );

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
