// The panel's icons.

import { draw } from "./elements";

/** Outlines on a grid of 24. */
const PATHS = {
  ask: "M4 4h16v12H9l-5 5zM8 10h.01M12 10h.01M16 10h.01",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  send: "M12 19V5M5 12l7-7 7 7",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.6-6.5 8-6.5s8 2.5 8 6.5",
  source: "M5 4.5A2.5 2.5 0 0 1 7.5 2H20v20H7.5A2.5 2.5 0 0 1 5 19.5zM5 19.5A2.5 2.5 0 0 1 7.5 17H20M9 7h7",
  up: "M7 11v10H4V11zM7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9H19a2 2 0 0 1 2 2.3l-1.2 7.7a2 2 0 0 1-2 1.7H7",
  notUp: "M17 13V3h3v10zM17 13l-4 8a2.5 2.5 0 0 1-2.5-2.5V15H5a2 2 0 0 1-2-2.3L4.2 5a2 2 0 0 1 2-1.7H17",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  more: "M5 11v2M12 11v2M19 11v2",
  clip: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.3 3.3 0 0 1 4.7 4.7l-8.6 8.6a1.7 1.7 0 0 1-2.4-2.4l7.9-7.8",
  file: "M14 3H6v18h12V7zM14 3v4h4",
} as const;

export type IconName = keyof typeof PATHS;

export const icon = (name: IconName): SVGElement => draw(name, PATHS[name]);
