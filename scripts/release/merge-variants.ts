import { isDeepStrictEqual } from 'node:util';
import { chooseVariant } from './choose-variant.ts';
import {
  functionOf,
  ifOf,
  isObject,
  itemsOfText,
  NO_VALUE,
  textOf,
  type Json,
  type JsonObject,
  type Template,
} from './json.ts';

/** Whether a resource or output exists, as a tree of conditions. */
type Presence = boolean | { readonly if: string; readonly then: Presence; readonly else: Presence };

interface Entry {
  readonly present: Presence;
  readonly body: JsonObject;
}
type Entries = Readonly<Record<string, Entry>>;
/** A merged template, whose conditions have no names yet. */
interface Draft {
  readonly Resources: Entries;
  readonly Outputs: Entries;
  /** Everything else, which is the same in all variants. */
  readonly others: JsonObject;
}

/**
 * One template in place of many: by its conditions it is the variant that they choose.
 *
 * @param choices the names of the conditions of each choice. The first one that holds chooses the option of its position;
 *   where none holds, the choice has one option more. The caller defines these conditions: of each choice at most one may hold.
 * @param variantOf the template of a combination of options
 * @throws where variants differ in what CloudFormation lets no condition decide, such as the type of a resource
 */
export function mergeVariants(
  choices: readonly (readonly string[])[],
  variantOf: (options: readonly number[]) => Template,
): Template {
  const variants: (readonly [options: readonly number[], variant: Template])[] = [];
  const draftOf = (options: readonly number[]): Draft => {
    const conditions = choices[options.length];
    if (conditions === undefined) {
      const variant = variantOf(options);
      variants.push([options, variant]);
      return draftFrom(variant);
    }
    return conditions.reduceRight(
      (otherwise, condition, option) => mergeDrafts(condition, draftOf([...options, option]), otherwise),
      draftOf([...options, conditions.length]),
    );
  };
  const merged = nameConditions(draftOf([]));
  for (const [options, variant] of variants) {
    mustBe(variant, merged, new Set(options.flatMap((option, choice) => choices[choice]?.[option] ?? [])));
  }
  return merged;
}

/** What is merged step by step is compared as a whole, since nobody deploys all of the combinations. */
function mustBe(variant: Template, merged: Template, held: ReadonlySet<string>): void {
  const [chosen, wanted] = [chooseVariant(merged, held), chooseVariant(variant, held)];
  for (const section of ['Resources', 'Outputs'] as const) {
    for (const id of keysOf(chosen[section], wanted[section])) {
      if (isDeepStrictEqual(chosen[section][id], wanted[section][id])) continue;
      const where = [...held].join(', ') || 'no condition';
      throw new Error(`${id} cannot be merged: it would not be the one of its variant where ${where} holds.`);
    }
  }
}

const draftFrom = ({ Resources, Outputs, ...others }: Template): Draft => {
  const entries = (bodies: Template['Resources']): Entries =>
    Object.fromEntries(
      Object.entries(bodies).map(([id, { Condition: condition, ...body }]) => {
        const present = condition === undefined || { if: condition as string, then: true, else: false };
        return [id, { present, body }];
      }),
    );
  return { Resources: entries(Resources), Outputs: entries(Outputs), others };
};

function mergeDrafts(condition: string, holds: Draft, otherwise: Draft): Draft {
  mustEqual('The template', holds.others, otherwise.others);
  const merged = (section: 'Resources' | 'Outputs', decidable: string): Entries =>
    Object.fromEntries(
      keysOf(holds[section], otherwise[section]).map((id) => [
        id,
        mergeEntries(id, condition, decidable, holds[section][id], otherwise[section][id]),
      ]),
    );
  return { Resources: merged('Resources', 'Properties'), Outputs: merged('Outputs', 'Value'), others: holds.others };
}

/** The keys of both, those of the longer one in their order. */
const keysOf = (one: object, other: object): string[] => {
  const [long, short] = [Object.keys(one), Object.keys(other)].sort((a, b) => b.length - a.length) as [
    string[],
    string[],
  ];
  return [...new Set([...long, ...short])];
};

function mergeEntries(
  id: string,
  condition: string,
  decidable: string,
  holds: Entry | undefined,
  otherwise: Entry | undefined,
): Entry {
  const [then, other] = [holds?.present ?? false, otherwise?.present ?? false];
  const present = isDeepStrictEqual(then, other) ? then : { if: condition, then, else: other };
  if (holds === undefined || otherwise === undefined) return { present, body: (holds ?? otherwise)?.body ?? {} };
  const { [decidable]: one, DependsOn: needs, ...rest } = holds.body;
  const { [decidable]: another, DependsOn: needsToo, ...restToo } = otherwise.body;
  mustEqual(id, rest, restToo);
  const dependencies = [...new Set([needs ?? [], needsToo ?? []].flat())];
  const merged = mergeValues(condition, one, another);
  return {
    present,
    body: {
      ...rest,
      ...(merged !== undefined && { [decidable]: merged }),
      // CloudFormation ignores dependencies on what does not exist.
      ...(dependencies.length > 0 && { DependsOn: dependencies }),
    },
  };
}

function mustEqual(what: string, one: JsonObject, other: JsonObject): void {
  const key = keysOf(one, other).find((each) => !isDeepStrictEqual(one[each], other[each]));
  if (key === undefined) return;
  throw new Error(`${what} differs in ${key}, which no condition of CloudFormation can decide.`);
}

const when = (condition: string, then: Json, otherwise: Json): Json => ({ 'Fn::If': [condition, then, otherwise] });

