/** Prompts with reference answers, for reinforcement fine-tuning. */
import type { RewardRules } from '../rules.ts';
import { isAbsent, isBlank, isObject, type JsonObject, quoted, type Tell } from '../problems.ts';
import { checkReserved, messagesOf, type RecordFacts } from './messages.ts';

const ROLES = ['system', 'user', 'assistant'];

const roleOf = (message: unknown): string | undefined => {
  const role = isObject(message) ? message['role'] : undefined;
  return typeof role === 'string' ? role.toLowerCase() : undefined;
};

const checkMessage = (message: JsonObject, path: string, rules: RewardRules, texts: string[], tell: Tell): void => {
  const { role, content } = message;
  if (!isAbsent(role) && !ROLES.includes(roleOf(message) ?? ''))
    tell.error(`${path}.role`, `must be one of ${ROLES.join(', ')}, not ${quoted(role)}`);
  if (isAbsent(content)) return;
  if (typeof content !== 'string') {
    const hint = Array.isArray(content) ? ': this is the format of fine-tuning' : '';
    tell.error(`${path}.content`, `must be a string, not ${quoted(content)}${hint}`);
    return;
  }
  texts.push(content);
  if (isBlank(content)) tell.error(`${path}.content`, 'is empty: write its text, or remove the message');
  checkReserved(content, `${path}.content`, rules, tell);
};

const checkReference = (reference: unknown, tell: Tell): void => {
  if (isAbsent(reference)) {
    tell.warning('reference_answer', 'is missing: AWS asks for what the reward function compares with');
    return;
  }
  const isFilled =
    typeof reference === 'string' ? !isBlank(reference) : isObject(reference) && Object.keys(reference).length > 0;
  if (!isFilled)
    tell.error('reference_answer', `must be a text or an object that is not empty, not ${quoted(reference)}`);
};

const isName = (value: unknown): value is string => typeof value === 'string' && !isBlank(value);

/** What is wrong with a tool, in words; undefined for a right one. */
const problemOfTool = (tool: unknown): string | undefined => {
  const definition = isObject(tool) && tool['type'] === 'function' ? tool['function'] : undefined;
  if (!isObject(definition)) return 'must be {"type": "function", "function": {…}}';
  if (!isName(definition['name']) || !isName(definition['description'])) return 'must have a name and a description';
  const { parameters } = definition;
  if (!isObject(parameters) || parameters['type'] !== 'object' || !isObject(parameters['properties']))
    return 'must have parameters of type "object" with properties';
  const { required } = parameters;
  const isList = Array.isArray(required) && required.every((name) => typeof name === 'string');
  return isAbsent(required) || isList ? undefined : 'must have a list of names as "required"';
};

const checkTools = (tools: unknown, tell: Tell): void => {
  if (tools === undefined) return;
  if (!Array.isArray(tools) || tools.length === 0) {
    tell.error(
      'tools',
      `must be a list with a tool, not ${Array.isArray(tools) ? 'empty' : quoted(tools)}: leave it out where there is none`,
    );
    return;
  }
  const names = new Set<unknown>();
  tools.forEach((tool: unknown, index) => {
    const problem = problemOfTool(tool);
    if (problem !== undefined) tell.error(`tools[${index}]`, problem);
    const name = isObject(tool) && isObject(tool['function']) ? tool['function']['name'] : undefined;
    if (name !== undefined && names.has(name))
      tell.error(`tools[${index}].function.name`, 'is the name of another tool too');
    names.add(name);
  });
};

/** `{"messages": [{"role": "user", "content": "…"}], "reference_answer": …}` */
export const checkReward = (record: JsonObject, rules: RewardRules, tell: Tell): RecordFacts => {
  const texts: string[] = [];
  const { id } = record;
  if (!isAbsent(id) && !isName(id)) tell.error('id', `must be a text that is not empty, not ${quoted(id)}`);
  const messages = messagesOf(record, tell) ?? [];
  messages.forEach((message, index) => {
    if (isObject(message)) checkMessage(message, `messages[${index}]`, rules, texts, tell);
  });
  const system = messages.findIndex((message) => roleOf(message) === 'system');
  if (system > 0 && roleOf(messages[0]) !== 'system')
    tell.error(`messages[${system}].role`, 'must not be "system" here: the system prompt comes first');
  if (messages.length > 0 && !messages.some((message) => roleOf(message) === 'user'))
    tell.error('messages', 'have no message of the user');
  checkReference(record['reference_answer'], tell);
  checkTools(record['tools'], tell);
  return { texts };
};
