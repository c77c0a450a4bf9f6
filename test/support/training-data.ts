/** A valid record of each format. Tests change one thing. */
const conversation = {
  schemaVersion: 'bedrock-conversation-2024',
  system: [{ text: 'You answer questions about orders.' }],
  messages: [
    { role: 'user', content: [{ text: 'Where is my order?' }] },
    { role: 'assistant', content: [{ text: 'It arrives tomorrow.' }] },
  ],
};

export const RECORDS = {
  converse: conversation,
  prompt: { ...conversation, messages: conversation.messages.slice(0, 1) },
  pair: { prompt: 'Where is my order?', completion: 'It arrives tomorrow.' },
  claude: {
    system: 'You answer questions about orders.',
    messages: [
      { role: 'user', content: 'Where is my order?' },
      { role: 'assistant', content: 'It arrives tomorrow.' },
    ],
  },
  image: { 'image-ref': 's3://acme-training/pets/cat.png', caption: 'an orange cat' },
  plainText: { input: 'Orders arrive within two days.' },
  reward: { messages: [{ role: 'user', content: 'Solve: 2x + 5 = 13' }], reference_answer: { x: 4 } },
} as const;

export const MODELS = {
  novaMicro: 'amazon.nova-micro-v1:0:128k',
  nova: 'amazon.nova-lite-v1:0:300k',
  nova2: 'amazon.nova-2-lite-v1:0:256k',
  canvas: 'amazon.nova-canvas-v1:0',
  titan: 'amazon.titan-text-express-v1:0:8k',
  haiku: 'anthropic.claude-3-haiku-20240307-v1:0:200k',
  llama31: 'meta.llama3-1-8b-instruct-v1:0:128k',
  llama32: 'meta.llama3-2-1b-instruct-v1:0:128k',
  llamaVision: 'meta.llama3-2-11b-instruct-v1:0:128k',
} as const;

/** A file of these records. */
export const jsonl = (records: readonly unknown[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
