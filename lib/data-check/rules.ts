/**
 * What AWS documents about the data of each family of models. Everything here is dated: `READ` is the day on which the
 * pages in `SOURCES` were read. A limit without a published number is absent, not guessed.
 */
export const READ = '2026-11-28';

const GUIDE = 'https://docs.aws.amazon.com/bedrock/latest/userguide';
const SAMPLES = 'https://github.com/aws-samples';

export const SOURCES = {
  formats: `${GUIDE}/model-customization-prepare.html`,
  nova: 'https://docs.aws.amazon.com/nova/latest/userguide/fine-tune-prepare-data-understanding.html',
  nova2: `${GUIDE}/nova-2-sft-data-prep.html`,
  canvas: 'https://docs.aws.amazon.com/nova/latest/userguide/fine-tune-prepare-data-creative-content.html',
  novaValidator: `${SAMPLES}/amazon-nova-samples/tree/main/customization/bedrock-finetuning/understanding/dataset_validation`,
  distillation: `${GUIDE}/distillation-prepare-datasets.html`,
  distillationValidator: `${SAMPLES}/amazon-bedrock-samples/tree/main/custom-models/model_distillation/dataset-validation`,
  reward: `${GUIDE}/rft-prepare-data.html`,
} as const;

/** What may be part of a conversation in the format of the Converse API. */
export interface ConverseRules {
  readonly format: 'converse';
  /** Whether `schemaVersion` and `system` must be just as documented, and null counts as a wrong value. */
  readonly strict: boolean;
  /** Formats of files that a user message may refer to; empty where the model takes text alone. */
  readonly images: readonly string[];
  readonly videos: readonly string[];
  readonly documents: readonly string[];
  readonly reasoning: boolean;
  /** Images of a record. */
  readonly mostImages?: number;
  /** Words that the model's training keeps for itself. */
  readonly reserved?: RegExp;
}

/** Prompts of a distillation: conversations of text, whose answer the teacher may give. */
export interface PromptsRules {
  readonly format: 'prompts';
  readonly multiTurn: boolean;
}

/** Pairs of an image and its caption. */
export interface ImagesRules {
  readonly format: 'images';
  /** Characters of a caption. */
  readonly caption: readonly [least: number, most: number];
}

/** Prompts with reference answers, for reinforcement fine-tuning. */
export interface RewardRules {
  readonly format: 'reward';
  readonly reserved?: RegExp;
}

/** Conversations of Claude 3 Haiku: plain texts. `plain-text` is continued pre-training. */
interface SimpleRules {
  readonly format: 'prompt-completion' | 'claude' | 'plain-text';
}

export type FormatRules = ConverseRules | PromptsRules | ImagesRules | RewardRules | SimpleRules;

/** Tokens are estimated, as nothing outside AWS counts them. */
export interface TokenLimit {
  readonly most: number;
  readonly charactersPerToken: number;
  /** What AWS gives as a quota of characters, or its validator refuses, is an error. */
  readonly severity: 'error' | 'warning';
}

/** Numbers of records. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
}

export interface Limits {
  readonly training?: Range;
  readonly validation?: Range;
  /** Of both files. */
  readonly together?: Range;
  /** Bytes of a file. */
  readonly trainingBytes?: number;
  readonly validationBytes?: number;
  readonly tokens?: TokenLimit;
}

/** What is known of the data for a model and a type of customization. */
export interface DataRules {
  /** The format in words. */
  readonly name: string;
  readonly rules: FormatRules;
  readonly limits: Limits;
  readonly source: string;
  /** Whether the job does without a record that is wrong, and fails only if too few are left. */
  readonly dropsBadRecords?: boolean;
  /** Whether AWS's validator passes over empty lines. */
  readonly skipsEmptyLines?: boolean;
  /** Why the model takes no validation data. */
  readonly noValidation?: string;
}

const GB = 1024 ** 3;
const MB = 1024 ** 2;

/** Nova's training takes them for its own marks, wherever they stand and in any case. */
const NOVA_RESERVED = /(?:system|user|bot|assistant):|<(?:image|video|unk)>|\[eos\]/i;

const NOVA: ConverseRules = {
  format: 'converse',
  strict: false,
  images: ['jpeg', 'png', 'gif', 'webp'],
  videos: ['mov', 'mkv', 'mp4', 'webm'],
  documents: ['pdf'],
  reasoning: false,
  mostImages: 10,
  reserved: NOVA_RESERVED,
};

const TEXT_ONLY = { images: [], videos: [], documents: [] } as const;

const NOVA_TOKENS = { most: 32_000, charactersPerToken: 6, severity: 'warning' } as const;
const LLAMA: ConverseRules = { format: 'converse', strict: true, reasoning: false, ...TEXT_ONLY };
const llamaLimits = (tokens: number): Limits => ({
  validation: { most: 1_000 },
  together: { least: 100, most: 10_000 },
  tokens: { most: tokens, charactersPerToken: 6, severity: 'error' },
});
const LLAMA_IMAGES = ['gif', 'jpeg', 'png', 'webp'];
const converse = 'Converse format';
const TEXT_FILES = { trainingBytes: GB, validationBytes: 100 * MB } as const;
const TITAN_TOKENS = { most: 4_096, charactersPerToken: 6, severity: 'error' } as const;
const IMAGES_ALONE = 'AWS takes no validation data for this model: leave it out.';

interface Family {
  readonly model: RegExp;
  readonly types: Readonly<Record<string, DataRules>>;
}

const fineTuning = (model: RegExp, rules: DataRules, more: Family['types'] = {}): Family => ({
  model,
  types: { FINE_TUNING: rules, ...more },
});

