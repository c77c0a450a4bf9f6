/** The types of python.mjs, for TypeScript that uses it. */
export interface VirtualEnvironment {
  readonly name: string;
  /** `name==version`, exactly. */
  readonly pins: readonly string[];
}
export declare const CLIENTS: VirtualEnvironment;
export declare const findPython: (oldest?: number) => string | undefined;
export declare const ensureVenv: (
  base: string,
  environment: VirtualEnvironment,
  say: (line: string) => void,
) => Promise<string>;
