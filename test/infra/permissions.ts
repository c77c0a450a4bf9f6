import { listOf, readable, resourcesOf, type CfnTemplate } from './support.ts';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Condition?: unknown;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

/** Every statement of every IAM role and policy of the stack, with the role that it belongs to. */
export const iamStatements = (template: CfnTemplate): { readonly role: string; readonly statement: Statement }[] => [
  ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    ((Properties as { Policies?: { PolicyDocument: PolicyDocument }[] }).Policies ?? []).flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.map((statement) => ({ role: readable({ Ref: role }), statement })),
    ),
  ),
  ...resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) => {
    const { Roles, PolicyDocument } = Properties as { Roles: unknown[]; PolicyDocument: PolicyDocument };
    return Roles.flatMap((role) => PolicyDocument.Statement.map((statement) => ({ role: readable(role), statement })));
  }),
];

/** What a role may do, as sorted lines "<action> <resource>". */
export const permissionsOf = (template: CfnTemplate, role: string): string[] =>
  iamStatements(template)
    .filter((entry) => entry.role === role && entry.statement.Effect === 'Allow')
    .flatMap(({ statement }) =>
      listOf(statement.Action).flatMap((action) =>
        listOf(statement.Resource).map((resource) => `${action} ${readable(resource)}`),
      ),
    )
    .sort();
