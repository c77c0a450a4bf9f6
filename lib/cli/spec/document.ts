import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { shown, type SpecProblem } from './problems.ts';
import { createReadStream } from 'node:fs';
import { TrackerError } from '../../domain/errors.ts';

/** A number or truth value as it was written: `1e-5` in a map of texts is the text `1e-5`, not `0.00001`. */
export class Written {
  readonly source: string;
  readonly value: number | boolean;

  constructor(source: string, value: number | boolean) {
    this.source = source;
    this.value = value;
  }
}

export const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Written);

/** The path of a member. */
export const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** A spec has some 2 kB; one with all that the API takes, and 400 of its longest tags, less than 200. */
const MAX_SPEC_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no UTF-8 text',
};

const unreadable = (name: string, reason: string, cause?: unknown): TrackerError =>
  new TrackerError('BAD_SPEC', `${name} cannot be read as a spec: ${reason}.`, { cause });

const bytesOf = async (stream: AsyncIterable<unknown>, name: string): Promise<Buffer> => {
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
 * The text of a spec: of a file, or for `-` of standard input. No more than the limit is read, whatever it is read from.
 *
 * @throws TrackerError BAD_SPEC
 */
export const readSpecText = async (
  path: string,
  input: { readonly stdin: AsyncIterable<unknown> },
): Promise<string> => {
  const name = path === '-' ? 'Standard input' : path;
  try {
    const bytes = await bytesOf(path === '-' ? input.stdin : createReadStream(path), name);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TrackerError) throw error;
    const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code !== 'string') throw error;
    throw unreadable(name, REASONS[code] ?? String(message), error);
  }
};

/** What a spec says: maps, lists, texts, nulls, and {@link Written} for every other scalar. */
export interface SpecDocument {
  readonly value: unknown;
  readonly problems: readonly SpecProblem[];
  /** False where it could not be read to its end. */
  readonly isWhole: boolean;
  /** The line of a path, or of the nearest thing around it. */
  readonly lineOf: (path: string) => number | undefined;
}

// A spec has some fifty nodes. Aliases multiply them, so they count each time that they are followed.
const MAX_NODES = 10_000;
const MAX_ALIASES = 100;
const MAX_DEPTH = 24;
// One with 400 tags has some 8,000. The parser takes seconds for what is made of brackets.
const MAX_TOKENS = 15_000;

/** Ends the reading of a document that is none. */
class Unreadable extends Error {
  readonly node: Node | undefined;

  constructor(message: string, node?: Node) {
    super(message);
    this.node = node;
  }
}

/** The path around a path; the whole document is the empty one. */
const around = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));

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

  line(node: Node | null | undefined): number | undefined {
    const offset = node?.range?.[0];
    return offset === undefined ? undefined : this.#counter.linePos(offset).line;
  }

  read(node: Node | null, path = '', depth = 0): unknown {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw new Unreadable(`holds more than ${MAX_NODES} values`);
    if (depth > MAX_DEPTH) throw new Unreadable('is nested too deeply', node ?? undefined);
    if (isAlias(node)) {
      this.#aliases += 1;
      if (this.#aliases > MAX_ALIASES) throw new Unreadable(`holds more than ${MAX_ALIASES} aliases`, node);
      // One that is inside of what it names ends at the depth.
      const named = node.resolve(this.#document);
      if (named === undefined)
        throw new Unreadable(`names *${shown(node.source)}, which nothing before it is called`, node);
      return this.read(named, path, depth + 1);
    }
    if (isMap(node)) return this.#members(node.items, path, depth);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const below = `${path}[${index}]`;
        this.#place(below, item as Node | null);
        return this.read(item as Node | null, below, depth + 1);
      });
    }
    return isScalar(node) ? this.#scalar(node) : null;
  }

  #scalar(node: { readonly value: unknown; readonly source?: string }): unknown {
    const { value, source } = node;
    if (typeof value === 'number' || typeof value === 'boolean') return new Written(source ?? String(value), value);
    return typeof value === 'string' ? value : null;
  }

  #members(pairs: readonly { readonly key: unknown; readonly value: unknown }[], path: string, depth: number) {
    const members = new Map<string, unknown>();
    for (const pair of pairs) {
      const key = pair.key as Node | null;
      const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
      const line = this.line(key);
      const wrong = (text: string) => this.problems.push({ where: path, text, ...(line !== undefined && { line }) });
      if (name === undefined) wrong('has a key that is no text');
      else if (name === '__proto__') wrong(`'${name}' cannot be a name`);
      else if (members.has(name)) wrong(`'${shown(name)}' is there twice`);
      else {
        const below = joined(path, name);
        this.#place(below, key);
        members.set(name, this.read(pair.value as Node | null, below, depth + 1));
      }
    }
    return Object.fromEntries(members);
  }

  #place(path: string, node: Node | null): void {
    const line = this.line(node);
    if (line !== undefined && !this.lines.has(path)) this.lines.set(path, line);
  }
}

const nothing = (problems: readonly SpecProblem[]): SpecDocument => ({
  value: {},
  problems,
  isWhole: false,
  lineOf: () => undefined,
});

const OPENING = new Set(['[', '{']);
const CLOSING = new Set([']', '}']);

/** What the parser, which has no limits of its own, would take seconds for: too much, or brackets within brackets. */
const tooMuch = (text: string): SpecProblem | undefined => {
  let tokens = 0;
  let depth = 0;
  let line = 1;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (OPENING.has(token)) depth += 1;
    else if (CLOSING.has(token)) depth = Math.max(0, depth - 1);
    if (tokens > MAX_TOKENS) return { where: '', line, text: `holds more than ${MAX_TOKENS} words and marks` };
    if (depth > MAX_DEPTH) return { where: '', line, text: 'is nested too deeply' };
    line += token.split('\n').length - 1;
  }
  return undefined;
};

/** What the parser has to say. Whatever follows from the first error of its kind is no news. */
const syntaxProblems = (document: Document, counter: LineCounter): SpecProblem[] =>
  [...document.errors, ...document.warnings].slice(0, 5).map(({ code, message, pos }) => ({
    where: '',
    line: counter.linePos(pos[0]).line,
    text:
      code === 'RESOURCE_EXHAUSTION'
        ? 'is nested too deeply'
        : code === 'MULTIPLE_DOCS'
          ? 'a second document begins here: a spec is one job'
          : shown(message),
  }));

/**
 * Reads YAML 1.2, of which JSON is a part. Hostile documents end as problems: aliases are followed a bounded number of
 * times, nesting and size have limits that are looked at before the parser begins, a key may come once, and none reaches
 * a prototype.
 */
export const readDocument = (text: string): SpecDocument => {
  const refused = tooMuch(text);
  if (refused !== undefined) return nothing([refused]);
  const counter = new LineCounter();
  // The parser's own check of unique keys compares each with each: minutes for a file of 1 MB.
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false });
  const syntax = syntaxProblems(document, counter);
  if (syntax.some(({ text: first }) => first === 'is nested too deeply')) return nothing(syntax.slice(0, 1));
  if (syntax.length > 0) return nothing(syntax);
  const reader = new Reader(document, counter);
  try {
    const value = reader.read(document.contents);
    const lineOf = (path: string): number | undefined =>
      path === '' ? undefined : (reader.lines.get(path) ?? lineOf(around(path)));
    return { value, problems: reader.problems, isWhole: true, lineOf };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const line = reader.line(error.node);
    return nothing([{ where: '', text: error.message, ...(line !== undefined && { line }) }]);
  }
};
