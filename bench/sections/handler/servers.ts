/**
 * What the handler calls, in a process of its own: `node servers.ts answers` for ready answers, `node servers.ts
 * simulator` for the simulator and an embedded DynamoDB. Tells its parent where they are, and ends with it.
 */
import '../../../test/support/environment.ts';
import { startBedrockSimulator } from '../../../lib/simulator/index.ts';
import { startEmbeddedTables } from '../../../test/support/embedded-tables.ts';
import { SCOPE, startAnswers } from '../../support/answers.ts';
import { jobs } from './jobs.ts';

/** Where each is. */
export interface Addresses {
  readonly bedrock: string;
  readonly dynamoDb: string;
}

const start = async (): Promise<Addresses> => {
  if (process.argv[2] === 'answers') {
    const { url } = await startAnswers();
    return { bedrock: url, dynamoDb: url };
  }
  const simulator = await startBedrockSimulator({ speed: 1, accountId: SCOPE.accountId });
  simulator.load(jobs(Number(process.argv[3])));
  const { url } = await startEmbeddedTables();
  return { bedrock: simulator.url, dynamoDb: url };
};

process.send?.(await start());
process.once('disconnect', () => process.exit());
