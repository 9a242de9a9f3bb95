// What a query asks for: its words, each with all that the articles may say for it.

import { folded, words } from './folding.js';
import { BEGUN, COMPOUND } from './vocabulary.js';

const SYNONYM = 0.9;
// What stands here for exactly the reader's word says more than another form of that word in the articles.
const OTHER_THAN_EXACT = 0.7;
// A word that says little counts, but only among articles that are otherwise equal.
export const COMMON = 0.1;

/**
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 * @typedef {Map<string, number>} Term  words of the articles, and how much each counts
 * @typedef {{weight: number, terms: Term[]}} Alternative  terms that together say it
 * @typedef {{weight: number, alternatives: Alternative[]}} Group  a word or phrase of the query, in any of these ways
 * @typedef {object} Token  a word of the query
 * @property {string} text as the reader wrote it, or as the articles do if it was mistyped
 * @property {string} word folded
 * @property {import('./vocabulary.js').Guess[]} guesses what was meant, if it was mistyped, the likeliest first
 */

/**
 * @param {string} query
 * @param {Vocabulary} vocabulary
 * @returns {{groups: Group[], corrected: string, asksMeaning: boolean}}
 *   corrected: the query with its mistyped words put right, '' where there are none
 *   asksMeaning: whether it asks what a word means, rather than how something is done
 */
export function understood(query, vocabulary) {
  const tokens = tokensOf(query, vocabulary);
  const groups = [];
  let rest = tokens;
  for (const synonym of vocabulary.synonyms.filter(({ said }) => said.length > 1)) {
    const those = tokensOfPhrase(synonym.said, rest, tokens, vocabulary);
    if (!those) continue;
    rest = rest.filter((token) => !those.includes(token));
    const literally = { weight: 1, terms: those.map(({ word }) => vocabulary.forms(word)) };
    const weight = those.reduce((sum, token) => sum + weightOf(token, vocabulary), 0);
    groups.push({ weight, alternatives: [literally, ...termsOf(synonym, vocabulary)] });
  }
  for (const token of rest) {
    groups.push({ weight: weightOf(token, vocabulary), alternatives: meaningsOf(token, token === tokens.at(-1), vocabulary) });
  }
  const isMistyped = tokens.some(({ guesses }) => guesses.length);
  return {
    groups,
    corrected: isMistyped ? tokens.map(({ text }) => text).join(' ') : '',
    asksMeaning: vocabulary.grammar.meaning.test(words(query).map(folded).join(' ')),
  };
}

/** The words of the articles that may say something of a query. @param {Group[]} groups @returns {string[]} */
export const wordsOf = (groups) =>
  groups.flatMap(({ alternatives }) => alternatives.flatMap(({ terms }) => terms.flatMap((term) => [...term.keys()])));

/** The words of a query: two that are one here are joined, one that is two here is parted. @returns {Token[]} */
function tokensOf(query, vocabulary) {
  const tokens = [];
  const written = vocabulary.withParticles(words(query));
  written.forEach((text, place) => {
    const word = folded(text);
    const previous = tokens.at(-1);
    const isKnown = vocabulary.isKnown(word);
    if (previous && vocabulary.entries.has(previous.word + word) && !(isKnown && vocabulary.isKnown(previous.word))) {
      tokens.splice(-1, 1, { text: previous.text + text, word: previous.word + word, guesses: [] });
    } else if (isKnown) tokens.push({ text, word, guesses: [] });
    else tokens.push(...tokensOfUnknown(text, word, place === written.length - 1, vocabulary));
  });
  return tokens;
}

/** A word that no article has: it may be of two words, still being typed, or mistyped. @returns {Token[]} */
function tokensOfUnknown(text, word, isLast, vocabulary) {
  if (/[-'’]/.test(text)) return tokensOf(text.replaceAll(/[-'’]/g, ' '), vocabulary);
  const guesses = vocabulary.guesses(word);
  const parts = guesses[0]?.wrong <= 1 ? null : vocabulary.partsOf(word);
  if (parts) return parts.map((part) => ({ text: part, word: part, guesses: [] }));
  if (isLast && vocabulary.begunBy(word).size) return [{ text, word, guesses: [] }];
  if (!guesses.length) return [{ text, word, guesses }];
  const [{ word: likeliest }] = guesses;
  return [{ text: vocabulary.entries.get(likeliest).spelling, word: likeliest, guesses }];
}

/**
 * The tokens that say a phrase: all of its words in any order, with nothing between them but words that say little.
 * @returns {Token[] | null}
 */
function tokensOfPhrase(said, rest, tokens, vocabulary) {
  const found = [];
  for (const word of said) {
    const token = rest.find((one) => !found.includes(one) && vocabulary.mayMean(one.word, word));
    if (!token) return null;
    found.push(token);
  }
  const telling = tokens.filter((token) => found.includes(token) || !vocabulary.isCommon(token.word));
  const places = found.map((token) => telling.indexOf(token));
  return Math.max(...places) - Math.min(...places) < found.length ? found : null;
}

/** What the articles say for it, of which the little words tell nothing. @returns {Alternative[]} */
const termsOf = ({ terms }, vocabulary, weight = SYNONYM) =>
  terms.map((term) => {
    const telling = term.filter((word) => !vocabulary.isCommon(word));
    return { weight, terms: (telling.length ? telling : term).map((word) => vocabulary.forms(word)) };
  });

function weightOf({ word, guesses }, vocabulary) {
  if (guesses.length) return guesses[0].weight;
  return vocabulary.isCommon(word) ? COMMON : 1;
}

/** All that may say a word. @returns {Alternative[]} */
function meaningsOf({ word, guesses }, isLast, vocabulary) {
  if (guesses.length) return guesses.flatMap((guess) => alternativesOf(guess.word, vocabulary));
  if (!isLast || vocabulary.isKnown(word)) return alternativesOf(word, vocabulary);
  const begun = vocabulary.begunBy(word);
  if (!begun.size) return alternativesOf(word, vocabulary);
  const synonyms = vocabulary.synonyms.filter(({ said }) => said.length === 1 && begun.has(said[0]));
  return [...inOneTerm(begun, 1), ...synonyms.flatMap((one) => termsOf(one, vocabulary, BEGUN))];
}

/** A word's forms, its parts, the words of its root, and what the articles say for it. @returns {Alternative[]} */
function alternativesOf(word, vocabulary) {
  const synonyms = vocabulary.synonymsOf(word);
  const isExact = synonyms.some(({ said }) => said[0] === word);
  const parts = vocabulary.partsOf(word);
  return [
    ...inOneTerm(vocabulary.forms(word), isExact && !vocabulary.isWritten(word) ? OTHER_THAN_EXACT : 1),
    ...inOneTerm(vocabulary.ofSameRoot(word), 1),
    ...(parts ? [{ weight: COMPOUND, terms: parts.map((part) => vocabulary.forms(part)) }] : []),
    ...synonyms.flatMap((one) => termsOf(one, vocabulary, one.said[0] === word ? 1 : SYNONYM)),
  ];
}

const inOneTerm = (term, weight) => (term.size ? [{ weight, terms: [term] }] : []);
