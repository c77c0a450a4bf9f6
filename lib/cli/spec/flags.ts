import { shown, type SpecProblem } from './problem.ts';
import { REQUEST_FLAGS, type Kind, type RequestFlags } from './request-flags.ts';
import { mergedTags, type Tag } from './tags.ts';
import { isMembers, joined, Written } from './value.ts';

/** `key=value` as two; the value may hold more of `=`. Undefined where there is no key. */
export const parsePair = (text: string): Tag | undefined => {
  const at = text.indexOf('=');
  return at < 1 ? undefined : { key: text.slice(0, at), value: text.slice(at + 1) };
};

interface Pairs {
  readonly pairs: readonly Tag[];
  readonly problems: readonly SpecProblem[];
}

/** Pairs of `key=value`, and what is wrong with the others. */
export const parsePairs = (texts: readonly string[], where: string): Pairs => {
  const pairs: Tag[] = [];
  const problems: SpecProblem[] = [];
  for (const text of texts) {
    const pair = parsePair(text);
    if (pair === undefined) problems.push({ where, text: `must be key=value, got '${shown(text)}'` });
    else if (pair.key === '__proto__') problems.push({ where, text: `'${pair.key}' cannot be a name` });
    else if (pairs.some(({ key }) => key === pair.key))
      problems.push({ where, text: `gives '${shown(pair.key)}' twice` });
    else pairs.push(pair);
  }
  return { pairs, problems };
};

/** Puts a value at a path. What stands in its way and has no members stays, to be told. */
const put = (
  target: unknown,
  [name = '', ...rest]: readonly string[],
  change: (before: unknown) => unknown,
): unknown => {
  if (target !== undefined && target !== null && !isMembers(target)) return target;
  const members = target ?? {};
  const before = Object.hasOwn(members, name) ? members[name] : undefined;
  return { ...members, [name]: rest.length === 0 ? change(before) : put(before, rest, change) };
};

const wholeNumber = (text: string): unknown => (/^-?\d{1,12}$/.test(text) ? new Written(text, Number(text)) : text);

const changeBy = (kind: Kind, texts: readonly string[], pairs: readonly Tag[]) => (before: unknown) => {
  switch (kind) {
    case 'text':
      return texts[0];
    case 'number':
      return wholeNumber(texts[0] ?? '');
    case 'texts':
      return texts;
    case 'validators':
      return texts.map((s3Uri) => ({ s3Uri }));
    case 'tags':
      return mergedTags(before, pairs);
    case 'map':
      return before === undefined || before === null || isMembers(before)
        ? { ...before, ...Object.fromEntries(pairs.map(({ key, value }) => [key, value])) }
        : before;
    default:
      return kind satisfies never;
  }
};

export interface Overridden {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** By path of what flags gave: the flag. */
  readonly flags: ReadonlyMap<string, string>;
}

/** A request with what the flags say in place of what the spec says. */
export const overridden = (spec: unknown, given: RequestFlags): Overridden => {
  const problems: SpecProblem[] = [];
  const flags = new Map<string, string>();
  let value = spec;
  for (const { flag, name, path, kind } of REQUEST_FLAGS) {
    const texts = [given[name] ?? []].flat();
    if (texts.length === 0) continue;
    const isPairs = kind === 'map' || kind === 'tags';
    const { pairs, problems: ofPairs } = isPairs ? parsePairs(texts, flag) : { pairs: [], problems: [] };
    problems.push(...ofPairs);
    value = put(value, path.split('.'), changeBy(kind, texts, pairs));
    if (isPairs) for (const { key } of pairs) flags.set(joined(path, key), flag);
    else flags.set(path, flag);
  }
  return { value, problems, flags };
};
