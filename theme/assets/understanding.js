// What a query asks for: its words, each with all that the articles may say for it.

import { folded, words } from './folding.js';
import { BEGUN, MISTYPED } from './vocabulary.js';

const SYNONYM = 0.9;
// What stands here for exactly the reader's word says more than another form of that word in the articles.
const OTHER_THAN_EXACT = 0.7;
// A word that says little counts, but only among articles that are otherwise equal.
export const COMMON = 0.1;

/**
 * @typedef {Map<string, number>} Term  words of the articles, and how much each counts
 * @typedef {{weight: number, terms: Term[]}} Alternative  terms that together say it
 * @typedef {{weight: number, alternatives: Alternative[]}} Group  a word or phrase of the query, in any of these ways
 * @typedef {{text: string, word: string}} Token  a word as written, and folded
 */

/**
 * @param {string} query
 * @param {import('./vocabulary.js').Vocabulary} vocabulary
 * @returns {{groups: Group[], corrected: string}} corrected: the query with its mistyped words put right, '' where there are none
 */
export function understood(query, vocabulary) {
  const tokens = tokensOf(query, vocabulary);
  const groups = [];
  let corrected = false;
  let rest = tokens;
  for (const synonym of vocabulary.synonyms.filter(({ said }) => said.length > 1)) {
    const those = tokensOfPhrase(synonym.said, rest, vocabulary);
    if (!those) continue;
    rest = rest.filter((token) => !those.includes(token));
    const literally = those.map(({ word }) => vocabulary.forms(word));
    groups.push({
      weight: those.reduce((sum, { word }) => sum + weightOf(word, vocabulary), 0),
      alternatives: [{ weight: 1, terms: literally }, ...termsOf(synonym, vocabulary)],
    });
  }
  for (const token of rest) {
    const { alternatives, spelling } = meaningsOf(token.word, token === tokens.at(-1), vocabulary);
    groups.push({ weight: weightOf(token.word, vocabulary) * (spelling ? MISTYPED : 1), alternatives });
    if (spelling) {
      token.text = spelling;
      corrected = true;
    }
  }
  return { groups, corrected: corrected ? tokens.map(({ text }) => text).join(' ') : '' };
}

/** The words of a query: two that are one here are joined, one that is two here is parted. @returns {Token[]} */
function tokensOf(query, vocabulary) {
  const isKnown = (word) => vocabulary.forms(word).size > 0;
  const tokens = [];
  for (const text of words(query)) {
    const word = folded(text);
    const previous = tokens.at(-1);
    if (previous && vocabulary.entries.has(previous.word + word) && !(isKnown(previous.word) && isKnown(word))) {
      tokens.splice(-1, 1, { text: `${previous.text}${text}`, word: previous.word + word });
    } else if (isKnown(word) || vocabulary.isCommon(word)) tokens.push({ text, word });
    else if (/[-'’]/.test(text)) tokens.push(...text.split(/[-'’]/).map((part) => ({ text: part, word: folded(part) })));
    else {
      const parts = vocabulary.partsOf(word);
      tokens.push(...(parts ?? [word]).map((part) => ({ text: parts ? part : text, word: part })));
    }
  }
  return tokens;
}

/** The tokens that say a phrase, in any order, if all of it is there. @returns {Token[] | null} */
function tokensOfPhrase(said, tokens, vocabulary) {
  const found = [];
  for (const word of said) {
    const token = tokens.find((one) => !found.includes(one) && vocabulary.areAlike(word, one.word));
    if (!token) return null;
    found.push(token);
  }
  return found;
}

/** What the articles say for it, of which the little words tell nothing. @returns {Alternative[]} */
const termsOf = ({ terms }, vocabulary, weight = SYNONYM) =>
  terms.map((term) => {
    const telling = term.filter((word) => !vocabulary.isCommon(word));
    return { weight, terms: (telling.length ? telling : term).map((word) => vocabulary.forms(word)) };
  });

const weightOf = (word, vocabulary) => (vocabulary.isCommon(word) ? COMMON : 1);

/** All that may say a word, and how the articles spell it if it was mistyped. @returns {{alternatives: Alternative[], spelling: string}} */
function meaningsOf(word, isLast, vocabulary) {
  const known = alternativesOf(word, vocabulary);
  if (known.length || vocabulary.isCommon(word)) return { alternatives: known, spelling: '' };
  const begun = isLast ? vocabulary.begunBy(word) : new Map();
  if (begun.size) {
    const synonyms = vocabulary.synonyms.filter(({ said }) => said.length === 1 && begun.has(said[0]));
    return { alternatives: [{ weight: 1, terms: [begun] }, ...synonyms.flatMap((one) => termsOf(one, vocabulary, BEGUN))], spelling: '' };
  }
  const guesses = vocabulary.guesses(word);
  return {
    alternatives: guesses.flatMap((guess) => alternativesOf(guess, vocabulary)),
    spelling: guesses.length ? vocabulary.entries.get(guesses[0]).spelling : '',
  };
}

/** A word's forms, the words of its root, and what the articles say for it. @returns {Alternative[]} */
function alternativesOf(word, vocabulary) {
  const forms = vocabulary.forms(word);
  const ofSameRoot = vocabulary.ofSameRoot(word);
  const synonyms = vocabulary.synonyms.filter(({ said }) => said.length === 1 && vocabulary.areAlike(said[0], word));
  const isExact = synonyms.some(({ said }) => said[0] === word);
  const weight = isExact && !vocabulary.isWritten(word) ? OTHER_THAN_EXACT : 1;
  return [
    ...(forms.size ? [{ weight, terms: [forms] }] : []),
    ...(ofSameRoot.size ? [{ weight: 1, terms: [ofSameRoot] }] : []),
    ...synonyms.flatMap((one) => termsOf(one, vocabulary, one.said[0] === word ? 1 : SYNONYM)),
  ];
}
