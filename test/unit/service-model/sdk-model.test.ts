import { describe, expect, it } from '@jest/globals';
import * as sdk from '@aws-sdk/client-bedrock';
import type * as v from 'valibot';
import { CUSTOMIZATION_TYPES, JOB_STATUSES } from '../../../lib/domain/record.ts';
import { OPERATIONS } from '../../../lib/service-model/model.ts';
import { fieldsOfSchema } from '../../support/sdk-schema.ts';

type Schema = v.GenericSchema & {
  readonly entries?: v.ObjectEntries;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly pipe?: readonly Schema[];
};
/** The members of a structure, which stand somewhere in its pipe. */
const membersOf = ({ entries, pipe = [] }: Schema): v.ObjectEntries | undefined =>
  entries ?? pipe.map(membersOf).find((found) => found !== undefined);

/** Every member below a schema: `jobTags?.key`, a `?` after the optional ones. */
const membersBelow = (schema: Schema, path = ''): string[] => {
  const inner = schema.wrapped ?? schema;
  if (inner.item) return membersBelow(inner.item, path);
  return Object.entries(membersOf(inner) ?? {}).flatMap(([name, member]) => {
    const memberPath = `${path}${name}`;
    const mark = member.type === 'exact_optional' ? '?' : '';
    return [`${memberPath}${mark}`, ...membersBelow(member, `${memberPath}.`)];
  });
};

const sdkMembers = (schema: unknown): string[] =>
  fieldsOfSchema(schema).map(({ path, isRequired }) => `${path}${isRequired ? '' : '?'}`);

describe('the transcription of the service model', () => {
  it.each(Object.entries(OPERATIONS).filter(([name]) => name !== 'GetMetricData'))(
    'has every member that the SDK sends with %s, and the same required ones',
    (name, { request }) => {
      const theirs = (sdk as unknown as Readonly<Record<string, unknown>>)[`${name}Request$`];
      expect(membersBelow(request as unknown as Schema).sort()).toEqual(sdkMembers(theirs).sort());
    },
  );

  it('reads the members of the SDK (otherwise the comparison would prove nothing)', () => {
    expect(sdkMembers(sdk.CreateModelCustomizationJobRequest$)).toEqual(
      expect.arrayContaining([
        'jobName',
        'clientRequestToken?',
        'jobTags.key',
        'customizationConfig.rftConfig.hyperParameters.evalInterval?',
      ]),
    );
  });

  it('has the values of the SDK’s enums', () => {
    expect([...JOB_STATUSES].sort()).toEqual(Object.values(sdk.ModelCustomizationJobStatus).sort());
    expect([...JOB_STATUSES].sort()).toEqual(Object.values(sdk.FineTuningJobStatus).sort());
    expect([...CUSTOMIZATION_TYPES].sort()).toEqual(Object.values(sdk.CustomizationType).sort());
  });
});
