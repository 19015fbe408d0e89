//! One Chinese out of two scripts: Traditional characters to Simplified ones (OpenCC's tables), then the words that
//! Taiwan and Hong Kong say otherwise to the mainland's. Both sides of every match pass here, so a rare wrong fold
//! costs nothing; a missing one costs an answer.

use super::is_han;
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// `text` in Simplified characters and mainland words. Other scripts pass unchanged. Call it on lower-cased text.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_han) {
        return Cow::Borrowed(text);
    }
    let simplified = simplify(text);
    match regional(&simplified) {
        Some(said_otherwise) => Cow::Owned(said_otherwise),
        None => simplified,
    }
}

/// Which script a character gives away; most are shared and give away nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Simplified,
    Traditional,
}

pub(super) fn script_of(c: char) -> Option<Script> {
    let at = (c as usize).checked_sub(FIRST_HAN as usize)?;
    *SCRIPTS.get(at)?
}

/// OpenCC walks its tables twice for each character, which is slow (0.5 µs each), so a text without a
/// Traditional character does not go there.
fn simplify(text: &str) -> Cow<'_, str> {
    let may_change = |c: char| script_of(c) == Some(Script::Traditional) || AMBIGUOUS_TRADITIONAL.contains(c);
    if text.chars().any(may_change) { Cow::Owned(OPENCC.convert(text)) } else { Cow::Borrowed(text) }
}

/// OpenCC's `t2s`. Not `tw2sp`: its table of Taiwanese words is made for programmers (查詢 → 查找, 資料 → 数据,
/// 程序 → 进程) and drives support questions apart that plain characters keep together.
static OPENCC: LazyLock<OpenCC> =
    LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).expect("the t2s tables are compiled into the crate"));

/// Traditional characters that OpenCC changes only inside some words, or that Simplified text also has.
const AMBIGUOUS_TRADITIONAL: &str = "著瞭藉覆乾夥吒徵沈衹彷苧";

/// Simplified characters that Traditional text uses as well: those that OpenCC's STCharacters lists as their own
/// Traditional form (后, 里, 台, …), and those whose other form is only a variant that Taiwan does not write (床, 群, …).
const SHARED: &str = "㐹万丑丰了于云亘仆仇价仿伙余佛佣俊修借僵克党冬准凌几凶出划刮制千升卜占卷厂厘只台叶吁吃合吊同后向周咨咸咽哄唇喂噪回困夫\
夸奸姜娘它家尸局岩岳巨布帘席干幸广庵弦彩征御志念恤愈愿戚才扎托扣折抵拐挂挨挽据搜斗旋昆暗曲朱朴杆杠杯杰松板极柜栗核梁欲沈沾泛注涂涌淀游漓熏\
玩璇症皂矩确私秋种筑系胄背胜胡腊腌膻致舍芸苔苹范荐蒙蔑虫蚝蜡蝎表谷跖辟适郁酸采里雕面冢即呆埼挲捆教旗既查棋棱污泄溯真糊糖累蓑踊逾飧\
岭峰庄床并栖灶痴皂秘粽群肴苎雇晒凄洒洼炖瓮霉蔂";

const FIRST_HAN: char = '\u{3400}';
const LAST_HAN: char = '\u{9fff}';

/// From `FIRST_HAN` on. Made once, in a few milliseconds.
static SCRIPTS: LazyLock<Vec<Option<Script>>> = LazyLock::new(|| {
    let folded = |c: char| OPENCC.convert(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c);
    let changed = (FIRST_HAN..=LAST_HAN).map(|c| (c, folded(c)));
    let changed: Vec<_> = changed.filter(|(c, to)| c != to && !AMBIGUOUS_TRADITIONAL.contains(*c)).collect();
    let mut scripts = vec![None; LAST_HAN as usize - FIRST_HAN as usize + 1];
    let simplified = changed.iter().map(|(_, to)| (*to, Script::Simplified)).filter(|(to, _)| !SHARED.contains(*to));
    // Traditional ones last: a character that is the simple form of another and changes itself is Traditional.
    for (c, script) in simplified.chain(changed.iter().map(|(c, _)| (*c, Script::Traditional))) {
        if let Some(entry) = (c as usize).checked_sub(FIRST_HAN as usize).and_then(|at| scripts.get_mut(at)) {
            *entry = Some(script);
        }
    }
    scripts
});

