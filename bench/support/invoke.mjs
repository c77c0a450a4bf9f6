/**
 * One cold start: loads a function and invokes it once, in a process that has done nothing else.
 *
 *   node invoke.mjs <file of the function> <file of its event>
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

const [file, eventFile] = process.argv.slice(2);
const event = JSON.parse(readFileSync(eventFile, 'utf8'));
const context = { functionName: 'function', awsRequestId: '1', getRemainingTimeInMillis: () => 60_000 };
const require = createRequire(import.meta.url);

const cpu = process.cpuUsage();
const started = performance.now();
const answer = await require(file).handler(event, context);
const time = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
process.send({ time, cpu: (user + system) / 1000, answer });
process.disconnect();
