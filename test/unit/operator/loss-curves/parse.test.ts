import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseCurveFile } from '../../../../lib/operator/loss-curves/parse.ts';
import { hasCode } from '../../../../lib/domain/errors.ts';

const FILE = 's3://acme-output/model-customization-job-q7w2e9r4t1y6/training_artifacts/step_wise_training_metrics.csv';
const HEADER = 'step_number,epoch_number,training_loss,perplexity';

async function* inPieces(text: string | Uint8Array, size: number): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
  }
}
const curvesOf = (text: string | Uint8Array, kind: 'training' | 'validation' = 'training') =>
  parseCurveFile(inPieces(text, 7), kind, FILE);
const parsed = async (text: string | Uint8Array, kind: 'training' | 'validation' = 'training') =>
  (await curvesOf(text, kind))[kind] ?? [];
const fixture = (name: string) => readFileSync(join(import.meta.dirname, `../../../fixtures/csv/${name}.csv`));

describe('a file as Bedrock writes it', () => {
  it('gives a point for each line', async () => {
    expect(await parsed(`${HEADER}\n0,0,2.5,12.18\n1,0,1.25e0,3.49\n`)).toEqual([
      { step: 0, epoch: 0, loss: 2.5, perplexity: 12.18 },
      { step: 1, epoch: 0, loss: 1.25, perplexity: 3.49 },
    ]);
  });

  it.each([
    ['validation_loss and perplexity', 'step_number,epoch_number,validation_loss,perplexity'],
    ['validation_perplexity', 'step_number,epoch_number,validation_loss,validation_perplexity'],
  ])('gives the validation by %s', async (_, header) => {
    expect(await parsed(`${header}\n9,1,0.5,1.65\n`, 'validation')).toEqual([
      { step: 9, epoch: 1, loss: 0.5, perplexity: 1.65 },
    ]);
  });

  it.each(['training', 'validation'] as const)('gives the %s of a Nova model, without perplexity', async (kind) => {
    const text = `step_number,epoch_number,${kind}_loss\n12,0,0.2287\n36,2,0.0946192780887446\n`;
    expect(await parsed(text, kind)).toEqual([
      { step: 12, epoch: 0, loss: 0.2287 },
      { step: 36, epoch: 2, loss: 0.0946192780887446 },
    ]);
  });

  const POINT = { step: 3, epoch: 1, loss: 0.5, perplexity: 1.65 };
  it.each([
    ['a byte order mark', `\uFEFF${HEADER}\n3,1,0.5,1.65\n`],
    ['a byte order mark before a quote', '\uFEFF"step_number",epoch_number,training_loss,perplexity\n3,1,0.5,1.65\n'],
    ['CRLF', `${HEADER}\r\n3,1,0.5,1.65\r\n`],
    ['no last line break', `${HEADER}\n3,1,0.5,1.65`],
    ['blank lines', `${HEADER}\n\n   \n3,1,0.5,1.65\n,,,\n\n`],
    ['another order of columns', 'perplexity,training_loss,step_number,epoch_number\n1.65,0.5,3,1\n'],
    ['columns that are not known', 'a,step_number,epoch_number,__proto__,training_loss,perplexity\n,3,1,x,0.5,1.65\n'],
    ['the column of the other curve', `validation_loss,${HEADER}\n7,3,1,0.5,1.65\n`],
    ['a column that comes twice', `${HEADER},training_loss\n3,1,0.5,1.65,9\n`],
    ['quoted names and values', `"step_number","epoch_number",training_loss,perplexity\n"3","1","0.5","1.65"\n`],
    ['spaces and capitals', ` Step_Number , EPOCH_NUMBER, training_loss ,perplexity\n 3 , 1 , 0.5 , 1.65 \n`],
    ['numbers in other spellings', `${HEADER}\n+3,1.0,.5,165E-2\n`],
  ])('takes %s', async (_, text) => {
    expect(await parsed(text)).toEqual([POINT]);
  });

  it.each(['NaN', 'nan', '-NaN', 'Infinity', '-Infinity', 'inf', '', 'null', 'None', '1e999'])(
    'leaves out a loss of "%s"',
    async (loss) => {
      expect(await parsed(`${HEADER}\n3,1,${loss},1.65\n`)).toEqual([{ step: 3, epoch: 1, perplexity: 1.65 }]);
    },
  );

  it('needs neither epochs nor perplexity', async () => {
    expect(await parsed('training_loss,step_number\n0.5,3\n')).toEqual([{ step: 3, loss: 0.5 }]);
  });

  it.each([
    ['nothing', ''],
    ['a byte order mark alone', '\uFEFF'],
    ['the header alone', `${HEADER}\n`],
  ])('is empty where there is %s', async (_, text) => {
    expect(await parsed(text)).toEqual([]);
  });

  it('keeps the order of lines, and lines that repeat a step', async () => {
    const points = await parsed(`${HEADER}\n5,1,1,1\n2,0,2,2\n5,1,3,3\n`);
    expect(points.map(({ step, loss }) => [step, loss])).toEqual([
      [5, 1],
      [2, 2],
      [5, 3],
    ]);
  });
});

