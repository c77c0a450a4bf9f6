import { MODEL_INDEX } from '../../contract.ts';
import { formatScope, type Scope } from '../../domain/identity.ts';
import type { Condition } from './filter.ts';
import { byCreation, modelArnsOf, partsOf, scan, scopesOf, type Plan } from './plan.ts';
import type { ListQuestion } from './validate.ts';

const has = (attribute: string, wanted: boolean | undefined): Condition[] =>
  wanted === undefined ? [] : [{ is: wanted ? 'present' : 'absent', attribute }];

/** Chooses the index and partitions for a request about models, as `planList` does for jobs. */
export const planModels = (question: ListQuestion, known: readonly Scope[], registered = false): Plan => {
  const { serving, removed, jobArn, baseModel } = question;
  const found = scopesOf(question, known);
  const areScopesKnown = registered || found.length > 0;
  const scopes = found.map(formatScope);
  const bases = modelArnsOf(question, found, registered);
  const { status, rest, scope, model, created, isNowhere } = partsOf(question, bases, 'model_name');
  const others = [...has('missing_since', removed), ...status, ...rest];
  const conditions = [...has('serving_scope', serving), ...others];

  if (jobArn !== undefined) {
    return byCreation(MODEL_INDEX.byJob, isNowhere ? [] : [jobArn], [...scope, ...model, ...conditions], question);
  }
  if (serving === true && areScopesKnown) {
    return byCreation(MODEL_INDEX.serving, scopes, [...model, ...others], question);
  }
  if (baseModel !== undefined) return byCreation(MODEL_INDEX.byBaseModel, bases, [...scope, ...conditions], question);
  if (areScopesKnown) return byCreation(MODEL_INDEX.byScope, scopes, conditions, question);
  // The table also has pointers from what serves to its model. They have no scope.
  return scan(question, known, [...has('scope', true), ...created, ...scope, ...conditions], 'jobArn or baseModel');
};
