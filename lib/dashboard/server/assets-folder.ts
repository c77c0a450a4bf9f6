import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of this package: of the sources, or of what was installed, where the bundle lies at another depth. */
const packageFolder = (from: string): string => {
  const parent = path.dirname(from);
  return existsSync(path.join(from, 'package.json')) || parent === from ? from : packageFolder(parent);
};

/** Where `npm run build:dashboard` puts the web application. */
export const builtAssets = (): string => path.join(packageFolder(import.meta.dirname), 'dist', 'dashboard');