function mergeValues(condition: string, one: Json | undefined, other: Json | undefined): Json | undefined {
  if (isDeepStrictEqual(one, other)) return one;
  if (one === undefined || other === undefined) return when(condition, one ?? NO_VALUE, other ?? NO_VALUE);
  const merged =
    mergeSameCondition(condition, one, other) ??
    mergeTexts(condition, one, other) ??
    mergeLists(condition, one, other) ??
    mergeObjects(condition, one, other);
  return merged ?? when(condition, one, other);
}

/** Two values that depend on the same condition already: what each of them becomes depends on the new one. */
function mergeSameCondition(condition: string, one: Json, other: Json): Json | undefined {
  const [a, b] = [ifOf(one), ifOf(other)];
  if (a === undefined || b?.[0] !== a[0]) return undefined;
  return when(a[0], mergeValues(condition, a[1], b[1]) ?? NO_VALUE, mergeValues(condition, a[2], b[2]) ?? NO_VALUE);
}

function mergeObjects(condition: string, one: Json, other: Json): Json | undefined {
  if (!isObject(one) || !isObject(other) || functionOf(one) !== undefined || functionOf(other) !== undefined) {
    return undefined;
  }
  return Object.fromEntries(
    keysOf(one, other).map((key) => [key, mergeValues(condition, one[key], other[key]) ?? NO_VALUE]),
  );
}

/** CloudFormation leaves items without a value out, so what only one list has stands beside what both have. */
function mergeLists(condition: string, one: Json, other: Json): Json | undefined {
  if (!Array.isArray(one) || !Array.isArray(other)) return undefined;
  const { start, mine, yours, end } = split(one as readonly Json[], other as readonly Json[]);
  const middle =
    mine.length === yours.length
      ? mine.map((item, position) => mergeValues(condition, item, yours[position]) ?? NO_VALUE)
      : [
          ...mine.map((item) => when(condition, item, NO_VALUE)),
          ...yours.map((item) => when(condition, NO_VALUE, item)),
        ];
  return [...start, ...middle, ...end];
}

/** Texts that are put together of parts: only the parts that differ depend on the condition. */
function mergeTexts(condition: string, one: Json, other: Json): Json | undefined {
  const [mine, yours] = [partsOf(one), partsOf(other)];
  if (mine === undefined || yours === undefined) return undefined;
  const parts = split(mine, yours);
  const middle = when(condition, textOf(parts.mine), textOf(parts.yours));
  const [short, long] = [textOf([...parts.start, middle, ...parts.end]), when(condition, one, other)];
  return JSON.stringify(short).length < JSON.stringify(long).length ? short : long;
}

/** The words of a text, and its references; undefined for what is not a text. */
const partsOf = (value: Json): readonly Json[] | undefined => {
  const items = typeof value === 'string' ? [value] : itemsOfText(value);
  return items?.flatMap((item): readonly Json[] => (typeof item === 'string' ? item.split(/\b/) : [item]));
};

/** Two lists as what both begin with, what differs, and what both end with. */
const split = (one: readonly Json[], other: readonly Json[]) => {
  const most = Math.min(one.length, other.length);
  let same = 0;
  while (same < most && isDeepStrictEqual(one[same], other[same])) same += 1;
  let last = 0;
  while (last < most - same && isDeepStrictEqual(one.at(-1 - last), other.at(-1 - last))) last += 1;
  return {
    start: one.slice(0, same),
    mine: one.slice(same, one.length - last),
    yours: other.slice(same, other.length - last),
    end: one.slice(one.length - last),
  };
};

/** CloudFormation takes the name of one condition: what depends on several gets a condition of its own. */
function nameConditions({ Resources, Outputs, others }: Draft): Template {
  const conditions = new Map<string, Json>();
  const named = (entries: Entries): Record<string, JsonObject> =>
    Object.fromEntries(
      Object.entries(entries).map(([id, { present, body }]) => [
        id,
        { ...body, ...(present !== true && { Condition: nameOf(present, conditions) }) },
      ]),
    );
  const sections = { Resources: named(Resources), Outputs: named(Outputs) };
  const Conditions = { ...(others['Conditions'] as JsonObject | undefined), ...Object.fromEntries(conditions) };
  return { ...others, ...(Object.keys(Conditions).length > 0 && { Conditions }), ...sections };
}

function nameOf(present: Presence, conditions: Map<string, Json>): string {
  const [words, expression] = describe(present);
  if ('Condition' in expression) return words;
  let name = words;
  // Brackets are lost in a name.
  for (let more = 2; !isDeepStrictEqual(conditions.get(name) ?? expression, expression); more += 1) {
    name = `${words}${more}`;
  }
  conditions.set(name, expression);
  return name;
}

/** A presence in words and as an expression of CloudFormation. */
function describe(present: Presence): readonly [words: string, expression: JsonObject] {
  if (typeof present === 'boolean') throw new Error('What exists always or never depends on no condition.');
  const { if: condition, then, else: otherwise } = present;
  const holds = [condition, { Condition: condition }] as const;
  const fails = [`Not${condition}`, { 'Fn::Not': [{ Condition: condition }] }] as const;
  if (then === true && otherwise === false) return holds;
  if (then === false && otherwise === true) return fails;
  if (then === true) return combine('Or', holds, describe(otherwise));
  if (otherwise === true) return combine('Or', fails, describe(then));
  if (then === false) return combine('And', fails, describe(otherwise));
  if (otherwise === false) return combine('And', holds, describe(then));
  return combine('Or', combine('And', holds, describe(then)), combine('And', fails, describe(otherwise)));
}

const combine = (
  operator: 'And' | 'Or',
  [words, expression]: readonly [string, JsonObject],
  [moreWords, moreExpression]: readonly [string, JsonObject],
): readonly [string, JsonObject] => [
  words + operator + moreWords,
  { [`Fn::${operator}`]: [expression, moreExpression] },
];
