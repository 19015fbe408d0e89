// What differs between keyboards.

const apple = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys that send a reply, as they are printed on this keyboard. */
export const sendKeys: string[] = apple ? ["⌘", "↵"] : ["Ctrl", "↵"];
