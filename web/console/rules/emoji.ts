// Emoji that people use in support, each with its name for those who hear it.

import { LANGUAGES, type Language } from "../texts";

export interface Emoji {
  emoji: string;
  /** In the order of `LANGUAGES`. */
  names: readonly string[];
}

export const COLUMNS = 8;

export const EMOJI: readonly Emoji[] = `
🙂|Slight smile|微笑|微笑|Лёгкая улыбка
😊|Warm smile|开心微笑|開心微笑|Тёплая улыбка
😀|Grin|咧嘴笑|咧嘴笑|Широкая улыбка
😄|Laughing|大笑|大笑|Смех
😅|Relieved laugh|苦笑|苦笑|Смех с облегчением
😉|Wink|眨眼|眨眼|Подмигивание
🤗|Hug|拥抱|擁抱|Объятия
😎|Cool|戴墨镜|戴墨鏡|В тёмных очках
🤔|Thinking|思考|思考|Задумался
😕|Confused|困惑|困惑|Недоумение
😔|Sorry|难过|難過|Сожаление
😢|Crying|流泪|流淚|Слёзы
😮|Surprised|惊讶|驚訝|Удивление
😬|Awkward|尴尬|尷尬|Неловкость
😇|Innocent|天使|天使|Ангел
🥳|Celebrating|庆祝|慶祝|Праздник
👍|Thumbs up|赞|讚|Большой палец вверх
👎|Thumbs down|踩|倒讚|Большой палец вниз
👌|OK|OK 手势|OK 手勢|Всё отлично
👏|Applause|鼓掌|鼓掌|Аплодисменты
🙏|Thank you|感谢|感謝|Спасибо
🤝|Handshake|握手|握手|Рукопожатие
👋|Wave|挥手|揮手|Машет рукой
💪|Strength|加油|加油|Сила
✅|Done|已完成|已完成|Готово
❌|Cross|叉号|叉號|Крестик
⚠️|Warning|警告|警告|Внимание
❗|Exclamation mark|感叹号|驚嘆號|Восклицательный знак
❓|Question mark|问号|問號|Вопросительный знак
⭐|Star|星星|星星|Звезда
🎉|Party popper|礼花|拉炮|Хлопушка
❤️|Heart|爱心|愛心|Сердце
📦|Parcel|包裹|包裹|Посылка
🚚|Delivery|配送|配送|Доставка
📧|Email|电子邮件|電子郵件|Письмо
📞|Phone|电话|電話|Телефон
💳|Bank card|银行卡|信用卡|Банковская карта
🔒|Lock|锁|鎖|Замок
🔧|Repair|维修|維修|Ремонт
⏳|Waiting|请稍候|請稍候|Ожидание
`
  .trim()
  .split("\n")
  .map((line) => {
    const [emoji = "", ...names] = line.split("|");
    return { emoji, names };
  });

export function nameOf({ names }: Emoji, language: Language): string {
  return names[LANGUAGES.indexOf(language)] ?? names[0] ?? "";
}

/** Which cell of the grid a key leads to; null where the key means nothing here. The ends hold. */
export function moved(key: string, at: number, nCells = EMOJI.length): number | null {
  const to = target(key, at, nCells);
  return to === null || (to >= 0 && to < nCells) ? to : at;
}

function target(key: string, at: number, nCells: number): number | null {
  switch (key) {
    case "ArrowRight":
      return at + 1;
    case "ArrowLeft":
      return at - 1;
    case "ArrowDown":
      return at + COLUMNS;
    case "ArrowUp":
      return at - COLUMNS;
    case "Home":
      return 0;
    case "End":
      return nCells - 1;
    default:
      return null;
  }
}
