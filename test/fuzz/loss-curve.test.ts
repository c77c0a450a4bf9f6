import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { type JobOutput, joinPoints, outputFolderOf } from '../../lib/operator/loss-curves/index.ts';
import { parseCurveFile } from '../../lib/operator/loss-curves/parse.ts';
import type { LossPoint } from '../../lib/domain/loss-curve.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileText, mutatedDocument, mutatedText, weighted } from './support/inputs.ts';

const FILES = [
  'step_number,epoch_number,training_loss,perplexity\n0,0,2.5,12.1\n1,0,2.25,9.4\n2,1,NaN,\n',
  '\ufeffepoch_number,"step_number",training_loss\r\n0,1,"1e-3"\r\n\r\n0,2,.5\r\n',
  'training_loss;step_number\n1;2\n',
  'step_number,critic/rewards/mean,val-score/rewards/mean@1\n1,0.5,\n2,nan,0.25\n',
];

const parseBytes = (...chunks: readonly Uint8Array[]): Promise<LossPoint[]> => {
  const bytes = async function* () {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  };
  return parseCurveFile(bytes(), 'training', 's3://bucket/file.csv').then((curves) => Object.values(curves).flat());
};
const parse = (text: string): Promise<LossPoint[]> => parseBytes(new TextEncoder().encode(text));

const row = fc.array(hostileText, { maxLength: 5 }).map((cells) => cells.join(','));
const rows = fc.array(row, { maxLength: 4 }).map((lines) => `step_number,training_loss,${lines.join('\n')}`);

describe('a file of a loss curve', () => {
  fuzz({
    parser: 'Loss curve (CSV)',
    inputs: weighted([5, mutatedText(FILES)], [1, rows], [1, hostileText]),
    parse,
    codes: ['BAD_LOSS_CURVE'],
    longest: 600,
    check: (points) => {
      for (const point of points) {
        expect(point.step).toBeGreaterThanOrEqual(0);
        expect(Object.values(point).every(Number.isFinite)).toBe(true);
      }
      expect(joinPoints([points, points])).toEqual(joinPoints([points]));
    },
  });

  fuzz({
    parser: 'Loss curve as bytes',
    inputs: fc
      .tuple(mutatedText(FILES), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 }), fc.nat(200))
      .map(([text, flips, at]) => {
        const bytes = new TextEncoder().encode(text);
        for (const [where, byte] of flips) bytes[where % (bytes.length + 1)] = byte;
        return [bytes.subarray(0, at), bytes.subarray(at)];
      }),
    parse: (chunks) => parseBytes(...chunks),
    codes: ['BAD_LOSS_CURVE'],
    longest: 600,
    check: (points) => expect(points.every(({ step }) => step >= 0)).toBe(true),
  });

  fuzz({
    parser: 'Output location of a job',
    inputs: mutatedDocument(
      [{ job_arn: 'arn', job_id: 'abcdefghijkl', output_data_config: { s3_uri: 's3://bucket/a/b/' } }],
      hostileText,
    ).map((job) => Object(job) as JobOutput),
    parse: (job) => outputFolderOf(job),
    codes: ['NO_LOSS_CURVE'],
    check: ({ bucket, prefix }) => {
      expect(bucket).toMatch(/^[^/]+$/);
      expect(prefix).toMatch(/model-customization-job-.*\/$/s);
    },
  });

  const header = 'step_number,training_loss\n';
  refuseHuge(
    'a file',
    {
      'one line of 10 MB': () => parse(header + '1'.repeat(10_000_000)),
      'a header of 8 MB, the most that is read of a job': () => parse('a,'.repeat(4_000_000)),
      'a quote that never ends': () => parse(`${header}"${'1\n'.repeat(5_000_000)}`),
      '10 MB of quotes': () => parse(header + '"'.repeat(10_000_000)),
      'a cell of 60 kB': () => parse(`${header}${'\u001b'.repeat(60_000)},1`),
    },
    { longest: 600 },
  );
});
