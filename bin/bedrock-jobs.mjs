#!/usr/bin/env node
// The command line in a clone: `./bedrock-jobs`. The npm package has a bundle of bedrock-jobs.ts in its place.
import { pathToFileURL } from 'node:url';
import { commandLine } from '../scripts/command-line.mjs';

const entry = await commandLine();
if (entry === undefined) {
  console.error('The command line could not be built: see the message above, then run the command again.');
  process.exitCode = 1;
} else await import(pathToFileURL(entry).href);
