import { resolve } from 'node:path';
import * as sdk from '@aws-sdk/client-bedrock';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { catalogPath, leavesOf, valueAt, type Path } from '../../support/integration/truth.ts';
import { eventually } from '../../support/integration/suite.ts';
import { readScenarios } from '../../support/integration/recordings.ts';
import { expectedRecords, expectOutcome, replay, type Replay, type Seen } from '../../support/integration/replay.ts';
import { fieldsOfSchema } from '../../support/sdk-schema.ts';

/**
 * Answers that AWS gave once, served to the real SDK client of the built functions. RECORDINGS names their folder,
 * relative to the project; none of them is part of it.
 */
const FOLDER = process.env['RECORDINGS'];
// The SDK tries again for long where a recording ends in throttling or a server's error.
jest.setTimeout(180_000);

const KNOWN_FIELDS = new Set(fieldsOfSchema(sdk.GetModelCustomizationJobResponse$).map(({ path }) => path));
const RECORDED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** The SDK drops fields that its model lacks. */
const isKnown = ([field = '']: Path): boolean => KNOWN_FIELDS.has(field);

const expectLeaf = (record: unknown, path: Path, leaf: unknown): void => {
  const found = valueAt(record, catalogPath(path));
  if (typeof leaf === 'string' && RECORDED_TIME.test(leaf)) {
    // Records keep milliseconds.
    const apart = Math.abs(Date.parse(String(found)) - Date.parse(leaf));
    expect({ path, leaf, found, kept: apart <= 1 }).toMatchObject({ kept: true });
  } else if (typeof leaf === 'number') {
    expect({ path, found: String(found) }).toEqual({ path, found: String(leaf) });
  } else {
    // A field that is null is one that is absent.
    expect({ path, found: found ?? null }).toEqual({ path, found: leaf ?? null });
  }
};

const expectSeen = (record: unknown, { job, tags }: Seen): void => {
  for (const [path, leaf] of leavesOf(job)) if (isKnown(path)) expectLeaf(record, path, leaf);
  expect(record).toHaveProperty('tags', tags);
};

if (FOLDER === undefined || FOLDER === '') {
  describe('recorded answers', () => {
    it.skip('are not replayed: RECORDINGS does not name their folder', () => undefined);
  });
} else {
  const scenarios = readScenarios(resolve(process.cwd(), FOLDER));

  it('are found where RECORDINGS says', () => {
    console.log(`${scenarios.length} scenarios in ${FOLDER}: ${scenarios.map(({ name }) => name).join(', ')}`);
    expect(scenarios.length).toBeGreaterThan(0);
  });

  describe.each(scenarios)('recorded answers of $name', (scenario) => {
    let replayed: Replay;
    beforeAll(async () => {
      replayed = await replay(scenario);
    });
    afterAll(() => replayed.close());

    it('are all asked for: otherwise the tests below say less than they seem to', () => {
      for (const operation of ['GetModelCustomizationJob', 'ListModelCustomizationJobs'] as const) {
        expect({ operation, consumed: replayed.server.consumed(operation) }).toEqual({ operation, consumed: true });
      }
    });

    it('become records that hold every leaf under its catalog name, with the tags that were listed last', async () => {
      const expected = expectedRecords(replayed.steps);
      for (const [jobArn, seen] of expected) expectSeen(await replayed.tracker.record(jobArn), seen);
      expect((await replayed.tracker.records()).map(({ job_arn }) => job_arn).sort()).toEqual(
        [...expected.keys()].sort(),
      );
    });

    it('that are errors become dead letters and failed sweeps with a code, and nothing else does', async () => {
      for (const step of replayed.steps) await eventually(() => expectOutcome(step));
    });
  });
}
