import type { MoreTexts } from "./texts";

const texts: MoreTexts = {
  rate: "How did we do?",
  scores: ["Very bad", "Bad", "All right", "Good", "Very good"],
  comment: "Would you like to add something? (optional)",
  sendComment: "Send",
  noComment: "No, thanks",
  transcript: "Download this conversation",
  mailTranscript: "Send it to me by mail",
  mailField: "Your e-mail address",
  mailSent: (address) => `On its way to ${address}`,
  telegram: "Continue in Telegram",
  telegramOpen: "Open Telegram",
  telegramScan: "Or scan this with your phone:",
  failed: "That did not work. Please try again.",
  remove: (name) => `Remove ${name}`,
  tooLarge: (mb) => `At most ${mb} MB`,
  badType: "This kind of file cannot be sent",
  tooManyFiles: (n) => `At most ${n} files at once`,
  uploadFailed: "Could not be uploaded",
  contactAsk: "Leave an e-mail address or a phone number, and we will come back to you.",
  contactField: "E-mail or phone",
  contactKept: "Thank you. We will come back to you.",
  contactBad: "This is neither an e-mail address nor a phone number",
  before: "Before we start",
  fields: { name: "Your name", email: "E-mail", phone: "Phone", order: "Order number", topic: "What is it about?" },
  required: "Please fill this in",
  optional: "optional",
  start: "Start",
};

export default texts;
