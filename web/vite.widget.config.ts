// Builds the widget into one classic script, dist/widget/widget.js, and lays the demo page beside it in dist/demo.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("./widget"),
  publicDir: false,
  build: {
    outDir: here("./dist/widget"),
    emptyOutDir: true,
    target: "es2022",
    // Browsers from 2022 on. light-dark() is younger, and is compiled away for them.
    cssTarget: ["chrome105", "firefox110", "safari15.4"],
    lib: { entry: here("./widget/main.ts"), formats: ["iife"], name: "FirstlineWidget", fileName: () => "widget.js" },
  },
  plugins: [
    {
      name: "firstline-demo",
      closeBundle() {
        cpSync(here("./demo"), here("./dist/demo"), { recursive: true });
      },
    },
  ],
});
