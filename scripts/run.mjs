/**
 * Sets the project up where that is needed, then runs a program on the Node.js that comes with the packages:
 *
 *   node scripts/run.mjs <file> [<argument>…]
 *
 * npm puts that Node.js into PATH once it is installed, so usually it runs this file too, and the program takes over this
 * process. In a first run the machine's own Node.js (>= 20.19) does, and the program gets a process of its own.
 */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers';
import { pathToFileURL } from 'node:url';
import { findNode } from './node.mjs';
import './setup.mjs';

/** How long a program that got a signal may take to end before it gets the signal again, in ms. */
const GRACE_MS = 5_000;

/** Ends this process as the program ended. */
const runApart = (node, file, args) => {
  const child = spawn(node, [file, ...args], { stdio: 'inherit' });
  // A terminal and most supervisors signal the whole process group, so the program has its signal already.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => setTimeout(() => child.kill(signal), GRACE_MS).unref());
  }
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
};

const [program, ...args] = process.argv.slice(2);
if (program !== undefined) {
  const file = resolve(program);
  const node = findNode();
  if (realpathSync(node) === realpathSync(process.execPath)) {
    process.argv.splice(1, 2, file);
    await import(pathToFileURL(file).href);
  } else {
    runApart(node, file, args);
  }
}
