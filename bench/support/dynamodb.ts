/** An embedded DynamoDB with the tables of the contract, in a process of its own. */
import { startEmbeddedTables } from '../../test/support/embedded-tables.ts';
import { startProcess, type Helper } from './process.ts';

export const startDynamoDb = async (): Promise<Pick<Helper, 'close'> & { readonly url: string }> => {
  const { next, close } = startProcess(import.meta.filename);
  return { ...(await next<{ url: string }>()), close };
};

if (process.argv[1] === import.meta.filename) {
  const { url } = await startEmbeddedTables();
  process.on('disconnect', () => process.exit());
  process.send?.({ url });
}
