import { describe, expect, it } from '@jest/globals';
import { modelColumns } from '../../../../lib/cli/models/columns.ts';
import { directionOf, findColumn, readColumns, readGroup, readSorting } from '../../../../lib/cli/runs/columns.ts';

const namesOf = (text: string) => readColumns(text).map(({ name }) => name);

describe('--columns', () => {
  it.each([
    ['validation_loss', 'validation_loss'],
    ['validation-loss', 'validation_loss'],
    ['validationLoss', 'validation_loss'],
    [' Name ', 'name'],
    ['dur', 'duration_s'],
    ['learningRate', 'hp.learningRate'],
    ['learning_rate', 'hp.learningRate'],
    ['hp.learning_rate', 'hp.learning_rate'],
    ['hyperParameters.epochCount', 'hp.epochCount'],
    ['hyper_parameters.epochCount', 'hp.epochCount'],
    ['tag:team', 'tag.team'],
    ['tags.cost center', 'tag.cost center'],
  ])('reads %s as %s', (text, name) => {
    expect(findColumn(text).name).toBe(name);
  });

  it.each([
    ['loss', '"loss" is not a column. Did you mean training_loss or validation_loss? The columns are name, status,'],
    ['validaton_loss', 'Did you mean validation_loss?'],
    ['output', 'Did you mean output_model or output_model_arn?'],
    ['xyz', '"xyz" is not a column. The columns are'],
    ['\u001b[31mred', '"[31mred" is not a column. The columns are'],
    ['hp.', '"hp." is not a column.'],
    ['toString', '"toString" is not a column.'],
  ])('refuses %s and names what is near', (text, message) => {
    expect(() => findColumn(text)).toThrow(message);
  });

  it('takes each column once, from several options too', () => {
    expect(namesOf('name, status,name,')).toEqual(['name', 'status']);
    expect(readColumns('status,created', readColumns('name,status')).map(({ name }) => name)).toEqual([
      'name',
      'status',
      'created',
    ]);
  });

  it.each(['', ' , '])('refuses "%s", which names none', (text) => {
    expect(() => readColumns(text)).toThrow('Name at least one of name, status,');
  });
});

describe('--sort', () => {
  it.each([
    ['validation_loss', 'validation_loss', 'ascending'],
    ['reward', 'reward', 'descending'],
    ['-reward', 'reward', 'descending'],
    ['+reward', 'reward', 'ascending'],
    ['-training-loss', 'training_loss', 'descending'],
    ['created', 'created', 'descending'],
    ['duration', 'duration_s', 'descending'],
    ['name', 'name', 'ascending'],
    ['-learningRate', 'hp.learningRate', 'descending'],
  ])('%s sorts by %s, %s', (text, name, direction) => {
    const sorting = readSorting(text);
    expect([sorting.column.name, directionOf(sorting)]).toEqual([name, direction]);
  });

  it.each([
    ['idle_unit_hours', 'descending'],
    ['orphaned_months', 'descending'],
    ['idle_usd', 'descending'],
    ['last_used', 'descending'],
    ['commitment_end', 'ascending'],
    ['name', 'ascending'],
  ])('of models by %s is %s', (name, direction) => {
    expect(directionOf(modelColumns.readSorting(name))).toBe(direction);
  });
});

describe('--by', () => {
  it.each([
    ['month', 'month'],
    ['Model', 'model'],
    ['acc', 'account'],
    ['tag:team', 'tag:team'],
    ['tag.team', 'tag:team'],
    ['tag=team', 'tag:team'],
  ])('reads %s as %s', (text, name) => {
    expect(readGroup(text)).toBe(name);
  });

  it.each([
    ['team', '"team" is not a group. Did you mean tag:team? The groups are model, type, data,'],
    ['regoin', 'Did you mean region or tag:regoin?'],
    ['', '"" is not a group. The groups are'],
    ['tag:', '"tag:" is not a group. The groups'],
  ])('refuses "%s"', (text, message) => {
    expect(() => readGroup(text)).toThrow(message);
  });
});
