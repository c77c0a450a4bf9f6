import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from '@jest/globals';
import { Ended, endOf } from '../../../lib/cli/context.ts';
import { columnsOf, openTerminal, usesColour } from '../../../lib/cli/terminal.ts';

describe('colours', () => {
  it.each<[boolean, Record<string, string>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal %s with %j: %s', (isTerminal, env, used) => {
    expect(usesColour(isTerminal, env)).toBe(used);
  });
});

describe('the width of a line', () => {
  it.each<[object, Record<string, string>, number | undefined]>([
    [{ isTTY: true, columns: 120 }, {}, 120],
    [{ isTTY: true, columns: 120 }, { COLUMNS: '40' }, 120],
    [{ isTTY: true, columns: 0 }, {}, 80],
    [{ isTTY: true, columns: 0 }, { COLUMNS: '40' }, 40],
    [{}, {}, undefined],
    [{}, { COLUMNS: '40' }, 40],
    [{}, { COLUMNS: 'wide' }, undefined],
    [{}, { COLUMNS: '0' }, undefined],
  ])('of %j with %j is %s', (stream, env, width) => {
    expect(columnsOf(stream, env)).toBe(width);
  });
});

describe('the bell', () => {
  it.each([
    [true, true, ['', '\u0007']],
    [true, false, ['\u0007', '']],
    [false, false, ['', '']],
  ])('rings once, and in no pipe: terminals %s and %s', (isOut, isErr, written) => {
    const streams = [isOut, isErr].map((isTTY) => Object.assign(new PassThrough(), { isTTY }));
    const [stdout, stderr] = streams as unknown as [WriteStream, WriteStream];
    openTerminal(stdout, stderr, {}).terminal.ring();
    expect(streams.map((stream) => String(stream.read() ?? ''))).toEqual(written);
  });
});

describe('a pipe whose reader went away', () => {
  const broken = () => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const open = () => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    return { stdout, stderr, ...openTerminal(stdout as unknown as WriteStream, stderr as unknown as WriteStream, {}) };
  };

  it('ends the command with 0 at its next line, as other tools do', async () => {
    const { stdout, terminal, closed } = open();
    terminal.print('a line');
    stdout.emit('error', broken());
    expect(closed.aborted).toBe(true);
    expect(() => terminal.print('another')).toThrow(Ended);
    await expect(terminal.write('more')).rejects.toMatchObject({ exitCode: 0 });
  });

  it('ends a write that waits for room', async () => {
    const { stdout, terminal } = open();
    const writing = terminal.write(Buffer.alloc(1 << 20));
    stdout.emit('error', broken());
    const error: unknown = await writing.catch((reason: unknown) => reason);
    expect(endOf(error)?.exitCode).toBe(0);
  });

  it('of standard error does not end it', () => {
    const { stderr, terminal, closed } = open();
    stderr.emit('error', broken());
    terminal.tell('progress');
    expect(closed.aborted).toBe(false);
  });
});
