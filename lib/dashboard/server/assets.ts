import type { Context, Hono } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of the web application, in memory. */
interface Asset {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
  readonly etag: string;
  /** Vite names these by their content. */
  readonly isImmutable: boolean;
}

const readAsset = (folder: string, name: string): Asset => {
  const body = Buffer.from(readFileSync(path.join(folder, name)));
  return {
    type: getMimeType(name) ?? 'application/octet-stream',
    body,
    // Weak, as the answer may be compressed.
    etag: `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isImmutable: name.startsWith('assets/'),
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

const sendAsset = (context: Context, asset: Asset, status: 200 | 404 = 200): Response => {
  context.status(status);
  context.header('content-type', asset.type);
  context.header('cache-control', asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  context.header('etag', asset.etag);
  if (status === 200 && context.req.header('if-none-match') === asset.etag) return context.body(null, 304);
  return context.body(asset.body);
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
