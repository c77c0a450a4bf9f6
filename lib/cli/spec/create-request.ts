import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/text.ts';
import { TrackerError } from '../../domain/errors.ts';
import { CreateRequest } from '../../service-model/model.ts';
import { check } from '../../service-model/validation.ts';
import { asTagList, demandsOf } from './demands.ts';
import { isMembers, readDocument, type SpecDocument } from './document.ts';
import { flagFor, overridden, type RequestFlags } from './flags.ts';
import { listed, type SpecProblem, worded } from './problems.ts';
import { fitted } from './schema.ts';

export interface Spec {
  /** What it is called in messages. */
  readonly name: string;
  readonly text: string;
}

export type CheckedRequest = CreateRequest & { readonly clientRequestToken: string };

const EMPTY: SpecDocument = { value: {}, problems: [], isWhole: true, lineOf: () => undefined };

const TAG_MEMBERS = ['jobTags', 'customModelTags'] as const;

/** Tags as the API's lists, and what their paths were in the spec. */
const withTagLists = (value: unknown): { readonly value: unknown; readonly renamed: ReadonlyMap<string, string> } => {
  if (!isMembers(value)) return { value, renamed: new Map() };
  const lists = TAG_MEMBERS.filter((member) => Object.hasOwn(value, member)).map((member) => ({
    member,
    ...asTagList(value[member], member),
  }));
  return {
    value: { ...value, ...Object.fromEntries(lists.map((list) => [list.member, list.value])) },
    renamed: new Map(lists.flatMap(({ renamed }) => [...renamed])),
  };
};

/** `jobTags[1].key` as the spec has it where its tags are a map: `jobTags.Team`. */
const unrenamed = (path: string, renamed: ReadonlyMap<string, string>): string => {
  const item = /^\w+\[\d+\]/.exec(path)?.[0] ?? '';
  const before = renamed.get(item);
  return before === undefined ? path : before;
};

/** The flag that gave what a path leads to. */
const flagAt = (path: string, value: unknown, flags: ReadonlyMap<string, string>): string | undefined => {
  const [, member = '', position = ''] = /^(\w+)\[(\d+)\]/.exec(path) ?? [];
  const list = isMembers(value) ? value[member] : undefined;
  const tag: unknown = Array.isArray(list) ? list[Number(position)] : undefined;
  const key = isMembers(tag) && typeof tag['key'] === 'string' ? `${member}.${tag['key']}` : undefined;
  for (const [given, flag] of flags)
    if (path === given || given === key || path.startsWith(`${given}.`) || path.startsWith(`${given}[`)) return flag;
  return undefined;
};

const missing = (path: string): string => {
  const flag = flagFor(path) ?? flagFor(`${path}.s3Uri`);
  return `is missing${flag === undefined ? '' : ` (or give ${flag})`}`;
};

/** Parts that the further demands look into. */
const LOOKED_INTO = /^(?:trainingDataConfig|customizationConfig|jobTags|customModelTags)/;
const WRONG_KIND = /^Member must be /;
/** A tag that is null: nothing is there to be looked into. */
const ITEM = /\.member$/;

/** The request as the model has it, or its problems and those of what is demanded besides. */
const checked = (value: unknown, meant: ReadonlySet<string>) => {
  const { request, problems = [] } = check(CreateRequest, value);
  const ofModel = worded(problems, value)
    // It is there, under a name that is told already.
    .filter(({ path, isMissing }) => !isMissing || !meant.has(path))
    .map(({ path, text, isMissing }) => ({ where: path, text: isMissing ? missing(path) : text }));
  const isSound = !problems.some(
    ({ path, constraint }) => LOOKED_INTO.test(path) && (WRONG_KIND.test(constraint) || ITEM.test(path)),
  );
  const demands = isSound && isMembers(value) ? demandsOf(value) : [];
  return { request, problems: [...ofModel, ...demands] };
};

/**
 * The token of a request that a person gave none: the same for the same content, so that a command that runs twice asks
 * for one job. The order of tags is no content.
 */
const tokenOf = (request: CreateRequest): string => {
  const byKey = (tags: CreateRequest['jobTags']) => tags?.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const { jobTags, customModelTags, ...rest } = request;
  const content = canonicalJson({ ...rest, jobTags: byKey(jobTags), customModelTags: byKey(customModelTags) });
  return `bedrock-jobs-${createHash('sha256').update(content).digest('hex')}`;
};

/**
 * The request of a spec and flags, checked completely: what the flags say counts before what the spec says.
 *
 * @throws TrackerError BAD_SPEC that lists every problem with its line
 */
export const createRequestOf = (spec: Spec | undefined, flags: RequestFlags): CheckedRequest => {
  const document = spec === undefined ? EMPTY : readDocument(spec.text);
  const lists = withTagLists(document.value ?? {});
  const given = overridden(lists.value, flags);
  const { value, problems: ofNames, meant } = fitted(CreateRequest, given.value);
  const { request, problems: ofRequest } = checked(value, meant);
  const placed = (problem: SpecProblem): SpecProblem => {
    const flag = flagAt(problem.where, value, given.flags);
    if (flag !== undefined) return { ...problem, where: flag };
    const where = unrenamed(problem.where, lists.renamed);
    const line = document.lineOf(where);
    return { where, text: problem.text, ...(line !== undefined && { line }) };
  };
  const problems = [
    ...document.problems,
    // What could be read in part only would be found to miss the rest.
    ...(document.isWhole ? [...ofNames, ...ofRequest].map(placed) : []),
    ...given.problems,
  ];
  if (request === undefined || problems.length > 0)
    throw new TrackerError('BAD_SPEC', listed(problems, spec?.name ?? 'The request'));
  return { ...request, clientRequestToken: request.clientRequestToken ?? tokenOf(request) };
};
