// Words as they compare, however a reader wrote them: in Cyrillic, without marks, with dj for đ.

// Serbian in Cyrillic, a letter for each that Latin has (the articles are in Latin).
const LATIN = new Map([
  ...'абвгдезијклмнопрстћуфхцчш'.split('').map((letter, place) => [letter, 'abvgdezijklmnoprstćufhcčš'[place]]),
  ['ж', 'ž'], ['ђ', 'đ'], ['љ', 'lj'], ['њ', 'nj'], ['џ', 'dž'],
]);
const WORD = /[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*/gu;

/** The words of a text in small Latin letters; one with hyphens is one word. @returns {string[]} */
export function words(text) {
  const small = text.normalize('NFC').toLowerCase();
  return small.replace(/\p{Script=Cyrillic}/gu, (letter) => LATIN.get(letter) ?? letter).match(WORD) ?? [];
}

/** A word as it compares: without marks, signs and case, and one letter for đ, dj and d. */
export function folded(word) {
  const bare = word.toLowerCase().normalize('NFD').replace(/[^\p{L}\p{N}]/gu, '');
  return bare.replaceAll('đ', 'd').replaceAll('dj', 'd');
}
