//! Chinese: asking for a person. There are no spaces, so phrases are looked for inside the text, without its marks.

/// Somebody of flesh and blood; asking for it with one of `CALL` is enough.
const PEOPLE: &[&str] = &["人工", "真人", "活人"];
/// Those who answer customers. Their hours and numbers are asked for as often as they are.
const ANSWERERS: &[&str] = &[
    "客服",
    "专员",
    "坐席",
    "座席",
    "客户经理",
    "经理",
    "主管",
    "领导",
    "负责人",
    "工作人员",
    "管理员",
    "小二",
    "专人",
    "店长",
    "老板",
];
/// What makes another thing of the word before it.
const NOT_AFTER: &[&str] = &[
    "智能",
    "智慧",
    "费",
    "成本",
    "审核",
    "审查",
    "草",
    "湖",
    "授粉",
    "合成",
    "皮",
    "制",
    "流产",
    "耳蜗",
    "降雨",
    "呼吸",
    "关节",
    "宝石",
    "钻",
    "水晶",
    "毛",
    "羽",
    "香",
    "色素",
    "甜味",
    "牙",
    "喂养",
    "养殖",
    "培育",
    "检测",
    "检验",
    "安装费",
    "秀",
    "实拍",
    "实测",
    "模特",
    "照片",
    "版",
    "电影",
    "cs",
    "娃娃",
    "体验",
    "电话",
    "号码",
    "热线",
    "微信号",
    "邮箱",
    "说",
    "告诉",
    "回复说",
    "答应",
    "态度",
    "几点",
    "什么时候",
    "的工作时间",
    "工作时间",
    "上班",
    "下班",
    "营业",
    "时间",
    "是几点",
    "要收费",
    "收费",
    "清洗",
    "清理",
    "操作",
    "打扫",
    "干预",
    "控制",
    "安装",
    "打磨",
    "缝制",
    "拼接",
    "翻译",
];
/// Said with any of them.
const CALL: &[&str] = &["转", "接", "找", "叫", "换", "呼叫", "切换", "喊", "召唤", "派", "安排"];
/// "要经理签字吗" and "有客服吗" ask about them, so these call only people of flesh and blood.
const WISH: &[&str] = &["要", "请", "来", "进", "需要", "有", "给我", "帮我", "让"];
/// Said of oneself, a wish calls those who answer customers as well.
const OWN_WISH: &[&str] = &["我要", "我需要", "给我", "请"];
/// Between the verb and the person.
const BETWEEN: &[&str] = &[
    "",
    "一下",
    "到",
    "接",
    "至",
    "给",
    "个",
    "一个",
    "一位",
    "位",
    "你们",
    "你们的",
    "您们的",
    "接到",
    "成",
    "回",
    "换",
    "来",
    "来个",
    "入",
    "出",
    "去",
    "没有",
    "没",
    "在线",
    "个在线",
    "你们家",
    "联系",
    "我",
    "我转",
    "我接",
    "我找",
    "我转接",
    "我找个",
    "我叫",
    "我叫个",
    "我联系",
    "我换",
    "我换个",
    "一下在线",
    "个活的",
    "能",
    "能说话的",
    "见你们",
    "和",
    "我转到",
    "我转一下",
    "我接一下",
    "我接通",
    "我转个",
    "您",
    "通",
];
const TALK_BEFORE: &[&str] = &["跟", "和", "与", "同"];
const TALK_AFTER: &[&str] = &["说", "聊", "谈", "沟通", "对话", "讲", "交流", "联系", "通话", "对接"];
/// What people are asked to do.
const ACTS: &[&str] = &[
    "联系我",
    "联系一下我",
    "跟我",
    "和我",
    "与我",
    "给我打",
    "给我回",
    "打给我",
    "打电话给我",
    "回我",
    "回复",
    "回答",
    "帮我处理",
    "帮我解决",
    "帮我看",
    "处理",
    "来处理",
    "解决",
    "来解决",
    "来跟我",
    "来和我",
    "说话",
    "出来",
];
const AGAINST: &[&str] = &["不要", "不想", "别", "讨厌", "拒绝", "不", "受够", "受够了", "不愿", "不愿意", "不想要"];
const BEFORE_BOT: &[&str] =
    &["", "跟", "和", "与", "用", "再用", "这个", "你们的", "你们这个", "跟你们", "跟你们的", "跟这个", "再跟", "再和"];
const OWN: &[&str] = &["你们的", "你们", "您们的", "您们", "一个", "个"];
/// They add nothing to the person before them.
const ROLES: &[&str] = &["客服", "服务", "坐席", "座席", "人员"];
const NEGATORS: &[&str] = &["不", "别", "不用", "不要", "不想", "不需要", "无需", "不必", "勿", "用不着", "不是"];
/// The whole text, without particles.
const WHOLE: &[&str] = &[
    "人工",
    "人工客服",
    "人工服务",
    "真人",
    "真人客服",
    "真人服务",
    "客服",
    "在线客服",
    "客服人员",
    "专员",
    "活人",
    "联系客服",
    "联系人工",
    "联系人工客服",
    "联系真人",
    "有人",
    "有人在",
    "有客服",
    "有客服在",
    "有在线客服",
    "客服在线",
    "有没有人",
    "有人在线",
    "有人能回",
    "有人能回答",
    "有人回复",
    "人呢",
    "有人工",
    "人工在",
    "人工客服在",
    "客服在",
    "客服在哪",
    "人工在线",
    "客服呢",
    "人工呢",
    "人工在不在",
    "人工客服在不在",
    "客服在不在",
    "客服人员在不在",
    "有没有客服",
    "有没有人在",
    "换人",
    "换个人",
    "换个人来",
    "换个人跟我说",
    "换个人来跟我说",
    "来个人",
    "来人",
    "能来个人",
    "能不能来个人",
    "找个人来",
    "叫个人来",
    "客服出来",
    "人工出来",
    "客服快出来",
    "有没有活的",
    "有活的",
    "给我回电话",
    "给我回电",
    "请回电",
    "打电话给我",
    "给我打电话",
    "打给我",
    "回电话给我",
    "回个电话",
];
const PARTICLES: &[&str] = &[
    "请问", "请", "啊", "呀", "吧", "呢", "吗", "么", "嘛", "了", "哦", "谢谢", "你好", "您好", "亲", "麻烦", "快点",
    "赶紧", "哈", "hi", "hello",
];

