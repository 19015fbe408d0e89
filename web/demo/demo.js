// The demo shop in four languages, and the widget in the same one. `?lang=` chooses; else the browser does.

const texts = {
  en: {
    headline: "Good things for a quiet home",
    lead: "Headphones, speakers, lamps and kettles that are made to be repaired, and people who answer when you ask.",
    browse: "See what is new",
    about: "This is the demo of Firstline: the shop is invented, the answers come from the articles in this server’s folder.",
    try: "Ask the widget, or ask it for a person and answer as one",
    console: "in the console",
    sections: "Sections",
    languages: "Languages",
    things: "Shop",
    delivery: "Delivery and returns",
    help: "Help",
    headphones: "Alder headphones",
    speaker: "Birch speaker",
    lamp: "Fern desk lamp",
    kettle: "Moss kettle",
    promiseDelivery: "Ordered before 3 pm, sent the same working day",
    promiseReturns: "Easy returns, and a refund without argument",
    promiseWarranty: "Made to be repaired, with spare parts for years",
    askTitle: "Questions? Just ask.",
    askLead:
      "Where is my order, how do I return something, why does it not turn on: most questions are answered in a moment. For everything else there are people.",
    askNow: "Ask us",
    embedTitle: "On your own site it is one line",
    starters: ["Where is my order?", "How do I return something?", "My device does not turn on"],
    currency: "GBP",
    rate: 1,
  },
  "zh-Hans": {
    headline: "为安静的家，挑好物",
    lead: "耳机、音箱、台灯、水壶，件件耐用可修；有问题，随时有人回答。",
    browse: "看看新品",
    about: "这是 Firstline 的演示页面：商店是虚构的，回答来自本服务器文件夹里的文章。",
    try: "向右下角的客服窗口提问，或转人工客服，自己来扮演客服：",
    console: "打开客服工作台",
    sections: "栏目",
    languages: "语言",
    things: "商品",
    delivery: "配送与退货",
    help: "帮助",
    headphones: "Alder 头戴式耳机",
    speaker: "Birch 音箱",
    lamp: "Fern 台灯",
    kettle: "Moss 电水壶",
    promiseDelivery: "工作日下午三点前下单，当天发货",
    promiseReturns: "退货简单，退款爽快",
    promiseWarranty: "为维修而设计，配件长期供应",
    askTitle: "有问题？直接问。",
    askLead: "订单到哪儿了、怎么退货、设备为什么开不了机：大多数问题马上就有答案，其余的有人工客服。",
    askNow: "咨询客服",
    embedTitle: "放到您自己的网站，只需一行",
    starters: ["我的订单到哪儿了？", "怎么退货？", "设备开不了机"],
    currency: "CNY",
    rate: 9,
  },
  "zh-Hant": {
    headline: "為安靜的家，選好物",
    lead: "耳機、喇叭、檯燈、快煮壺，件件耐用可修；有問題，隨時有人回答。",
    browse: "看看新品",
    about: "這是 Firstline 的示範頁面：商店是虛構的，回答來自本伺服器資料夾裡的文章。",
    try: "向右下角的客服視窗提問，或轉真人客服，自己來扮演客服：",
    console: "開啟客服工作台",
    sections: "頁面區塊",
    languages: "語言",
    things: "商品",
    delivery: "配送與退貨",
    help: "幫助",
    headphones: "Alder 頭戴式耳機",
    speaker: "Birch 喇叭",
    lamp: "Fern 檯燈",
    kettle: "Moss 快煮壺",
    promiseDelivery: "工作天下午三點前下單，當天出貨",
    promiseReturns: "退貨簡單，退款爽快",
    promiseWarranty: "為維修而設計，零件長期供應",
    askTitle: "有問題？直接問。",
    askLead: "訂單到哪裡了、如何退貨、裝置為什麼無法開機：大多數問題馬上就有答案，其餘的有真人客服。",
    askNow: "詢問客服",
    embedTitle: "放到您自己的網站，只要一行",
    starters: ["我的訂單到哪裡了？", "如何退貨？", "裝置無法開機"],
    currency: "TWD",
    rate: 40,
  },
  ru: {
    headline: "Хорошие вещи для тихого дома",
    lead: "Наушники, колонки, лампы и чайники, которые можно починить, и люди, которые отвечают на вопросы.",
    browse: "Смотреть новинки",
    about: "Это демонстрация Firstline: магазин вымышленный, ответы берутся из статей в папке этого сервера.",
    try: "Спросите виджет или позовите человека и ответьте за него сами",
    console: "в консоли",
    sections: "Разделы",
    languages: "Языки",
    things: "Магазин",
    delivery: "Доставка и возврат",
    help: "Помощь",
    headphones: "Наушники Alder",
    speaker: "Колонка Birch",
    lamp: "Настольная лампа Fern",
    kettle: "Чайник Moss",
    promiseDelivery: "Заказ до 15:00 отправим в тот же рабочий день",
    promiseReturns: "Простой возврат, деньги без споров",
    promiseWarranty: "Можно починить: запчасти есть много лет",
    askTitle: "Есть вопросы? Просто спросите.",
    askLead:
      "Где мой заказ, как вернуть товар, почему устройство не включается: на большинство вопросов ответ придёт сразу. Для остального есть люди.",
    askNow: "Задать вопрос",
    embedTitle: "На вашем сайте это одна строка",
    starters: ["Где мой заказ?", "Как вернуть товар?", "Устройство не включается"],
    currency: "RUB",
    rate: 110,
  },
};

const language = pickLanguage();
const t = texts[language];

document.documentElement.lang = language;
for (const element of document.querySelectorAll("[data-text]")) element.textContent = t[element.dataset.text];
for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t[element.dataset.label]);
for (const element of document.querySelectorAll("[data-price]")) {
  const price = new Intl.NumberFormat(language, { style: "currency", currency: t.currency, maximumFractionDigits: 0 });
  element.textContent = price.format(Math.round((Number(element.dataset.price) * t.rate) / 10) * 10 - 1);
}
for (const link of document.querySelectorAll(".languages a")) {
  if (link.lang === language) link.setAttribute("aria-current", "true");
}
for (const link of document.querySelectorAll("[data-keep-language]")) link.href = `?lang=${language}`;

document.getElementById("tag").textContent =
  `<script async src="${location.origin}/widget.js" data-site="shop" data-language="${language}"></` + "script>";
for (const button of document.querySelectorAll("[data-opens-widget]")) {
  button.addEventListener("click", () => window.Firstline?.open());
}
// The widget's tag stands after this script and waits for `init`, since here the language is not known before.
window.addEventListener("firstline:ready", () => {
  window.Firstline.init({ language, starters: t.starters });
  // On a wide screen there is room for both; on a phone the panel would hide the page.
  if (window.matchMedia("(min-width: 1100px)").matches) window.Firstline.open();
});

function pickLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  for (const wish of [asked, ...navigator.languages]) {
    const parts = (wish ?? "").toLowerCase().split("-");
    if (parts[0] === "zh") return ["hant", "tw", "hk", "mo"].some((part) => parts.includes(part)) ? "zh-Hant" : "zh-Hans";
    if (parts[0] === "en" || parts[0] === "ru") return parts[0];
  }
  return "en";
}
