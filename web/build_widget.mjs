// Builds the widget into dist/widget: first the panel and its languages as modules with hashed names, then the script that
// pages include, which knows the panel's name. Lays the types beside them and the demo page in dist/demo. Fails when it grew too heavy.
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = join(import.meta.dirname, "widget");
const outDir = join(import.meta.dirname, "dist/widget");
/** Gzipped bytes: what every visitor loads, and what comes with the first press, in the heaviest language. */
const MAX_SCRIPT = 3 * 1024;
const MAX_PANEL = 20 * 1024;

const tokens = readFileSync(join(root, "../shared/tokens.css"), "utf8");
const styles = readdirSync(root).filter((name) => name.endsWith(".css")).map((name) => readFileSync(join(root, name), "utf8")).join() + tokens;
/** Sizes and times: the same in both themes, so they need no property of their own here. */
const sizes = new Map([...tokens.matchAll(/(--[a-z0-9-]+): ([0-9.]+(?:px|ms)?);/g)].map(([, name, value]) => [name, value]));

const shared = {
  configFile: false,
  root,
  publicDir: false,
  logLevel: "warn",
  plugins: [
    {
      // A later part needs no links put into the page's head: nothing is preloaded, and styles come with the code.
      name: "plain-imports",
      enforce: "pre",
      load: (id) => (id.endsWith("vite/preload-helper.js") ? "export const __vitePreload = (load) => load();" : null),
    },
    {
      // What is defined and not used, since the console needs more than the widget, and what need not be defined.
      name: "lean-tokens",
      renderChunk: (code) =>
        code
          .replace(/var\((--[a-z0-9-]+)\)/g, (asked, name) => sizes.get(name) ?? asked)
          .replace(/(--[a-z0-9-]+):[^;{}`]*(;|(?=\}))/g, (line, name) =>
            !name.startsWith("--lightningcss") && (sizes.has(name) || !styles.includes(`var(${name})`)) ? "" : line,
          )
          .replaceAll(":root,:host{", ":host{"),
    },
  ],
};
const options = {
  outDir,
  emptyOutDir: false,
  target: "es2022",
  modulePreload: false,
  // Browsers from 2022 on. light-dark() is younger, and is compiled away for them.
  cssTarget: ["chrome105", "firefox110", "safari15.4"],
};

/** A module with what it loads later, each under a name that changes with its content. Returns the module's name. */
async function buildModule(name, file) {
  await build({
    ...shared,
    build: {
      ...options,
      outDir: join(outDir, "parts"),
      rollupOptions: {
        input: join(root, file),
        preserveEntrySignatures: "allow-extension",
        output: { format: "es", entryFileNames: `${name}-[hash].js`, chunkFileNames: "[name]-[hash].js" },
      },
    },
  });
  return readdirSync(join(outDir, "parts")).find((found) => found.startsWith(`${name}-`));
}

rmSync(outDir, { recursive: true, force: true });
const panel = await buildModule("panel", "widget.ts");
const proactive = await buildModule("proactive", "proactive.ts");
await build({
  ...shared,
  define: { PANEL: JSON.stringify(`widget/${panel}`), PROACTIVE: JSON.stringify(`widget/${proactive}`) },
  build: {
    ...options,
    lib: { entry: join(root, "main.ts"), formats: ["iife"], name: "FirstlineWidget", fileName: () => "widget.js" },
  },
});
cpSync(join(root, "firstline.d.ts"), join(outDir, "widget.d.ts"));
cpSync(join(import.meta.dirname, "demo"), join(import.meta.dirname, "dist/demo"), { recursive: true });

const weigh = (name) => gzipSync(readFileSync(join(outDir, name)), { level: 9 }).length;
const texts = readdirSync(join(outDir, "parts")).filter((name) => /^(en|zh-Hans|zh-Hant|ru)-/.test(name));
const script = weigh("widget.js");
const pressed = weigh(`parts/${panel}`) + Math.max(...texts.map((name) => weigh(`parts/${name}`)));
console.log(`The widget, gzipped: ${script} bytes at once (at most ${MAX_SCRIPT}), ${pressed} with the first press (at most ${MAX_PANEL}).`);
if (texts.length !== 4 || script > MAX_SCRIPT || pressed > MAX_PANEL) {
  console.error("The widget is too heavy. Leave something out, or move it behind the first press.");
  process.exit(1);
}
