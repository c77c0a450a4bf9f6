/** Prints how big the house is: lines, files and words, beside their targets. `npm run house` fails nothing. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => existsSync(file));
const under = (...folders) => files.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));
const isTypeScript = (file) => /\.tsx?$/.test(file);
const isText = (file) => !/\.(png|ico|woff2)$/.test(file);
const textOf = (file) => readFileSync(file, 'utf8');
const sum = (list, count) => list.reduce((total, file) => total + count(textOf(file)), 0);
const lines = (list) => sum(list.filter(isText), (text) => text.split('\n').length - 1);
const words = (list) => sum(list, (text) => text.split(/\s+/).filter(Boolean).length);

const product = under('lib', 'lambdas', 'bin');
const pages = under('docs').filter((file) => file.endsWith('.md') && !file.startsWith('docs/api/'));
const decisions = pages.filter((file) => file.startsWith('docs/adr/'));

const rows = [
  ['lib + lambdas + bin, lines', lines(product), 27_000],
  ['their TypeScript files', product.filter(isTypeScript).length, 260],
  ['test, lines', lines(under('test')), 34_000],
  ['bench + scripts, lines', lines(under('bench', 'scripts')), 4_000],
  ['README, lines', lines(['README.md']), 150],
  ['README, words', words(['README.md']), 1_200],
  ['README and docs (docs/api and docs/adr aside), words', words(['README.md', ...pages]) - words(decisions), 25_000],
  ['docs/adr, words', words(decisions), undefined],
];
console.table(rows.map(([what, now, target]) => ({ what, now, target: target ?? '' })));
