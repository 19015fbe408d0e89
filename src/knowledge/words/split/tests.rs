//! Turns as people write them, and the questions in them.

use super::*;

/// `|` stands between the questions that should come out; what stays whole is given once.
fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .filter(|(text, expected)| questions(text).join("|") != *expected)
        .map(|(text, _)| questions(text).join("|"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn stays_whole(cases: &[&str]) {
    check(&cases.iter().map(|text| (*text, *text)).collect::<Vec<_>>());
}

#[test]
fn english() {
    check(&[
        ("Where is my order? How do I reset my password?", "Where is my order?|How do I reset my password?"),
        ("Where is my refund? Also, can I change my address?", "Where is my refund?|can I change my address?"),
        ("where is my parcel also can i change the address", "where is my parcel|can i change the address"),
        ("How long is the warranty? And where can I buy parts?", "How long is the warranty?|where can I buy parts?"),
        (
            "I want to cancel my order. Another question: do you have gift cards?",
            "I want to cancel my order.|do you have gift cards?",
        ),
        ("I can't log in. Also my order is late.", "I can't log in.|my order is late."),
        ("1. Where is my order?\n2. How do I get an invoice?", "Where is my order?|How do I get an invoice?"),
        ("two things: 1) where is my order 2) how do i get an invoice", "where is my order|how do i get an invoice"),
        ("hi\nwhere is my order\nand can i change the address", "where is my order|can i change the address"),
        (
            "I bought a sofa in May and the leg is broken. Can I get a new leg? Also, how do I clean the cover?",
            "I bought a sofa in May and the leg is broken. Can I get a new leg?|how do I clean the cover?",
        ),
        (
            "Hello, I have two questions. When do you ship? Second question: can I pay on delivery?",
            "When do you ship?|can I pay on delivery?",
        ),
        (
            "Which cards do you take? Can I pay in instalments? Do you open on Sundays? How do I contact you?",
            "Which cards do you take?|Can I pay in instalments?|Do you open on Sundays?",
        ),
        (
            "Where is my order? It was due on Monday. How do I get an invoice?",
            "Where is my order? It was due on Monday.|How do I get an invoice?",
        ),
    ]);
    stays_whole(&[
        "Where is my order?",
        "I ordered a lamp last week. When will it arrive?",
        "Where is my order? It's been two weeks!",
        "Do you ship to Spain? How much does it cost?",
        "How do I return a lamp? What about a sofa?",
        "Hi! How are you? Where is my order?",
        "Where is my order?? where is my order?",
        "When I opened the box, the lamp was broken. How do I return it?",
        "Can I return the lamp and also the shade?",
        "Do you also ship to France?",
        "My payment failed. What is going on?",
        "Why was my card declined? What can I do?",
        "My order no. 12345 is late. Where is it?",
        "Can you help me? I can't log in.",
        "Do you ship to France, Spain or Italy?",
        "Where is my order? Why?",
        "ok",
        "???",
    ]);
}

#[test]
fn russian() {
    check(&[
        ("Где мой заказ? Как изменить адрес?", "Где мой заказ?|Как изменить адрес?"),
        ("Где мой заказ? И ещё вопрос: можно ли оплатить картой?", "Где мой заказ?|можно ли оплатить картой?"),
        ("сколько стоит доставка и еще как вернуть товар", "сколько стоит доставка|как вернуть товар"),
        ("1) как отменить заказ\n2) когда вернут деньги", "как отменить заказ|когда вернут деньги"),
        ("Не приходит код. Также хочу сменить почту.", "Не приходит код.|хочу сменить почту."),
        (
            "Как отследить посылку? Кстати, есть ли у вас карта лояльности?",
            "Как отследить посылку?|есть ли у вас карта лояльности?",
        ),
        (
            "Здравствуйте! Не работает промокод. И ещё: можно платить частями?",
            "Не работает промокод.|можно платить частями?",
        ),
        ("у меня два вопроса\nкак вернуть товар\nсколько стоит доставка", "как вернуть товар|сколько стоит доставка"),
        (
            "Как оформить возврат? Сколько стоит доставка? Есть ли самовывоз? Вы работаете в праздники?",
            "Как оформить возврат?|Сколько стоит доставка?|Есть ли самовывоз?",
        ),
        (
            "Где мой заказ? Оформила возврат в понедельник. Когда его примут?",
            "Где мой заказ?|Оформила возврат в понедельник. Когда его примут?",
        ),
        ("Доставка в г. Томск есть? Как получить чек?", "Доставка в г. Томск есть?|Как получить чек?"),
        ("Можно вернуть диван? Другой вопрос: где скачать инструкцию?", "Можно вернуть диван?|где скачать инструкцию?"),
    ]);
    stays_whole(&[
        "Заказала лампу неделю назад. Когда её привезут?",
        "Можно вопрос? Когда вернут деньги?",
        "Где заказ? Он уже неделю в пути.",
        "Как вернуть диван? А если нет чека?",
        "Можно ли вернуть лампу и еще абажур?",
        "Еще не пришла посылка. Где она?",
        "Где мой заказ??? Где заказ???",
        "Вы доставляете в Казахстан? Сколько это стоит?",
        "Не могу войти. Что делать?",
        "Почему отменили заказ? В чем дело?",
        "Привет! Как дела? Где мой заказ?",
        "Сколько идёт посылка?",
        "Это ваш магазин? Где он?",
    ]);
}

#[test]
fn simplified_chinese() {
    check(&[
        ("我的订单在哪里？怎么修改收货地址？", "我的订单在哪里？|怎么修改收货地址？"),
        ("怎么退货？另外发票怎么开？", "怎么退货？|发票怎么开？"),
        ("怎么退货，还有运费谁出", "怎么退货|运费谁出"),
        ("我要退货另外想问一下优惠券怎么用", "我要退货|优惠券怎么用"),
        ("我想换货。另外怎么申请发票", "我想换货。|怎么申请发票"),
        ("1、怎么退货\n2、运费多少\n3、多久到账", "怎么退货|运费多少|多久到账"),
        ("有两个问题想问：1.怎么退货 2.怎么开发票", "有两个问题想问：1.怎么退货|怎么开发票"),
        ("可以开发票吗？还有货吗？", "可以开发票吗？|还有货吗？"),
        ("请问可以货到付款吗？顺便问一下有没有实体店？", "请问可以货到付款吗？|有没有实体店？"),
        ("下单三天了还没发货！什么时候发？还有客服电话是多少？", "下单三天了还没发货！什么时候发？|客服电话是多少？"),
        ("怎么取消订单？怎么改密码？能用微信支付吗？几点营业？", "怎么取消订单？|怎么改密码？|能用微信支付吗？"),
        ("怎么改密码。收不到验证码怎么办。", "怎么改密码。|收不到验证码怎么办。"),
        ("怎么改地址\n怎么查快递", "怎么改地址|怎么查快递"),
    ]);
    stays_whole(&[
        "我上周买了个台灯。什么时候能到？",
        "这款还有货吗？",
        "这个还有什么颜色",
        "你们店里还有什么优惠活动吗",
        "我想买这个，还有多少库存",
        "你好，在吗？我的快递到哪了？",
        "退款要几天？那换货呢？",
        "请问订单在哪里查？如果没收到怎么办？",
        "这件衣服有XL吗？它会缩水吗？",
        "登录不上。怎么回事？",
        "你们发什么快递，几天到？",
        "快递到哪了？？？快递到哪了",
        "怎么退货？",
    ]);
}

#[test]
fn traditional_chinese() {
    check(&[
        ("我的訂單在哪裡？怎麼改收件地址？", "我的訂單在哪裡？|怎麼改收件地址？"),
        ("怎麼退貨？還有，運費誰出？", "怎麼退貨？|運費誰出？"),
        ("請問營業時間到幾點？另外可以刷卡嗎？", "請問營業時間到幾點？|可以刷卡嗎？"),
        ("我想退貨。另外點數會退回嗎？", "我想退貨。|點數會退回嗎？"),
        ("請問怎麼加入會員，還有怎麼使用優惠券", "請問怎麼加入會員|怎麼使用優惠券"),
        ("1. 怎麼查訂單 2. 怎麼改密碼", "怎麼查訂單|怎麼改密碼"),
        ("可以刷卡嗎？可以分期嗎？可以用LINE Pay嗎？可以超商取貨嗎？", "可以刷卡嗎？|可以分期嗎？|可以用LINE Pay嗎？"),
        ("可以寄到澎湖嗎？運費怎麼算？", "可以寄到澎湖嗎？|運費怎麼算？"),
        ("可以開統編嗎？還有貨嗎？", "可以開統編嗎？|還有貨嗎？"),
        ("收不到簡訊驗證碼。順便問一下怎麼換手機號碼", "收不到簡訊驗證碼。|怎麼換手機號碼"),
        ("您好\n怎麼取消訂單\n多久會退款", "怎麼取消訂單|多久會退款"),
        ("商品有保固嗎？還想問門市在哪裡？", "商品有保固嗎？|門市在哪裡？"),
    ]);
    stays_whole(&[
        "我上週買了一盞燈。什麼時候會到？",
        "這款有現貨嗎？那預購要等多久？",
        "衣服收到破洞。可以換嗎？",
        "還有貨嗎？",
        "這件還有別的顏色嗎",
        "你好，在嗎？訂單什麼時候出貨？",
        "可以退貨嗎？如果拆封了呢？",
        "信用卡刷不過。怎麼辦？",
        "超商取貨要帶證件嗎？",
        "這個可以水洗嗎？這樣會不會縮水？",
        "運費多少？運費多少？",
        "我要退貨",
    ]);
}

#[test]
fn nothing_and_far_too_much() {
    check(&[("", ""), (" \n ", ""), (" where is it ", "where is it")]);
    let story = "Where is my order? How do I get an invoice? ".repeat(100);
    assert_eq!(questions(&story), [story.trim()]);
}
