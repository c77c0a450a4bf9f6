import { pMapIterable } from 'p-map';

/**
 * The pages as they come, each asked for as soon as the one before it is taken: a sweep waits for Bedrock's list or for
 * its own work, not for one after the other. One that stops early has asked for a page that nobody reads.
 */
export const readAhead = <Page>(pages: AsyncIterable<Page>): AsyncIterable<Page> =>
  pMapIterable(pages, (page) => page, { concurrency: 1 });
