import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import {
  isModelTransitionEvent,
  isTransitionEvent,
  type ModelTransitionEvent,
  parseModelTransition,
  parseTransition,
  type TransitionEvent,
} from '../../../lib/client/transition-event.ts';
import {
  MODEL_SCHEMA_FILE,
  modelTransitionEventJsonSchema,
  SCHEMA_FILE,
  transitionEventJsonSchema,
} from '../../../scripts/write-schema.ts';
import { hasCode } from '../../../lib/domain/errors.ts';
import { newTransitions } from '../../../lib/domain/transitions.ts';
import {
  type ModelTransitionDetail,
  transitionDetail,
  type TransitionDetail,
} from '../../../lib/domain/transition-event.ts';
import { fixtureNames } from '../../support/fixtures.ts';
import { detailOf, eventOf, modelDetailOf, newModel, newRecord } from '../../support/transitions.ts';

const valid = eventOf(detailOf(newRecord('fine-tuning-failed', {}, { tags: { team: 'ml' } })));
const withDetail = (change: Record<string, unknown>) => ({ ...valid, detail: { ...valid.detail, ...change } });
const problemsOf = (event: unknown): string => {
  try {
    parseTransition(event);
  } catch (error) {
    expect(hasCode(error, 'NOT_A_TRANSITION')).toBe(true);
    return (error as Error).message;
  }
  throw new Error('it was understood');
};

// The type checker proves it: whatever is published can be read.
const published = (detail: TransitionDetail): TransitionEvent['detail'] => ({ version: '1', ...detail });
const publishedOfModel = (detail: ModelTransitionDetail): ModelTransitionEvent['detail'] => ({
  version: '1',
  ...detail,
});
const ofModels = newModel().transitions.map((transition) => modelDetailOf(newModel(), transition));

describe('the parser of transition events', () => {
  it.each(fixtureNames('jobs'))('reads every transition of %s as it is published', (fixture) => {
    const record = newRecord(fixture);
    const details = newTransitions(undefined, record).map((transition) => transitionDetail(record, transition));
    expect(details.length).toBeGreaterThan(0);
    for (const detail of details) expect(parseTransition(eventOf(detail)).detail).toEqual(published(detail));
  });

  it('keeps fields that it does not know, and reads statuses, types and ways that it does not know', () => {
    const news = { to: 'Paused', status: 'Paused', customization_type: 'NEW', via: 'webhook', task: 'tuning', more: 1 };
    expect(parseTransition({ ...withDetail(news), 'replay-name': 'r' })).toEqual({
      ...withDetail(news),
      'replay-name': 'r',
    });
  });

  it('names every problem at once', () => {
    const { to: _to, tags: _tags, ...rest } = valid.detail;
    expect(problemsOf({ ...valid, source: 'aws.bedrock', detail: { ...rest, from: 7 } })).toMatch(
      /^Not an event about a transition.*source: .*detail\.from: .*detail\.tags: .*detail\.to: /,
    );
  });

  it('refuses a detail of another version clearly', () => {
    expect(problemsOf(withDetail({ version: '2' }))).toContain(
      'detail.version: it is "2", but this parser reads version "1": use the client of the deployed tracker',
    );
  });

  it.each([undefined, null, 'text', [], {}, JSON.stringify(valid)])('refuses %j', (event) => {
    expect(problemsOf(event)).toContain('Not an event about a transition');
  });

  test.prop([fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...Object.keys(valid)), fc.jsonValue()))])(
    'understands anything or refuses it in bounded words',
    (event) => {
      expect(problemsOf(event).length).toBeLessThan(10_000);
    },
  );

  it('tells transition events from others, of any version', () => {
    expect(isTransitionEvent(withDetail({ version: '2' }))).toBe(true);
    expect(isTransitionEvent({ ...valid, source: 'aws.bedrock' })).toBe(false);
    expect(isTransitionEvent(undefined)).toBe(false);
  });
});

describe('the parser of transition events about models', () => {
  it('reads every transition as it is published', () => {
    for (const detail of ofModels)
      expect(parseModelTransition(eventOf(detail)).detail).toEqual(publishedOfModel(detail));
  });

  it('tells them from events about jobs, and names every problem', () => {
    const event = eventOf(modelDetailOf());
    expect(isModelTransitionEvent(event)).toBe(true);
    expect(isTransitionEvent(event)).toBe(false);
    expect(isModelTransitionEvent(valid)).toBe(false);
    expect(problemsOf(event)).toContain('Not an event about a transition of a model customization job: detail-type: ');
    expect(() => parseModelTransition(valid)).toThrow(
      /^Not an event about a transition of a custom model: detail-type: /,
    );
    expect(() => parseModelTransition({ ...event, detail: { ...event.detail, model_units: '2' } })).toThrow(
      'detail.model_units: expected number',
    );
  });
});

interface ObjectSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('the JSON schema of transition events about models', () => {
  const file = JSON.parse(readFileSync(MODEL_SCHEMA_FILE, 'utf8')) as { $defs: Record<string, ObjectSchema> };
  const detail = file.$defs['ModelTransitionDetail'];

  it('is what the parser checks; else run: node scripts/write-schema.ts', () => {
    expect(file).toEqual(modelTransitionEventJsonSchema());
  });

  it('has every field that events carry, requires no other, and says of each what it is', () => {
    for (const one of ofModels) {
      const fields = Object.keys(publishedOfModel(one));
      expect(Object.keys(detail?.properties ?? {})).toEqual(expect.arrayContaining(fields));
      expect(fields).toEqual(expect.arrayContaining([...(detail?.required ?? [])]));
    }
    for (const { description } of Object.values(detail?.properties ?? {}))
      expect(description).toEqual(expect.any(String));
  });
});

describe('the JSON schema of transition events', () => {
  const file = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as ObjectSchema & { $defs: Record<string, ObjectSchema> };
  const detail = file.$defs['TransitionDetail'];

  it('is what the parser checks; else run: node scripts/write-schema.ts', () => {
    expect(file).toEqual(transitionEventJsonSchema());
  });

  it.each(fixtureNames('jobs'))('has every field that events about %s carry, and requires no other', (fixture) => {
    const record = newRecord(fixture);
    for (const transition of record.transitions) {
      const event = eventOf(transitionDetail(record, transition));
      expect(Object.keys(file.properties)).toEqual(expect.arrayContaining(Object.keys(event)));
      expect(Object.keys(event)).toEqual(expect.arrayContaining([...file.required]));
      expect(Object.keys(detail?.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(event.detail)));
      expect(Object.keys(event.detail)).toEqual(expect.arrayContaining([...(detail?.required ?? [])]));
    }
  });

  it('fixes what tells these events from others, and forbids no field that is to come', () => {
    expect(file.properties).toMatchObject({
      source: { const: 'bedrock-job-tracker' },
      'detail-type': { const: 'Model Customization Job Transitioned' },
    });
    expect(detail?.properties['version']).toMatchObject({ const: '1' });
    expect(JSON.stringify(file)).not.toContain('"additionalProperties":false');
  });

  it('says of every field what it is', () => {
    for (const [name, { description, const: constant }] of Object.entries({
      ...file.properties,
      ...detail?.properties,
    })) {
      if (name !== 'detail') expect([name, description ?? constant]).toEqual([name, expect.any(String)]);
    }
  });
});
