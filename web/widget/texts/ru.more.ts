import type { MoreTexts } from "./texts";

const texts: MoreTexts = {
  rate: "Как мы справились?",
  scores: ["Очень плохо", "Плохо", "Нормально", "Хорошо", "Отлично"],
  comment: "Хотите что-то добавить? (необязательно)",
  sendComment: "Отправить",
  noComment: "Нет, спасибо",
  transcript: "Скачать переписку",
  mailTranscript: "Прислать мне на почту",
  mailField: "Ваш адрес почты",
  mailSent: (address) => `Отправляем на ${address}`,
  telegram: "Продолжить в Telegram",
  telegramOpen: "Открыть Telegram",
  telegramScan: "Или отсканируйте телефоном:",
  failed: "Не получилось. Попробуйте ещё раз.",
  remove: (name) => `Убрать ${name}`,
  tooLarge: (mb) => `Не больше ${mb} МБ`,
  badType: "Такой файл отправить нельзя",
  tooManyFiles: (n) => `Не больше ${n} файлов за раз`,
  uploadFailed: "Не удалось загрузить",
  contactAsk: "Оставьте почту или телефон, и мы с вами свяжемся.",
  contactField: "Почта или телефон",
  contactKept: "Спасибо. Мы с вами свяжемся.",
  contactBad: "Это не похоже ни на адрес почты, ни на номер телефона",
  before: "Прежде чем начать",
  fields: { name: "Как вас зовут", email: "Почта", phone: "Телефон", order: "Номер заказа", topic: "О чём ваш вопрос?" },
  required: "Заполните, пожалуйста",
  optional: "необязательно",
  start: "Начать",
};

export default texts;
