import { beforeEach, describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { newTransitions } from '../../../lib/domain/transitions.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { entryBytes, transitionEntry } from '../../../lib/runtime/transition-bus.ts';
import { modelTransitionDetail, transitionDetail } from '../../../lib/domain/transition-event.ts';
import {
  BECAME_IDLE,
  DEPLOYMENT,
  detailOf,
  modelDetailOf,
  newModel,
  newRecord,
  THROUGHPUT,
} from '../../support/transitions.ts';

const JOB = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-micro-v1:0:128k/r5t6y7u8i9o0';
const AT = '2026-08-09T21:22:58.301Z';
let failed: JobRecord;
beforeEach(() => {
  const observed = { tags: { team: 'marketing' }, fetchedAt: '2026-08-09T21:23:10.000Z' };
  failed = newRecord('fine-tuning-failed', {}, observed);
});

describe('transitionDetail', () => {
  it('has the fields of the record under their own names', () => {
    expect(detailOf(failed)).toEqual({
      transition_id: `${JOB}#job#Failed#${AT}`,
      job_arn: JOB,
      job_name: 'marketing-copy-ft-3',
      job_id: 'r5t6y7u8i9o0',
      account_id: '123456789012',
      region: 'us-east-1',
      customization_type: 'FINE_TUNING',
      from: null,
      to: 'Failed',
      at: AT,
      observed_at: '2026-08-09T21:23:10.000Z',
      via: 'event',
      status: 'Failed',
      creation_time: '2026-08-09T21:21:16.774Z',
      end_time: AT,
      failure_message: expect.stringContaining('Could not validate GetObject permissions'),
      base_model_arn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0:128k',
      output_model_name: 'marketing-copy-micro',
      tags: { team: 'marketing' },
    });
  });

  it('names the sub-task, beside the status of the job', () => {
    const statusDetails = { validationDetails: { status: 'Completed', lastModifiedTime: new Date(AT) } };
    expect(detailOf(newRecord('continued-pre-training-in-progress', { statusDetails }), 'validation')).toMatchObject({
      transition_id: expect.stringMatching(/#validation#Completed#2026-08-09T21:22:58.301Z$/),
      task: 'validation',
      to: 'Completed',
      status: 'InProgress',
    });
  });

  it('has a stable id of its own for each transition', () => {
    const record = newRecord('fine-tuning-completed');
    const ids = () => newTransitions(undefined, record).map((entry) => transitionDetail(record, entry).transition_id);
    expect(new Set(ids()).size).toBe(record.transitions.length);
    expect(ids()).toEqual(ids());
  });

  it.each(['fine-tuning-completed', 'reinforcement-fine-tuning-completed', 'distillation-in-progress'])(
    'of %s has no hyperparameters and no data locations',
    (fixture) => {
      expect(JSON.stringify(detailOf(newRecord(fixture)))).not.toMatch(/s3:\/\/|hyper|learning|role/i);
    },
  );

  it('cuts a failure message beyond 2,048 characters, at a whole character', () => {
    const { failure_message = '' } = detailOf({ ...failed, failure_message: '\u{1F600}'.repeat(5_000) });
    expect(failure_message).toHaveLength(2_048);
    expect(failure_message.endsWith('…')).toBe(true);
    expect(failure_message.isWellFormed()).toBe(true);
  });

  it('keeps the tags that fit in any order, and counts the others', () => {
    const small = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`tag-${n}`, 'v'.repeat(256)]));
    const detail = detailOf({ ...failed, tags: { aaa: 'x'.repeat(100_000), ...small, zzz: 'y'.repeat(100_000) } });
    expect(detail.tags).toEqual(small);
    expect(detail.tags_left_out).toBe(2);
    expect(detailOf({ ...failed, tags: small })).not.toHaveProperty('tags_left_out');
  });

  it('keeps the first tags by key if not all fit', () => {
    const tags = { b: 'x'.repeat(40_000), a: 'y'.repeat(40_000) };
    expect(detailOf({ ...failed, tags })).toMatchObject({ tags: { a: tags.a }, tags_left_out: 1 });
  });

  it('takes tags up to 64 KiB and no more', () => {
    const [most, few] = [{ k: 'x'.repeat(65_536 - '{"k":""}'.length) }, { z: '' }];
    expect(detailOf({ ...failed, tags: most })).toMatchObject({ tags: most });
    expect(detailOf({ ...failed, tags: most })).not.toHaveProperty('tags_left_out');
    expect(detailOf({ ...failed, tags: { ...most, ...few } })).toMatchObject({ tags: most, tags_left_out: 1 });
  });

  it('cuts other texts beyond 1,024 characters', () => {
    expect(detailOf({ ...failed, job_name: 'n'.repeat(1_024) }).job_name).toBe('n'.repeat(1_024));
    expect(detailOf({ ...failed, job_name: 'n'.repeat(1_025) }).job_name).toBe(`${'n'.repeat(1_023)}…`);
  });

  it('has the previous status, and no task for the job itself', () => {
    const [transition] = failed.transitions.slice(-1);
    const detail = transition && transitionDetail(failed, { ...transition, from: 'InProgress' });
    expect(detail?.from).toBe('InProgress');
    expect(detail).not.toHaveProperty('task');
  });

  const long = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30_000, size: 'max' }),
    fc.integer({ min: 0, max: 100_000 }).map((length) => '\u0001'.repeat(length)),
    fc.integer({ min: 0, max: 100_000 }).map((length) => '測'.repeat(length)),
  );
  const hostile = fc.record({
    job_arn: long,
    job_name: long,
    status: long,
    failure_message: long,
    base_model_arn: long,
    output_model_arn: long,
    output_model_name: long,
    customization_type: long,
    creation_time: long,
    end_time: long,
    tags: fc.dictionary(long, long, { maxKeys: 20 }),
  });
  test.prop([hostile], { numRuns: 40 })('always fits into one event', (fields) => {
    const [transition] = failed.transitions.slice(-1).map((entry) => ({ ...entry, to: fields.status }));
    if (transition === undefined) throw new Error('no transition');
    const detail = transitionDetail({ ...failed, ...fields }, transition);
    expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(160_000);
  });
});

