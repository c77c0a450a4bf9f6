/** A number or truth value as it was written: `1e-5` in a map of texts is the text `1e-5`, not `0.00001`. */
export class Written {
  readonly source: string;
  readonly value: number | boolean;

  constructor(source: string, value: number | boolean) {
    this.source = source;
    this.value = value;
  }
}

export const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Written);

/** The path of a member. */
export const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
