import type { ConverseRules } from '../rules.ts';
import { isAbsent, isBlank, isObject, type JsonObject, quoted, type Tell } from '../problems.ts';
import { checkOrder, checkReserved, checkSchemaVersion, messagesOf, type RecordFacts } from './messages.ts';

const MEDIA = ['image', 'video', 'document'] as const;
type Medium = (typeof MEDIA)[number];

/** What Nova's documents allow in the keys of images: letters, digits and these. */
const PLAIN_KEY = /^[\p{L}\p{N}_\-/.]+\n?$/u;
const S3_URI = /^s3:\/\/([^/]+)\/./s;

/** What the items of one record hold. */
interface Counts {
  readonly texts: string[];
  readonly image: string[];
  readonly video: string[];
  readonly document: string[];
}

const checkLocation = (source: unknown, path: string, { strict }: ConverseRules, tell: Tell): string | undefined => {
  const location = isObject(source) ? source['s3Location'] : undefined;
  if (!isObject(location)) {
    tell.error(path, 'must be {"s3Location": {"uri": "s3://…"}}: files inside the data are not accepted');
    return undefined;
  }
  const { uri, bucketOwner } = location;
  if (!isAbsent(bucketOwner) && typeof bucketOwner !== 'string')
    tell.error(`${path}.s3Location.bucketOwner`, `must be the account id as a string, not ${quoted(bucketOwner)}`);
  const where = `${path}.s3Location.uri`;
  if (typeof uri !== 'string' || !uri.startsWith('s3://')) {
    tell.error(where, `must be a location such as s3://bucket/image.png, not ${quoted(uri ?? '')}`);
    return undefined;
  }
  if (!strict && !PLAIN_KEY.test(uri.slice('s3://'.length)))
    tell.error(where, `may hold only letters, digits, _ - / and dots: rename ${quoted(uri)}`);
  return S3_URI.exec(uri)?.[1];
};

const checkMedium = (medium: Medium, value: unknown, path: string, rules: ConverseRules, tell: Tell) => {
  const formats = rules[`${medium}s`];
  if (formats.length === 0) tell.error(path, `is not accepted: this model is not trained on ${medium}s`);
  if (!isObject(value)) {
    tell.error(path, 'must be an object with format and source');
    return undefined;
  }
  const { format } = value;
  const isKnown = typeof format === 'string' && formats.includes(format.toLowerCase());
  if (formats.length > 0 && !isKnown) {
    const hint = format === 'jpg' ? ': write jpeg' : '';
    tell.error(`${path}.format`, `must be one of ${formats.join(', ')}, not ${quoted(format ?? '')}${hint}`);
  }
  return checkLocation(value['source'], `${path}.source`, rules, tell);
};

const checkReasoning = (value: unknown, path: string, isAnswer: boolean, rules: ConverseRules, tell: Tell): void => {
  const reasoning = isObject(value) ? value['reasoningText'] : undefined;
  const text = isObject(reasoning) ? reasoning['text'] : undefined;
  if (!rules.reasoning) tell.error(path, 'is not accepted: only Nova 2 is trained on reasoning');
  else if (!isAnswer) tell.error(path, 'belongs into messages of the assistant');
  else if (typeof text !== 'string' || isBlank(text))
    tell.error(`${path}.reasoningText.text`, 'must be the text of the reasoning');
  else checkReserved(text, `${path}.reasoningText.text`, rules, tell);
};

const checkTools = (item: JsonObject, path: string, isAnswer: boolean, tell: Tell): void => {
  const wrong = isAnswer ? 'toolResult' : 'toolUse';
  if (!isAbsent(item[wrong]))
    tell.error(`${path}.${wrong}`, `belongs into messages of the ${isAnswer ? 'user' : 'assistant'}`);
  const right = isAnswer ? 'toolUse' : 'toolResult';
  if (!isAbsent(item[right]))
    tell.warning(`${path}.${right}`, 'may make the job fail: AWS does not support tools in training data');
};

