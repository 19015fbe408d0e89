// Every word that the console says by itself, in the four languages side by side.

export const LANGUAGES = ["en", "zh-Hans", "zh-Hant", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name, as a switch shows it. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  ru: "Русский",
};

type Said = readonly [en: string, zh_hans: string, zh_hant: string, ru: string];

const catalogue = {
  // Signing in
  sign_in: ["Sign in", "登录", "登入", "Войти"],
  sign_in_lead: [
    "Sign in to the support console",
    "登录客服工作台",
    "登入客服工作台",
    "Вход в консоль поддержки",
  ],
  signing_in: ["Signing in…", "正在登录…", "正在登入…", "Входим…"],
  email: ["Email", "邮箱", "電子郵件", "Почта"],
  password: ["Password", "密码", "密碼", "Пароль"],
  show_password: ["Show password", "显示密码", "顯示密碼", "Показать пароль"],
  sign_out: ["Sign out", "退出登录", "登出", "Выйти"],
  session_ended: [
    "Your session ended. Sign in again: what you typed is kept.",
    "登录已过期，请重新登录。您写的内容都已保留。",
    "登入已過期，請重新登入。您寫的內容都已保留。",
    "Сеанс закончился. Войдите снова: всё, что вы написали, сохранено.",
  ],
  bad_credentials: [
    "That email and password do not match an agent.",
    "邮箱或密码不正确。",
    "電子郵件或密碼不正確。",
    "Почта или пароль не подходят.",
  ],
  too_many_requests: [
    "Too many attempts. Try again in {wait}.",
    "尝试次数过多，请在 {wait} 后重试。",
    "嘗試次數過多，請在 {wait} 後重試。",
    "Слишком много попыток. Попробуйте через {wait}.",
  ],
  server_unreachable: [
    "The server cannot be reached. Check the connection and try again.",
    "无法连接服务器，请检查网络后重试。",
    "無法連線到伺服器，請檢查網路後重試。",
    "Сервер недоступен. Проверьте соединение и попробуйте ещё раз.",
  ],
  server_broken: [
    "The server could not do that just now. Try again in a moment.",
    "服务器暂时无法处理，请稍后重试。",
    "伺服器暫時無法處理，請稍後重試。",
    "Сервер сейчас не смог этого сделать. Попробуйте чуть позже.",
  ],
  refused: ["The server refused: {detail}", "服务器拒绝：{detail}", "伺服器拒絕：{detail}", "Сервер отказал: {detail}"],

  // Views and list
  views: ["Views", "视图", "檢視", "Разделы"],
  waiting: ["Waiting", "等待中", "等待中", "Ждут"],
  mine: ["Mine", "我的", "我的", "Мои"],
  bot: ["With the bot", "机器人接待", "機器人接待", "С ботом"],
  resolved: ["Resolved", "已解决", "已解決", "Завершены"],
  bot_short: ["Bot", "机器人", "機器人", "Бот"],
  load_more: ["Load more", "加载更多", "載入更多", "Показать ещё"],
  loading: ["Loading…", "加载中…", "載入中…", "Загрузка…"],
  n_waiting: ["Waiting: {n}", "等待中：{n}", "等待中：{n}", "Ждут: {n}"],
  empty_waiting: ["Nobody is waiting", "没有客户在等待", "沒有客戶在等待", "Никто не ждёт"],
  empty_waiting_hint: [
    "A conversation appears here as soon as the bot hands it off.",
    "机器人转人工后，对话会立即出现在这里。",
    "機器人轉真人後，對話會立即出現在這裡。",
    "Разговор появится здесь, как только бот передаст его людям.",
  ],
  empty_mine: ["Nothing with you", "您手上没有对话", "您手上沒有對話", "У вас пока ничего нет"],
  empty_mine_hint: [
    "Claim a waiting conversation and it stays here until it is resolved.",
    "接手等待中的对话后，它会留在这里直到解决。",
    "接手等待中的對話後，它會留在這裡直到解決。",
    "Возьмите ждущий разговор, и он будет здесь до завершения.",
  ],
  empty_bot: ["The bot has nobody", "机器人当前没有对话", "機器人目前沒有對話", "У бота никого нет"],
  empty_bot_hint: [
    "Conversations that the bot is answering appear here.",
    "机器人正在接待的对话会显示在这里。",
    "機器人正在接待的對話會顯示在這裡。",
    "Здесь появляются разговоры, которые ведёт бот.",
  ],
  empty_resolved: ["Nothing resolved yet", "还没有已解决的对话", "還沒有已解決的對話", "Завершённых пока нет"],
  empty_resolved_hint: [
    "Finished conversations appear here, the latest first.",
    "结束的对话会显示在这里，最新的在前。",
    "結束的對話會顯示在這裡，最新的在前。",
    "Здесь появляются законченные разговоры, сначала новые.",
  ],
  list_failed: ["The list could not be loaded.", "无法加载列表。", "無法載入清單。", "Список не загрузился."],
  try_again: ["Try again", "重试", "重試", "Повторить"],
  no_words_yet: ["Nothing said yet", "尚无内容", "尚無內容", "Пока ни слова"],
  needs_reply: ["The customer wrote last", "客户在等您回复", "客戶在等您回覆", "Клиент ждёт ответа"],
  has_draft: ["Draft", "草稿", "草稿", "Черновик"],
  web: ["Website", "网站", "網站", "Сайт"],
  telegram: ["Telegram", "Telegram", "Telegram", "Телеграм"],
  rated: ["Rated {n} of 5", "评分 {n}/5", "評分 {n}/5", "Оценка {n} из 5"],

  // Why it came to people
  customer_asked: ["Asked for a person", "客户要求人工", "客戶要求真人", "Попросил человека"],
  not_understood: ["Bot was not sure", "机器人没把握", "機器人沒把握", "Бот не уверен"],
  did_not_help: ["Answer did not help", "回答没帮上忙", "回答沒幫上忙", "Ответ не помог"],
  topic_needs_human: ["Topic needs a person", "该话题需人工", "此話題需真人", "Тема для человека"],
  out_of_patience: ["Losing patience", "客户失去耐心", "客戶失去耐心", "Теряет терпение"],
  bot_unavailable: ["Bot was unavailable", "机器人不可用", "機器人無法使用", "Бот был недоступен"],
  agent_requested: ["Asked for by an agent", "客服要求接手", "客服要求接手", "Запросил сотрудник"],

  // Brief
  brief: ["Brief", "简报", "簡報", "Сводка"],
  brief_details: ["Details", "详情", "詳情", "Подробности"],
  queue: ["Queue", "队列", "佇列", "Очередь"],
  language: ["Language", "语言", "語言", "Язык"],
  page: ["Page", "页面", "頁面", "Страница"],
  came_from: ["Came from", "来源", "來源", "Откуда"],
  customer_id: ["Customer", "客户", "客戶", "Клиент"],
  position: ["Place in line", "排队位置", "排隊位置", "Место в очереди"],
  waited: ["Waiting for {time}", "已等待 {time}", "已等待 {time}", "Ждёт {time}"],
  waited_before: ["Waited {time}", "等待了 {time}", "等待了 {time}", "Ждал {time}"],
  case_plan: ["Case plan", "处理方案", "處理方案", "План действий"],
  candidates: ["What the bot found", "机器人找到的内容", "機器人找到的內容", "Что нашёл бот"],
  no_candidates: [
    "Nothing in the knowledge base came near.",
    "知识库里没有相近的内容。",
    "知識庫裡沒有相近的內容。",
    "В базе знаний нет ничего похожего.",
  ],
  may_help: ["May help", "可能有用", "可能有用", "Может помочь"],
  confidence: ["Confidence", "置信度", "信心度", "Уверенность"],
  answers_at: ["answers at {share}", "达到 {share} 回答", "達到 {share} 回答", "отвечает от {share}"],
  asks_at: ["offered from {share}", "达到 {share} 列为选项", "達到 {share} 列為選項", "предлагает от {share}"],
  lexical: ["Words", "字词", "字詞", "Слова"],
  semantic: ["Meaning", "语义", "語意", "Смысл"],
  classifier: ["Classifier", "分类器", "分類器", "Классификатор"],
  raw_scores: [
    "Raw scores: words (BM25), meaning (cosine), classifier (probability)",
    "原始分：字词（BM25）、语义（余弦）、分类器（概率）",
    "原始分：字詞（BM25）、語意（餘弦）、分類器（機率）",
    "Сырые оценки: слова (BM25), смысл (косинус), классификатор (вероятность)",
  ],
  runner_up_near: [
    "The first was sure enough, but the second came too near (less than {share} apart).",
    "首选的置信度足够，但与次选太接近（相差不到 {share}）。",
    "首選的信心度足夠，但與次選太接近（相差不到 {share}）。",
    "Первый набрал достаточно, но второй слишком близко (меньше {share}).",
  ],

  // Decisions and traces
  decided_answer: ["Answered", "已回答", "已回答", "Ответил"],
  decided_clarify: ["Asked back", "已追问", "已追問", "Уточнил"],
  decided_hand_off: ["Handed off", "转人工", "轉真人", "Передал человеку"],
  decided_small_talk: ["Small talk", "寒暄", "寒暄", "Поддержал беседу"],
  decided_stay_silent: ["Stayed silent", "保持沉默", "保持沉默", "Промолчал"],
  decided_by_model: ["By confidence", "按置信度", "按信心度", "По уверенности"],
  decided_by_rule: ["By rule: {rule}", "按规则：{rule}", "按規則：{rule}", "По правилу: {rule}"],
  rule_option_tapped: ["an offered question was tapped", "点选了推荐问题", "點選了推薦問題", "выбран предложенный вопрос"],
  rule_wants_person: ["the customer wants a person", "客户要找人工", "客戶要找真人", "клиент зовёт человека"],
  rule_bot_unavailable: ["nothing could be looked up", "无法查询", "無法查詢", "поиск не сработал"],
  rule_small_talk: ["greeting or thanks", "问候或致谢", "問候或致謝", "приветствие или благодарность"],
  rule_not_the_bots_turn: ["a person has it", "已由人工接待", "已由真人接待", "разговор ведёт человек"],
  trace: ["Full trace", "完整记录", "完整紀錄", "Вся трассировка"],
  thresholds: ["Thresholds", "阈值", "門檻", "Пороги"],
  timings: ["Timings", "耗时", "耗時", "Время"],
  timings_of: [
    "{total} ms in all: words {lexical} ms, encoder {encoder} ms",
    "共 {total} 毫秒：字词 {lexical} 毫秒，编码器 {encoder} 毫秒",
    "共 {total} 毫秒：字詞 {lexical} 毫秒，編碼器 {encoder} 毫秒",
    "всего {total} мс: слова {lexical} мс, кодировщик {encoder} мс",
  ],
  knowledge_version: ["Knowledge version", "知识库版本", "知識庫版本", "Версия базы знаний"],
  degraded_parts: ["Missing parts", "缺失部分", "缺少的部分", "Чего не хватало"],
  none: ["none", "无", "無", "нет"],

  // Health
  degraded_no_encoder: [
    "Running without the encoder: answers come from words alone.",
    "编码器未运行：仅按字词回答。",
    "編碼器未執行：僅依字詞回答。",
    "Кодировщик не работает: ответы только по словам.",
  ],
  degraded_encoder_late: [
    "The encoder is slow: some answers come from words alone.",
    "编码器响应慢：部分回答仅按字词得出。",
    "編碼器回應慢：部分回答僅依字詞得出。",
    "Кодировщик не успевает: часть ответов только по словам.",
  ],
  degraded_other: [
    "Running with a part missing: {part}.",
    "有部件缺失：{part}。",
    "有部件缺失：{part}。",
    "Работает не всё: {part}.",
  ],
  part_no_encoder: ["encoder off", "编码器未运行", "編碼器未執行", "без кодировщика"],
  part_encoder_late: ["encoder late", "编码器超时", "編碼器逾時", "кодировщик опоздал"],
  n_articles: ["Articles: {n}", "文章：{n}", "文章：{n}", "Статей: {n}"],
  n_findings: ["Findings: {n}", "问题：{n}", "問題：{n}", "Замечаний: {n}"],
  findings: ["Findings", "检查结果", "檢查結果", "Замечания"],
  findings_lead: [
    "What the check of the knowledge base found. The last good version of a broken article keeps answering.",
    "知识库检查发现的问题。有问题的文章仍以上一个正确版本回答。",
    "知識庫檢查發現的問題。有問題的文章仍以上一個正確版本回答。",
    "Что нашла проверка базы знаний. Сломанная статья отвечает в последней исправной версии.",
  ],
  no_findings: ["Every article is in order.", "所有文章都没有问题。", "所有文章都沒有問題。", "Все статьи в порядке."],
  severity_error: ["error", "错误", "錯誤", "ошибка"],
  severity_warning: ["warning", "警告", "警告", "внимание"],

  // Connection
  link_live: ["Live", "实时", "即時", "На связи"],
  link_polling: [
    "Live updates are interrupted: refreshing every 15 seconds.",
    "实时更新中断：每 15 秒刷新一次。",
    "即時更新中斷：每 15 秒重新整理一次。",
    "Живая связь прервана: обновляем каждые 15 секунд.",
  ],
  link_offline: [
    "Offline. What you write is kept and sent when the connection is back.",
    "已离线。您写的内容会保留，恢复连接后发送。",
    "已離線。您寫的內容會保留，恢復連線後傳送。",
    "Нет связи. Всё, что вы пишете, сохранится и уйдёт, когда связь вернётся.",
  ],

  // Conversation
  choose_one: ["Choose a conversation", "请选择一个对话", "請選擇一個對話", "Выберите разговор"],
  conversation: ["Conversation", "对话", "對話", "Разговор"],
  transcript: ["Transcript", "对话记录", "對話紀錄", "Переписка"],
  back: ["Back to the list", "返回列表", "返回清單", "К списку"],
  gone: ["This conversation does not exist any more.", "此对话已不存在。", "此對話已不存在。", "Этого разговора больше нет."],
  not_loaded: ["The conversation could not be loaded.", "无法加载对话。", "無法載入對話。", "Разговор не загрузился."],
  customer: ["Customer", "客户", "客戶", "Клиент"],
  speaker_bot: ["Bot", "机器人", "機器人", "Бот"],
  speaker_system: ["Notice", "提示", "提示", "Уведомление"],
  speaker_agent: ["Agent", "客服", "客服", "Сотрудник"],
  you: ["You", "您", "您", "Вы"],
  tapped: ["tapped", "点选", "點選", "выбрал"],
  edited: ["edited", "已编辑", "已編輯", "изменено"],
  offered: ["Offered", "提供的选项", "提供的選項", "Предложено"],
  source: ["Source", "来源", "來源", "Источник"],
  new_turns: ["New below", "有新消息", "有新訊息", "Новое ниже"],
  said_by: ["{who}: {text}", "{who}：{text}", "{who}：{text}", "{who}: {text}"],
  today: ["Today", "今天", "今天", "Сегодня"],
  yesterday: ["Yesterday", "昨天", "昨天", "Вчера"],

  // What an agent does
  claim: ["Claim", "接手", "接手", "Взять"],
  claiming: ["Claiming…", "正在接手…", "正在接手…", "Берём…"],
  claim_hint: [
    "Nobody has this conversation yet.",
    "此对话还没有人接手。",
    "此對話還沒有人接手。",
    "Этот разговор ещё никто не взял.",
  ],
  reply_to: ["Reply to the customer", "回复客户", "回覆客戶", "Ответ клиенту"],
  reply_placeholder: ["Write a reply…", "输入回复…", "輸入回覆…", "Напишите ответ…"],
  send: ["Send", "发送", "傳送", "Отправить"],
  sending: ["Sending…", "发送中…", "傳送中…", "Отправляем…"],
  queued: ["Waits for the one before", "等待上一条发送", "等待上一則傳送", "Ждёт предыдущего"],
  retrying: ["Not sent yet. Trying again in {time}", "尚未发送，{time} 后重试", "尚未傳送，{time} 後重試", "Ещё не ушло. Повтор через {time}"],
  retry_now: ["Try now", "立即重试", "立即重試", "Повторить сейчас"],
  not_sent_not_yours: [
    "Not sent: the conversation is no longer with you.",
    "未发送：此对话已不在您手上。",
    "未傳送：此對話已不在您手上。",
    "Не отправлено: разговор уже не у вас.",
  ],
  n_not_sent: ["Replies that were not sent: {n}", "未发送的回复：{n}", "未傳送的回覆：{n}", "Не отправлено ответов: {n}"],
  show: ["Show", "查看", "檢視", "Показать"],
  not_sent_other: ["Not sent: the server refused it.", "未发送：服务器拒绝。", "未傳送：伺服器拒絕。", "Не отправлено: сервер отказал."],
  to_draft: ["Back to the draft", "放回草稿", "放回草稿", "Вернуть в черновик"],
  discard: ["Discard", "丢弃", "捨棄", "Удалить"],
  too_long: ["{n} characters too many", "超出 {n} 个字符", "超出 {n} 個字元", "Лишних знаков: {n}"],
  chars_left: ["{n} left", "还可输入 {n}", "還可輸入 {n}", "осталось {n}"],
  draft_kept: ["Your unsent draft is kept:", "您未发送的草稿已保留：", "您未傳送的草稿已保留：", "Ваш черновик сохранён:"],
  copy: ["Copy", "复制", "複製", "Копировать"],
  copied: ["Copied", "已复制", "已複製", "Скопировано"],
  draft_not_kept: [
    "This browser does not keep drafts: the words are lost if the page closes.",
    "此浏览器无法保存草稿：关闭页面后内容会丢失。",
    "此瀏覽器無法保存草稿：關閉頁面後內容會遺失。",
    "Браузер не хранит черновики: при закрытии страницы текст пропадёт.",
  ],
  release: ["Release", "放回队列", "放回佇列", "Отпустить"],
  release_hint: [
    "Back to the queue, for somebody else",
    "放回队列，由其他人接手",
    "放回佇列，由其他人接手",
    "Обратно в очередь, другому сотруднику",
  ],
  hand_back: ["Hand back to the bot", "交还机器人", "交還機器人", "Вернуть боту"],
  hand_back_short: ["To the bot", "交还机器人", "交還機器人", "Боту"],
  resolve: ["Resolve", "结束", "結束", "Завершить"],
  resolve_as: ["How did it end?", "结果如何？", "結果如何？", "Чем закончилось?"],
  solved: ["Solved", "已解决", "已解決", "Решено"],
  solved_hint: ["The customer has what they needed", "客户的问题已解决", "客戶的問題已解決", "Клиент получил, что нужно"],
  unsolved: ["Unsolved", "未解决", "未解決", "Не решено"],
  unsolved_hint: ["The customer reads what happens next", "客户会看到后续安排", "客戶會看到後續安排", "Клиент узнает, что будет дальше"],
  unsolved_plan: ["What happens next? The customer reads it.", "接下来怎么处理？客户会看到。", "接下來怎麼處理？客戶會看到。", "Что будет дальше? Клиент это прочтёт."],
  unsolved_send: ["End as unsolved", "以未解决结束", "以未解決結束", "Завершить без решения"],
  note: ["Note for agents only", "仅客服可见的备注", "僅客服可見的備註", "Заметка только для сотрудников"],
  with_other: ["{name} has this conversation. You can read along.", "{name} 正在处理此对话，您可以旁观。", "{name} 正在處理此對話，您可以旁觀。", "Разговор ведёт {name}. Вы можете читать."],
  with_bot: ["The bot is answering. It comes to the queue when a person is needed.", "机器人正在接待，需要人工时会进入队列。", "機器人正在接待，需要真人時會進入佇列。", "Отвечает бот. Если понадобится человек, разговор встанет в очередь."],
  is_resolved: ["This conversation is resolved. A new question goes to the bot.", "此对话已结束，新的问题将由机器人接待。", "此對話已結束，新的問題將由機器人接待。", "Разговор завершён. Новый вопрос попадёт к боту."],
  somebody: ["Another agent", "另一位客服", "另一位客服", "Другой сотрудник"],
  already_claimed: ["{name} was faster: this conversation is theirs.", "{name} 已抢先接手此对话。", "{name} 已搶先接手此對話。", "{name} успел раньше: разговор уже у него."],
  not_yours: ["This conversation is no longer with you. Nothing you typed is lost.", "此对话已不在您手上，您写的内容都已保留。", "此對話已不在您手上，您寫的內容都已保留。", "Разговор уже не у вас. Всё написанное сохранено."],
  not_waiting: ["It is not waiting any more.", "它已不在等待中。", "它已不在等待中。", "Он больше не ждёт."],
  could_not: ["That did not work. Nothing was changed; try again.", "操作未成功，没有任何改动，请重试。", "操作未成功，沒有任何變動，請重試。", "Не получилось. Ничего не изменилось, попробуйте ещё раз."],
  done_claimed: ["It is yours", "已由您接手", "已由您接手", "Разговор ваш"],
  done_released: ["Back in the queue", "已放回队列", "已放回佇列", "Снова в очереди"],
  done_handed_back: ["With the bot again", "已交还机器人", "已交還機器人", "Снова с ботом"],
  done_resolved: ["Resolved", "已结束", "已結束", "Завершено"],
  more: ["More", "更多", "更多", "Ещё"],
  dismiss: ["Dismiss", "关闭", "關閉", "Закрыть"],

  // Keys and settings
  keys: ["Keyboard", "键盘快捷键", "鍵盤快速鍵", "Клавиши"],
  key_move: ["Move in the list", "在列表中移动", "在清單中移動", "Двигаться по списку"],
  key_open: ["Open the conversation", "打开对话", "開啟對話", "Открыть разговор"],
  key_views: ["Waiting, mine, bot, resolved", "等待中、我的、机器人、已解决", "等待中、我的、機器人、已解決", "Ждут, мои, бот, завершены"],
  key_claim: ["Claim", "接手", "接手", "Взять"],
  key_reply: ["Write a reply", "撰写回复", "撰寫回覆", "Написать ответ"],
  key_send: ["Send", "发送", "傳送", "Отправить"],
  key_resolve: ["Resolve", "结束对话", "結束對話", "Завершить"],
  key_help: ["This sheet", "显示此页", "顯示此頁", "Эта подсказка"],
  key_close: ["Close, step back", "关闭、返回", "關閉、返回", "Закрыть, назад"],
  close: ["Close", "关闭", "關閉", "Закрыть"],
  theme: ["Appearance", "外观", "外觀", "Оформление"],
  theme_auto: ["System", "跟随系统", "跟隨系統", "Системное"],
  theme_light: ["Light", "浅色", "淺色", "Светлое"],
  theme_dark: ["Dark", "深色", "深色", "Тёмное"],
  settings: ["You and settings", "账号与设置", "帳號與設定", "Вы и настройки"],
  role_agent: ["Agent", "客服", "客服", "Сотрудник"],
  role_lead: ["Lead", "组长", "組長", "Старший"],
  role_admin: ["Admin", "管理员", "管理員", "Администратор"],

  // Spans of time
  now: ["now", "刚刚", "剛剛", "сейчас"],
  secs: ["{n} s", "{n} 秒", "{n} 秒", "{n} с"],
  mins: ["{n} min", "{n} 分钟", "{n} 分鐘", "{n} мин"],
  hours: ["{n} h", "{n} 小时", "{n} 小時", "{n} ч"],
  hours_mins: ["{n} h {rest} min", "{n} 小时 {rest} 分", "{n} 小時 {rest} 分", "{n} ч {rest} мин"],
  days: ["{n} d", "{n} 天", "{n} 天", "{n} дн."],
} satisfies Record<string, Said>;

export type Key = keyof typeof catalogue;
export type Fill = Record<string, string | number>;

/** The text in that language, with `{name}` filled in; an unknown name stays visible, so that a mistake is seen. */
export function say(language: Language, key: Key, fill: Fill = {}): string {
  const said: Said = catalogue[key];
  const text = said[LANGUAGES.indexOf(language)] ?? said[0];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}

export function isKey(key: string): key is Key {
  return Object.hasOwn(catalogue, key);
}

export const KEYS = Object.keys(catalogue) as Key[];
