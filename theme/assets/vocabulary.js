// The words of a language's articles, as theme/search_index.py lists them, and those that a reader may mean by one.

import { folded, words } from './folding.js';
import { areRelated, GRAMMARS, likeness, withoutEnding, withoutPrefix } from './grammar.js';

// How much a word of the articles counts for a word of the query.
const SAME = 1;
const FORM = 0.9; // another form of it
const DOUBTFUL = 0.7; // perhaps another form: they share little
export const COMPOUND = 0.8; // both parts of it: fióknyitás is fiók and nyitás
export const BEGUN = 0.7; // it is still being typed
const ROOT = 0.65; // a form of it but for what stands before the verb: izbrisati, obrisati
const MISTYPED = 0.8;
const BADLY_MISTYPED = 0.5;

// Words of fewer letters are not guessed at; from how many on two may be wrong.
const SHORTEST_GUESSED = 4;
const TWO_WRONG = 8;
const MOST_GUESSES = 3;
// A mistake in what the forms of a word share is a little farther than one in a word that the articles have.
const IN_ANOTHER_FORM = 0.5;
const OTHER_FIRST_LETTER = 0.25; // Few mistype the first.
const BUCKET = 3;
const MOST_DOUBTFUL = 0.65; // of the shorter word
const LEAST_PART = 4;

/**
 * @typedef {object} Entry  a word of the articles, or of customers alone
 * @property {string} spelling
 * @property {number} often in how many articles it stands, as a power of two: 0 where in none
 * @property {number[]} numbers of its spellings among the words of the index
 * @typedef {{id: string, url: string, title: string, name: string, isArticle: boolean, links: number}} Article
 * @typedef {{word: string, wrong: number, weight: number}} Guess  wrong: letters
 * @typedef {{said: string[], terms: string[][]}} Synonym  what customers say, and what the articles say for it
 */

export class Vocabulary {
  /**
   * @param {{articles: Article[], words: string, often: string, pieces: [number, string][], synonyms: Record<string, string[]>}} index
   *   as theme/search_index.py writes it
   * @param {string} language
   * @param {(name: string) => Promise<number[][]>} loadPiece loads a file of places
   */
  constructor(index, language, loadPiece) {
    this.articles = index.articles;
    this.pieces = index.pieces;
    this.loadPiece = loadPiece;
    /** @type {Map<number, number[]>} Where words stand, by their numbers: those that were asked for. */
    this.places = new Map();
    this.grammar = GRAMMARS[language];
    /** @type {Map<string, Entry>} Words by their folded form. */
    this.entries = new Map();
    /** @type {Map<string, string[]>} Folded words by how they begin, and by how they do but for what stands before a verb. */
    this.beginnings = new Map();
    this.roots = new Map();
    this.found = new Map();
    index.words.split(' ').forEach((spelling, number) => this.#add(spelling, Number(index.often[number]), [number]));
    /** @type {Synonym[]} The longest first. */
    this.synonyms = Object.entries(index.synonyms)
      .map(([said, terms]) => ({ said: words(said).map(folded), terms: terms.map((term) => words(term).map(folded)) }))
      .sort((one, other) => other.said.length - one.said.length);
    // A reader mistypes the customers' words too.
    for (const word of Object.keys(index.synonyms).flatMap(words)) {
      if (!this.entries.has(folded(word))) this.#add(word, 0, []);
    }
    for (const synonym of this.synonyms) synonym.said = this.withParticles(synonym.said);
  }

  #add(spelling, often, numbers) {
    const word = folded(spelling);
    const entry = this.entries.get(word);
    if (entry) {
      if (often > entry.often) Object.assign(entry, { spelling, often });
      entry.numbers.push(...numbers);
      return;
    }
    this.entries.set(word, { spelling, often, numbers });
    this.#addTo(this.beginnings, word, word);
    this.#addTo(this.roots, withoutPrefix(this.grammar, word), word);
  }

