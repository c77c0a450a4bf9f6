let listener: ((words: string) => void) | undefined;

/** Says something to whoever listens to the page instead of looking at it, when nothing else is being said. */
export const announce = (words: string): void => listener?.(words);

export const onAnnounce = (tell: (words: string) => void): (() => void) => {
  listener = tell;
  return () => {
    listener = undefined;
  };
};
