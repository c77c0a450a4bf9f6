import { jest } from '@jest/globals';
import { createMetrics, type FunctionMetrics } from '../../lib/runtime/metrics.ts';

/** A line of embedded metric format. */
export interface EmfLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

export const isEmf = (line: object): line is EmfLine => '_aws' in line;

const parse = (text: string): EmfLine[] =>
  text.split('\n').flatMap((line) => {
    const value: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
    return typeof value === 'object' && value !== null && isEmf(value) ? [value] : [];
  });

/**
 * What CloudWatch makes of lines, as text: `Name Unit{dimension=value,…} values`, one for each metric and dimension set.
 */
export const readingsOf = (lines: readonly EmfLine[]): string[] =>
  lines.flatMap((line) =>
    line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name, Unit }) =>
        Dimensions.map((set) => {
          const dimensions = set.map((name) => `${name}=${String(line[name])}`).join(',');
          return `${Name} ${Unit}{${dimensions}} ${[line[Name]].flat().join(' ')}`;
        }),
      ),
    ),
  );

export const SERVICE = 'tracker-a';

/** Runs something with metrics as the stack sets them up, and gives the lines that it printed. */
export const emfOf = async (
  run: (metrics: FunctionMetrics) => unknown,
  environment: Readonly<Record<string, string>> = {},
): Promise<EmfLine[]> => {
  const before = { ...process.env };
  Object.assign(process.env, {
    POWERTOOLS_SERVICE_NAME: SERVICE,
    POWERTOOLS_METRICS_DISABLED: 'false',
    ...environment,
  });
  const lines: EmfLine[] = [];
  const write = process.stdout.write.bind(process.stdout);
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    const found = parse(String(chunk));
    lines.push(...found);
    return found.length > 0 || write(chunk);
  });
  try {
    await run(createMetrics());
    return lines;
  } finally {
    spy.mockRestore();
    process.env = before;
  }
};
