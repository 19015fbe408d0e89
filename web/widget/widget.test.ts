import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attachment } from "../shared/api";
import { fromArticle } from "./article";
import type { Site } from "./site";
import { Server } from "./testing/server";
import { phase, turn } from "./testing/turns";
import { launch, type Launcher } from "./launcher";
import { TYPING_LASTS_MS } from "./rules";
import { loadMoreTexts } from "./texts/texts";
import { mount, type Mounted } from "./widget";

describe("an article's HTML", () => {
  const check = (html: string, expected: string) =>
    it(html, () => {
      const box = document.createElement("div");
      box.append(fromArticle(html));
      expect(box.innerHTML).toBe(expected);
    });
  check("<p>Within <strong>five</strong> days</p>", "<p>Within <strong>five</strong> days</p>");
  check("<p onclick=alert(1) style=color:red class=x>hi</p>", "<p>hi</p>");
  check("<script>alert(1)</script>after", "after");
  check("<img src=x onerror=alert(1)><svg onload=alert(1)></svg>after", '<img loading="lazy" referrerpolicy="no-referrer">after');
  check('<img src="http://a.example/x.png">', '<img loading="lazy" referrerpolicy="no-referrer">');
  check(
    '<img src="https://a.example/x.png" alt="the plug" onload=alert(1)>',
    '<img src="https://a.example/x.png" alt="the plug" loading="lazy" referrerpolicy="no-referrer">',
  );
  check('<div><section><b>kept</b></section></div>', "<b>kept</b>");
  check('<a href="javascript:alert(1)">x</a>', "<a>x</a>");
  check('<ol start="3"><li>x</li></ol>', '<ol start="3"><li>x</li></ol>');
  check(
    '<a href="https://a.example" target="_self">x</a>',
    '<a href="https://a.example" target="_blank" rel="noopener noreferrer">x</a>',
  );
  check('<a href="/returns">x</a>', '<a href="/returns" target="_blank" rel="noopener noreferrer">x</a>');
});

