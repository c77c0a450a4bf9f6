import type { JSX } from 'preact';
import { readFailure, type MessagePart } from '../../logic/failure.ts';
import { Code } from '../../parts/copy.tsx';
import { CrossIcon } from '../../parts/icons.tsx';

const Part = ({ part }: { readonly part: MessagePart }): JSX.Element =>
  part.kind === 'text' ? <>{part.text}</> : <code class={`part-${part.kind}`}>{part.text}</code>;

/** Why the job failed: what happened, where, and what to do. */
export const FailureCard = ({ message }: { readonly message: string | undefined }): JSX.Element => {
  if (message === undefined) {
    return (
      <section class="card failure" aria-label="Why it failed">
        <h2>Bedrock gave no reason</h2>
      </section>
    );
  }
  const { title, parts, places, steps } = readFailure(message);
  return (
    <section class="card failure" aria-labelledby="failure">
      <CrossIcon class="tone-failed" />
      <div class="failure-words">
        <h2 id="failure">{title ?? 'Why it failed'}</h2>
        <p class="failure-message">
          {parts.map((part, index) => (
            <Part key={index} part={part} />
          ))}
        </p>
        {places.length > 0 && (
          <dl class="places">
            {places.map(({ label, value }) => (
              <div key={value}>
                <dt>{label}</dt>
                <dd>
                  <Code text={value} what={label} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {steps.length > 0 && (
          <>
            <h3>What to do</h3>
            <ol class="failure-steps">
              {steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </>
        )}
      </div>
    </section>
  );
};
