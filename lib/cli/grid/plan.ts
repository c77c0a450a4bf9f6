/** A grid: one job for each combination of some hyperparameters' values. */
import { createHash } from 'node:crypto';
import { TrackerError } from '../../domain/errors.ts';
import { canonicalJson } from '../../domain/text.ts';
import { nameWith, SWEEP_TAG } from '../../operator/again.ts';
import { type CheckedRequest, createRequestOf, readRequest, type Spec } from '../../operator/spec/create-request.ts';
import { parsePairs, type RequestFlags, type Tag } from '../../operator/spec/flags.ts';
import { formatProblems, quote, type SpecProblem } from '../../operator/spec/problems.ts';

/** By default an account may keep as many custom models: https://docs.aws.amazon.com/general/latest/gr/bedrock.html */
const MAX_COMBINATIONS = 100;
const MAX_NAME = 63;

export interface Axis {
  readonly key: string;
  readonly values: readonly string[];
}

/** One combination, and the request for its job. */
export interface GridJob {
  readonly values: readonly Tag[];
  readonly request: CheckedRequest;
}

export interface Grid {
  /** The value of the tag that all its jobs have. */
  readonly sweep: string;
  readonly axes: readonly Axis[];
  readonly jobs: readonly GridJob[];
}

const FLAG = '--grid';

/** `1e-5` and `0.00001` are one value. */
const sameAs = (a: string) => (b: string) => a === b || (a !== '' && Number(a) === Number(b));

const valueProblems = ({ key, values }: Axis): SpecProblem[] =>
  values.flatMap((value, index) => {
    const where = `${FLAG} ${key}`;
    const first = values.findIndex(sameAs(value));
    if (value === '') return [{ where, text: 'has a value that is empty' }];
    return first < index
      ? [{ where, text: `gives ${quote(values[first] ?? '')} and ${quote(value)}, which are the same` }]
      : [];
  });

/**
 * Reads `learningRate=1e-5,1e-4`, one for each hyperparameter.
 *
 * @throws TrackerError BAD_SPEC with every mistake, or for more than 100 combinations
 */
export const readAxes = (texts: readonly string[], hyperParameters: readonly string[] = []): Axis[] => {
  const { pairs, problems } = parsePairs(texts, FLAG);
  const axes = pairs.map(({ key, value }) => ({ key, values: value.split(',').map((each) => each.trim()) }));
  const fixed = new Set(parsePairs(hyperParameters, '').pairs.map(({ key }) => key));
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  const isLarge = count > MAX_COMBINATIONS;
  const all = [
    ...problems,
    // Each value is compared with the others.
    ...(isLarge ? [] : axes.flatMap(valueProblems)),
    ...axes
      .filter(({ key }) => fixed.has(key))
      .map(({ key }) => ({ where: `${FLAG} ${key}`, text: 'is given by --hyper-parameter too' })),
    ...(isLarge
      ? [{ where: FLAG, text: `makes ${count} combinations, and may make ${MAX_COMBINATIONS}: give fewer values` }]
      : []),
  ];
  if (all.length > 0) throw new TrackerError('BAD_SPEC', formatProblems(all, 'The grid'));
  return axes;
};

const combine = (axes: readonly Axis[]): Tag[][] =>
  axes.reduce<Tag[][]>(
    (all, { key, values }) => all.flatMap((before) => values.map((value) => [...before, { key, value }])),
    [[]],
  );

/** `learningRate` as `lr`; of two that would be the same, the whole names. */
const shortNames = (axes: readonly Axis[]): ReadonlyMap<string, string> => {
  const initials = (key: string) =>
    (key.match(/^[a-z0-9]|[A-Z]|(?<=[^a-zA-Z0-9])[a-z]/g) ?? [key]).join('').toLowerCase();
  const all = axes.map(({ key }) => initials(key));
  return new Map(
    axes.map(({ key }) => [key, all.filter((each) => each === initials(key)).length > 1 ? key : initials(key)]),
  );
};

interface Names {
  readonly jobName: string;
  readonly customModelName: string;
}

/** What a model's name may hold: letters and digits with single - and _ between. */
const forModel = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]+|[-_]{2,}/g, '-').replace(/^-|-$/g, '');

/** A name by its values, or by their hash where that is too long: the same for the same values, whatever else is tried. */
const namesOf = (base: Names, values: readonly Tag[], short: ReadonlyMap<string, string>, isClear = true): Names => {
  const end = values
    .map(({ key, value }) => `${short.get(key) ?? key}${value}`)
    .join('-')
    .replaceAll(/[^a-zA-Z0-9.-]+/g, '-');
  const hash = createHash('sha256').update(canonicalJson(values)).digest('hex').slice(0, 8);
  const isShort = Math.max(base.jobName.length, base.customModelName.length) + end.length < MAX_NAME;
  const chosen = isClear && isShort ? end : hash;
  return { jobName: nameWith(base.jobName, chosen), customModelName: nameWith(base.customModelName, forModel(chosen)) };
};

/** Names that are all different: `0.1` and `0-1` are the same in the name of a model. */
const allNames = (base: Names, combinations: readonly (readonly Tag[])[], axes: readonly Axis[]): Names[] => {
  const short = shortNames(axes);
  const clear = combinations.map((values) => namesOf(base, values, short));
  const isUnique = (name: Names) =>
    clear.filter((other) => other.jobName === name.jobName || other.customModelName === name.customModelName).length ===
    1;
  return clear.map((names, index) =>
    isUnique(names) ? names : namesOf(base, combinations[index] ?? [], short, false),
  );
};

const textsOf = (given: unknown): string[] => [given ?? []].flat() as string[];

/** The request of one combination; a problem of a value names the flag that gave it. */
const requestOf = (spec: Spec | undefined, values: readonly Tag[], flags: RequestFlags): CheckedRequest => {
  const { request, problems } = readRequest(spec, flags);
  if (request !== undefined) return request;
  const flagOf = (where: string) =>
    values.some(({ key }) => where === `--hyper-parameter ${key}`) ? where.replace('--hyper-parameter', FLAG) : where;
  const named = problems.map(({ where, ...problem }) => ({ ...problem, where: flagOf(where) }));
  throw new TrackerError('BAD_SPEC', formatProblems(named, spec?.name ?? 'The request'));
};

/**
 * The jobs of a grid. Each is named after the spec's job and its values, and tagged with the sweep, which is called like
 * the spec's job unless the tag is given.
 *
 * @throws TrackerError BAD_SPEC for the first combination whose request is wrong
 */
export const planGrid = (spec: Spec | undefined, flags: RequestFlags, axes: readonly Axis[]): Grid => {
  const base = createRequestOf(spec, flags);
  const sweep = base.jobTags?.find(({ key }) => key === SWEEP_TAG)?.value ?? base.jobName;
  const combinations = combine(axes);
  const names = allNames(base, combinations, axes);
  const tags = textsOf(flags['tag']).filter((tag) => !tag.startsWith(`${SWEEP_TAG}=`));
  const jobs = combinations.map((values, index) => ({
    values,
    request: requestOf(spec, values, {
      ...flags,
      ...names[index],
      hyperParameter: [...textsOf(flags['hyperParameter']), ...values.map(({ key, value }) => `${key}=${value}`)],
      tag: [...tags, `${SWEEP_TAG}=${sweep}`],
    }),
  }));
  const [first, second] = jobs;
  if (second !== undefined && first?.request.clientRequestToken === second.request.clientRequestToken)
    throw new TrackerError(
      'BAD_SPEC',
      'A clientRequestToken stands for one job, and a grid makes several: leave it out of the spec.',
    );
  return { sweep, axes, jobs };
};
