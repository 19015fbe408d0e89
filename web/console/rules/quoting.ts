// A turn's words above an answer to them.

/** Longer ones are known to both: the beginning tells which. */
const MAX_QUOTED = 300;

/** As mails mark it: each line behind "> ". */
export function quoted(text: string): string {
  const letters = [...text.trim()];
  const cut = letters.length > MAX_QUOTED ? `${letters.slice(0, MAX_QUOTED).join("").trimEnd()}…` : letters.join("");
  return cut
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
}

/** Behind what was typed already, with room for the answer. */
export function withQuote(draft: string, text: string): string {
  const before = draft.trim() ? `${draft.trimEnd()}\n\n` : "";
  return `${before}${quoted(text)}\n\n`;
}
