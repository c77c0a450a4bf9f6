/** The data that jobs name: small valid files, which follow from their location. Nothing is stored. */
import type { JobAnswer } from '../life.ts';
import type { Job, SimulatedJobs } from '../jobs.ts';
import { type Random, seededRandom, seedOf } from '../random.ts';
import type { StoredObject } from './objects.ts';

/** Enough for every text model. */
const RECORDS = 220;

const TOPICS = ['an order', 'a refund', 'a password', 'an invoice', 'a delivery', 'a discount'] as const;
const VERBS = ['change', 'cancel', 'find', 'repeat', 'confirm'] as const;

/** A question with its answer. */
const exchangeOf = (random: Random, number: number) => {
  const [topic, verb] = [random.pick(TOPICS), random.pick(VERBS)];
  return {
    question: `How do I ${verb} ${topic}? My number is ${number}.`,
    answer: `Open your account, choose ${topic} with the number ${number}, and press ${verb}.`,
  };
};

type Exchange = ReturnType<typeof exchangeOf>;

const conversationOf = ({ question, answer }: Exchange, hasAnswer: boolean) => ({
  schemaVersion: 'bedrock-conversation-2024',
  system: [{ text: 'You help customers of a shop.' }],
  messages: [
    { role: 'user', content: [{ text: question }] },
    ...(hasAnswer ? [{ role: 'assistant', content: [{ text: answer }] }] : []),
  ],
});

/** A record in the format of the model: https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-prepare.html */
const recordOf = (exchange: Exchange, model: string, type: string, bucket: string): object => {
  const { question, answer } = exchange;
  if (type === 'DISTILLATION') return conversationOf(exchange, false);
  if (type === 'REINFORCEMENT_FINE_TUNING')
    return { messages: [{ role: 'user', content: question }], reference_answer: answer };
  if (/canvas|image/.test(model)) return { 'image-ref': `s3://${bucket}/images/cat.png`, caption: answer };
  if (/claude/.test(model))
    return {
      messages: [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
    };
  return /nova|llama3-[23]/.test(model) ? conversationOf(exchange, true) : { prompt: question, completion: answer };
};

const contentOf = (key: string, bucket: string, { baseModelArn = '', customizationType = '' }: JobAnswer): string => {
  const random = seededRandom(seedOf(`${bucket}/${key}`));
  const records = Array.from({ length: RECORDS }, (_, number) =>
    recordOf(exchangeOf(random, 1000 + number), baseModelArn, customizationType, bucket),
  );
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
};

/** The jobs whose data lie in a bucket, with their keys there. A cheap look at each: there may be a hundred thousand. */
export function* readersOf(store: SimulatedJobs, bucket: string): Generator<readonly [job: Job, key: string]> {
  const start = `s3://${bucket}/`;
  for (const job of store.all()) {
    const { trainingDataConfig, validationDataConfig } = job.given;
    const training = trainingDataConfig as { readonly s3Uri?: string } | undefined;
    if (training?.s3Uri?.startsWith(start) === true) yield [job, training.s3Uri.slice(start.length)];
    for (const { s3Uri = '' } of validationDataConfig?.validators ?? [])
      if (s3Uri.startsWith(start)) yield [job, s3Uri.slice(start.length)];
  }
}

/** The data in a bucket whose keys begin with `prefix`. Of jobs that share a file, the last one made decides its format. */
export const dataIn = (store: SimulatedJobs, bucket: string, prefix: string): StoredObject[] => {
  const found: StoredObject[] = [];
  for (const [{ given, createdAt }, key] of readersOf(store, bucket)) {
    if (!key.startsWith(prefix) || !key.endsWith('.jsonl')) continue;
    found.push({ key, lastModified: createdAt, content: () => contentOf(key, bucket, given) });
  }
  return found;
};
