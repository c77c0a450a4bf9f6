import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from './catalog.ts';
import { jsonAnswer, type HttpAnswer } from './http.ts';

/** One recorded answer of Bedrock, its timestamps as RFC 3339 texts. */
export interface Recorded {
  readonly status: number;
  /** The body without what botocore adds; for an error without its `Error`. */
  readonly data: Document;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A folder of recordings: the answers of each Bedrock operation in the order of the calls. */
export interface Scenario {
  readonly name: string;
  readonly operations: ReadonlyMap<string, readonly Recorded[]>;
}

const FILE = /^bedrock\.(?<operation>\w+)_(?<number>\d+)\.json$/;

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const digits = (part: unknown, length: number): string =>
  String(typeof part === 'number' ? part : 0).padStart(length, '0');
const two = (part: unknown): string => digits(part, 2);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** As placebo writes datetimes, with the microseconds that it keeps. */
const timestamp = ({ year, month, day, hour, minute, second, microsecond }: Document): string =>
  `${digits(year, 4)}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}` +
  `.${digits(microsecond, 6)}Z`;

const onWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(onWire);
  if (!isObject(value)) return value;
  if (value['__class__'] === 'datetime') return timestamp(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, onWire(member)]));
};

/** Python writes NaN and Infinity as they are; the wire has them as texts. */
const parse = (text: string): unknown => JSON.parse(text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '$1"$2"'));

const read = (file: string): Recorded => {
  const { status_code: status, data } = parse(readFileSync(file, 'utf8')) as { status_code?: number; data?: Document };
  const { ResponseMetadata: _, Error: error, ...members } = onWire(data ?? {}) as Document;
  const known = isObject(error) ? error : undefined;
  return {
    status: status ?? 200,
    data: members,
    ...(known === undefined
      ? {}
      : { error: { code: text(known['Code']) || 'UnknownError', message: text(known['Message']) } }),
  };
};

const readScenario = (folder: string, name: string): Scenario => {
  const files = readdirSync(join(folder, name))
    .map((file) => ({ file, groups: FILE.exec(file)?.groups }))
    .flatMap(({ file, groups }) =>
      groups ? [{ file, operation: groups['operation'] ?? '', number: Number(groups['number']) }] : [],
    )
    .sort((a, b) => a.number - b.number);
  const operations = new Map<string, Recorded[]>();
  for (const { file, operation } of files) {
    operations.set(operation, [...(operations.get(operation) ?? []), read(join(folder, name, file))]);
  }
  return { name, operations };
};

/** Every scenario of a folder; files beside the scenarios' folders are no recordings. */
export const readScenarios = (folder: string): Scenario[] => {
  if (!existsSync(folder)) throw new Error(`RECORDINGS names ${folder}, which does not exist.`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readScenario(folder, name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
};

export const isError = ({ status, error }: Recorded): boolean => status >= 300 || error !== undefined;

/** The recorded answer as Bedrock sends it. */
export const asAnswer = ({ status, data, error }: Recorded): HttpAnswer =>
  error === undefined
    ? jsonAnswer(status, data, status >= 300 ? { 'x-amzn-errortype': 'UnknownError' } : {})
    : jsonAnswer(status >= 300 ? status : 400, { ...data, message: error.message }, { 'x-amzn-errortype': error.code });
