/**
 * Injected into each bundle: makes stack traces name the sources, by the source map beside the bundle. Node's
 * `--enable-source-maps` reads the map at load time, a seventh of a cold start; this reads it for the first stack trace.
 */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';

const maps = new Map<string, SourceMap | undefined>();

const readMap = (file: string): SourceMap | undefined => {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    // No map, as for Node's own modules: frames stay as they are.
    return undefined;
  }
};

const mapOf = (file: string): SourceMap | undefined => {
  if (!maps.has(file)) maps.set(file, isAbsolute(file) ? readMap(file) : undefined);
  return maps.get(file);
};

/** The type omits V8's `toString`. */
type Frame = NodeJS.CallSite & { readonly toString: () => string };

const frameOf = (frame: Frame): string => {
  const text = frame.toString();
  const [file, line, column] = [frame.getFileName() ?? '', frame.getLineNumber() ?? 0, frame.getColumnNumber() ?? 0];
  const origin = mapOf(file)?.findOrigin(line, column);
  if (origin === undefined || !('fileName' in origin)) return text;
  const source = `${resolve(dirname(file), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
  return text.replace(`${file}:${line}:${column}`, () => source);
};

Error.prepareStackTrace = (error, frames) =>
  [Error.prototype.toString.call(error), ...frames.map((frame) => `    at ${frameOf(frame)}`)].join('\n');
