// Writes into a text field the way a hand would.

/** Only what differs is typed over, so that undo takes back just that. False where the browser cannot: nothing has changed then. */
export function typeOver(field: HTMLTextAreaElement, text: string): boolean {
  const before = field.value;
  if (before === text) return true;
  let from = 0;
  while (from < before.length && before[from] === text[from]) from++;
  let to = before.length;
  let end = text.length;
  while (to > from && end > from && before[to - 1] === text[end - 1]) [to, end] = [to - 1, end - 1];
  // Half of an emoji is no place to type.
  if (/[\ud800-\udbff]/.test(before[from - 1] ?? "")) from--;
  if (/[\udc00-\udfff]/.test(before[to] ?? "")) [to, end] = [to + 1, end + 1];
  field.focus();
  field.setSelectionRange(from, to);
  // Deprecated and without a successor: nothing else reaches a field's undo (https://github.com/w3c/editing/issues/243).
  if (!("execCommand" in document)) return false;
  return from === end ? document.execCommand("delete") : document.execCommand("insertText", false, text.slice(from, end));
}
