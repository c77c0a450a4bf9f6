import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/text.ts';
import { TrackerError } from '../../domain/errors.ts';
import { CreateRequest } from '../../service-model/model.ts';
import { check } from '../../service-model/validation.ts';
import { isObject, joinPath, readDocument, type SpecDocument } from './document.ts';
import { applyFlags, flagFor, type RequestFlags, withoutMembers } from './flags.ts';
import { explainProblems, formatProblems, type SpecProblem } from './problems.ts';
import { checkRules } from './rules.ts';
import { convertToSchema } from './schema.ts';

/** Where a request begins: the text of a spec, or a value as one describes it. */
export type Spec = {
  /** Its name in messages. */
  readonly name: string;
} & ({ readonly text: string } | { readonly value: unknown });

export type CheckedRequest = CreateRequest & { readonly clientRequestToken: string };

const documentOf = (spec: Spec | undefined): SpecDocument => {
  if (spec !== undefined && 'text' in spec) return readDocument(spec.text);
  return { value: spec?.value ?? {}, problems: [], isWhole: true, lineOf: () => undefined };
};

/** Turns maps of tags into the API's lists. `renamed` has the spec's path of each item. */
const withTagLists = (spec: unknown): { readonly value: unknown; readonly renamed: ReadonlyMap<string, string> } => {
  const renamed = new Map<string, string>();
  if (!isObject(spec)) return { value: spec, renamed };
  const value: Record<string, unknown> = { ...spec };
  for (const member of ['jobTags', 'customModelTags']) {
    const tags = value[member];
    // The schema refuses anything else.
    if (!isObject(tags)) continue;
    value[member] = Object.entries(tags).map(([key, text], index) => {
      renamed.set(`${member}[${index}]`, joinPath(member, key));
      return { key, value: text };
    });
  }
  return { value, renamed };
};

/** The flag that gave the value at a path. */
const flagAt = (path: string, value: unknown, flags: ReadonlyMap<string, string>): string | undefined => {
  const [, member = '', position = ''] = /^(\w+)\[(\d+)\]/.exec(path) ?? [];
  const list = isObject(value) ? value[member] : undefined;
  const tag: unknown = Array.isArray(list) ? list[Number(position)] : undefined;
  const key = isObject(tag) && typeof tag['key'] === 'string' ? `${member}.${tag['key']}` : undefined;
  for (const [given, flag] of flags)
    if (path === given || given === key || path.startsWith(`${given}.`) || path.startsWith(`${given}[`)) return flag;
  return undefined;
};

const missing = (path: string): string => {
  const flag = flagFor(path) ?? flagFor(`${path}.s3Uri`);
  return `is missing${flag === undefined ? '' : ` (or give ${flag})`}`;
};

/** The parts of a request that {@link checkRules} reads. They must be of the right kind, and a tag must not be null. */
const READ_BY_RULES = /^(?:trainingDataConfig|customizationConfig|jobTags|customModelTags)/;
const WRONG_KIND = /^Member must be /;
const ITEM = /\.member$/;

/** The request as the model has it, or the problems that the model and the further rules find. */
const checkRequest = (value: unknown, intended: ReadonlySet<string>) => {
  const { request, problems = [] } = check(CreateRequest, value);
  const ofModel = explainProblems(problems, value)
    // A member under a wrong name is reported already.
    .filter(({ path, isMissing }) => !isMissing || !intended.has(path))
    .map(({ path, text, isMissing }) => ({ where: path, text: isMissing ? missing(path) : text }));
  const isSound = !problems.some(
    ({ path, constraint }) => READ_BY_RULES.test(path) && (WRONG_KIND.test(constraint) || ITEM.test(path)),
  );
  return { request, problems: [...ofModel, ...(isSound && isObject(value) ? checkRules(value) : [])] };
};

/**
 * The default token: the same for the same content, so that a command that runs twice makes one job. Tag order is
 * ignored.
 */
const tokenOf = (request: CreateRequest): string => {
  const byKey = (tags: CreateRequest['jobTags']) => tags?.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const { jobTags, customModelTags, ...rest } = request;
  const content = canonicalJson({ ...rest, jobTags: byKey(jobTags), customModelTags: byKey(customModelTags) });
  return `bedrock-jobs-${createHash('sha256').update(content).digest('hex')}`;
};

export interface ReadRequest {
  /** Absent where there are problems. */
  readonly request?: CheckedRequest;
  readonly problems: readonly SpecProblem[];
}

/** The request of a spec and flags, or everything that is wrong with it. Flags win, and `without` leaves out members. */
export const readRequest = (spec: Spec | undefined, flags: RequestFlags): ReadRequest => {
  const document = documentOf(spec);
  const left = withoutMembers(document.value ?? {}, [flags['without'] ?? []].flat() as string[]);
  const lists = withTagLists(left.value);
  const given = applyFlags(lists.value, flags);
  const { value, problems: ofNames, intended } = convertToSchema(CreateRequest, given.value);
  const { request, problems: ofRequest } = checkRequest(value, intended);
  const locate = ({ where: path, text }: SpecProblem): SpecProblem => {
    const flag = flagAt(path, value, given.flags);
    if (flag !== undefined) return { where: flag, text };
    // `jobTags[1].key` is `jobTags.Team` in a spec whose tags are a map.
    const where = lists.renamed.get(/^\w+\[\d+\]/.exec(path)?.[0] ?? '') ?? path;
    const line = document.lineOf(where);
    return { where, text, ...(line !== undefined && { line }) };
  };
  const problems = [
    ...document.problems,
    // A spec that was read only in part would seem to miss the rest.
    ...(document.isWhole ? [...left.problems, ...[...ofNames, ...ofRequest].map(locate)] : []),
    ...given.problems,
  ];
  if (request === undefined || problems.length > 0) return { problems };
  return { request: { ...request, clientRequestToken: request.clientRequestToken ?? tokenOf(request) }, problems };
};

/**
 * The request of a spec and flags, checked completely.
 *
 * @throws TrackerError BAD_SPEC that lists every problem with its line
 */
export const createRequestOf = (spec: Spec | undefined, flags: RequestFlags): CheckedRequest => {
  const { request, problems } = readRequest(spec, flags);
  if (request !== undefined) return request;
  throw new TrackerError('BAD_SPEC', formatProblems(problems, spec?.name ?? 'The request'));
};
