import { iamStatements, listOf, readable, type StackTemplate } from '../../scripts/docs/template.ts';

export { iamStatements, type Statement } from '../../scripts/docs/template.ts';

/** What a role may do, as sorted lines "<action> <resource>". */
export const permissionsOf = (template: StackTemplate, role: string): string[] =>
  iamStatements(template)
    .filter((entry) => entry.role === role && entry.statement.Effect === 'Allow')
    .flatMap(({ statement }) =>
      listOf(statement.Action).flatMap((action) =>
        listOf(statement.Resource).map((resource) => `${action} ${readable(resource)}`),
      ),
    )
    .sort();
