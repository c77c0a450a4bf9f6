import { MODELS, RECORDS } from '../support/training-data.ts';

/** A model and kind of customization, and the validator of AWS that knows it. */
export interface Target {
  readonly name: string;
  readonly model: string;
  readonly type: string;
  /** What verdicts.py calls. */
  readonly validator: readonly string[];
  readonly record: object;
  /** Records of a valid file. */
  readonly records: number;
  readonly format: 'converse' | 'claude' | 'pair' | 'prompt' | 'reward';
}

const converse = { record: RECORDS.converse, format: 'converse', type: 'FINE_TUNING' } as const;
const pair = { record: RECORDS.pair, format: 'pair', type: 'FINE_TUNING' } as const;
const prompt = { record: RECORDS.prompt, format: 'prompt', type: 'DISTILLATION', records: 100 } as const;

/** AWS's validator takes no reward data without tools. */
const rewarded = {
  ...RECORDS.reward,
  tools: [
    {
      type: 'function',
      function: { name: 'solve', description: 'Solves it.', parameters: { type: 'object', properties: {} } },
    },
  ],
};

export const TARGETS: readonly Target[] = [
  { name: 'Nova Lite', model: MODELS.nova, validator: ['nova', 'lite', 'SFT'], records: 8, ...converse },
  { name: 'Nova Micro', model: MODELS.novaMicro, validator: ['nova', 'micro', 'SFT'], records: 8, ...converse },
  { name: 'Nova 2 Lite', model: MODELS.nova2, validator: ['nova', 'lite-2.0', 'SFT'], records: 200, ...converse },
  {
    name: 'Nova 2 Lite, rewards',
    model: MODELS.nova2,
    type: 'REINFORCEMENT_FINE_TUNING',
    validator: ['nova', 'lite-2.0', 'RFT'],
    records: 100,
    record: rewarded,
    format: 'reward',
  },
  {
    name: 'Claude 3 Haiku',
    model: MODELS.haiku,
    type: 'FINE_TUNING',
    validator: ['haiku'],
    records: 32,
    record: RECORDS.claude,
    format: 'claude',
  },
  { name: 'Llama 3.1', model: MODELS.llama31, validator: ['llama', 'llama3-1-8b'], records: 100, ...pair },
  { name: 'Llama 3.2 1B', model: MODELS.llama32, validator: ['llama', 'llama3-2-1b'], records: 100, ...converse },
  { name: 'Llama 3.2 11B', model: MODELS.llamaVision, validator: ['llama', 'llama3-2-11b'], records: 100, ...converse },
  { name: 'distillation to Nova', model: MODELS.nova, validator: ['distillation'], ...prompt },
  { name: 'distillation to Llama', model: MODELS.llama31, validator: ['distillation'], ...prompt },
];
