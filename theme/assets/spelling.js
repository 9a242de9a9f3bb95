// The ways in which a reader may have written a word that the articles write in one.

// Serbian in Cyrillic, a letter for each that Latin has (the articles are in Latin).
const LATIN = new Map([
  ...'абвгдезијклмнопрстћуфхцчш'.split('').map((letter, place) => [letter, 'abvgdezijklmnoprstćufhcčš'[place]]),
  ['ж', 'ž'], ['ђ', 'đ'], ['љ', 'lj'], ['њ', 'nj'], ['џ', 'dž'],
]);
const IS_SERBIAN = document.documentElement.lang.startsWith('sr');
// A word of more d than this is tried with the first ones as đ only.
const MOST_D = 3;

/** The words of a query, in Latin letters. @returns {string[]} */
export function words(query) {
  const latin = query.toLowerCase().replaceAll('"', ' ').replace(/\p{Script=Cyrillic}/gu, (letter) => LATIN.get(letter) ?? letter);
  return latin.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

/** A word as it compares: without marks, signs and case, and one letter for đ, dj and d. */
export function folded(word) {
  const bare = word.toLowerCase().normalize('NFD').replace(/[^\p{L}\p{N}]/gu, '');
  return bare.replaceAll('đ', 'd').replaceAll('dj', 'd');
}

/**
 * The word, then the words that it may stand for: dj or d is what one types for đ, which no accent's removal
 * brings back. Pagefind finds all other letters without their marks by itself.
 * @returns {string[]}
 */
export function spellings(word) {
  if (!IS_SERBIAN) return [word];
  const [first, ...others] = word.split(/dj|d/);
  const separators = word.match(/dj|d/g) ?? [];
  let ways = [first];
  others.forEach((rest, place) => {
    const letters = place < MOST_D ? [separators[place], 'đ'] : [separators[place]];
    ways = ways.flatMap((way) => letters.map((letter) => way + letter + rest));
  });
  return ways;
}