describe('a file as people have seen it', () => {
  it('of a Nova training has steps from 1, epochs from 0 and no perplexity', async () => {
    const points = await parsed(fixture('nova-training'));
    expect(points.map(({ step }) => step)).toEqual(Array.from({ length: 36 }, (_, index) => index + 1));
    expect([points[0], points.at(-1)]).toEqual([
      { step: 1, epoch: 0, loss: 3.7800000000000002 },
      { step: 36, epoch: 2, loss: 0.0946192780887446 },
    ]);
  });

  it('of a Nova validation has a line for each epoch', async () => {
    expect(await parsed(fixture('nova-validation'), 'validation')).toEqual([
      { step: 12, epoch: 0, loss: 0.2287 },
      { step: 24, epoch: 1, loss: 0.0791 },
      { step: 36, epoch: 2, loss: 0.0704 },
    ]);
  });

  it('has no curve where it has only a header', async () => {
    expect(await curvesOf(fixture('training-header-only'))).toEqual({});
  });

  it('is refused without steps', async () => {
    await expect(curvesOf(fixture('validation-unreadable'), 'validation')).rejects.toThrow(
      /line 1 has no column step_number, but "epoch_number,validation_loss"/,
    );
  });
});

describe('a file of reinforcement fine-tuning', () => {
  const COLUMNS = 'critic/rewards/mean,critic/rewards/max,critic/rewards/min,val-score/rewards/mean@1';

  it('gives the rewards of each step, and those of the validation where it was measured', async () => {
    const text = `step_number,epoch_number,actor/pg_loss,${COLUMNS}\n1,0,-0.1,0.25,1,0,\n2,0,0.2,nan,1,-0.5,0.4\n`;
    expect(await curvesOf(text)).toEqual({
      reward: [
        { step: 1, epoch: 0, reward: 0.25, reward_max: 1, reward_min: 0 },
        { step: 2, epoch: 0, reward_max: 1, reward_min: -0.5 },
      ],
      validation_reward: [{ step: 2, epoch: 0, reward: 0.4 }],
    });
  });

  it('gives the loss beside the rewards', async () => {
    expect(await curvesOf('step_number,training_loss,critic/rewards/mean\n1,0.5,0.25\n')).toEqual({
      training: [{ step: 1, loss: 0.5 }],
      reward: [{ step: 1, reward: 0.25 }],
    });
  });

  it.each([
    ['training', 'training/global_step,critic/rewards/mean', 'reward'],
    ['training', 'step_number,reward_score', 'reward'],
    ['validation', 'step_number,critic/rewards/mean', 'validation_reward'],
    ['validation', 'step_number,validation_reward', 'validation_reward'],
  ] as const)('takes the %s columns %s', async (kind, header, curve) => {
    expect(await curvesOf(`${header}\n3,0.5\n`, kind)).toEqual({ [curve]: [{ step: 3, reward: 0.5 }] });
  });

  it('is refused where a reward is not a number', async () => {
    await expect(curvesOf('step_number,critic/rewards/mean\n1,good\n')).rejects.toThrow(
      /line 2 has "good" where its reward should be/,
    );
  });
});

describe('a file that is none', () => {
  it.each([
    ['text in place of a loss', `${HEADER}\n0,0,1,1\n1,0,low,1\n`, /line 3 has "low" where its loss should be/],
    ['hexadecimal numbers', `${HEADER}\n0x10,0,1,1\n`, /line 2 has "0x10" where its step should be/],
    ['markup', `${HEADER}\n0,0,<img src=x>,1\n`, /line 2 has "<img src=x>" where its loss should be/],
    ['a formula', `${HEADER}\n0,0,=1+1,1\n`, /line 2 has "=1\+1" where its loss should be/],
    ['a decimal comma', `${HEADER}\n0,0,"1,5",1\n`, /line 2 has "1,5" where its loss should be/],
    ['a line without its step', `${HEADER}\n,0,1,1\n`, /line 2 has "" where its step should be/],
    ['a negative step', `${HEADER}\n-1,0,1,1\n`, /line 2 has "-1" where its step should be/],
    ['a step that is no number', `${HEADER}\nNaN,0,1,1\n`, /line 2 has "NaN" where its step should be/],
    ['a line that breaks off', `${HEADER}\n0,0,1,1\n1,0,\n`, /line 3: .*columns length/i],
    ['a line that is too long', `${HEADER}\n0,0,1,1,1\n`, /line 2: .*columns length/i],
    ['a quote that does not end', `${HEADER}\n0,0,"1,1\n`, /line [23]: .*quote/i],
    ['a quote in the middle', `${HEADER}\n0,0,1"2",1\n`, /line 2: .*quote/i],
    ['an endless line', `${HEADER}\n${'1'.repeat(200_000)}`, /line 2: .*record size/i],
    [
      'another header',
      '<!doctype html>\n<p>Sign in</p>\n',
      /line 1 has no column step_number and no column training_loss, but "<!doc/,
    ],
    ['the header of the other curve', 'step_number,validation_loss\n1,2\n', /line 1 has no column training_loss/],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0, 1, 2, 0x0a]), /line 1 has no column step_number/],
  ])('%s: says in which file and line', async (_, text, message) => {
    const error: unknown = await parsed(text).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'BAD_LOSS_CURVE')).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(FILE);
    expect((error as Error).message.length).toBeLessThan(600);
  });

  it('passes on what breaks the stream off, and lets go of it', async () => {
    let isClosed = false;
    async function* breakingOff() {
      try {
        yield Buffer.from(`${HEADER}\n0,0,1,1\n`);
        await Promise.resolve();
        throw new Error('connection reset');
      } finally {
        isClosed = true;
      }
    }
    await expect(parseCurveFile(breakingOff(), 'training', FILE)).rejects.toThrow('connection reset');
    expect(isClosed).toBe(true);
  });

  it('stops reading at the first mistake', async () => {
    let lines = 0;
    async function* endless() {
      yield Buffer.from(`${HEADER}\nx,0,1,1\n`);
      for (; lines < 1e6; lines += 1) {
        await Promise.resolve();
        yield Buffer.from('0,0,1,1\n');
      }
    }
    await expect(parseCurveFile(endless(), 'training', FILE)).rejects.toThrow(/line 2/);
    expect(lines).toBeLessThan(100_000);
  });
});
