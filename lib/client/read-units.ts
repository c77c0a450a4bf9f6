import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { ReadCost } from './requests.ts';

/** Adds up what the requests of one call cost. */
export interface Meter {
  readonly count: (answer: { readonly ConsumedCapacity?: ConsumedCapacity | undefined }) => void;
  readonly cost: () => ReadCost;
}

/** Asks DynamoDB to say what a request cost, the index included. */
export const METERED = { ReturnConsumedCapacity: 'TOTAL' } as const;

/** A meter at zero. */
export const createMeter = (): Meter => {
  let readUnits = 0;
  let requests = 0;
  return {
    count({ ConsumedCapacity: capacity }) {
      readUnits += capacity?.CapacityUnits ?? 0;
      requests += 1;
    },
    cost: () => ({ readUnits, requests }),
  };
};
