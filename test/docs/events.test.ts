import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MODEL_TRANSITION_DETAIL_TYPE, TRANSITION_DETAIL_TYPE, TRANSITION_EVENT_SOURCE } from '../../lib/contract.ts';
import { parseModelTransition, parseTransition } from '../../lib/client/transition-event.ts';
import { advance } from '../../lib/domain/advance.ts';
import { newTransitions } from '../../lib/domain/transitions.ts';
import { transitionDetail } from '../../lib/domain/transition-event.ts';
import { MODEL_SCHEMA_FILE, SCHEMA_FILE } from '../../scripts/write-schema.ts';
import { snapshotOf } from '../support/fixtures.ts';
import { eventOf, modelDetailOf, newRecord } from '../support/transitions.ts';

const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'events.md'), 'utf8');
const sectionOf = (heading: string): string => document.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const jsonIn = (text: string): unknown[] =>
  [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = '']) => JSON.parse(block) as unknown);

/** A job that was seen in progress and then failed, as Bedrock's events told. */
const example = () => {
  const tags = { team: 'marketing' };
  const running = newRecord(
    'fine-tuning-failed',
    {
      status: 'InProgress',
      statusDetails: {},
      failureMessage: undefined,
      endTime: undefined,
      lastModifiedTime: new Date('2026-08-09T21:21:16.774Z'),
    },
    { tags, fetchedAt: '2026-08-09T21:21:18.020Z' },
  );
  const decision = advance(
    running,
    snapshotOf('fine-tuning-failed', {}, { tags, fetchedAt: '2026-08-09T21:23:10.402Z' }),
  );
  if (!('record' in decision)) throw new Error('nothing was written');
  const { record } = decision;
  const transition = newTransitions(running, record).find(({ task }) => task === undefined);
  if (transition === undefined) throw new Error('the job has no transition');
  return eventOf(transitionDetail(record, transition));
};

/** Whether a pattern matches, as far as this page uses EventBridge's rules. */
const matches = (pattern: unknown, value: unknown): boolean => {
  if (Array.isArray(pattern)) {
    return pattern.some((rule: unknown) => {
      if (typeof rule !== 'object' || rule === null) return rule === value;
      const { exists, 'anything-but': others } = rule as { exists?: boolean; 'anything-but'?: unknown[] };
      if (exists !== undefined) return exists === (value !== undefined);
      return value !== undefined && others?.includes(value) === false;
    });
  }
  return Object.entries(pattern as object).every(([key, inner]) =>
    matches(inner, (value as Record<string, unknown> | undefined)?.[key]),
  );
};

describe('docs/events.md', () => {
  it('shows an event as it is published', () => {
    expect(jsonIn(sectionOf('Example'))).toEqual([example()]);
    expect(() => parseTransition(jsonIn(sectionOf('Example'))[0])).not.toThrow();
  });

  it.each([
    ['TransitionDetail', SCHEMA_FILE, sectionOf('Fields').split('\n`status` is')[0]],
    ['ModelTransitionDetail', MODEL_SCHEMA_FILE, sectionOf('Models')],
  ])('has every field of %s and marks those that can be absent', (title, file, fields = '') => {
    const schema = JSON.parse(readFileSync(file, 'utf8')) as {
      $defs: Record<string, { properties: object; required: string[] }>;
    };
    const { properties, required } = schema.$defs[title] ?? { properties: {}, required: [] };
    const documented = [...fields.matchAll(/`(\w+\??)`/g)].map(([, name]) => name);
    const expected = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
    expect(expected.length).toBeGreaterThan(10);
    expect(documented).toEqual(expect.arrayContaining(expected));
  });

  it('shows the detail of an idle throughput as it is published, and a pattern for it', () => {
    const [detail, pattern, ...others] = jsonIn(sectionOf('Models'));
    const event = eventOf(modelDetailOf());
    expect(detail).toEqual(event.detail);
    expect(others).toEqual([]);
    expect(parseModelTransition(event)).toBe(event);
    expect(matches(pattern, event)).toBe(true);
    expect(matches(pattern, { ...event, detail: { ...event.detail, kind: 'deployment' } })).toBe(false);
    expect(matches(pattern, example())).toBe(false);
  });

  it('names the source and the detail type', () => {
    expect(document).toContain(`Source: \`${TRANSITION_EVENT_SOURCE}\``);
    expect(document).toContain(`Detail type: \`${TRANSITION_DETAIL_TYPE}\``);
    expect(document).toContain(`Detail type: \`${MODEL_TRANSITION_DETAIL_TYPE}\``);
  });

  it('has patterns that match what they say, and nothing else', () => {
    const event = example();
    const [failed, team, completed, ...others] = jsonIn(sectionOf('Patterns'));
    expect(others).toEqual([]);
    const withDetail = (change: Record<string, unknown>) => ({ ...event, detail: { ...event.detail, ...change } });
    const cases: [pattern: unknown, event: unknown, matched: boolean][] = [
      [failed, event, true],
      [failed, withDetail({ task: 'validation' }), false],
      [failed, withDetail({ via: 'backfill' }), false],
      [failed, withDetail({ to: 'Completed' }), false],
      [failed, { ...event, source: 'aws.bedrock' }, false],
      [team, event, true],
      [team, withDetail({ tags: {} }), false],
      [completed, withDetail({ to: 'Completed' }), true],
      [completed, withDetail({ to: 'Completed', account_id: '210987654321' }), false],
    ];
    expect(cases.map(([pattern, one]) => matches(pattern, one))).toEqual(cases.map(([, , matched]) => matched));
  });
});
