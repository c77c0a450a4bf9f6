import type uPlot from 'uplot';

const HEIGHT = 14;

interface Placed {
  readonly x: number;
  y: number;
}

interface Letter extends Placed {
  readonly text: string;
  readonly colour: string;
}

/** Moves letters up or down that would cover each other, and keeps them above the bottom. Sizes are in pixels. */
export const spread = <Item extends Placed>(items: readonly Item[], size: number, bottom: number): readonly Item[] => {
  const covers = (a: Placed, b: Placed) => Math.abs(a.x - b.x) < size;
  const sorted = items.toSorted((a, b) => a.y - b.y);
  for (const [index, item] of sorted.entries()) {
    const above = sorted.slice(0, index).filter((each) => covers(each, item));
    item.y = Math.max(item.y, ...above.map(({ y }) => y + size));
  }
  for (const [index, item] of [...sorted.entries()].reverse()) {
    const below = sorted.slice(index + 1).filter((each) => covers(each, item));
    item.y = Math.min(item.y, bottom, ...below.map(({ y }) => y - size));
  }
  return sorted;
};

/**
 * A letter at the end of each curve: with ten jobs, colours alone do not tell the lines apart.
 *
 * @param lettersOf the letter and colour of each series; undefined for one without a letter
 */
export const drawLetters = (
  u: uPlot,
  lettersOf: (series: number) => { readonly text: string; readonly colour: string } | undefined,
): void => {
  const { ctx } = u;
  const scale = devicePixelRatio;
  const letters = u.data.slice(1).flatMap((column, index): Letter[] => {
    const letter = lettersOf(index);
    const row = [...column].findLastIndex((value) => typeof value === 'number');
    const [x, y] = [u.data[0][row], column[row]];
    if (letter === undefined || x === undefined || typeof y !== 'number') return [];
    return [{ ...letter, x: u.valToPos(x, 'x', true) + 5 * scale, y: u.valToPos(y, 'y', true) }];
  });
  ctx.save();
  ctx.font = `600 ${12 * scale}px ${getComputedStyle(u.root).fontFamily}`;
  ctx.textBaseline = 'middle';
  for (const { text, colour, x, y } of spread(letters, HEIGHT * scale, u.bbox.top + u.bbox.height)) {
    ctx.fillStyle = colour;
    ctx.fillText(text, x, y);
  }
  ctx.restore();
};
