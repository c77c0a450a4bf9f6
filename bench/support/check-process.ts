/** `bedrock-jobs check` in a process of its own, which tells how much time of the processor and memory it took. */
import { processContext } from '../../lib/cli/terminal.ts';
import { runCommandLine } from '../../lib/cli/program.ts';

export interface CheckRun {
  readonly exitCode: number;
  /** Of the processor: a busy machine does not change it. */
  readonly seconds: number;
  /** Most memory of the process, in MB. */
  readonly memory: number;
}

const loadHandlers = () => Promise.reject(new Error('No function runs here.'));
const exitCode = await runCommandLine(['check', ...process.argv.slice(2)], processContext(), { loadHandlers });
const { user, system } = process.cpuUsage();
const seconds = (user + system) / 1_000_000;
process.send?.({ exitCode, seconds, memory: process.resourceUsage().maxRSS / 1024 } satisfies CheckRun);
process.disconnect();
