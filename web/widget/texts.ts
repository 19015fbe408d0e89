// Everything the widget says by itself, in the four languages. What is said in turns comes from the server.

export const LANGUAGES = ["en", "zh-Hans", "zh-Hant", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Texts {
  title: string;
  openPanel: string;
  closePanel: string;
  unseen: (n: number) => string;
  intro: string;
  introMore: string;
  withBot: string;
  withAgent: (name: string) => string;
  waiting: string;
  resolved: string;
  log: string;
  you: string;
  bot: string;
  system: string;
  field: string;
  send: string;
  person: string;
  backToBot: string;
  looking: string;
  next: string;
  position: (n: number) => string;
  wait: (minutes: number) => string;
  waitBrief: string;
  reconnecting: string;
  unsent: string;
  busy: string;
  retry: string;
  sending: string;
  tooLong: (limit: number) => string;
  refused: string;
  edit: string;
  charsLeft: (n: number) => string;
  charsOver: (n: number) => string;
  full: string;
  source: (title: string) => string;
  didItHelp: string;
  helped: string;
  notHelped: string;
  thanks: string;
  sorry: string;
  rate: string;
  scores: readonly [string, string, string, string, string];
  comment: string;
  sendComment: string;
  noComment: string;
  renewed: string;
  latest: string;
}

const en: Texts = {
  title: "Support",
  openPanel: "Open support",
  closePanel: "Close support",
  unseen: (n) => (n === 1 ? "1 new reply" : `${n} new replies`),
  intro: "Hello! What can we help you with?",
  introMore: "Ask in your own words. You get an answer at once, or a person from our team.",
  withBot: "Answers at once",
  withAgent: (name) => `You are talking to ${name}`,
  waiting: "A person is on the way",
  resolved: "Closed – write any time",
  log: "Conversation",
  you: "You",
  bot: "Assistant",
  system: "Notice",
  field: "Write your question",
  send: "Send",
  person: "Talk to a person",
  backToBot: "Back to the bot",
  looking: "Looking for the answer",
  next: "You are next in line",
  position: (n) => `You are number ${n} in line`,
  wait: (minutes) => `about ${minutes} min`,
  waitBrief: "less than a minute",
  reconnecting: "Reconnecting…",
  unsent: "Not sent yet, retrying",
  busy: "Very busy right now, retrying shortly",
  retry: "Retry now",
  sending: "Sending",
  tooLong: (limit) => `Too long: at most ${limit} characters fit`,
  refused: "This could not be sent",
  edit: "Edit",
  charsLeft: (n) => `${n} left`,
  charsOver: (n) => `${n} too many`,
  full: "Please wait until the earlier texts are sent",
  source: (title) => `From: ${title}`,
  didItHelp: "Did this help?",
  helped: "This helped",
  notHelped: "Did not help",
  thanks: "Thank you, good to know.",
  sorry: "Thank you for telling us.",
  rate: "How did we do?",
  scores: ["Very bad", "Bad", "All right", "Good", "Very good"],
  comment: "Would you like to add something? (optional)",
  sendComment: "Send",
  noComment: "No, thanks",
  renewed: "The earlier conversation is no longer there. This is a new one.",
  latest: "Latest",
};

const zhHans: Texts = {
  title: "在线客服",
  openPanel: "打开客服",
  closePanel: "关闭客服",
  unseen: (n) => `${n} 条新回复`,
  intro: "您好！请问有什么可以帮您？",
  introMore: "直接说您的问题，马上就有答案；需要时由人工客服来回复。",
  withBot: "即问即答",
  withAgent: (name) => `客服 ${name} 正在为您服务`,
  waiting: "正在为您转接人工客服",
  resolved: "已结束，可随时留言",
  log: "对话",
  you: "我",
  bot: "自动助手",
  system: "提示",
  field: "请输入您的问题",
  send: "发送",
  person: "转人工客服",
  backToBot: "返回机器人",
  looking: "正在查找答案",
  next: "下一位就是您",
  position: (n) => `您目前排在第 ${n} 位`,
  wait: (minutes) => `约 ${minutes} 分钟`,
  waitBrief: "不到一分钟",
  reconnecting: "正在重新连接…",
  unsent: "尚未发出，正在重试",
  busy: "当前较忙，稍后自动重试",
  retry: "立即重试",
  sending: "发送中",
  tooLong: (limit) => `内容过长，最多 ${limit} 个字符`,
  refused: "这条内容未能发出",
  edit: "修改",
  charsLeft: (n) => `还可输入 ${n} 个字符`,
  charsOver: (n) => `超出 ${n} 个字符`,
  full: "请等前面的内容发出后再继续",
  source: (title) => `来源：${title}`,
  didItHelp: "这个回答有帮助吗？",
  helped: "有帮助",
  notHelped: "没帮助",
  thanks: "谢谢您的反馈。",
  sorry: "感谢您的反馈。",
  rate: "请为我们的服务打分",
  scores: ["很不满意", "不满意", "一般", "满意", "非常满意"],
  comment: "还想补充什么吗？（选填）",
  sendComment: "提交",
  noComment: "不用了",
  renewed: "之前的对话已不存在，已为您开始新的对话。",
  latest: "最新内容",
};

const zhHant: Texts = {
  title: "線上客服",
  openPanel: "開啟客服",
  closePanel: "關閉客服",
  unseen: (n) => `${n} 則新回覆`,
  intro: "您好！請問有什麼可以協助您？",
  introMore: "直接說您的問題，馬上就有答案；需要時由真人客服回覆。",
  withBot: "即問即答",
  withAgent: (name) => `客服 ${name} 正在為您服務`,
  waiting: "正在為您轉接真人客服",
  resolved: "已結束，歡迎隨時留言",
  log: "對話",
  you: "我",
  bot: "自動助理",
  system: "提示",
  field: "請輸入您的問題",
  send: "送出",
  person: "轉真人客服",
  backToBot: "返回機器人",
  looking: "正在尋找答案",
  next: "下一位就是您",
  position: (n) => `您目前排在第 ${n} 位`,
  wait: (minutes) => `約 ${minutes} 分鐘`,
  waitBrief: "不到一分鐘",
  reconnecting: "正在重新連線…",
  unsent: "尚未送出，正在重試",
  busy: "目前較忙碌，稍後自動重試",
  retry: "立即重試",
  sending: "傳送中",
  tooLong: (limit) => `內容過長，最多 ${limit} 個字元`,
  refused: "這則內容未能送出",
  edit: "修改",
  charsLeft: (n) => `還可輸入 ${n} 個字元`,
  charsOver: (n) => `超出 ${n} 個字元`,
  full: "請等前面的內容送出後再繼續",
  source: (title) => `來源：${title}`,
  didItHelp: "這個回答有幫助嗎？",
  helped: "有幫助",
  notHelped: "沒幫助",
  thanks: "謝謝您的回饋。",
  sorry: "感謝您的回饋。",
  rate: "請為我們的服務評分",
  scores: ["非常不滿意", "不滿意", "普通", "滿意", "非常滿意"],
  comment: "還想補充什麼嗎？（選填）",
  sendComment: "送出",
  noComment: "不用了",
  renewed: "先前的對話已不存在，已為您開始新的對話。",
  latest: "最新內容",
};

const ru: Texts = {
  title: "Поддержка",
  openPanel: "Открыть поддержку",
  closePanel: "Закрыть поддержку",
  unseen: (n) => `Новых ответов: ${n}`,
  intro: "Здравствуйте! Чем помочь?",
  introMore: "Спросите своими словами. Ответ придёт сразу, а если нужно — ответит сотрудник.",
  withBot: "Отвечаем сразу",
  withAgent: (name) => `С вами общается ${name}`,
  waiting: "Зовём сотрудника",
  resolved: "Разговор завершён",
  log: "Разговор",
  you: "Вы",
  bot: "Помощник",
  system: "Уведомление",
  field: "Напишите вопрос",
  send: "Отправить",
  person: "Позвать человека",
  backToBot: "Вернуться к боту",
  looking: "Ищем ответ",
  next: "Вы следующий в очереди",
  position: (n) => `Вы в очереди под номером ${n}`,
  wait: (minutes) => `около ${minutes} мин`,
  waitBrief: "меньше минуты",
  reconnecting: "Восстанавливаем связь…",
  unsent: "Ещё не отправлено, пробуем снова",
  busy: "Сейчас много обращений, скоро попробуем снова",
  retry: "Повторить",
  sending: "Отправляется",
  tooLong: (limit) => `Слишком длинно: помещается не больше ${limit} знаков`,
  refused: "Не удалось отправить",
  edit: "Изменить",
  charsLeft: (n) => `Осталось: ${n}`,
  charsOver: (n) => `Лишних знаков: ${n}`,
  full: "Подождите, пока отправятся предыдущие сообщения",
  source: (title) => `Источник: ${title}`,
  didItHelp: "Это помогло?",
  helped: "Помогло",
  notHelped: "Не помогло",
  thanks: "Спасибо, это важно знать.",
  sorry: "Спасибо, что сказали.",
  rate: "Как мы справились?",
  scores: ["Очень плохо", "Плохо", "Нормально", "Хорошо", "Отлично"],
  comment: "Хотите что-то добавить? (необязательно)",
  sendComment: "Отправить",
  noComment: "Нет, спасибо",
  renewed: "Прежний разговор больше не доступен. Это новый.",
  latest: "К последним",
};

export const TEXTS: Readonly<Record<Language, Texts>> = { en, "zh-Hans": zhHans, "zh-Hant": zhHant, ru };

/** The first wish that is one of ours, else English. Wishes are BCP 47 tags, most wanted first. */
export function pickLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const language = knownLanguage(wish);
    if (language !== null) return language;
  }
  return "en";
}

export function knownLanguage(tag: string | null | undefined): Language | null {
  const parts = (tag ?? "").toLowerCase().split(/[-_]/);
  switch (parts[0]) {
    case "en":
      return "en";
    case "ru":
      return "ru";
    case "zh":
      if (parts.includes("hans")) return "zh-Hans";
      return ["hant", "tw", "hk", "mo"].some((part) => parts.includes(part)) ? "zh-Hant" : "zh-Hans";
    default:
      return null;
  }
}
