import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerVector,
  briefAnswer,
  readVectors,
  startVectorTable,
  vectorModels,
  vectorRecords,
} from '../../support/read-vectors.ts';
import { modelProblems, recordProblems } from '../../support/record-schema.ts';

// The Python reader answers the same questions in `npm run test:clients`.
describe('the answers that all readers agree on', () => {
  let table: Awaited<ReturnType<typeof startVectorTable>>;
  beforeAll(async () => {
    table = await startVectorTable();
  });
  afterAll(() => table.close());

  it.each(readVectors.vectors.map((vector) => [vector.name, vector] as const))('%s', async (_name, vector) => {
    expect(briefAnswer(await answerVector(table.client, vector))).toEqual(vector.expected);
    if (vector.call === 'waitForJob' && vector.update !== undefined) await table.load();
  });

  it('are about valid records', () => {
    expect(vectorRecords().flatMap(recordProblems)).toEqual([]);
    expect(vectorModels().flatMap(modelProblems)).toEqual([]);
  });

  it('come from every index that lists, and have every error of a reader', () => {
    const answers = readVectors.vectors.map(({ expected }) => expected);
    const named = (name: string) =>
      new Set(answers.map((answer) => answer[name]).filter((value) => value !== undefined));
    expect(named('index')).toEqual(
      new Set(['by-scope', 'active', 'by-status', 'by-base-model', 'by-job', 'serving', 'table']),
    );
    expect([...named('error')].sort()).toEqual([
      ...['AMBIGUOUS_JOB', 'AMBIGUOUS_MODEL', 'BAD_CONFIGURATION', 'BAD_CURSOR', 'BAD_REQUEST', 'JOB_NOT_FOUND'],
      ...['MODEL_NOT_FOUND', 'NOT_A_TRANSITION', 'SCAN_NEEDED', 'WAIT_TIMED_OUT'],
    ]);
  });
});
