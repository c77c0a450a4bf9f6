import * as v from 'valibot';
import { TrackerError } from '../domain/errors.ts';
import { COMMITMENTS, DEFAULT_PRICES, type Prices } from '../domain/prices.ts';
import { beginsWithDay } from '../domain/time.ts';
import { readDocument, readSpecText } from './spec/document.ts';
import { formatProblems, nearest, type SpecProblem } from './spec/problems.ts';
import { plain } from './spec/schema.ts';

const text = v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty'));
const price = {
  model: text,
  region: v.optional(text, '*'),
  usd: v.pipe(v.number('must be a number'), v.finite('must be finite'), v.minValue(0, 'must be at least 0')),
};
const commitment = v.picklist(COMMITMENTS, `must be one of ${COMMITMENTS.join(', ')}`);
const list = 'must be a list of prices';
const file = v.strictObject({
  date: v.pipe(
    text,
    v.check((day) => day.length === 10 && beginsWithDay(day), 'must be a day such as 2026-11-01'),
  ),
  source: v.optional(text),
  model_unit_hour: v.optional(v.array(v.strictObject({ ...price, commitment: v.optional(commitment, 'none') }), list)),
  stored_model_month: v.optional(v.array(v.strictObject(price), list)),
});
const KEYS = [...Object.keys(file.entries), ...Object.keys(price), 'commitment'];

const problemOf = (issue: v.BaseIssue<unknown>, lineOf: (path: string) => number | undefined): SpecProblem => {
  const where = (v.getDotPath(issue) ?? '').replaceAll(/\.(\d+)/g, '[$1]');
  const line = lineOf(where);
  const meant = nearest(where.split('.').at(-1) ?? '', KEYS);
  const unknown = `is not a key of prices${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
  const wrong = issue.expected === 'never' ? unknown : issue.input === undefined ? 'is missing' : issue.message;
  return { where, text: wrong.startsWith('Invalid') ? 'must be a map' : wrong, ...(line !== undefined && { line }) };
};

/**
 * The prices of a JSON or YAML file, or of standard input for `-` (docs/models.md). A list in it replaces the default one.
 *
 * @throws TrackerError BAD_SPEC with every problem and its line
 */
export const readPrices = async (path: string, input: { readonly stdin: AsyncIterable<unknown> }): Promise<Prices> => {
  const name = path === '-' ? 'Standard input' : path;
  const { value, problems, isWhole, lineOf } = readDocument(await readSpecText(path, input));
  const result = v.safeParse(file, plain(value));
  const issues = isWhole ? (result.issues ?? []) : [];
  const found = [...problems, ...issues.map((issue) => problemOf(issue, lineOf))];
  if (!result.success || found.length > 0)
    throw new TrackerError('BAD_SPEC', formatProblems(found, name, 'and no price was read'));
  const { date, source = name, ...lists } = result.output;
  const dated = <P extends object>(prices: readonly P[]) => prices.map((one) => ({ ...one, source, date }));
  return {
    model_unit_hour: dated(lists.model_unit_hour ?? []),
    stored_model_month: lists.stored_model_month ? dated(lists.stored_model_month) : DEFAULT_PRICES.stored_model_month,
  };
};
