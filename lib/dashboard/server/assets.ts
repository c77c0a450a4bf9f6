import type { Context, Hono } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

const COMPRESSED = ['.html', '.js', '.css', '.json', '.svg', '.txt'];
/** What browsers prefer first. */
const ENCODINGS = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;
type Encoding = keyof typeof ENCODINGS;

/** A file of the web application, in memory. */
interface Asset {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
  readonly etag: string;
  /** Vite names these by their content. */
  readonly isImmutable: boolean;
  /** Made at the first request. */
  readonly encoded: Map<Encoding, Promise<Buffer>>;
  readonly isCompressible: boolean;
}

const readAsset = (folder: string, name: string): Asset => {
  const body = Buffer.from(readFileSync(path.join(folder, name)));
  const extension = path.extname(name);
  return {
    type: getMimeType(name) ?? 'application/octet-stream',
    body,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isImmutable: name.startsWith('assets/'),
    encoded: new Map(),
    isCompressible: COMPRESSED.includes(extension),
  };
};

/** The built web application by paths, empty where it is not built. Read once: no request reaches the file system. */
const readAssets = (folder: string): ReadonlyMap<string, Asset> => {
  if (!existsSync(path.join(folder, 'index.html'))) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    // The build leaves marks, such as the hash of its sources.
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  return new Map(files.map((name) => [`/${name}`, readAsset(folder, name)]));
};

const encodingFor = (context: Context, asset: Asset): Encoding | undefined => {
  const accepted = (context.req.header('accept-encoding') ?? '').split(',').map((each) => each.trim().toLowerCase());
  const names = (Object.keys(ENCODINGS) as Encoding[]).filter((name) => accepted.includes(name));
  return asset.isCompressible ? names[0] : undefined;
};

const encode = (asset: Asset, encoding: Encoding): Promise<Buffer> => {
  const encoded = asset.encoded.get(encoding) ?? ENCODINGS[encoding](asset.body);
  asset.encoded.set(encoding, encoded);
  return encoded;
};

const sendAsset = async (context: Context, asset: Asset, status: 200 | 404 = 200): Promise<Response> => {
  context.status(status);
  const encoding = encodingFor(context, asset);
  context.header('content-type', asset.type);
  context.header('cache-control', asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  context.header('etag', asset.etag);
  context.header('vary', 'accept-encoding');
  if (status === 200 && context.req.header('if-none-match') === asset.etag) return context.body(null, 304);
  if (encoding === undefined) return context.body(asset.body);
  context.header('content-encoding', encoding);
  return context.body(new Uint8Array(await encode(asset, encoding)));
};

/** The folder of this package: of the sources, or of what was installed, where the bundle lies at another depth. */
const packageFolder = (from: string): string => {
  const parent = path.dirname(from);
  return existsSync(path.join(from, 'package.json')) || parent === from ? from : packageFolder(parent);
};

/** Where `npm run build:dashboard` puts the web application. */
export const builtAssets = (): string => path.join(packageFolder(import.meta.dirname), 'dist', 'dashboard');

/** The web application routes these itself. */
const APPLICATION = ['/', '/jobs', '/jobs/*', '/runs', '/compare', '/models', '/models/*', '/scopes'];

/** Serves the web application. */
export const addPages = (app: Hono, assetsDir: string): void => {
  const assets = readAssets(assetsDir);
  const index = assets.get('/index.html');
  for (const address of APPLICATION) {
    app.get(address, (context) =>
      index === undefined
        ? context.text('The dashboard is not built. Run "npm run build:dashboard", then start it again.\n', 503)
        : sendAsset(context, index),
    );
  }
  app.get('*', (context) => {
    const asset = assets.get(context.req.path);
    if (asset !== undefined) return sendAsset(context, asset);
    // A person gets the application's own page, which leads back.
    const isPerson = context.req.header('accept')?.includes('text/html') === true;
    return isPerson && index !== undefined ? sendAsset(context, index, 404) : context.notFound();
  });
  app.notFound((context) => context.text('Page not found.\n', 404));
};