const novaRules = (rules: ConverseRules): DataRules => ({
  name: converse,
  rules,
  limits: { training: { least: 8 }, together: { most: 20_000 }, tokens: NOVA_TOKENS },
  skipsEmptyLines: true,
  source: SOURCES.nova,
});

const llamaRules = (images: readonly string[], tokens = 16_000): DataRules => ({
  name: converse,
  rules: { ...LLAMA, images },
  limits: llamaLimits(tokens),
  source: SOURCES.formats,
});

const pairs = (limits: Limits): DataRules => ({
  name: 'prompt and completion',
  rules: { format: 'prompt-completion' },
  limits,
  source: SOURCES.formats,
});

const images = (caption: ImagesRules['caption'], least: number, most: number, source: string): DataRules => ({
  name: 'image and caption',
  rules: { format: 'images', caption },
  limits: { training: { least, most } },
  source,
});

/** The families, each by the ids of its models. */
const FAMILIES: readonly Family[] = [
  fineTuning(/^amazon\.nova-micro-/, novaRules({ ...NOVA, ...TEXT_ONLY })),
  fineTuning(/^amazon\.nova-(?:lite|pro)-/, novaRules(NOVA)),
  fineTuning(/^amazon\.nova-2-lite-/, {
    name: converse,
    rules: { ...NOVA, images: ['png', 'jpeg', 'gif'], videos: ['mov', 'mkv', 'mp4'], reasoning: true },
    // The least number is in AWS's validator alone.
    limits: { training: { least: 200, most: 20_000 }, tokens: NOVA_TOKENS },
    skipsEmptyLines: true,
    source: SOURCES.nova2,
    noValidation: 'AWS answers "Nova 2.0 doesn\'t support validation set": leave the validation data out.',
  }),
  fineTuning(/^amazon\.nova-canvas-/, images([3, 1_024], 5, 10_000, SOURCES.canvas)),
  fineTuning(/^amazon\.titan-text-/, pairs({ ...TEXT_FILES, tokens: TITAN_TOKENS }), {
    CONTINUED_PRE_TRAINING: {
      name: 'plain text',
      rules: { format: 'plain-text' },
      limits: { trainingBytes: 10 * GB, validationBytes: 100 * MB, tokens: TITAN_TOKENS },
      source: SOURCES.formats,
    },
  }),
  fineTuning(/^amazon\.titan-image-generator-/, {
    ...images([3, 1_024], 5, 10_000, SOURCES.formats),
    noValidation: IMAGES_ALONE,
  }),
  fineTuning(/^amazon\.titan-embed-image-/, {
    ...images([0, 2_560], 1_000, 500_000, SOURCES.formats),
    noValidation: IMAGES_ALONE,
  }),
  fineTuning(/^anthropic\.claude-3-haiku-/, {
    name: 'system and messages of plain text',
    rules: { format: 'claude' },
    limits: {
      training: { least: 32 },
      validation: { least: 32, most: 1_000 },
      together: { most: 10_000 },
      trainingBytes: 10 * GB,
      validationBytes: GB,
      tokens: { most: 32_000, charactersPerToken: 3, severity: 'error' },
    },
    source: SOURCES.formats,
  }),
  fineTuning(/^meta\.llama3-1-/, pairs(llamaLimits(16_000))),
  fineTuning(/^meta\.llama3-2-90b-/, llamaRules(LLAMA_IMAGES, 10_000)),
  fineTuning(/^meta\.llama3-(?:2-11b|3)-/, llamaRules(LLAMA_IMAGES)),
  fineTuning(/^meta\.llama3-2-/, llamaRules([])),
  fineTuning(/^cohere\.command/, pairs({ training: { most: 10_000 }, validation: { most: 1_000 } })),
];

const prompts = (multiTurn: boolean): DataRules => ({
  name: 'prompts in the Converse format',
  rules: { format: 'prompts', multiTurn },
  limits: { training: { least: 100, most: 15_000 }, trainingBytes: GB },
  source: SOURCES.distillation,
  dropsBadRecords: true,
});

const reward = (rules: Omit<RewardRules, 'format'> = {}): DataRules => ({
  name: 'prompts with reference answers in the format of OpenAI',
  rules: { format: 'reward', ...rules },
  limits: { training: { least: 100, most: 20_000 } },
  source: SOURCES.reward,
  skipsEmptyLines: true,
});

const FAMILIES_OF_TYPES: readonly (readonly [type: string, model: RegExp, rules: DataRules])[] = [
  ['DISTILLATION', /^amazon\.nova-/, prompts(true)],
  ['DISTILLATION', /^(?:anthropic\.claude|meta\.llama)/, prompts(false)],
  ['REINFORCEMENT_FINE_TUNING', /^amazon\.nova-2-lite-/, reward({ reserved: NOVA_RESERVED })],
  ['REINFORCEMENT_FINE_TUNING', /^(?:openai\.gpt-oss-|qwen\.)/, reward()],
];

/** The id of a foundation model: of an ARN, also of a custom model's, the part that names it. */
export const modelIdOf = (baseModel: string): string =>
  (/:(?:foundation-model|custom-model)\/([^/]+)/.exec(baseModel)?.[1] ?? baseModel).toLowerCase();

/** What AWS documents about the data of a model; undefined where it documents nothing, or the model is not known. */
export const rulesFor = (baseModel: string, type: string): DataRules | undefined => {
  const id = modelIdOf(baseModel);
  const family = FAMILIES.find(({ model }) => model.test(id));
  return (
    FAMILIES_OF_TYPES.find(([ofType, model]) => ofType === type && model.test(id))?.[2] ??
    (family !== undefined && Object.hasOwn(family.types, type) ? family.types[type] : undefined)
  );
};
