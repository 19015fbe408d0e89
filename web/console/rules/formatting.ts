// Light Markdown in a reply: what a key or a button makes of the text and of what is selected in it. Plain values only.

/** `from` and `to`: what is selected, in UTF-16 units as a field counts them; equal where there is only the caret. */
export interface Typed {
  text: string;
  from: number;
  to: number;
}

export type Mark = "bold" | "italic" | "link" | "list";

const MAX_STARS = 3;
const MAX_ADDRESS_CHARS = 2_000;
const UNKNOWN_ADDRESS = "https://";

/** Bold, italic and a list are taken away again where they are already. */
export function formatted(mark: Mark, typed: Typed): Typed {
  switch (mark) {
    case "bold":
      return starred(2, typed);
    case "italic":
      return starred(1, typed);
    case "link":
      return linked(typed);
    case "list":
      return listed(typed);
  }
}

/** An address that is pasted over words becomes their link; null where it is only pasted. */
export function pastedOver(typed: Typed, pasted: string): Typed | null {
  const { text, from, to } = withoutSpace(typed);
  const [words, address] = [text.slice(from, to), pasted.trim()];
  if (!words || words.includes("\n") || isAddress(words) || !isAddress(address) || address.length > MAX_ADDRESS_CHARS) return null;
  return replaced(typed.text, from, to, asLink(words, address));
}

/** A link in Markdown. What would end its words or its address early is written otherwise. */
export function asLink(words: string, address: string): string {
  const safe = address.replaceAll("(", "%28").replaceAll(")", "%29");
  return `[${words.replace(/[[\]\\]/g, "\\$&")}](${safe})`;
}

function isAddress(text: string): boolean {
  return /^https?:\/\/\S*$/i.test(text);
}

function linked(typed: Typed): Typed {
  const { text, from, to } = withoutSpace(typed);
  const words = text.slice(from, to);
  if (!words || isAddress(words)) {
    const link = replaced(text, from, to, asLink("", words || UNKNOWN_ADDRESS));
    return { ...link, from: from + 1, to: from + 1 };
  }
  const link = replaced(text, from, to, asLink(words, UNKNOWN_ADDRESS));
  return { ...link, from: link.from - 1 - UNKNOWN_ADDRESS.length, to: link.to - 1 };
}

/** Line by line: a mark that begins in one paragraph and ends in the next is none. */
function starred(n: 1 | 2, typed: Typed): Typed {
  const isOneLine = !typed.text.slice(typed.from, typed.to).includes("\n");
  if (isOneLine && isBeforeEnd(n, typed)) return { ...typed, from: typed.from + n, to: typed.from + n };
  const { text, from, to } = isOneLine ? withStars(withoutSpace(typed)) : typed;
  const pieces = text.slice(from, to).split("\n").map((line) => piece(n, line));
  const meant = isOneLine ? pieces : pieces.filter(({ words }) => words);
  const isOn = meant.every(({ nStars }) => has(nStars, n));
  for (const one of meant) one.nStars += isOn ? -n : has(one.nStars, n) ? 0 : n;

  const made = pieces.map(({ before, nStars, words, after }) => before + "*".repeat(nStars) + words + "*".repeat(nStars) + after).join("\n");
  const after = replaced(text, from, to, made);
  const first = pieces[0]!;
  if (!isOneLine) return { ...after, from };
  const at = from + first.before.length + first.nStars;
  return { ...after, from: at, to: at + first.words.length };
}

/** One star is italic, two are bold, three are both. */
function has(nStars: number, n: 1 | 2): boolean {
  return n === 2 ? nStars >= 2 : nStars % 2 === 1;
}

/** Whoever typed behind an opening mark goes on behind the closing one. */
function isBeforeEnd(n: 1 | 2, { text, from, to }: Typed): boolean {
  if (from !== to || text[from - 1] === "*") return false;
  const nStars = /^\**/.exec(text.slice(to))![0].length;
  return has(nStars, n) && text.slice(0, from).split("\n").at(-1)!.includes("*".repeat(n));
}

/** A line, or a part of one: what makes it a list or a quote stays outside of the stars, and so does space. */
function piece(n: 1 | 2, line: string): { before: string; nStars: number; words: string; after: string } {
  const [, before = "", inner = "", after = ""] = /^(\s*(?:(?:>|[-*]|\d+[.)])\s+)*)(.*?)(\s*)$/s.exec(line)!;
  let nStars = 0;
  while (nStars < MAX_STARS && inner.length >= 2 * (nStars + 1) && inner[nStars] === "*" && inner.at(-1 - nStars) === "*") nStars++;
  const words = inner.slice(nStars, inner.length - nStars);
  // Of several marked words one: `**a** and **b**`. A star between spaces multiplies.
  const own = n === 2 ? /\*\*/g : /(?<!\*)\*(?![*\s])|(?<![*\s])\*(?!\*)/g;
  return words.search(own) < 0 ? { before, nStars, words, after } : { before, nStars: 0, words: inner.replace(own, ""), after };
}

/** The lines that the selection touches. */
function listed({ text, from, to }: Typed): Typed {
  const BULLET = /^(\s*)[-*] /;
  const start = text.slice(0, from).lastIndexOf("\n") + 1;
  // A selection that ends behind a line break does not mean the next line.
  const last = to > from && text[to - 1] === "\n" ? to - 1 : to;
  const end = last + text.slice(last).split("\n", 1)[0]!.length;
  const lines = text.slice(start, end).split("\n");
  const meant = lines.length === 1 ? lines : lines.filter((line) => line.trim());
  const isList = meant.every((line) => BULLET.test(line));
  const made = lines.map((line) => {
    if (isList) return line.replace(BULLET, "$1");
    return !meant.includes(line) || BULLET.test(line) ? line : line.replace(/^(\s*)(?:\d+[.)] )?/, "$1- ");
  });
  const after = replaced(text, start, end, made.join("\n"));
  if (from < to) return { ...after, from: start };
  const caret = Math.max(start, from + after.text.length - text.length);
  return { ...after, from: caret, to: caret };
}

/** The caret behind what came in. */
function replaced(text: string, from: number, to: number, by: string): Typed {
  const caret = from + by.length;
  return { text: text.slice(0, from) + by + text.slice(to), from: caret, to: caret };
}

/** A double click takes the space behind the word as well. */
function withoutSpace({ text, from, to }: Typed): Typed {
  const chosen = text.slice(from, to);
  const begin = to - chosen.trimStart().length;
  return { text, from: begin, to: begin + chosen.trim().length };
}

function withStars({ text, from, to }: Typed): Typed {
  let n = 0;
  while (n < MAX_STARS && text[from - n - 1] === "*" && text[to + n] === "*") n++;
  return { text, from: from - n, to: to + n };
}
