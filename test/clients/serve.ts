/**
 * Runs a simulator for clients in other languages until its standard input ends. Prints its address as one JSON line.
 *
 *   node serve.ts <speed> <failure rate>
 */
import { startBedrockSimulator } from '../../lib/simulator/index.ts';

const [speed = 60, failureRate = 0] = process.argv.slice(2).map(Number);
const simulator = await startBedrockSimulator({ speed, failureRate, maxActiveJobs: 30 });
process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
process.stdin.resume().once('end', () => {
  void simulator.close();
});
