import type { Counts } from '../../../lib/simulator/index.ts';

/** Calls of Bedrock by what they ask for. */
export interface Calls {
  readonly list: number;
  readonly get: number;
  readonly tags: number;
}

export const callsOf = ({ received }: Counts): Calls => ({
  list: received.ListModelCustomizationJobs,
  get: received.GetModelCustomizationJob,
  tags: received.ListTagsForResource,
});

export const totalOf = ({ list, get, tags }: Calls): number => list + get + tags;
