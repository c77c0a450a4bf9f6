/** A place where jobs live: Bedrock keeps jobs, names and rate limits by account and Region. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

const SCOPE = /^(?<accountId>\d{12})#(?<region>[a-z0-9-]{1,20})$/;

/** The scope as `<account id>#<region>`, the form in which the table has it. */
export const formatScope = ({ accountId, region }: Scope): string => `${accountId}#${region}`;

/** The scope that `<account id>#<region>` names, or undefined where the text is no such thing. */
export const parseScope = (text: string): Scope | undefined => {
  const parts = SCOPE.exec(text)?.groups as Scope | undefined;
  return parts && { ...parts };
};
