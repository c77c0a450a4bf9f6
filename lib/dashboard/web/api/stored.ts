import { useState } from 'preact/hooks';

const PREFIX = 'bedrock-jobs.';

// Storage may be forbidden: then a choice holds until the page is left.
const readStored = (name: string): string | undefined => {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
};

const writeStored = (name: string, value: string): void => {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // As above.
  }
};

/** A choice of the person that outlasts the page: one of the allowed words. */
export const useStored = <T extends string>(
  name: string,
  allowed: readonly [T, ...T[]],
): readonly [value: T, choose: (value: T) => void] => {
  const [value, setValue] = useState<T>(() => allowed.find((each) => each === readStored(name)) ?? allowed[0]);
  return [
    value,
    (next) => {
      setValue(next);
      writeStored(name, next);
    },
  ];
};
