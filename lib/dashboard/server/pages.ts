import type { Hono } from 'hono';
import { readAssets, sendAsset } from './assets.ts';

/** Addresses that the web application finds its way by itself. */
const APPLICATION = ['/', '/jobs', '/jobs/*', '/compare'];

/** The web application itself. */
export const addPages = (app: Hono, assetsDir: string): void => {
  const assets = readAssets(assetsDir);
  const index = assets.get('/index.html');
  for (const address of APPLICATION) {
    app.get(address, (context) =>
      index === undefined
        ? context.text('The dashboard is not built yet: run "npm run build:dashboard", then start it again.\n', 503)
        : sendAsset(context, index),
    );
  }
  app.get('*', (context) => {
    const asset = assets.get(context.req.path);
    return asset === undefined ? context.notFound() : sendAsset(context, asset);
  });
  app.notFound((context) => context.text('There is no such page.\n', 404));
};
