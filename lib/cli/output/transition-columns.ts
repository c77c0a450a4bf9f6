import type { Transition } from '../../domain/record.ts';
import { changeOf, subjectOf } from '../transition-rows.ts';
import { paintStatus, type paletteOf } from './colours.ts';
import type { Column } from './table.ts';
import { formatTime } from './time.ts';

/** What every table of transitions begins with: when, of what, and from which status to which. */
export const transitionColumns = (palette: ReturnType<typeof paletteOf>): Column<Transition>[] => [
  { title: 'AT', value: ({ at }) => formatTime(at), importance: 9, least: 17 },
  { title: 'TASK', value: subjectOf, importance: 7, least: 6 },
  {
    title: 'CHANGE',
    value: changeOf,
    importance: 8,
    least: 10,
    paint: (text, { to }) => paintStatus(text, to, palette),
  },
];