describe('modelTransitionDetail', () => {
  const MODEL = 'arn:aws:bedrock:us-west-2:123456789012:custom-model/meta.llama3-3-70b-instruct-v1:0:128k/k3j8h5g2f7d4';

  it('says of an idle throughput since when, and what it costs a day', () => {
    expect(modelDetailOf()).toEqual({
      transition_id: `${MODEL}#${THROUGHPUT}#use#Idle#2026-11-20T03:10:00.000Z`,
      model_arn: MODEL,
      model_name: 'support-triage-llama33-v3',
      model_id: 'k3j8h5g2f7d4',
      account_id: '123456789012',
      region: 'us-west-2',
      job_arn: newModel().job_arn,
      customization_type: 'FINE_TUNING',
      base_model_arn: newModel().base_model_arn,
      creation_time: '2026-08-10T01:19:51.876Z',
      status: 'Active',
      kind: 'throughput',
      resource: THROUGHPUT,
      resource_name: 'triage-peak',
      resource_status: 'InService',
      resource_creation_time: '2026-10-01T10:00:00.000Z',
      model_units: 2,
      unused_since: '2026-11-06T02:00:00.000Z',
      unit_hours_a_day: 48,
      task: 'use',
      from: null,
      to: 'Idle',
      at: '2026-11-20T03:10:00.000Z',
      observed_at: '2026-11-20T03:10:00.000Z',
      via: 'sweep',
      tags: { team: 'support' },
    });
  });

  it('has an id of its own for each transition, also of one status at one time', () => {
    const at = '2026-11-20T03:10:00.000Z';
    const ids = newModel().transitions.map((change) => modelDetailOf(newModel(), { ...change, to: 'Active', at }));
    expect(new Set(ids.map(({ transition_id }) => transition_id)).size).toBe(newModel().transitions.length);
    expect(ids[0]?.transition_id).toBe(`${MODEL}#model#status#Active#${at}`);
  });

  it('of the model itself has no field of a resource, and the failure message of the model', () => {
    const [own] = newModel().transitions;
    if (own === undefined) throw new Error('no transition');
    const failed = newModel({ status: 'Failed', failure_message: 'no capacity' });
    const detail = modelTransitionDetail(failed, { ...own, to: 'Failed' });
    expect(detail).toMatchObject({ kind: 'model', failure_message: 'no capacity' });
    expect(Object.keys(detail).filter((name) => /^resource|unit|commitment|unused/.test(name))).toEqual([]);
    expect(modelTransitionDetail(failed, own, true).failure_message).toMatch(/^Redacted/);
  });

  it('of a deployment has the failure message of the deployment, and no unit hours', () => {
    const [served] = newModel().deployments;
    const record = newModel({
      failure_message: 'of the model',
      deployments: served ? [{ ...served, status: 'Failed', failure_message: 'of the deployment' }] : [],
    });
    const detail = modelDetailOf(record, { ...BECAME_IDLE, resource: DEPLOYMENT });
    expect(detail).toMatchObject({
      kind: 'deployment',
      resource_status: 'Failed',
      failure_message: 'of the deployment',
    });
    expect(detail).not.toHaveProperty('unit_hours_a_day');
  });

  it('is still told of a resource that the record no longer lists', () => {
    const detail = modelDetailOf(newModel({ provisioned_throughputs: [], usage: {} }));
    expect(detail).toMatchObject({ kind: 'throughput', resource: THROUGHPUT, to: 'Idle' });
    expect(detail).not.toHaveProperty('resource_name');
    expect(detail).not.toHaveProperty('unused_since');
  });

  it.each(['InService', 'Used'])('of %s does not say since when it is unused', (to) => {
    expect(modelDetailOf(newModel(), { ...BECAME_IDLE, to })).not.toHaveProperty('unused_since');
    expect(modelDetailOf(newModel(), { ...BECAME_IDLE, to })).not.toHaveProperty('unit_hours_a_day');
  });

  it('has no hyperparameters and no data locations', () => {
    expect(JSON.stringify(modelDetailOf())).not.toMatch(/s3:\/\/|hyper|epoch/i);
  });

  const long = fc.integer({ min: 0, max: 100_000 }).map((length) => '\u0001'.repeat(length));
  test.prop([long], { numRuns: 20 })('always fits into one event', (text) => {
    const served = {
      arn: text,
      name: text,
      status: text,
      since: text,
      creation_time: text,
      commitment_duration: text,
      commitment_expiration_time: text,
      failure_message: text,
    };
    const fields = { model_arn: text, model_name: text, model_id: text, job_arn: text, base_model_arn: text };
    const others = { account_id: text, region: text, status: text, creation_time: text, customization_type: text };
    const record = newModel({
      ...fields,
      ...others,
      tags: { [`k${text}`]: text, k: 'x'.repeat(65_000) },
      deployments: [served],
      usage: { [text]: { measured_at: text, unused_since: text } },
    });
    const detail = modelDetailOf(record, { ...BECAME_IDLE, resource: text, from: text });
    expect(entryBytes(transitionEntry('bus', detail))).toBeLessThan(240_000);
  });
});
