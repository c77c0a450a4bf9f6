/** The template as it was synthesized: what the emulator does not enforce is looked up there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { awsIn, eventually, type Place, stack } from './aws.ts';
import { outputFolder, synthesizedFile } from './cdk.ts';

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** The resources of a type whose logical id has this in it; without a type, all. */
export const resourcesOf = (type?: string, part = ''): Resource[] => {
  const file = synthesizedFile(path.join(outputFolder(stack), `${stack.name}.template.json`));
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, Omit<Resource, 'id'>> };
  return Object.entries(Resources)
    .filter(([id, { Type }]) => (type === undefined || Type === type) && id.includes(part))
    .map(([id, resource]) => ({ id, ...resource }));
};

interface Physical {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
}

/** The names of what was deployed, by logical id. */
export const physicalIds = async (name = stack.name, place: Place = {}): Promise<Readonly<Record<string, string>>> => {
  const words = ['cloudformation', 'describe-stack-resources', '--stack-name', name];
  const { StackResources } = await awsIn<{ StackResources: Physical[] }>(place, ...words);
  return Object.fromEntries(
    StackResources.map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId, PhysicalResourceId]),
  );
};

/** Stacks as CloudFormation tells of them. */

interface Stacks {
  readonly Stacks: readonly {
    readonly StackStatus: string;
    readonly Outputs?: readonly { readonly OutputKey: string; readonly OutputValue: string }[];
  }[];
}

const describe = async (name: string, place: Place = {}) => {
  const { Stacks } = await awsIn<Stacks>(place, 'cloudformation', 'describe-stacks', '--stack-name', name);
  return Stacks[0];
};

export const statusOf = async (name: string, place?: Place): Promise<string | undefined> =>
  (await describe(name, place))?.StackStatus;

export const outputsOf = async (name: string, place?: Place): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(((await describe(name, place))?.Outputs ?? []).map((each) => [each.OutputKey, each.OutputValue]));

/** Deletes a stack and waits until it is gone. */
export const deleteStack = async (name: string, place: Place = {}): Promise<void> => {
  await awsIn(place, 'cloudformation', 'delete-stack', '--stack-name', name);
  await eventually(
    'a deleted stack',
    async () => {
      const status = await statusOf(name, place).catch((error: unknown) => {
        if (String(error).includes('does not exist')) return 'DELETE_COMPLETE';
        throw error;
      });
      if (status === 'DELETE_FAILED') throw new Error('it is DELETE_FAILED');
      return status === 'DELETE_COMPLETE' ? true : undefined;
    },
    60,
  );
};
