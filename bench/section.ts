/** What one section of the benchmarks is, and what it answers. Everything in an answer is plain JSON. */

export type Cell = string | number;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What a reader must know of these numbers, in Markdown. */
  readonly note?: string;
}

/** One target of the project, and what was measured of it in this run. */
export interface Target {
  readonly what: string;
  /** "≤ 430 kB" */
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Measurements {
  readonly targets: readonly Target[];
  readonly tables: readonly Table[];
}

export interface MeasureOptions {
  /** Small sizes and few rounds: shows that a section works, and measures nothing. */
  readonly quick: boolean;
  /** Tells the person who waits how far it is. */
  readonly say: (line: string) => void;
}

export interface Section {
  readonly title: string;
  /** How it was measured, and by what tables and servers, in Markdown. */
  readonly method: string;
  /** What was learnt: what was tried, kept or given up, and why a target is missed. In Markdown. */
  readonly findings?: string;
  readonly measure: (options: MeasureOptions) => Promise<Measurements>;
}
