/** Stacks as CloudFormation tells of them. */
import { aws } from './aws.ts';
import { eventually } from './eventually.ts';

interface Stacks {
  readonly Stacks: readonly {
    readonly StackStatus: string;
    readonly Outputs?: readonly { readonly OutputKey: string; readonly OutputValue: string }[];
  }[];
}

const describe = async (name: string) => {
  const { Stacks } = await aws<Stacks>('cloudformation', 'describe-stacks', '--stack-name', name);
  return Stacks[0];
};

export const statusOf = async (name: string): Promise<string | undefined> => (await describe(name))?.StackStatus;

export const outputsOf = async (name: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(((await describe(name))?.Outputs ?? []).map((each) => [each.OutputKey, each.OutputValue]));

/** Deletes a stack and waits until it is gone. */
export const deleteStack = async (name: string): Promise<void> => {
  await aws('cloudformation', 'delete-stack', '--stack-name', name);
  await eventually(
    'a deleted stack',
    async () => {
      const status = await statusOf(name).catch((error: unknown) => {
        if (String(error).includes('does not exist')) return 'DELETE_COMPLETE';
        throw error;
      });
      if (status === 'DELETE_FAILED') throw new Error('it is DELETE_FAILED');
      return status === 'DELETE_COMPLETE' ? true : undefined;
    },
    60,
  );
};
