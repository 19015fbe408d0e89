import type { MoreTexts } from "./texts";

const texts: MoreTexts = {
  rate: "請為我們的服務評分",
  scores: ["非常不滿意", "不滿意", "普通", "滿意", "非常滿意"],
  comment: "還想補充什麼嗎？（選填）",
  sendComment: "送出",
  noComment: "不用了",
  transcript: "下載對話紀錄",
  mailTranscript: "寄到我的信箱",
  mailField: "您的電子郵件地址",
  mailSent: (address) => `正在寄到 ${address}`,
  telegram: "在 Telegram 繼續",
  telegramOpen: "開啟 Telegram",
  telegramScan: "或用手機掃描：",
  failed: "操作沒有成功，請再試一次。",
  remove: (name) => `移除 ${name}`,
  tooLarge: (mb) => `最大 ${mb} MB`,
  badType: "無法傳送這種檔案",
  tooManyFiles: (n) => `一次最多 ${n} 個檔案`,
  uploadFailed: "上傳失敗",
  contactAsk: "請留下電子郵件或電話，我們會儘快與您聯絡。",
  contactField: "電子郵件或電話",
  contactKept: "謝謝，我們會與您聯絡。",
  contactBad: "這不是電子郵件地址，也不是電話號碼",
  before: "開始之前",
  fields: { name: "您的稱呼", email: "電子郵件", phone: "電話", order: "訂單編號", topic: "想詢問什麼？" },
  required: "請填寫此欄",
  optional: "選填",
  start: "開始",
};

export default texts;
