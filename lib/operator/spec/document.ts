import { createReadStream } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { TrackerError } from '../../domain/errors.ts';
import { quote, type SpecProblem } from './problems.ts';

/** A spec has some 2 kB. One with everything that the API takes, and 400 of its longest tags, has less than 200. */
const MAX_SPEC_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

const unreadable = (name: string, reason: string, cause?: unknown): TrackerError =>
  new TrackerError('BAD_SPEC', `${name} cannot be read: ${reason}.`, { cause });

const readBytes = async (stream: AsyncIterable<unknown>, name: string): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    chunks.push(bytes);
    length += bytes.length;
    if (length > MAX_SPEC_BYTES) throw unreadable(name, 'it has more than 256 kB');
  }
  return Buffer.concat(chunks);
};

/**
 * The text of a spec: of a file, or for `-` of standard input. Reading stops at the limit, whatever it reads from.
 *
 * @throws TrackerError BAD_SPEC
 */
export const readSpecText = async (
  path: string,
  input: { readonly stdin: AsyncIterable<unknown> },
): Promise<string> => {
  const name = path === '-' ? 'Standard input' : path;
  try {
    const bytes = await readBytes(path === '-' ? input.stdin : createReadStream(path), name);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TrackerError) throw error;
    const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code !== 'string') throw error;
    throw unreadable(name, REASONS[code] ?? String(message), error);
  }
};

/** A number or boolean with its source: in a map of strings `1e-5` is the string `1e-5`, not `0.00001`. */
export class Literal {
  readonly source: string;
  readonly value: number | boolean;

  constructor(source: string, value: number | boolean) {
    this.source = source;
    this.value = value;
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Literal);

/** The path of a member. */
export const joinPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** The path around a path; the empty one for the whole document. */
const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));

/** The contents of a spec: maps, lists, strings, nulls, and a {@link Literal} for every other scalar. */
export interface SpecDocument {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** False where it could not be read to its end. */
  readonly isWhole: boolean;
  /** The line of a path, or of the nearest thing around it. */
  readonly lineOf: (path: string) => number | undefined;
}

// A spec has some fifty nodes. Aliases multiply them, so they count each time they are followed.
const MAX_NODES = 10_000;
const MAX_ALIASES = 100;
const MAX_DEPTH = 24;
// A spec with 400 tags has some 8,000. The parser takes seconds for text made of brackets.
const MAX_TOKENS = 15_000;
const TOO_DEEP = 'is nested too deeply';

/** Ends the reading of a document that is over a limit. */
class Unreadable extends Error {
  readonly node: Node | null;

  constructor(message: string, node: Node | null) {
    super(message);
    this.node = node;
  }
}

class Reader {
  readonly lines = new Map<string, number>();
  readonly problems: SpecProblem[] = [];
  readonly #document: Document;
  readonly #counter: LineCounter;
  #nodes = 0;
  #aliases = 0;

  constructor(document: Document, counter: LineCounter) {
    this.#document = document;
    this.#counter = counter;
  }

  line(node: Node | null): number | undefined {
    const offset = node?.range?.[0];
    return offset === undefined ? undefined : this.#counter.linePos(offset).line;
  }

  read(node: Node | null, path = '', depth = 0): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw new Unreadable(`has more than ${MAX_NODES} values`, null);
    if (depth > MAX_DEPTH) throw new Unreadable(TOO_DEEP, node);
    if (isAlias(node)) {
      this.#aliases += 1;
      if (this.#aliases > MAX_ALIASES) throw new Unreadable(`has more than ${MAX_ALIASES} aliases`, node);
      const target = node.resolve(this.#document);
      if (target === undefined) throw new Unreadable(`uses the alias *${quote(node.source)} before its anchor`, node);
      // An alias inside its own anchor ends at the depth.
      return this.read(target, path, depth + 1);
    }
    if (isMap(node)) return this.#members(node.items, path, depth);
    if (isSeq(node)) return node.items.map((item, index) => this.#below(`${path}[${index}]`, item, item, depth));
    if (!isScalar(node)) return null;
    const { value, source } = node;
    if (typeof value === 'number' || typeof value === 'boolean') return new Literal(source ?? String(value), value);
    return typeof value === 'string' ? value : null;
  }

  #below(path: string, key: unknown, value: unknown, depth: number): unknown {
    const line = this.line(key as Node | null);
    if (line !== undefined && !this.lines.has(path)) this.lines.set(path, line);
    return this.read(value as Node | null, path, depth + 1);
  }

  #members(pairs: readonly { readonly key: unknown; readonly value: unknown }[], path: string, depth: number) {
    const members = new Map<string, unknown>();
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
      const line = this.line(key as Node | null);
      const report = (text: string) => this.problems.push({ where: path, text, ...(line !== undefined && { line }) });
      if (name === undefined) report('has a key that is not a string');
      else if (name === '__proto__') report(`'${name}' cannot be a name`);
      else if (members.has(name)) report(`'${quote(name)}' appears twice`);
      else members.set(name, this.#below(joinPath(path, name), key, value, depth));
    }
    return Object.fromEntries(members);
  }
}

/** Checks what the parser, which has no limits of its own, would take seconds for: size, and brackets within brackets. */
const exceedsLimit = (text: string): SpecProblem | undefined => {
  let tokens = 0;
  let depth = 0;
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth = Math.max(0, depth - 1);
    if (tokens > MAX_TOKENS) return { where: '', line, text: `is too large: it has more than ${MAX_TOKENS} tokens` };
    if (depth > MAX_DEPTH) return { where: '', line, text: TOO_DEEP };
    line += token.split('\n').length - 1;
  }
  return undefined;
};

const syntaxTexts: Readonly<Record<string, string>> = {
  RESOURCE_EXHAUSTION: TOO_DEEP,
  MULTIPLE_DOCS: 'a second document begins here, but only one is read',
};

/** The parser's errors. One that ran out of resources is told alone: the others follow from it. */
const syntaxProblems = (document: Document, counter: LineCounter): SpecProblem[] => {
  const problems = [...document.errors, ...document.warnings].slice(0, 5).map(({ code, message, pos }) => ({
    where: '',
    line: counter.linePos(pos[0]).line,
    text: syntaxTexts[code] ?? quote(message),
  }));
  return problems.some(({ text }) => text === TOO_DEEP) ? problems.slice(0, 1) : problems;
};

const unreadableDocument = (problems: readonly SpecProblem[]): SpecDocument => ({
  value: {},
  problems,
  isWhole: false,
  lineOf: () => undefined,
});

/**
 * Reads YAML 1.2, of which JSON is a part. Hostile documents end as problems: aliases, nesting and size are limited, the
 * last two before the parser begins; a key may appear once, and none reaches a prototype.
 */
export const readDocument = (text: string): SpecDocument => {
  const excess = exceedsLimit(text);
  if (excess !== undefined) return unreadableDocument([excess]);
  const counter = new LineCounter();
  // The parser's own check of unique keys compares each with each: minutes for a file of 1 MB.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const syntax = syntaxProblems(document, counter);
  if (syntax.length > 0) return unreadableDocument(syntax);
  const reader = new Reader(document, counter);
  try {
    const value = reader.read(document.contents);
    const lineOf = (path: string): number | undefined =>
      path === '' ? undefined : (reader.lines.get(path) ?? lineOf(parentOf(path)));
    return { value, problems: reader.problems, isWhole: true, lineOf };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const line = reader.line(error.node);
    return unreadableDocument([{ where: '', text: error.message, ...(line !== undefined && { line }) }]);
  }
};
