import { JOBS_TABLE, MODELS_TABLE, SWEEPS_TABLE, type TableSchema } from '../../lib/contract.ts';
import type { JobRecord } from '../../lib/domain/record.ts';
import type { ModelRecord } from '../../lib/domain/model-record.ts';
import {
  dynamoDbJobStore,
  dynamoDbModelStore,
  dynamoDbScopeStore,
  dynamoDbSweepStore,
} from '../../lib/runtime/dynamodb-stores.ts';
import { clientOf, SimulatedTable, type Item } from '../../lib/simulator/table.ts';
import type { JobStore, ModelStore, ScopeStore, SweepStore } from '../../lib/tracking/ports.ts';
import type { SweepState } from '../../lib/tracking/sweep-state.ts';

/** How the items of a table are found by a text, and what of them is shown. */
interface Form<Value> {
  readonly keyOf: (text: string) => Item;
  readonly textOf: (item: Item) => string;
  readonly valueOf: (item: Item) => Value;
}

/** The items of a simulated table, to look at and to prepare. */
class Items<Value extends object> {
  readonly #table: SimulatedTable;
  readonly #form: Form<Value>;

  constructor(table: SimulatedTable, form: Form<Value>) {
    this.#table = table;
    this.#form = form;
  }

  get size(): number {
    return this.#table.items().length;
  }

  keys = (): string[] => this.#table.items().map(this.#form.textOf);
  values = (): Value[] => this.#table.items().map(this.#form.valueOf);
  has = (text: string): boolean => this.#table.item(this.#form.keyOf(text)) !== undefined;
  get = (text: string): Value | undefined => {
    const item = this.#table.item(this.#form.keyOf(text));
    return item && this.#form.valueOf(item);
  };
  set = (text: string, value: Value): void => this.#table.load({ ...value, ...this.#form.keyOf(text) });
  delete = (text: string): void => this.#table.forget(this.#form.keyOf(text));
}

const tableOf = (schema: TableSchema) => {
  const table = new SimulatedTable(schema);
  return { table, client: clientOf(table) };
};

/** A jobs table in memory. Records by ARN. */
export const memoryJobStore = (): JobStore & { readonly records: Items<JobRecord> } => {
  const { table, client } = tableOf(JOBS_TABLE);
  const records = new Items<JobRecord>(table, {
    keyOf: (arn) => ({ job_arn: arn }),
    textOf: (item) => String(item['job_arn']),
    valueOf: (item) => item as unknown as JobRecord,
  });
  return { ...dynamoDbJobStore(client, 'jobs'), records };
};

/** A models table in memory: records and pointers by ARN. */
export const memoryModelStore = (): ModelStore & { readonly records: Items<ModelRecord> } => {
  const { table, client } = tableOf(MODELS_TABLE);
  const records = new Items<ModelRecord>(table, {
    keyOf: (arn) => ({ model_arn: arn }),
    textOf: (item) => String(item['model_arn']),
    valueOf: (item) => item as unknown as ModelRecord,
  });
  return { ...dynamoDbModelStore(client, 'models'), records };
};

/** A sweeps table in memory. States by `<account id>#<region>/<sweep>`. */
export const memorySweepStore = (): SweepStore & {
  readonly states: Items<SweepState>;
  readonly scopes: ScopeStore;
} => {
  const { table, client } = tableOf(SWEEPS_TABLE);
  const states = new Items<SweepState>(table, {
    keyOf: (text) => ({ scope: text.split('/')[0], sweep: text.split('/')[1] }),
    textOf: (item) => `${String(item['scope'])}/${String(item['sweep'])}`,
    valueOf: ({ scope: _, sweep: __, ...state }) => state,
  });
  return { ...dynamoDbSweepStore(client, 'sweeps'), states, scopes: dynamoDbScopeStore(client, 'sweeps') };
};
