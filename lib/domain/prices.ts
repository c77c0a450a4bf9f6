import { modelIdOf } from './run.ts';

/** What a price of model units can depend on: a commitment of Bedrock's, or `none`. */
export const COMMITMENTS = ['none', 'OneMonth', 'SixMonths'] as const;

/** One price in US dollars. */
export interface Price {
  /** A base model's id such as `amazon.nova-lite-v1:0`, which stands for longer ids such as `…:0:300k` too; `*`: any. */
  readonly model: string;
  /** `*`: any. */
  readonly region: string;
  readonly usd: number;
  /** Where the price comes from, for a reader: a page or a file. */
  readonly source: string;
  /** The day on which it was the price. */
  readonly date: string;
}

/** Of a model unit for an hour. */
export interface UnitPrice extends Price {
  readonly commitment: (typeof COMMITMENTS)[number];
}

/** Prices that turn unit hours and months into dollars. What has no price has no dollars. */
export interface Prices {
  readonly model_unit_hour: readonly UnitPrice[];
  readonly stored_model_month: readonly Price[];
}

/** What AWS published; a price file replaces it. AWS publishes the prices of model units on a page without dates. */
export const DEFAULT_PRICES: Prices = {
  model_unit_hour: [],
  stored_model_month: [
    {
      model: '*',
      region: '*',
      usd: 1.95,
      source:
        'https://aws.amazon.com/blogs/machine-learning/cost-efficient-custom-text-to-sql-using-amazon-nova-micro-and-amazon-bedrock-on-demand-inference',
      date: '2026-04-16',
    },
  ],
};

interface Priced {
  readonly model_arn: string;
  readonly base_model_arn?: string;
  readonly region?: string;
}

/** The id of the foundation model that a model comes from, if its ARNs tell. */
const baseModelIdOf = ({ model_arn: arn, base_model_arn: base }: Priced): string =>
  [base, arn].map((one) => modelIdOf(one)?.split('/')[0]).find((id) => id !== undefined && id !== 'imported') ?? '';

/** Any named model beats `*`, a longer name a shorter one, and the model counts before the Region. */
const precision = ({ model, region }: Price): number =>
  (model === '*' ? 0 : 2 * model.length) + (region === '*' ? 0 : 1);

/** The most precise of the prices that hold for a model. */
export const priceFor = <P extends Price>(prices: readonly P[], priced: Priced): P | undefined => {
  const id = `${baseModelIdOf(priced)}:`;
  return prices
    .filter(({ model }) => model === '*' || id.startsWith(`${model}:`))
    .filter(({ region }) => region === '*' || region === priced.region)
    .toSorted((a, b) => precision(b) - precision(a))[0];
};