/// Words said otherwise, already in Simplified characters, longest match first; an entry that maps to itself protects its
/// characters. Only words of shops and support whose left side the mainland does not use for something else.
#[rustfmt::skip]
const REGIONAL: &[(&str, &str)] = &[
    ("甚么", "什么"), ("帐号", "账号"), ("帐户", "账户"), ("帐单", "账单"), ("帐款", "账款"), ("转帐", "转账"), ("入帐", "入账"),
    ("到帐", "到账"), ("对帐", "对账"), ("记帐", "记账"), ("结帐", "结账"), ("汇款帐", "汇款账"),
    ("网路", "网络"), ("萤幕", "屏幕"), ("荧幕", "屏幕"), ("滑鼠", "鼠标"), ("软体", "软件"), ("硬体", "硬件"), ("韧体", "固件"),
    ("印表机", "打印机"), ("列印", "打印"), ("随身碟", "u盘"), ("硬碟", "硬盘"), ("记忆体", "内存"), ("行动电源", "充电宝"),
    ("笔记型电脑", "笔记本电脑"), ("笔电", "笔记本电脑"), ("智慧型", "智能"), ("智慧", "智能"), ("当机", "死机"), ("画素", "像素"),
    ("讯息", "消息"), ("简讯", "短信"), ("资讯", "信息"), ("通讯录", "通讯录"), ("视讯", "视频"), ("影片", "视频"), ("音讯", "音频"),
    ("连结", "链接"), ("连线", "连接"), ("线上", "在线"), ("登入", "登录"), ("登出", "退出登录"), ("设定", "设置"), ("预设", "默认"),
    ("联络", "联系"), ("信箱", "邮箱"), ("电邮", "邮箱"), ("点选", "点击"), ("使用者", "用户"), ("透过", "通过"), ("品质", "质量"),
    ("搜寻", "搜索"), ("支援", "支持"), ("传送", "发送"), ("伺服器", "服务器"), ("解析度", "分辨率"), ("数位", "数码"),
    ("保固", "保修"), ("宅配", "快递"), ("超商", "便利店"), ("门市", "门店"), ("折价券", "优惠券"), ("折价卷", "优惠券"),
    ("优惠卷", "优惠券"), ("折扣码", "优惠码"), ("刷退", "退款"), ("退刷", "退款"), ("点数", "积分"), ("统编", "税号"), ("礼物卡", "礼品卡"),
    ("著名", "著名"), ("著作", "著作"), ("显著", "显著"), ("名著", "名著"), ("原著", "原著"), ("土著", "土著"), ("著称", "著称"),
    ("著者", "著者"), ("编著", "编著"), ("巨著", "巨著"), ("著", "着"),
];

/// By first character, longest first.
static REGIONAL_BY_FIRST: LazyLock<HashMap<char, Vec<(&str, &str)>>> = LazyLock::new(|| {
    let mut by_first: HashMap<char, Vec<(&str, &str)>> = HashMap::new();
    for &(said, written) in REGIONAL {
        by_first.entry(said.chars().next().expect("no entry is empty")).or_default().push((said, written));
    }
    for entries in by_first.values_mut() {
        entries.sort_by_key(|(said, _)| std::cmp::Reverse(said.len()));
    }
    by_first
});

/// `None` when nothing changes, which is the common case.
fn regional(text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let entries = if is_han(c) { REGIONAL_BY_FIRST.get(&c) } else { None };
        let entry = entries.and_then(|all| all.iter().find(|(said, _)| rest.starts_with(said)));
        let (read, written) = match entry {
            Some((said, written)) => (said.len(), *written),
            None => (c.len_utf8(), &rest[..c.len_utf8()]),
        };
        if let Some(out) = &mut out {
            out.push_str(written);
        } else if written != &rest[..read] {
            out = Some(text[..at].to_owned() + written);
        }
        at += read;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_scripts_become_one() {
        let check = |text: &str, folded: &str| assert_eq!(fold(text), folded, "{text}");
        check("我的訂單還沒收到", "我的订单还没收到");
        check("我的订单还没收到", "我的订单还没收到");
        check("甚麼時候到貨", "什么时候到货");
        check("這裏的裡面", "这里的里面");
        check("看著計畫", "看着计划");
        check("著名作家", "著名作家");
        check("網路簡訊收不到", "网络短信收不到");
        check("乾淨的頭髮", "干净的头发");
        check("查詢訂單資料", "查询订单资料");
        check("請聯絡門市", "请联系门店");
        check("皇后后面", "皇后后面");
        check("no han here", "no han here");
        check("", "");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for (said, written) in REGIONAL {
            assert_eq!(fold(written), *written, "{said}");
            assert_eq!(simplify(said), *said, "{said} must be written in Simplified characters");
        }
    }

    #[test]
    fn characters_give_their_script_away() {
        let check = |c: char, script: Option<Script>| assert_eq!(script_of(c), script, "{c}");
        check('訂', Some(Script::Traditional));
        check('订', Some(Script::Simplified));
        check('裡', Some(Script::Traditional));
        check('这', Some(Script::Simplified));
        for shared in "我的台里后面床群真查糖著乾".chars() {
            check(shared, None);
        }
        check('a', None);
    }
}
