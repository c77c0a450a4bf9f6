/** Environment variables by name; an undefined value takes one away. */
export type EnvironmentValues = Readonly<Record<string, string | undefined>>;

/** What the person who starts a local run has set. */
export const readEnvironment = (): EnvironmentValues => process.env;

/** The SDK and the functions read their settings here, as they do on Lambda: no code asks where it runs. */
export const setEnvironment = (values: EnvironmentValues): void => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
};
