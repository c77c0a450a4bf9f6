/** The sections in the order of the document. Each runs in a process of its own, so that none sees another's memory. */
export const SECTIONS = ['calls', 'sweeps', 'backfill', 'latency', 'handler', 'cold-start', 'queries', 'cost'] as const;

export type SectionName = (typeof SECTIONS)[number];

export const isSectionName = (name: string): name is SectionName => SECTIONS.some((known) => known === name);
