// What is shown of an article that answers: the section that does it best, and some of its words with the matches marked.

import { folded } from './folding.js';

/**
 * @typedef {{text: string, isMatch: boolean}} Word
 * @typedef {{url: string, title: Word[], section: Word[], excerpt: Word[]}} Result
 */

const LENGTH = 28; // words
const LEAD_IN = 4; // words before a match, where the excerpt does not begin with its section
const BEGINNING = 4; // Forms of a word begin alike, for this many letters.
const LEFT_OUT = { text: '…', isMatch: false };

/**
 * @param {import('./vocabulary.js').Article} article
 * @param {{content: string, anchors: {element: string, id: string, text: string, location: number}[]}} text  as Pagefind
 *   read it: `location` is the number of a heading's first word
 * @param {string[]} matching the words of its text that answer
 * @returns {Result}
 */
export function resultOf({ url, title }, text, matching) {
  const matches = new Set(matching.map(folded));
  const marked = (words) => words.map((word) => ({ text: word, isMatch: isMatch(word, matches) }));
  const sections = sectionsOf(text).map(({ words, ...section }) => ({ ...section, words: marked(words) }));
  const { id, heading, words } = best(sections, (section) => section.words);
  const result = { url, title: marked(wordsIn(title)), section: [], excerpt: excerptOf(words, wordsIn(heading).length) };
  return heading === title ? result : { ...result, url: `${url}#${id}`, section: marked(wordsIn(heading)) };
}

const wordsIn = (text) => text.split(/\s+/);

const isMatch = (word, matches) => [word, ...word.split(/[-'’]/)].some((part) => matches.has(folded(part)));

/** @returns {{id: string, heading: string, words: string[]}[]} */
function sectionsOf({ content, anchors }) {
  const written = wordsIn(content);
  const headings = anchors.filter(({ element }) => /^h[1-6]$/.test(element));
  return headings.map(({ id, text, location }, place) => ({
    id,
    heading: text,
    words: written.slice(location, headings[place + 1]?.location),
  }));
}

/** The one of some candidates whose words have the most different matches, then the most; of equals the first. */
function best(candidates, markedWordsOf) {
  const rated = candidates.map((candidate) => {
    const matches = markedWordsOf(candidate).filter((word) => word.isMatch).map(({ text }) => folded(text).slice(0, BEGINNING));
    return { candidate, variety: new Set(matches).size, count: matches.length };
  });
  rated.sort((one, other) => other.variety - one.variety || other.count - one.count);
  return rated[0].candidate;
}

/** Some of a section's words: after its heading, or from before a match further on. @param {Word[]} words @returns {Word[]} */
function excerptOf(words, headingLength) {
  const starts = words.flatMap((word, place) => (word.isMatch ? [Math.max(0, place - LEAD_IN)] : []));
  const start = best([0, ...starts], (place) => words.slice(place, place + LENGTH));
  const excerpt = words.slice(start, start + LENGTH);
  if (!/[.!?]$/.test(excerpt.at(-1).text)) excerpt.push(LEFT_OUT);
  return start ? [LEFT_OUT, ...excerpt] : excerpt.slice(headingLength);
}
