// What is shown of an article that answers: the section that does it best, and some of its words with the matches marked.

import { folded } from './folding.js';

/**
 * @typedef {{text: string, isMatch: boolean}} Word
 * @typedef {{url: string, title: Word[], section: Word[], excerpt: Word[]}} Result
 * @typedef {{id: string, heading: string, words: Word[]}} Section
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
  const sections = sectionsOf(text, new Set(matching.map(folded)));
  const { id, heading, words } = best(sections, (section) => section.words);
  const { shownHeading, excerpt } = parts(heading, words);
  if (heading === title) return { url, title: shownHeading, section: [], excerpt };
  return { url: `${url}#${id}`, title: plain(title), section: shownHeading, excerpt };
}

/** @returns {Section[]} */
function sectionsOf({ content, anchors }, matches) {
  const written = content.split(/\s+/).map((text) => ({ text, isMatch: [text, ...text.split(/[-'’]/)].some((part) => matches.has(folded(part))) }));
  const headings = anchors.filter(({ element }) => /^h[1-6]$/.test(element));
  return headings.map(({ id, text, location }, place) => ({
    id,
    heading: text,
    words: written.slice(location, headings[place + 1]?.location),
  }));
}

/** The one of some candidates whose words have the most different matches, then the most; of equals the first. */
function best(candidates, wordsOf) {
  const rated = candidates.map((candidate) => {
    const matches = wordsOf(candidate).filter(({ isMatch }) => isMatch).map(({ text }) => folded(text).slice(0, BEGINNING));
    return { candidate, variety: new Set(matches).size, count: matches.length };
  });
  rated.sort((one, other) => other.variety - one.variety || other.count - one.count);
  return rated[0].candidate;
}

/** A section's heading and some of its text, from its beginning or from before a match further on. */
function parts(heading, words) {
  const starts = words.flatMap(({ isMatch }, place) => (isMatch ? [Math.max(0, place - LEAD_IN)] : []));
  const start = best([0, ...starts], (place) => words.slice(place, place + LENGTH));
  const excerpt = words.slice(start, start + LENGTH);
  if (!/[.!?]$/.test(excerpt.at(-1).text)) excerpt.push(LEFT_OUT);
  if (start) return { shownHeading: plain(heading), excerpt: [LEFT_OUT, ...excerpt] };
  const { length } = plain(heading);
  const shownHeading = plain(heading).map((word, place) => ({ ...word, isMatch: words[place].isMatch }));
  return { shownHeading, excerpt: excerpt.slice(length) };
}

/** @returns {Word[]} */
const plain = (text) => text.split(/\s+/).map((word) => ({ text: word, isMatch: false }));