  /** What was found out of a word before: one types a query letter by letter. */
  #once(what, word, find) {
    const key = `${what} ${word}`;
    if (!this.found.has(key)) this.found.set(key, find());
    return this.found.get(key);
  }

  #stem(word) {
    return this.#once('stem', word, () => withoutEnding(this.grammar, word));
  }

  #addTo(buckets, part, word) {
    for (const beginning of this.#beginningsOf(part)) {
      const bucket = buckets.get(beginning);
      if (bucket) bucket.push(word);
      else buckets.set(beginning, [word]);
    }
  }

  #beginningsOf(word) {
    return new Set(this.grammar.evens(word).map((even) => even.slice(0, BUCKET)));
  }

  /** Words that begin like one, in one of the two ways. @returns {Set<string>} */
  #near(buckets, word) {
    return new Set([...this.#beginningsOf(word)].flatMap((beginning) => buckets.get(beginning) ?? []));
  }

  isCommon(word) {
    return this.grammar.common.has(word);
  }

  /** Whether everybody has the word, or articles or customers have it in some form, and without doubt. */
  isKnown(word) {
    return this.isCommon(word) || [...this.forms(word).values()].some((weight) => weight > DOUBTFUL);
  }

  /** Words, a verb joined with the particle after it where that is known: vonhatom vissza is visszavonhatom. @param {string[]} written */
  withParticles(written) {
    return written.reduce((joined, text) => {
      const verb = joined.at(-1);
      if (verb && this.#isParticleOf(folded(text), folded(verb))) return [...joined.slice(0, -1), text + verb];
      return [...joined, text];
    }, /** @type {string[]} */ ([]));
  }

  #isParticleOf(word, verb) {
    return Boolean(this.grammar.particle?.test(word)) && !this.isCommon(verb) && this.isKnown(word + verb);
  }

  /** Whether articles have this very word. */
  isWritten(word) {
    return this.entries.get(word)?.often > 0;
  }

  /** Load where words stand, for `placesOf` to tell. @param {string[]} asked */
  async load(asked) {
    const numbers = asked.flatMap((word) => this.entries.get(word).numbers).filter((number) => !this.places.has(number));
    const pieces = new Set(numbers.map((number) => this.pieces.findLast(([first]) => first <= number)));
    await Promise.all(
      [...pieces].map(async ([first, name]) => {
        const steps = await this.loadPiece(name);
        steps.forEach((those, place) => {
          let at = 0;
          this.places.set(first + place, those.map((step) => (at += step)));
        });
      }),
    );
  }

  /** Where a word stands that was loaded, as theme/search_index.py writes it. @returns {number[]} */
  placesOf(word) {
    return this.entries.get(word).numbers.flatMap((number) => this.places.get(number));
  }

  /** Whether two words are the same or forms of one. */
  areAlike(one, other) {
    return one === other || areRelated(this.grammar, one, other);
  }

  /** Whether words are forms of one but for what stands before the verb. */
  haveOneRoot(one, other) {
    const [root, otherRoot] = [one, other].map((word) => withoutPrefix(this.grammar, word));
    return (root !== one || otherRoot !== other) && areRelated(this.grammar, root, otherRoot);
  }

  /** Whether a word of a query may stand for one of a phrase: as a form of it, or as what customers say for it. */
  mayMean(word, other) {
    const isSame = (one) => this.areAlike(one, other) || this.haveOneRoot(one, other);
    return isSame(word) || this.synonymsOf(word).some(({ terms }) => terms.some((term) => term.length === 1 && isSame(term[0])));
  }

  /** What the articles say for a word that is no part of a phrase. @returns {Synonym[]} */
  synonymsOf(word) {
    return this.#once('synonyms', word, () => this.synonyms.filter(({ said }) => said.length === 1 && this.areAlike(said[0], word)));
  }

  /** The words known here that are forms of a word, itself among them, and how much each counts. @returns {Map<string, number>} */
  forms(word) {
    return this.#once('forms', word, () => {
      const found = new Map(this.entries.has(word) ? [[word, SAME]] : []);
      for (const other of this.#near(this.beginnings, word)) {
        const alike = other === word || this.isCommon(other) ? 0 : likeness(this.grammar, word, other);
        if (alike) found.set(other, alike > MOST_DOUBTFUL ? FORM : DOUBTFUL);
      }
      return found;
    });
  }

  /** The words that one begins, which has no forms here. @returns {Map<string, number>} */
  begunBy(word) {
    const begun = word.length < BUCKET ? [] : [...this.entries.keys()].filter((other) => other.startsWith(word));
    return new Map(begun.map((other) => [other, BEGUN]));
  }

  /** The words that share their root with one, but for its own forms. @returns {Map<string, number>} */
  ofSameRoot(word) {
    return this.#once('root', word, () => {
      const near = this.#near(this.roots, withoutPrefix(this.grammar, word));
      const found = [...near].filter((other) => this.haveOneRoot(word, other) && !this.areAlike(word, other));
      return new Map(found.map((other) => [other, ROOT]));
    });
  }

  /** The two known words that a compound is made of. @returns {[string, string] | null} */
  partsOf(word) {
    return this.#once('parts', word, () => {
      for (let at = word.length - LEAST_PART; at >= LEAST_PART; at -= 1) {
        const [first, second] = [word.slice(0, at), word.slice(at)];
        if (this.#isTelling(first) && this.entries.has(first) && this.#isTelling(second)) return [first, second];
      }
      return null;
    });
  }

  #isTelling(word) {
    return !this.isCommon(word) && this.isKnown(word);
  }

  /** The nearest words to one that nobody wrote so, the likeliest first. @returns {Guess[]} */
  guesses(word) {
    if (word.length < SHORTEST_GUESSED) return [];
    const most = word.length < TWO_WRONG ? 1 : 2;
    const stem = withoutEnding(this.grammar, word);
    const found = [];
    for (const [other, { often }] of this.entries) {
      if (other.length < SHORTEST_GUESSED) continue;
      const wrong = Math.min(
        distance(word, other, most),
        distance(stem, this.#stem(other), 1) + IN_ANOTHER_FORM,
      );
      if (wrong < Infinity) found.push({ other, wrong: wrong + (other[0] === word[0] ? 0 : OTHER_FIRST_LETTER), often });
    }
    found.sort((one, another) => one.wrong - another.wrong || another.often - one.often);
    return found
      .filter(({ wrong }) => wrong === found[0].wrong)
      .slice(0, MOST_GUESSES)
      .map(({ other, wrong }) => ({ word: other, wrong, weight: wrong < 2 ? MISTYPED : BADLY_MISTYPED }));
  }
}

/**
 * How many letters are wrong, missing, too many or swapped with their neighbour (optimal string alignment), as far
 * as `most`: more are as good as infinitely many.
 */
export function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return Infinity;
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isWrong = one[i - 1] === other[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + isWrong);
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    if (Math.min(...row) > most) return Infinity;
    [before, last] = [last, row];
  }
  return last[other.length] > most ? Infinity : last[other.length];
}