/// Whether the text asks for a person.
pub fn wanted(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    if !bare.chars().any(super::is_han) {
        return false;
    }
    let clauses: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != ' ')
        .map(|clause| clause.chars().filter(|c| c.is_alphanumeric()).collect())
        .collect();
    let rest = without_particles(&bare);
    // "人工人工人工" is typed often.
    let is_whole = !rest.is_empty() && WHOLE.iter().any(|whole| rest.replace(whole, "").is_empty());
    is_whole || clauses.iter().any(|clause| calls(clause) || talks(clause) || shall_act(clause) || refuses_bots(clause))
}

fn without_particles(text: &str) -> &str {
    let mut rest = text;
    while let Some(shorter) =
        PARTICLES.iter().find_map(|particle| rest.strip_prefix(particle).or_else(|| rest.strip_suffix(particle)))
    {
        rest = shorter;
    }
    rest
}

/// "转人工", "帮我找个客服", "有没有真人".
fn calls(clause: &str) -> bool {
    let called = |(before, verbs): (&str, [&[&str]; 2])| {
        let verbs = verbs.into_iter().flatten();
        let stems = verbs.flat_map(|verb| BETWEEN.iter().map(move |between| (verb, between)));
        let mut stems = stems.filter_map(|(verb, between)| before.strip_suffix(between)?.strip_suffix(verb)).peekable();
        let is_called = stems.peek().is_some();
        is_called && !stems.any(|stem| NEGATORS.iter().any(|no| stem.ends_with(no)))
    };
    mentions(clause, PEOPLE).map(|before| (before, [CALL, WISH])).any(called)
        || mentions(clause, ANSWERERS).map(|before| (before, [CALL, OWN_WISH])).any(called)
}

/// "我想和真人说话", "跟你们客服聊聊".
fn talks(clause: &str) -> bool {
    let to_person = |rest: &str| {
        let rest = OWN.iter().find_map(|own| rest.strip_prefix(own)).unwrap_or(rest);
        let mut people = [PEOPLE, ANSWERERS, &["人"]].into_iter().flatten();
        let after = people.find_map(|person| rest.strip_prefix(person)).map(without_role);
        after.is_some_and(|after| TALK_AFTER.iter().any(|talk| after.starts_with(talk)))
    };
    let with = TALK_BEFORE.iter().flat_map(|with| clause.match_indices(with));
    with.into_iter().any(|(at, with)| {
        let is_negated = NEGATORS.iter().any(|no| clause[..at].ends_with(no));
        !is_negated && to_person(&clause[at + with.len()..])
    })
}

/// "让你们经理联系我", "请安排客服联系我", "找个人帮我处理".
fn shall_act(clause: &str) -> bool {
    let acts = |after: &str| ACTS.iter().any(|act| after.starts_with(act));
    let is_sent = |before: &str| {
        let before = OWN.iter().find_map(|own| before.strip_suffix(own)).unwrap_or(before);
        let mut stems = ["让", "叫", "请", "安排", "派"].iter().filter_map(|verb| before.strip_suffix(verb)).peekable();
        stems.peek().is_some() && !stems.any(|stem| NEGATORS.iter().any(|no| stem.ends_with(no)))
    };
    let who_answer = ANSWERERS.iter().flat_map(|person| clause.match_indices(person));
    let somebody = ["找个人", "来个人", "换个人", "派个人"].iter().flat_map(|some| clause.match_indices(some));
    who_answer.into_iter().any(|(at, person)| is_sent(&clause[..at]) && acts(&clause[at + person.len()..]))
        || somebody.into_iter().any(|(at, some)| acts(&clause[at + some.len()..]))
}

/// "不要机器人", "我不想跟机器人说话"; not "不想要扫地机器人了".
fn refuses_bots(clause: &str) -> bool {
    let bots = ["机器人", "智能客服", "自动回复", "ai"].into_iter().flat_map(|bot| clause.match_indices(bot));
    bots.into_iter().any(|(at, bot)| {
        let before = &clause[..at];
        // "不要airpods"
        if bot == "ai" && clause[at + bot.len()..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return false;
        }
        AGAINST
            .iter()
            .any(|no| BEFORE_BOT.iter().any(|with| before.strip_suffix(with).is_some_and(|stem| stem.ends_with(no))))
    })
}

/// What stands before each mention; not of "人工智能", and not of "客服电话".
fn mentions<'a>(clause: &'a str, people: &'static [&'static str]) -> impl Iterator<Item = &'a str> {
    people.iter().flat_map(move |person| {
        clause.match_indices(person).filter_map(move |(at, _)| {
            let after = without_role(&clause[at + person.len()..]);
            (!NOT_AFTER.iter().any(|not| after.starts_with(not))).then_some(&clause[..at])
        })
    })
}

fn without_role(after: &str) -> &str {
    ROLES.iter().find_map(|role| after.strip_prefix(role)).unwrap_or(after)
}
