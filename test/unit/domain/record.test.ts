import { describe, expect, it } from '@jest/globals';
import { ACTIVE_STATUSES, isTerminal, JOB_STATUSES, RECORD_VERSION } from '../../../lib/domain/record.ts';
import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-bedrock';
import { canonicalJson } from '../../../lib/domain/text.ts';
import { normalize } from '../../../lib/domain/normalize.ts';
import { fixtureNames, jobAnswer, observation } from '../../support/fixtures.ts';
import { fieldsOfSchema } from '../../support/sdk-schema.ts';

const END = '2026-01-01T00:00:00.000Z';

describe('isTerminal', () => {
  it.each<[status: string | undefined, ended: boolean, final: boolean]>([
    ['Completed', false, true],
    ['Failed', false, true],
    ['Stopped', false, true],
    ['InProgress', false, false],
    ['Stopping', false, false],
    ['InProgress', true, false],
    ['Stopping', true, false],
    ['Paused', false, false],
    ['Paused', true, true],
    [undefined, false, false],
    [undefined, true, true],
  ])('as %s, with an end %s: %s', (status, ended, final) => {
    expect(isTerminal({ ...(status === undefined ? {} : { status }), ...(ended ? { end_time: END } : {}) })).toBe(
      final,
    );
  });

  it('is true for every known status that is not active', () => {
    const active: readonly string[] = ACTIVE_STATUSES;
    expect(JOB_STATUSES.filter((status) => !isTerminal({ status }))).toEqual(active);
  });
});

/**
 * What each version makes of the same answers, and which of their fields the SDK can read. Where records change, add a
 * line and raise RECORD_VERSION; where only a fixture changed, write the new digest in place of the last.
 */
const DIGESTS: Readonly<Record<number, string>> = { 1: '1ab5d3cb08a5cd2d' };

const digest = (): string => {
  const snapshots = fixtureNames('jobs').map((name) => normalize(jobAnswer(name), observation()));
  const fields = fieldsOfSchema(sdk.GetModelCustomizationJobResponse$).map(({ path }) => path);
  return createHash('sha256').update(canonicalJson({ snapshots, fields })).digest('hex').slice(0, 16);
};

describe('the version of records', () => {
  it('must be raised when the same answers give other records', () => {
    expect({ [RECORD_VERSION]: digest() }).toEqual({ [RECORD_VERSION]: DIGESTS[RECORD_VERSION] });
  });
});
