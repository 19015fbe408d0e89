import type { MoreTexts } from "./texts";

const texts: MoreTexts = {
  rate: "请为我们的服务打分",
  scores: ["很不满意", "不满意", "一般", "满意", "非常满意"],
  comment: "还想补充什么吗？（选填）",
  sendComment: "提交",
  noComment: "不用了",
  transcript: "下载对话记录",
  mailTranscript: "发送到我的邮箱",
  mailField: "您的邮箱地址",
  mailSent: (address) => `正在发送到 ${address}`,
  telegram: "在 Telegram 中继续",
  telegramOpen: "打开 Telegram",
  telegramScan: "或用手机扫描：",
  failed: "操作没有成功，请再试一次。",
  remove: (name) => `移除 ${name}`,
  tooLarge: (mb) => `最大 ${mb} MB`,
  badType: "不支持发送这种文件",
  tooManyFiles: (n) => `一次最多 ${n} 个文件`,
  uploadFailed: "上传失败",
  contactAsk: "请留下邮箱或电话，我们会尽快联系您。",
  contactField: "邮箱或电话",
  contactKept: "谢谢，我们会联系您。",
  contactBad: "这不是邮箱地址，也不是电话号码",
  before: "开始之前",
  fields: { name: "您的称呼", email: "邮箱", phone: "电话", order: "订单号", topic: "想咨询什么？" },
  required: "请填写此项",
  optional: "选填",
  start: "开始",
};

export default texts;
