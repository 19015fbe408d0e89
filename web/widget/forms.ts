// A small form inside the panel: it checks what must be filled in, says what is wrong, and keeps the words until they arrived.

import { h } from "./elements";
import type { MoreTexts } from "./texts/texts";

export interface Line {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "tel";
  readonly autocomplete: string;
  readonly isRequired: boolean;
}

export interface Form {
  readonly title: string;
  readonly hint?: string;
  readonly lines: readonly Line[];
  readonly submit: string;
  readonly cancel?: { readonly label: string; readonly deed: () => void };
  /** Resolves with null when all is well, else with what to say. */
  readonly deed: (values: Readonly<Record<string, string>>) => Promise<string | null>;
}

/** What a form may hold: the server's own bound is the same. */
const MAX_CHARS = 200;
let nForms = 0;

export function form(texts: MoreTexts, { title, hint, lines, submit, cancel, deed }: Form): HTMLFormElement {
  const id = `form${(nForms += 1)}`;
  const trouble = h("p", { class: "note bad", role: "alert", id: `${id}-trouble` });
  const fields = lines.map(({ name, type, autocomplete, isRequired, label }) => {
    const input = h("input", { name, type, autocomplete, id: `${id}-${name}`, maxlength: String(MAX_CHARS), dir: "auto" });
    if (isRequired) input.setAttribute("aria-required", "true");
    const words = isRequired ? label : `${label} (${texts.optional})`;
    return { input, isRequired, row: h("div", { class: "field" }, h("label", { for: input.id }, words), input) };
  });
  const send = h("button", { class: "solid" }, submit);
  const back = cancel && h("button", { type: "button", class: "link", onclick: cancel.deed }, cancel.label);
  const root = h(
    "form",
    { class: "card", novalidate: true },
    h("h3", {}, title),
    hint === undefined ? null : h("p", {}, hint),
    ...fields.map((field) => field.row),
    trouble,
    h("div", { class: "row" }, back ?? null, send),
  );

  const complain = (words: string, input: HTMLInputElement | undefined) => {
    trouble.textContent = words;
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", trouble.id);
    input?.focus();
  };
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.disabled) return;
    trouble.textContent = "";
    for (const { input } of fields) input.removeAttribute("aria-invalid");
    const empty = fields.find(({ input, isRequired }) => isRequired && input.value.trim() === "");
    if (empty !== undefined) return complain(texts.required, empty.input);
    send.disabled = true;
    const values = Object.fromEntries(fields.map(({ input }) => [input.name, input.value.trim()]).filter(([, value]) => value !== ""));
    void deed(values as Record<string, string>).then((wrong) => {
      send.disabled = false;
      if (wrong !== null) complain(wrong, fields[0]?.input);
    });
  });
  return root;
}
