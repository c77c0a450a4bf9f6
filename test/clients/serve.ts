/** Runs a simulator for clients in other languages until its standard input ends. Prints its address as one JSON line. */
import { startBedrockSimulator } from '../../lib/local/simulator/index.ts';

const simulator = await startBedrockSimulator({ speed: 20, failureRate: 0 });
process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
process.stdin.resume().once('end', () => {
  void simulator.close();
});
