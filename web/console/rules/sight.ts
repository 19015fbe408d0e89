// Which rows of a long list are drawn.

/** Rows above and below the window, so that a quick scroll does not show an empty page. */
const BESIDE = 8;

/** From the first to before the last; always at least one row where there are any. Sizes are in CSS pixels. */
export function inSight(top: number, height: number, rowPx: number, nRows: number): { from: number; to: number } {
  const size = Math.max(1, rowPx);
  const from = Math.max(0, Math.min(Math.floor(top / size) - BESIDE, nRows - 1));
  const to = Math.min(nRows, Math.ceil((top + height) / size) + BESIDE);
  return { from: Math.max(0, from), to: Math.max(to, Math.min(nRows, from + 1)) };
}
