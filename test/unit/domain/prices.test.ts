import { describe, expect, it } from '@jest/globals';
import { DEFAULT_PRICES, priceFor, type Price } from '../../../lib/domain/prices.ts';

const price = (model: string, region: string, usd: number): Price => ({ model, region, usd, source: '', date: '' });
const PRICES = [
  price('*', '*', 1),
  price('*', 'us-east-1', 2),
  price('amazon.nova-lite-v1:0', '*', 3),
  price('amazon.nova-lite-v1:0', 'us-east-1', 4),
  price('amazon.nova-lite-v1:0:24k', '*', 5),
];
const model = (arn: string, region: string, base?: string) => ({
  model_arn: `arn:aws:bedrock:${region}:123456789012:custom-model/${arn}`,
  region,
  ...(base !== undefined && { base_model_arn: base }),
});

describe('priceFor', () => {
  it.each([
    ['the exact model and Region', model('amazon.nova-lite-v1:0/abcdefghijkl', 'us-east-1'), 4],
    ['the model of any Region', model('amazon.nova-lite-v1:0/abcdefghijkl', 'eu-west-1'), 3],
    ['the longest id', model('amazon.nova-lite-v1:0:24k/abcdefghijkl', 'us-east-1'), 5],
    ['the id that a longer one begins with', model('amazon.nova-lite-v1:0:300k/abcdefghijkl', 'us-east-1'), 4],
    ['not an id that only looks similar', model('amazon.nova-lite-v1:00/abcdefghijkl', 'us-east-1'), 2],
    ['any model', model('meta.llama3-1-8b-instruct-v1:0/abcdefghijkl', 'eu-west-1'), 1],
    [
      'the base model rather than the id in the ARN',
      model('imported/abcdefghijkl', 'eu-west-1', 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0'),
      3,
    ],
    [
      'the base of a custom base model',
      model(
        'imported/abcdefghijkl',
        'eu-west-1',
        'arn:aws:bedrock:eu-west-1:123456789012:custom-model/amazon.nova-lite-v1:0/abcdefghijkl',
      ),
      3,
    ],
    ['any model for an imported one', model('imported/abcdefghijkl', 'eu-west-1'), 1],
  ])('takes %s', (_, priced, usd) => {
    expect(priceFor(PRICES, priced)?.usd).toBe(usd);
  });

  it('has no price for a model that is not listed', () => {
    expect(priceFor(PRICES.slice(2), model('imported/abcdefghijkl', 'us-east-1'))).toBeUndefined();
  });
});

it('has default prices with a page and a day alone', () => {
  for (const { source, date } of [...DEFAULT_PRICES.model_unit_hour, ...DEFAULT_PRICES.stored_model_month]) {
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  }
});
