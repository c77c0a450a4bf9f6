import { beforeEach, describe, expect, it } from '@jest/globals';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { Command } from 'commander';
import { sweepCommand } from '../../../lib/cli/commands/sweep.ts';
import type { Connection } from '../../../lib/cli/context.ts';
import { chooseScopes, sweepMyself } from '../../../lib/cli/sweep/own-sweep.ts';
import { JOBS_TABLE, SCOPE_ITEM, SWEEPS_TABLE } from '../../../lib/contract.ts';
import { parseScope, type Scope } from '../../../lib/domain/identity.ts';
import { DEFAULT_SCHEDULES } from '../../../lib/operator/tracker-settings.ts';
import { dynamoDbScopeStore } from '../../../lib/runtime/dynamodb-stores.ts';
import { documentClient, SimulatedTable } from '../../../lib/simulator/table.ts';
import { testContext } from '../../support/command-context.ts';

const scopes = (...names: string[]): Scope[] => names.flatMap((name) => parseScope(name) ?? []);
const TRACKED = scopes('111122223333#us-east-1', '111122223333#us-west-2', '444455556666#us-east-1');

const lambda = mockClient(LambdaClient);
const sts = mockClient(STSClient);
beforeEach(() => {
  lambda.reset();
  sts.reset();
});

interface Thrown {
  readonly code?: string;
  readonly exitCode?: number;
  readonly message: string;
}

const run = async (...argv: string[]) => {
  const connection: Partial<Connection> = {
    region: 'us-east-1',
    tableName: 'jobs',
    isLocal: false,
    scopes: TRACKED,
    parameter: () => Promise.resolve('reconcile'),
    lambda: () => new LambdaClient({}),
    sts: () => new STSClient({ region: 'us-east-1' }),
  };
  const { context, ...said } = testContext({ connection });
  const command = sweepCommand(context)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  let thrown: Thrown | undefined;
  try {
    await new Command()
      .exitOverride()
      .addCommand(command)
      .parseAsync(['sweep', ...argv], { from: 'user' });
  } catch (error) {
    thrown = error as Thrown;
  }
  return { ...said, thrown };
};

const COUNTS = { listed: 12, drifted: 2, corrected: 1, missing: 0, failed: 0 };
const answers = (payload: unknown, FunctionError?: string) => {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const answer: object = {
    Payload: Object.assign(Buffer.from(text), { transformToString: () => text }),
    ...(FunctionError !== undefined && { FunctionError }),
  };
  lambda.on(InvokeCommand).resolves(answer);
};

describe('bedrock-jobs sweep --deployed', () => {
  it('runs the function and shows what it did at each scope', async () => {
    answers([{ scope: '444455556666#us-east-1', sweep: 'full', finished: true, counts: COUNTS }]);
    const { printed, told, thrown } = await run('full', '--deployed');
    expect(thrown).toBeUndefined();
    const { Payload, ...input } = lambda.commandCalls(InvokeCommand)[0]?.args[0].input ?? {};
    expect(input).toEqual({ FunctionName: 'reconcile', InvocationType: 'RequestResponse' });
    expect(JSON.parse(Buffer.from(Payload as Uint8Array).toString())).toEqual({ sweep: 'full' });
    expect(printed).toEqual([
      'SCOPE                   SWEEP  LISTED  DRIFTED  CORRECTED  MISSING  FAILED  FINISHED',
      '444455556666#us-east-1  full       12        2          1        0       0  yes',
    ]);
    expect(told.at(-1)).toBe('All swept. Corrected 1 job status.');
  });

  it.each([
    ['models', 'All swept. Corrected 1 model status.'],
    ['usage', 'All measured.'],
  ])('tells what a sweep of %s did', async (sweep, sentence) => {
    answers([{ scope: '444455556666#us-east-1', sweep, finished: true, counts: COUNTS }]);
    const { told, thrown } = await run(sweep, '--deployed');
    expect(thrown).toBeUndefined();
    expect(told.at(-1)).toBe(sentence);
  });

  it('ends with 1 where a scope was not finished', async () => {
    answers([{ scope: '444455556666#us-east-1', sweep: 'full', finished: false, counts: COUNTS }]);
    const { told, thrown } = await run('full', '--deployed');
    expect(thrown?.exitCode).toBe(1);
    expect(told.at(-1)).toBe(
      'The full sweep of 444455556666#us-east-1 did not finish. The next one continues from there.',
    );
  });

  it('tells what a hub has started, as it does not wait for it', async () => {
    answers({ sent: 9876 });
    const { printed, told, thrown } = await run('full', '--deployed');
    expect([thrown, printed]).toEqual([undefined, []]);
    expect(told.at(-1)).toBe('Started the full sweeps of 9876 scopes: see bedrock-jobs scopes.');
    expect(JSON.parse((await run('full', '--deployed', '--json')).printed.join('\n'))).toEqual({
      ...{ sweep: 'full', complete: false, scopes: [], undone: [], started: 9876 },
    });
  });

  it('runs the function for each scope that was named', async () => {
    answers({ sent: 1 });
    const { told } = await run('models', '--deployed', '--scopes', '444455556666#us-east-1,777788889999#eu-west-1');
    const asked = lambda
      .commandCalls(InvokeCommand)
      .map(({ args }) => JSON.parse(Buffer.from(args[0].input.Payload as Uint8Array).toString()) as unknown);
    expect(asked).toEqual([
      { sweep: 'models', scope: '444455556666#us-east-1' },
      { sweep: 'models', scope: '777788889999#eu-west-1' },
    ]);
    expect(told.at(-1)).toBe('Started the models sweeps of 2 scopes: see bedrock-jobs scopes.');
  });

  it('prints one document with --json', async () => {
    answers([{ scope: '444455556666#us-east-1', sweep: 'active', finished: true, counts: COUNTS }]);
    const { printed } = await run('active', '--deployed', '--json');
    expect(JSON.parse(printed.join('\n'))).toEqual({
      sweep: 'active',
      complete: true,
      scopes: [{ scope: '444455556666#us-east-1', sweep: 'active', finished: true, counts: COUNTS }],
      undone: [],
    });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'what could not be swept',
      {
        errorType: 'TrackerError',
        errorMessage: '1 scope and 0 jobs could not be swept. | scope 1#x: \u001b[2Jdenied',
      },
      /^1 scope and 0 jobs could not be swept\.\nscope 1#x: denied$/,
    ],
    [
      'that its time was over',
      { errorMessage: '2026-08-10T12:00:00Z 1 Task timed out after 900.00 seconds' },
      /^The function reconcile timed out \(.*timed out.*\)\. Sweep again to continue\. .*aws logs tail .*LoggingConfig\.LogGroup --function-name reconcile\)/,
    ],
    [
      'a mistake',
      { errorType: 'TypeError', errorMessage: 'x is\nnot a function' },
      /^The function reconcile failed: TypeError: x is not a function\. See its log/,
    ],
    ['nothing that could be read', 'oops', /^The function reconcile failed: oops\. /],
  ])("tells of the function's failure %s", async (_, payload, sentence) => {
    answers(payload, 'Unhandled');
    const { thrown } = await run('full', '--deployed');
    expect(thrown).toMatchObject({ code: 'SWEEP_INCOMPLETE', message: expect.stringMatching(sentence) as unknown });
  });

  it.each([['[{"scope":1}]'], ['null'], ['']])('takes no other answer for a report: %s', async (payload) => {
    answers(payload);
    expect((await run('full', '--deployed')).thrown?.message).toMatch(/answered something that is not a report/);
  });
});

