import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { RunDetails } from '../../../api.ts';
import { Choice } from '../../parts/controls.tsx';
import { toggled } from '../jobs/fields.tsx';
import { columnChoices, columnLabel, groupChoices, groupLabel } from './columns.ts';
import type { RunsView } from './view.ts';
import { Button } from '../../parts/page.tsx';

interface ChoiceProps {
  readonly view: RunsView;
  readonly runs: readonly RunDetails[];
  readonly onChange: (view: RunsView) => void;
}

/** The choice with the chosen value, which the loaded runs may not have. */
const including = (choices: readonly string[], chosen: string | undefined): readonly string[] =>
  chosen === undefined || choices.includes(chosen) ? choices : [...choices, chosen];

export const GroupChoice = ({ view, runs, onChange }: ChoiceProps): JSX.Element => {
  const { group, of: _, ...rest } = view;
  return (
    <Choice
      label="Group by"
      value={group ?? ''}
      options={[['', 'Nothing'], ...including(groupChoices(runs), group).map((by) => [by, groupLabel(by)] as const)]}
      onChange={(value) => onChange(value === '' ? rest : { ...rest, group: value })}
      isFilter
    />
  );
};

interface ColumnsProps extends ChoiceProps {
  /** The names of the columns that show. */
  readonly shown: readonly string[];
}

/** Which columns show. A chosen one comes last. */
export const ColumnsChoice = ({ view, runs, shown, onChange }: ColumnsProps): JSX.Element => {
  const [open, setOpen] = useState(false);
  const choices = columnChoices(runs);
  const offered = choices.flatMap(({ names }) => names);
  const others = shown.filter((name) => !offered.includes(name));
  const all = others.length === 0 ? choices : [...choices, { title: 'Chosen, but in no loaded run', names: others }];
  const reset = () => {
    const { columns: _, ...rest } = view;
    onChange(rest);
  };
  return (
    <>
      <Button aria-expanded={open} aria-controls="runs-columns" onClick={() => setOpen(!open)}>
        Columns ({shown.length})
      </Button>
      {open && (
        <div class="card runs-columns" id="runs-columns">
          {all.map(({ title, names }) => (
            <fieldset key={title}>
              <legend class="muted small">{title}</legend>
              {names.map((name) => (
                <label key={name} class="row switch" title={name}>
                  <input
                    type="checkbox"
                    checked={shown.includes(name)}
                    onChange={() => onChange({ ...view, columns: toggled(shown, name) })}
                  />
                  <span class="truncate">{columnLabel(name)}</span>
                </label>
              ))}
            </fieldset>
          ))}
          {view.columns !== undefined && (
            <Button class="link-button" onClick={reset}>
              Usual columns
            </Button>
          )}
        </div>
      )}
    </>
  );
};

export const ChartsButton = ({ view, onChange }: Omit<ChoiceProps, 'runs'>): JSX.Element => {
  const { chart, x: _, y: __, of: ___, ...rest } = view;
  return (
    <Button
      aria-pressed={chart !== undefined}
      onClick={() => onChange(chart === undefined ? { ...rest, chart: 'scatter' } : rest)}
    >
      Charts
    </Button>
  );
};

interface DataFieldProps {
  readonly data: string | undefined;
  readonly known: readonly string[];
  readonly onChange: (data: string | undefined) => void;
}

/** The location of the training data: a file, or a folder that ends in a slash. */
export const DataField = ({ data, known, onChange }: DataFieldProps): JSX.Element => {
  const asked = useRef(data);
  asked.current = data;
  const ask = (text: string) => {
    const next = text.trim() === '' ? undefined : text.trim();
    // Enter changes the field and submits the form.
    if (next !== asked.current) onChange((asked.current = next));
  };
  return (
    <form class="runs-data" onSubmit={(event) => event.preventDefault()}>
      <label class="row">
        <span class="muted small nowrap">Data set</span>
        <input
          key={data}
          class={`field ${data === undefined ? '' : 'field-set'}`}
          list="runs-data"
          type="search"
          placeholder="s3://bucket/train.jsonl, or a folder/"
          autocomplete="off"
          spellcheck={false}
          defaultValue={data ?? ''}
          onChange={(event) => ask(event.currentTarget.value)}
        />
      </label>
      <datalist id="runs-data">
        {known.map((location) => (
          <option key={location} value={location} />
        ))}
      </datalist>
    </form>
  );
};
