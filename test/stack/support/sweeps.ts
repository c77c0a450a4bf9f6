/** The reconciler, invoked by hand as an operator does. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OUTPUT, type SweepKind } from '../../../lib/contract.ts';
import { aws, output, stack } from './aws.ts';

export interface SweepResult {
  readonly scope: string;
  readonly sweep: SweepKind;
  readonly finished: boolean;
  readonly counts: Readonly<Record<'listed' | 'drifted' | 'corrected' | 'missing' | 'failed', number>>;
}

/** What the function answers about each scope. */
export const sweep = async (kind: SweepKind): Promise<SweepResult[]> => {
  const file = path.join(stack.folder, 'sweep.json');
  const name = output(OUTPUT.reconcileJobsFunctionName);
  const payload = JSON.stringify({ sweep: kind });
  const { FunctionError } = await aws<{ FunctionError?: string }>(
    ...['lambda', 'invoke', '--function-name', name, '--payload', payload, file],
  );
  const answer = readFileSync(file, 'utf8');
  if (FunctionError !== undefined) throw new Error(`The sweep failed: ${answer}`);
  return JSON.parse(answer) as SweepResult[];
};
