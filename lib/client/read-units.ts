import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { ReadCost } from './requests.ts';

/** Adds up the read units and requests of one call. */
export interface ReadUnits {
  readonly count: (answer: { readonly ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] | undefined }) => void;
  readonly cost: () => ReadCost;
}

/** Makes DynamoDB return the units of a request, with those of the index. */
export const RETURN_READ_UNITS = { ReturnConsumedCapacity: 'TOTAL' } as const;

export const createReadUnits = (): ReadUnits => {
  let readUnits = 0;
  let requests = 0;
  return {
    count({ ConsumedCapacity: capacity }) {
      for (const { CapacityUnits = 0 } of [capacity ?? []].flat()) readUnits += CapacityUnits;
      requests += 1;
    },
    cost: () => ({ readUnits, requests }),
  };
};