describe("the widget", () => {
  let server: Server;
  let launcher: Launcher;
  let widget: Mounted;

  const begin = async (site: Partial<Site> = {}) => {
    launcher = launch("en", () => widget.toggle());
    launcher.wears({});
    document.body.append(launcher.root.host);
    const settings = {
      server: "https://help.example/",
      site: "shop",
      language: "en",
      theme: undefined,
      tag: {},
      options: { starters: ["Where is my order?"] },
    } as const;
    widget = await mount({ launcher, settings, site, emit: (event, detail) => events.push([event, detail]) });
    widget.open();
  };
  let events: unknown[] = [];

  beforeEach(async () => {
    vi.useFakeTimers();
    localStorage.clear();
    sessionStorage.clear();
    events = [];
    vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }));
    server = new Server();
    server.start();
    await begin();
  });

  afterEach(() => {
    end();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const end = () => {
    widget.destroy();
    launcher.destroy();
  };
  const soon = () => vi.advanceTimersByTimeAsync(50);
  /** What is loaded later comes by real promises. */
  const loaded = async (module: Promise<unknown>) => {
    await module;
    await loadMoreTexts("en");
    await soon();
  };
  const find = <T extends HTMLElement>(selector: string) => launcher.root.querySelector<T>(selector);
  const shown = () => [...launcher.root.querySelectorAll(".words")].map((words) => words.textContent);
  const isVisible = (selector: string) => find(selector)?.closest("[hidden]") === null;
  const press = (key: string, more: KeyboardEventInit = {}) =>
    find("textarea")?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

  function types(text: string): void {
    const field = find<HTMLTextAreaElement>("textarea");
    if (field === null) throw new Error("no field");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  it("sends with Enter and shows question and answer once each", async () => {
    types("where is my order?");
    press("Enter");
    expect(shown()).toEqual(["where is my order?"]);
    await soon();
    expect(shown()).toEqual(["where is my order?", "answer to where is my order?"]);
    expect(find<HTMLTextAreaElement>("textarea")?.value).toBe("");
  });

  it("does not send while Chinese characters are being composed, nor with Shift+Enter", async () => {
    types("ni hao");
    press("Enter", { isComposing: true });
    press("Enter", { keyCode: 229 } as KeyboardEventInit);
    press("Enter", { shiftKey: true });
    await soon();
    expect(shown()).toEqual([]);
  });

  it("shows everyone's words as text", async () => {
    types("<b>hi</b>");
    press("Enter");
    await soon();
    server.says(server.only, "agent", "<img src=x onerror=alert(1)> https://a.example/x");
    expect(shown()[0]).toBe("<b>hi</b>");
    expect(shown().at(-1)).toBe("<img src=x onerror=alert(1)> https://a.example/x");
    expect(find(".words img, .words b")).toBeNull();
    expect(find(".words a")?.getAttribute("href")).toBe("https://a.example/x");
  });

  it("leaves a turn's element alone when only what stands below it changes, so that it is not read out again", async () => {
    types("refund?");
    press("Enter");
    await soon();
    const kept = server.only;
    kept.turns.push(turn((kept.through += 1), "bot", "Did you mean?", { kind: "clarification", options: [{ article: "a", title: "A" }] }));
    server.says(kept, "system", "A notice");
    const before = [...(launcher.root.querySelectorAll(".words"))];
    server.says(kept, "agent", "hello");
    expect([...(launcher.root.querySelectorAll(".words"))].slice(0, before.length)).toEqual(before);
  });

  it("offers a person until one is on the way, and then the way back", async () => {
    expect(isVisible(".person")).toBe(true);
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "system", "A person will come.", phase("waiting"));
    expect(isVisible(".person")).toBe(false);
    find<HTMLButtonElement>(".back")?.click();
    await soon();
    expect(server.heard()).toEqual(["hello", "tapped back_to_bot"]);
  });

  it("closes with Escape and gives the focus back to the launcher", () => {
    press("Escape");
    expect(isVisible(".panel")).toBe(false);
    expect(launcher.root.activeElement?.className).toBe("launcher");
  });

  it("counts what came while it was closed", async () => {
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "system", "A person will come.", phase("waiting"));
    widget.close();
    server.says(server.only, "agent", "hi");
    expect(find(".badge")?.textContent).toBe("1");
    expect(find(".launcher")?.getAttribute("aria-label")).toBe("Open support (1)");
    widget.open();
    expect(isVisible(".badge")).toBe(false);
  });

  it("holds a text that is too long, and says by how much", () => {
    types("x".repeat(4_003));
    press("Enter");
    expect(find(".counter")?.textContent).toContain("3 too many");
    expect(shown()).toEqual([]);
    expect(find<HTMLTextAreaElement>("textarea")?.value).toHaveLength(4_003);
  });

  it("has a name for everything that can be pressed", () => {
    for (const button of launcher.root.querySelectorAll("button")) {
      expect(button.getAttribute("aria-label") ?? button.textContent).not.toBe("");
    }
    expect(find("[role=log]")?.getAttribute("aria-live")).toBe("polite");
    expect(find("[role=dialog]")?.getAttribute("aria-label")).toBe("Support");
  });

  it("tells the page what happens", async () => {
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "system", "A person will come.", phase("waiting"));
    widget.close();
    server.says(server.only, "agent", "hi");
    expect(events).toEqual([
      ["unread", 0],
      ["open", undefined],
      ["phase", "with_bot"],
      ["turn", { by: "customer", kind: "text", text: "hello" }],
      ["turn", { by: "bot", kind: "text", text: "answer to hello" }],
      ["turn", { by: "system", kind: "notice", text: "A person will come." }],
      ["phase", "waiting"],
      ["close", undefined],
      ["turn", { by: "agent", kind: "text", text: "hi" }],
      ["unread", 1],
    ]);
  });

  it("keeps a half-written text for the next page, also when the language changes", async () => {
    types("half a thou");
    end();
    await begin();
    expect(find<HTMLTextAreaElement>("textarea")?.value).toBe("half a thou");
  });

  it("asks what the site wants to know first, and says what is missing", async () => {
    end();
    await begin({ pre_chat: [{ field: "name", required: false }, { field: "email", required: true }] });
    await loaded(import("./cards"));
    expect(isVisible("textarea")).toBe(false);
    const email = find<HTMLInputElement>("input[name=email]");
    find<HTMLFormElement>("form")?.requestSubmit();
    expect(email?.getAttribute("aria-invalid")).toBe("true");
    expect(find("[role=alert]")?.textContent).toBe("Please fill this in");
    if (email !== null) email.value = " anna@shop.example ";
    find<HTMLFormElement>("form")?.requestSubmit();
    await soon();
    expect(isVisible("textarea")).toBe(true);
    types("hello");
    press("Enter");
    await soon();
    expect(server.opened).toMatchObject([{ details: { email: "anna@shop.example" } }]);
  });

  it("takes an address while nobody is at work", async () => {
    types("a person please");
    press("Enter");
    await soon();
    server.only.queue = { position: 1, expected_wait_secs: null, is_closed: true, opens_at: null };
    server.says(server.only, "system", "We are closed.", phase("waiting"));
    await loaded(import("./cards"));
    const field = find<HTMLInputElement>("input[name=contact]");
    if (field !== null) field.value = "nowhere";
    find<HTMLFormElement>("form")?.requestSubmit();
    await soon();
    expect(find("[role=alert]")?.textContent).toContain("neither");
    if (field !== null) field.value = "anna@shop.example";
    find<HTMLFormElement>("form")?.requestSubmit();
    await soon();
    expect(server.told).toEqual([["contact", { contact: "nowhere" }], ["contact", { contact: "anna@shop.example" }]]);
    expect(find(".card[role=status]")?.textContent).toContain("We will come back to you");
  });

  it("says that one must sign in, and goes on once somebody has", async () => {
    server.wantsIdentity = true;
    types("hello");
    press("Enter");
    await soon();
    expect(isVisible(".barred")).toBe(true);
    expect(events).toContainEqual(["identity", "identity_required"]);
    widget.identify("signed");
    await soon();
    expect(server.heard()).toEqual(["hello"]);
    expect(isVisible(".barred")).toBe(false);
  });

  it("forgets everything when the customer signs out", async () => {
    types("hello");
    press("Enter");
    await soon();
    types("half a thou");
    widget.logout();
    expect(shown()).toEqual([]);
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);
  });

  it("shows files as pictures and links from the server, and leaves a name that looks like markup alone", async () => {
    types("hello");
    press("Enter");
    await soon();
    const file = (name: string, type: string): Attachment => ({ id: name, name, type, bytes: 2_400, url: `/api/v1/attachments/${type}` });
    const kept = server.only;
    const attachments = [file("<img src=x>.pdf", "application/pdf"), { ...file("plug.png", "image/png"), width: 800, height: 400 }];
    kept.turns.push(turn((kept.through += 1), "agent", "", { attachments }));
    server.says(kept, "agent", "here you are");
    const links = [...launcher.root.querySelectorAll<HTMLAnchorElement>("a.file")];
    expect(links.map((link) => link.href)).toEqual(["application/pdf", "image/png"].map((type) => `https://help.example/api/v1/attachments/${type}`));
    expect(links[0]?.textContent).toContain("<img src=x>.pdf");
    const picture = links[1]?.querySelector("img");
    expect([picture?.alt, picture?.width, picture?.height]).toEqual(["plug.png", 240, 120]);
  });

  it("shows who types, until they stop or fall silent", async () => {
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "agent", "hi", phase("with_agent", { agent: { name: "Alice" } }));
    server.types(server.only, "Alice");
    expect(find(".dots")?.textContent).toBe("Alice is typing");
    server.types(server.only, null);
    expect(isVisible(".dots")).toBe(false);
    server.types(server.only, "Alice");
    await vi.advanceTimersByTimeAsync(TYPING_LASTS_MS + 100);
    expect(isVisible(".dots")).toBe(false);
  });

  it("marks the last own words as seen once the agent has read them", async () => {
    types("hello");
    press("Enter");
    await soon();
    server.says(server.only, "agent", "hi", phase("with_agent"));
    expect(find(".under .note")).toBeNull();
    server.reads(server.only);
    expect(find(".under .note")?.textContent).toBe("Seen");
  });
});
