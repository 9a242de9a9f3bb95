// Which articles answer a query, the best first.

import { folded, words } from './folding.js';
import { COMMON, wordsOf } from './understanding.js';

// How theme/search_index.py writes where a word stands: the article, in which of its fields, how often in its text.
const FIELDS = [
  { bit: 32, weight: 10 }, // title
  { bit: 16, weight: 5 }, // tag
  { bit: 8, weight: 4 }, // heading
  { bit: 4, weight: 3.5 }, // description
];
const OFTEN = 3; // the bits that tell it: not, once, some times, often
const IN_TEXT = [0, 1, 1.5, 2];
const ARTICLE = 64;

const WELL_SAID = 4; // A word that stands so is answered; one that is only mentioned in a text, partly.
const ANOTHER_FIELD = 0.15; // What a word's other fields add to its best one.
const WHOLE_TITLE = 0.4; // What it adds that the query says all of a title.
const NO_ARTICLE = 0.6; // A section's own page, the glossary, the privacy page: after an article that answers equally.
const GLOSSARY = '/glossary/'; // It explains words, and answers who asks for that.
const OFTEN_LINKED = 0.4; // What it adds that an article is the one that most others link to.
const LEAST = 0.08; // of the best one's score

/**
 * @typedef {import('./understanding.js').Group} Group
 * @typedef {import('./vocabulary.js').Vocabulary} Vocabulary
 * @typedef {import('./vocabulary.js').Article} Article
 * @typedef {{article: Article, score: number, words: string[]}} Ranked  words: those of its text that answer
 */

/**
 * @param {{groups: Group[], asksMeaning: boolean}} query as understanding.js has it
 * @param {Vocabulary} vocabulary with the places of the groups' words
 * @returns {Ranked[]}
 */
export function ranked({ groups, asksMeaning }, vocabulary) {
  const known = groups
    .map(({ weight, alternatives }) => ({ weight, found: together(alternatives.map((one) => scored(one, vocabulary))) }))
    .filter(({ found }) => found.size);
  // Common words alone find something only where there is nothing else.
  const sought = known.some(({ weight }) => weight > COMMON) ? known.filter(({ weight }) => weight > COMMON) : known;
  const all = known.reduce((sum, { weight }) => sum + weight, 0);
  const said = new Set(wordsOf(groups));
  const places = new Set(sought.flatMap(({ found }) => [...found.keys()]));
  const mostLinked = Math.max(1, ...vocabulary.articles.filter(({ isArticle }) => isArticle).map(({ links }) => links));
  const results = [...places].map((place) => {
    const article = vocabulary.articles[place];
    const answering = known.filter(({ found }) => found.has(place));
    const coverage = answering.reduce((sum, { weight, found }) => sum + weight * found.get(place).share, 0) / all;
    const score = answering.reduce((sum, { weight, found }) => sum + weight * found.get(place).score, 0);
    const explains = asksMeaning && article.url.endsWith(GLOSSARY);
    const kind = article.isArticle || explains ? 1 + (OFTEN_LINKED * article.links) / mostLinked : NO_ARTICLE;
    return {
      article,
      score: score * coverage ** 2 * kind * (1 + WHOLE_TITLE * titleSaid(article, said, vocabulary)),
      words: [...new Set(answering.flatMap(({ found }) => found.get(place).words))],
    };
  });
  results.sort((one, other) => other.score - one.score);
  return results.filter(({ score }) => score >= LEAST * results[0].score);
}

/** Of each article the best of several ways in which it says the same. */
function together(ways) {
  const best = new Map();
  for (const [place, one] of ways.flatMap((way) => [...way])) {
    if (one.score > (best.get(place)?.score ?? 0)) best.set(place, one);
  }
  return best;
}

/** What each article has of an alternative: by its place in the vocabulary, the score, how much of it, in which words. */
function scored({ weight, terms }, vocabulary) {
  const found = new Map();
  for (const term of terms) {
    const standing = termStanding(term, vocabulary);
    const rarity = 1 + Math.log(vocabulary.articles.length / standing.size) / 2;
    for (const [place, { score, word }] of standing) {
      const one = found.get(place) ?? { score: 0, share: 0, words: [] };
      one.score += (weight * rarity * score) / terms.length;
      one.share += Math.min(1, score / WELL_SAID) / terms.length;
      if (word) one.words.push(word);
      found.set(place, one);
    }
  }
  for (const one of found.values()) one.score *= one.share;
  return found;
}

/** Where a term's best word stands in each article, and which of its words the text has. */
function termStanding(term, vocabulary) {
  const standing = new Map();
  for (const [word, weight] of term) {
    const { spelling } = vocabulary.entries.get(word);
    for (const place of vocabulary.placesOf(word)) {
      const number = Math.floor(place / ARTICLE);
      const score = weight * standingOf(place);
      const textWord = place & OFTEN ? spelling : '';
      const best = standing.get(number);
      if (!best || score > best.score) standing.set(number, { score, word: textWord || best?.word });
      else if (textWord && !best.word) best.word = textWord;
    }
  }
  return standing;
}

function standingOf(place) {
  const weights = FIELDS.filter(({ bit }) => place & bit).map(({ weight }) => weight);
  weights.push(IN_TEXT[place & OFTEN]);
  const best = Math.max(...weights);
  return best + ANOTHER_FIELD * (weights.reduce((sum, weight) => sum + weight, 0) - best);
}

/** How much of an article's short title a query says. */
function titleSaid({ name }, said, vocabulary) {
  const title = words(name).map(folded).filter((word) => !vocabulary.isCommon(word));
  return title.length ? title.filter((word) => said.has(word)).length / title.length : 0;
}
