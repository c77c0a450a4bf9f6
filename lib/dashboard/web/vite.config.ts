import preact from '@preact/preset-vite';
import path from 'node:path';
import { defineConfig } from 'vite';

const PROJECT = path.resolve(import.meta.dirname, '../../..');

/** Everything is served from this machine under a strict Content-Security-Policy: nothing inline, nothing from afar. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact({ devToolsEnabled: false })],
  cacheDir: path.join(PROJECT, '.cache/vite'),
  build: {
    outDir: path.join(PROJECT, 'dist/dashboard'),
    emptyOutDir: true,
    target: 'es2022',
    // An inlined asset would be a data: address, which the policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
