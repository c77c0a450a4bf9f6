import { describe, expect, it } from '@jest/globals';
import * as sdk from '@aws-sdk/client-bedrock';
import type * as v from 'valibot';
import { JOB_STATUSES } from '../../../lib/domain/record.ts';
import * as model from '../../../lib/service-model/model.ts';

/** A shape as both sides tell it: members by name (`name?` where optional), list items, and leaves. */
type Shape = string | { readonly [member: string]: Shape } | readonly [Shape];

const STRUCTURE = 3;
const UNION = 4;
const LIST = 1;
/** A bit of a simple schema's number: a list of it. */
const LIST_OF_SIMPLE = 64;

/** The SDK's runtime schemas are arrays: kind, namespace, name, traits, members, their schemas, how many are required. */
const sdkShape = (reference: unknown): Shape => {
  const schema: unknown = typeof reference === 'function' ? (reference as () => unknown)() : reference;
  if (typeof schema === 'number' && (schema & LIST_OF_SIMPLE) !== 0) return ['leaf'];
  if (!Array.isArray(schema)) return 'leaf';
  const [kind, , , , members, schemas, required = 0] = schema as [
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown[],
    number?,
  ];
  // A member with traits of its own: [schema, traits].
  if (typeof kind !== 'number') return sdkShape(kind);
  if (schema.length === 2) return sdkShape(kind);
  if (kind === LIST) return [sdkShape(members)];
  if (kind !== STRUCTURE && kind !== UNION) return 'leaf';
  const entries = (members as string[]).map((name, index) => [
    kind === STRUCTURE && index < required ? name : `${name}?`,
    sdkShape(schemas[index]),
  ]);
  return Object.fromEntries(entries) as Shape;
};

type AnySchema = v.GenericSchema & {
  readonly entries?: v.ObjectEntries;
  readonly item?: AnySchema;
  readonly wrapped?: AnySchema;
  readonly pipe?: readonly AnySchema[];
};
/** A structure's object schema is somewhere in its pipe. */
const entriesOf = ({ entries, pipe = [] }: AnySchema): v.ObjectEntries | undefined =>
  entries ?? pipe.map(entriesOf).find((found) => found !== undefined);

const ourShape = (schema: AnySchema): Shape => {
  if (schema.type === 'exact_optional' && schema.wrapped) return ourShape(schema.wrapped);
  if (schema.item) return [ourShape(schema.item)];
  const members = entriesOf(schema);
  if (!members) return 'leaf';
  const entries = Object.entries(members).map(([name, entry]) => [
    entry.type === 'exact_optional' ? `${name}?` : name,
    ourShape(entry as AnySchema),
  ]);
  return Object.fromEntries(entries) as Shape;
};

describe('the transcription of the service model', () => {
  it.each([
    ['CreateModelCustomizationJob', model.CreateRequest, sdk.CreateModelCustomizationJobRequest$],
    ['GetModelCustomizationJob', model.JobRequest, sdk.GetModelCustomizationJobRequest$],
    ['StopModelCustomizationJob', model.JobRequest, sdk.StopModelCustomizationJobRequest$],
    ['ListModelCustomizationJobs', model.ListRequest, sdk.ListModelCustomizationJobsRequest$],
    ['ListTagsForResource', model.ListTagsRequest, sdk.ListTagsForResourceRequest$],
    ['TagResource', model.TagRequest, sdk.TagResourceRequest$],
    ['UntagResource', model.UntagRequest, sdk.UntagResourceRequest$],
  ])('has every member that the SDK sends with %s, and the same required ones', (_, ours, theirs) => {
    expect(ourShape(ours as unknown as AnySchema)).toEqual(sdkShape(theirs));
  });

  it('really looks into the SDK (a schema that changed its form would make all of this vacuous)', () => {
    const shape = sdkShape(sdk.CreateModelCustomizationJobRequest$);
    expect(shape).toMatchObject({
      jobName: 'leaf',
      'clientRequestToken?': 'leaf',
      'jobTags?': [{ key: 'leaf', value: 'leaf' }],
      'customizationConfig?': { 'rftConfig?': { 'hyperParameters?': { 'evalInterval?': 'leaf' } } },
    });
  });

  it('knows the values of the SDK’s enums', () => {
    expect([...JOB_STATUSES].sort()).toEqual(Object.values(sdk.ModelCustomizationJobStatus).sort());
    expect([...JOB_STATUSES].sort()).toEqual(Object.values(sdk.FineTuningJobStatus).sort());
    expect([...model.CUSTOMIZATION_TYPES].sort()).toEqual(Object.values(sdk.CustomizationType).sort());
  });
});