describe('bedrock-jobs sweep', () => {
  it.each([['other'], [], ['full', '--scopes', '1#us-east-1'], ['full', '--deployed', '--local']])(
    'misuse: %s %s %s',
    async (...argv) => {
      const { thrown, connectedBy } = await run(...argv);
      expect(thrown?.code).toMatch(/^commander\./);
      expect(connectedBy).toEqual([]);
    },
  );

  it("asks whose the credentials are, and refuses to sweep others' scopes with them", async () => {
    sts.on(GetCallerIdentityCommand).resolves({ Account: '777788889999' });
    expect((await run('full')).thrown).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(/^Your credentials are of account 777788889999, .*: use --deployed/) as unknown,
    });
  });
});

describe('a sweep that Bedrock refuses to credentials of one’s own', () => {
  it.each(['active', 'full'] as const)('fails (%s), and leaves the scope well in the registry', async (sweep) => {
    mockClient(BedrockClient).rejects(Object.assign(new Error('not yours'), { name: 'AccessDeniedException' }));
    const [scope] = TRACKED as [Scope];
    const at = '2026-08-10T11:00:00.000Z';
    const sweeps = new SimulatedTable(SWEEPS_TABLE);
    const jobs = new SimulatedTable(JOBS_TABLE);
    const dynamoDb = documentClient((command) => {
      const { TableName } = (command as { readonly input: { readonly TableName: string } }).input;
      return new Promise((resolve) => resolve((TableName === 'jobs' ? jobs : sweeps).run(command)));
    });
    const registered = { scope: '111122223333#us-east-1', state: 'idle', due_at: at, registered_at: at } as const;
    await dynamoDbScopeStore(dynamoDb, 'sweeps').put({ ...registered, revision: 1 });
    const connection: Partial<Connection> = {
      ...{ dynamoDb, tableName: 'jobs' },
      scopesTable: () => Promise.resolve({ dynamoDb, sweepsTable: 'sweeps' }),
      settings: () => Promise.resolve({ schedules: DEFAULT_SCHEDULES }),
    };
    const { problem } = await sweepMyself(testContext().context, connection as Connection, sweep, [scope]);
    expect(problem?.message).toMatch(/not yours/);
    const record = sweeps.item({ scope: registered.scope, [SWEEPS_TABLE.sortKey]: SCOPE_ITEM });
    expect(record).toMatchObject({ state: 'idle' });
    expect(record).not.toHaveProperty('error');
    expect(record).not.toHaveProperty('failing_since');
  });
});

describe('the scopes of a sweep with credentials of one’s own', () => {
  it('are those of the account; the others are left out by name', () => {
    expect(chooseScopes(TRACKED, undefined, '111122223333')).toEqual({
      scopes: TRACKED.slice(0, 2),
      leftOut: TRACKED.slice(2),
    });
  });

  it('are those that were asked for', () => {
    expect(chooseScopes(TRACKED, TRACKED.slice(1, 2), '111122223333')).toEqual({
      scopes: TRACKED.slice(1, 2),
      leftOut: [],
    });
  });

  it('are all in a local run, which has no account', () => {
    expect(chooseScopes(TRACKED, undefined, undefined)).toEqual({ scopes: TRACKED, leftOut: [] });
  });

  it.each<[string, Scope[], Scope[] | undefined, RegExp]>([
    ['are to be named where they are not known', [], undefined, /^The scopes of the tracker are not known/],
    [
      'may be none that is not tracked',
      TRACKED,
      scopes('111122223333#eu-west-1'),
      /^The tracker does not follow 111122223333#eu-west-1, only /,
    ],
  ])('%s', (_, tracked, asked, sentence) => {
    expect(() => chooseScopes(tracked, asked, '111122223333')).toThrow(sentence);
  });
});
