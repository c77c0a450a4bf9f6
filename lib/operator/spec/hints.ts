import type { CreateRequest } from '../../service-model/model.ts';
import { LIST_MODELS } from '../aws-errors.ts';
import { quote } from './problems.ts';

/**
 * Text models that can be customized, with the length of their context:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/custom-model-fine-tuning.html, read on 2026-11-28
 */
const CUSTOMIZABLE = [
  'amazon.nova-2-lite-v1:0:256k',
  'amazon.nova-lite-v1:0:300k',
  'amazon.nova-micro-v1:0:128k',
  'amazon.nova-pro-v1:0:300k',
  'anthropic.claude-3-haiku-20240307-v1:0:200k',
  'meta.llama3-1-70b-instruct-v1:0:128k',
  'meta.llama3-1-8b-instruct-v1:0:128k',
  'meta.llama3-2-11b-instruct-v1:0:128k',
  'meta.llama3-2-1b-instruct-v1:0:128k',
  'meta.llama3-2-3b-instruct-v1:0:128k',
  'meta.llama3-2-90b-instruct-v1:0:128k',
  'meta.llama3-3-70b-instruct-v1:0:128k',
] as const;

const FOUNDATION_MODEL = /^(?:arn:[^:]*:bedrock:[^:]*:[^:]*:foundation-model\/)?([a-z0-9-]+\.[^/]+)$/;
/** Models of images have one version, without a length. */
const WITHOUT_LENGTH = /canvas|image/;
const WITH_LENGTH = /:\d+k$/;

/** What a request will probably be refused for, although the API's model allows it. */
export const hintsOn = ({ baseModelIdentifier: given }: CreateRequest): string[] => {
  const [, id] = FOUNDATION_MODEL.exec(given) ?? [];
  if (id === undefined || WITH_LENGTH.test(id) || WITHOUT_LENGTH.test(id)) return [];
  const meant = CUSTOMIZABLE.find((known) => known.startsWith(`${id}:`));
  const question = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return [`Bedrock may not know ${quote(given)} as a model to customize.${question} ${LIST_MODELS}`];
};
