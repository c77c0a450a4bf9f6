/** A verdict on a file. */
export interface Verdict {
  readonly ok: boolean;
  readonly why: readonly string[];
  /** Of a distillation: prompts that are not left out. */
  readonly valid?: number;
}

interface Argument {
  /** Who refuses alone. */
  readonly refuses: 'check' | 'AWS';
  readonly why: RegExp;
  /** In short; docs/check.md has it in full. */
  readonly reason: string;
}

/** The reasons why a verdict may differ. The first that matches counts. */
const ARGUMENTS: readonly Argument[] = [
  { refuses: 'check', why: /does not end in \.jsonl/, reason: 'AWS refuses other names than *.jsonl' },
  { refuses: 'check', why: /is an empty answer|is empty: write/, reason: 'a text is empty or blank' },
  {
    refuses: 'check',
    why: /must alternate|alternate$|the user begins|end without an answer/,
    reason: 'roles do not alternate (Llama)',
  },
  { refuses: 'check', why: /is Python and not JSON/, reason: 'NaN and Infinity are not JSON' },
  { refuses: 'check', why: /has half of a character/, reason: 'half of a character is not Unicode' },
  {
    refuses: 'check',
    why: /not trained on (?:image|video|document)s|must be one of gif|mix videos/,
    reason: 'files that the model does not take (Llama)',
  },
  {
    refuses: 'check',
    why: /neither text nor|belongs into messages|only Nova 2 is trained on reasoning/,
    reason: 'items that the format does not have (Llama)',
  },
  { refuses: 'check', why: /fewer than the 100|is empty: it needs/, reason: 'the documented least number (Llama)' },
  { refuses: 'check', why: /has about \d+ tokens/, reason: 'the documented quota of characters (Llama)' },
  { refuses: 'check', why: /has the reserved word "\[eos\]"/i, reason: '[EOS] is reserved (Nova)' },
  { refuses: 'check', why: /begin to mix images|bucket of the data/, reason: 'one kind of files in one bucket (Nova)' },
  { refuses: 'AWS', why: /\('tools',\): Field required/, reason: 'tools are optional (rewards)' },
  { refuses: 'AWS', why: /'maxItems'|is too long/, reason: 'Nova is distilled from several turns' },
];

/** 'same', the reason of a difference, or undefined where there is none. */
export const argue = (ours: Verdict, theirs: Verdict): string | undefined => {
  const [valid, theirValid] = [ours.valid ?? 0, theirs.valid ?? ours.valid ?? 0];
  if (ours.ok === theirs.ok && valid === theirValid) return 'same';
  const isStricter = ours.ok === theirs.ok ? valid < theirValid : !ours.ok;
  const { why } = isStricter ? ours : theirs;
  return ARGUMENTS.find(
    ({ refuses, why: pattern }) => (refuses === 'check') === isStricter && why.some((text) => pattern.test(text)),
  )?.reason;
};