/** Checks one item of a message, and answers what it is: an item must be something. */
const checkItem = (
  item: unknown,
  path: string,
  isAnswer: boolean,
  rules: ConverseRules,
  counts: Counts,
  tell: Tell,
): void => {
  if (!isObject(item)) {
    tell.error(path, `must be an object such as {"text": "…"}, not ${quoted(item)}`);
    return;
  }
  const { text } = item;
  if (typeof text === 'string') {
    counts.texts.push(text);
    checkReserved(text, `${path}.text`, rules, tell);
  } else if (text !== undefined && (text !== null || rules.strict))
    tell.error(`${path}.text`, `must be a string, not ${quoted(text)}`);
  let hasPart = typeof text === 'string';
  for (const medium of MEDIA) {
    const value = item[medium];
    if (value === undefined || (value === null && !rules.strict)) continue;
    hasPart = true;
    if (isAnswer) tell.error(`${path}.${medium}`, `belongs into messages of the user: the assistant answers with text`);
    counts[medium].push(checkMedium(medium, value, `${path}.${medium}`, rules, tell) ?? '');
  }
  if (!isAbsent(item['reasoningContent'])) {
    hasPart = true;
    checkReasoning(item['reasoningContent'], `${path}.reasoningContent`, isAnswer, rules, tell);
  }
  if (!isAbsent(item['toolUse']) || !isAbsent(item['toolResult'])) {
    hasPart = true;
    checkTools(item, path, isAnswer, tell);
  }
  if (!hasPart) tell.error(path, 'has neither text nor an image, video or document');
};

const hasTools = (item: unknown): boolean =>
  isObject(item) && !(isAbsent(item['toolUse']) && isAbsent(item['toolResult']));
const hasMedia = (item: unknown): boolean => isObject(item) && MEDIA.some((medium) => !isAbsent(item[medium]));
const hasWords = (item: unknown): boolean =>
  isObject(item) && typeof item['text'] === 'string' && !isBlank(item['text']);

const checkMessage = (message: JsonObject, path: string, rules: ConverseRules, counts: Counts, tell: Tell): void => {
  const { content, role } = message;
  const isAnswer = role === 'assistant';
  const where = `${path}.content`;
  if ('candidates' in message) {
    tell.error(
      `${path}.candidates`,
      'is preference data: Bedrock has no customization type that takes it (SageMaker does)',
    );
    return;
  }
  if (!Array.isArray(content)) {
    const hint = typeof content === 'string' ? ': write [{"text": "…"}]' : '';
    tell.error(where, `must be a list of items, not ${quoted(content ?? null)}${hint}`);
    return;
  }
  content.forEach((item: unknown, index) => checkItem(item, `${where}[${index}]`, isAnswer, rules, counts, tell));
  if (content.some(hasWords) || content.some((item) => hasTools(item) || (!isAnswer && hasMedia(item)))) return;
  tell.error(where, isAnswer ? 'is an empty answer: write what the model should learn' : 'is empty: write the prompt');
};

/** Checks a system prompt: a list of texts. Llama's takes exactly one. */
const checkSystem = (system: unknown, rules: ConverseRules, counts: Counts, tell: Tell): void => {
  const isNull = system === null && !rules.strict;
  if (system === undefined || isNull) return;
  if (!Array.isArray(system)) {
    tell.error('system', `must be a list such as [{"text": "…"}], not ${quoted(system)}`);
    return;
  }
  if (rules.strict && system.length !== 1) tell.error('system', `must have exactly one text, and has ${system.length}`);
  system.forEach((item: unknown, index) => {
    const text = isObject(item) ? item['text'] : undefined;
    if (typeof text !== 'string') tell.error(`system[${index}].text`, `must be a string, not ${quoted(text ?? null)}`);
    else {
      counts.texts.push(text);
      checkReserved(text, `system[${index}].text`, rules, tell);
    }
  });
};

const checkCounts = (
  { image, video, document }: Counts,
  { mostImages = Infinity }: ConverseRules,
  tell: Tell,
): void => {
  if (image.length > mostImages)
    tell.error('messages', `have ${image.length} images, more than the ${mostImages} of a record`);
  if (video.length > 1) tell.error('messages', `have ${video.length} videos: a record may have one`);
  if (document.length > 1) tell.error('messages', `have ${document.length} documents: a record may have one`);
  if (video.length > 0 && image.length + document.length > 0)
    tell.error('messages', 'mix videos with images or documents: split them into several data sets');
};

/** Checks a record in the format of the Converse API. */
export const checkConverse = (record: JsonObject, rules: ConverseRules, tell: Tell): RecordFacts => {
  const counts: Counts = { texts: [], image: [], video: [], document: [] };
  checkSchemaVersion(record, rules.strict, tell);
  checkSystem(record['system'], rules, counts, tell);
  if (!isAbsent(record['toolConfig']))
    tell.warning('toolConfig', 'may make the job fail: AWS does not support tools in training data');
  const messages = messagesOf(record, tell);
  if (messages === undefined) return counts;
  messages.forEach((message, index) => {
    if (isObject(message)) checkMessage(message, `messages[${index}]`, rules, counts, tell);
  });
  checkOrder(messages, 'answer', tell);
  checkCounts(counts, rules, tell);
  return counts;
};
