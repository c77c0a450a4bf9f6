/** The formats besides conversations of the Converse API. */
import type { ImagesRules, PromptsRules } from '../rules.ts';
import { isBlank, isObject, type JsonObject, quoted, type Tell } from '../problems.ts';
import { checkOrder, messagesOf, type RecordFacts } from './messages.ts';

/** A member that must be a text with words. Answers the text. */
const wordsOf = (record: JsonObject, name: string, hint: string, tell: Tell, path = name): readonly string[] => {
  const value = record[name];
  if (value === undefined) tell.error(path, `is missing${hint}`);
  else if (typeof value !== 'string') tell.error(path, `must be a string, not ${quoted(value)}`);
  else {
    if (isBlank(value)) tell.error(path, 'is empty: write its text, or remove the line');
    return [value];
  }
  return [];
};

const PAIRS_HINT = ': each line must be {"prompt": "…", "completion": "…"}';

/** `{"prompt": "…", "completion": "…"}` */
export const checkPair = (record: JsonObject, tell: Tell): RecordFacts => {
  const hint = 'messages' in record ? `${PAIRS_HINT}, and this is a conversation` : PAIRS_HINT;
  return { texts: [...wordsOf(record, 'prompt', hint, tell), ...wordsOf(record, 'completion', hint, tell)] };
};

/** `{"input": "…"}`, for continued pre-training. */
export const checkPlainText = (record: JsonObject, tell: Tell): RecordFacts => ({
  texts: wordsOf(record, 'input', ': each line must be {"input": "…"}', tell),
});

const CLAUDE_RESERVED = ['\nHuman:', '\nAssistant:'];
const CLAUDE_KEYS = new Set(['system', 'messages']);

const checkClaudeText = (text: string, path: string, tell: Tell): void => {
  const word = CLAUDE_RESERVED.find((reserved) => text.includes(reserved));
  if (word !== undefined)
    tell.error(
      path,
      `has "${word.trim()}" at the beginning of a line, which Claude keeps for itself: write it differently`,
    );
};

const plainContent = (message: JsonObject, path: string, tell: Tell): readonly string[] => {
  const hint = Array.isArray(message['content']) ? ': this model takes {"role": "user", "content": "…"}' : '';
  if (hint !== '') tell.error(`${path}.content`, `must be a string, not a list${hint}`);
  return hint === '' ? wordsOf(message, 'content', '', tell, `${path}.content`) : [];
};

/** Claude 3 Haiku: `{"system": "…", "messages": [{"role": "user", "content": "…"}, …]}` */
export const checkClaude = (record: JsonObject, tell: Tell): RecordFacts => {
  const texts: string[] = [];
  const { system } = record;
  if (typeof system === 'string') texts.push(system);
  else if (system !== undefined) tell.error('system', `must be a string, not ${quoted(system)}`);
  if (typeof system === 'string') checkClaudeText(system, 'system', tell);
  const extra = Object.keys(record).find((name) => !CLAUDE_KEYS.has(name));
  if (extra !== undefined) tell.warning('', `has the unknown member ${quoted(extra)}: remove it`);
  const messages = messagesOf(record, tell) ?? [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) continue;
    const [text] = plainContent(message, `messages[${index}]`, tell);
    if (text === undefined) continue;
    texts.push(text);
    checkClaudeText(text, `messages[${index}].content`, tell);
  }
  checkOrder(messages, 'answer', tell);
  return { texts };
};

const IMAGE_NAME = /\.(?:png|jpe?g)$/i;

/** `{"image-ref": "s3://…", "caption": "…"}` */
export const checkImage = (record: JsonObject, { caption: [least, most] }: ImagesRules, tell: Tell): RecordFacts => {
  const { 'image-ref': image, caption } = record;
  if (typeof image !== 'string' || !/^s3:\/\/[^/]+\/./s.test(image))
    tell.error('image-ref', `must be the location of an image, s3://bucket/image.png, not ${quoted(image ?? null)}`);
  else if (!IMAGE_NAME.test(image))
    tell.warning('image-ref', `must be a PNG or JPEG image: ${quoted(image)} has another name`);
  if (typeof caption !== 'string') {
    tell.error('caption', caption === undefined ? 'is missing' : `must be a string, not ${quoted(caption)}`);
    return { texts: [] };
  }
  const { length } = caption;
  if (length < least) tell.error('caption', `must have at least ${least} characters, and has ${length}`);
  if (length > most) tell.error('caption', `must have at most ${most} characters, and has ${length}`);
  return { texts: [] };
};

const PROMPT_KEYS = new Set(['schemaVersion', 'system', 'messages']);
const MESSAGE_KEYS = new Set(['role', 'content']);
const ITEM_KEYS = new Set(['text', 'type']);

const refuseOthers = (value: JsonObject, known: ReadonlySet<string>, path: string, tell: Tell): void => {
  const extra = Object.keys(value).find((name) => !known.has(name));
  if (extra !== undefined) tell.error(path, `has the unknown member ${quoted(extra)}: prompts are text alone`);
};

/** A list with exactly one text. */
const singleText = (list: unknown, known: ReadonlySet<string>, path: string, tell: Tell): readonly string[] => {
  const [item] = Array.isArray(list) ? (list as readonly unknown[]) : [];
  if (!Array.isArray(list) || list.length !== 1 || !isObject(item)) {
    tell.error(path, 'must be a list with exactly one {"text": "…"}');
    return [];
  }
  refuseOthers(item, known, `${path}[0]`, tell);
  const { type } = item;
  if (type !== undefined && typeof type !== 'string')
    tell.error(`${path}[0].type`, `must be a string, not ${quoted(type)}`);
  return wordsOf(item, 'text', '', tell, `${path}[0].text`);
};

/** A prompt of a distillation. */
export const checkPrompt = (record: JsonObject, { multiTurn }: PromptsRules, tell: Tell): RecordFacts => {
  const { schemaVersion, system } = record;
  if (schemaVersion !== 'bedrock-conversation-2024')
    tell.error('schemaVersion', `must be "bedrock-conversation-2024", not ${quoted(schemaVersion ?? null)}`);
  refuseOthers(record, PROMPT_KEYS, '', tell);
  const texts = system === undefined ? [] : [...singleText(system, new Set(['text']), 'system', tell)];
  const messages = messagesOf(record, tell) ?? [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) continue;
    refuseOthers(message, MESSAGE_KEYS, `messages[${index}]`, tell);
    texts.push(...singleText(message['content'], ITEM_KEYS, `messages[${index}].content`, tell));
  }
  checkOrder(messages, 'anything', tell);
  if (!multiTurn && messages.length > 2)
    tell.error('messages', 'have several turns: only Nova models are distilled from them');
  return { texts };
};
