// Where there is no page: which articles the address is likeliest to mean, and its words for the search. page.js loads
// this there only. The articles are those that the page itself links to.

import { folded, words } from './folding.js';

const MOST = 3;
const LEAST = 0.5; // of 1, how much of the address an article must answer to
const ALIKE_ENOUGH = 0.45; // of 1; words less alike have some letters in common, and no more

const language = document.documentElement.lang.split('-')[0];

/** The words of each part of an address: `/hu/people/ad-contact/` has [people] and [ad, contact]. */
function partsOf(path) {
  let readable = path;
  try {
    readable = decodeURIComponent(path);
  } catch {
    // It is no encoded text, and its letters are all that there is.
  }
  const parts = readable.split('/').filter((part) => part !== language);
  return parts.map((part) => words(part.replace(/\.(html?|php|md)$/i, '').replace(/[-_+.]/g, ' '))).filter((part) => part.length);
}

/** The pairs of neighbouring letters of a word, with its beginning and its end. */
function pairs(word) {
  const marked = ` ${word} `;
  return Array.from({ length: marked.length - 1 }, (_, place) => marked.slice(place, place + 2));
}

/** How alike two words are, from 0 to 1, by the pairs of letters that they share (Dice's coefficient). */
function likeness(one, other) {
  const left = pairs(one);
  const right = pairs(other);
  const shared = left.filter((pair) => right.includes(pair)).length;
  const alike = Math.min(1, (2 * shared) / (left.length + right.length));
  return alike < ALIKE_ENOUGH ? 0 : alike;
}

/** How well a page answers to the words sought: by what is likest to each in its address and title. */
function score(sought, candidate) {
  const likest = sought.map((word) => Math.max(0, ...candidate.map((other) => likeness(word, other))));
  return likest.reduce((sum, alike) => sum + alike, 0) / likest.length;
}

/** The links to the articles that answer best, the best first. */
function likeliest(sought) {
  const found = new Map();
  for (const link of document.querySelectorAll('.cards a, .menu a, .bottom a:not([hreflang])')) {
    const address = partsOf(link.pathname).flat();
    const answers = score(sought, [...address, ...words(link.firstChild.textContent)].map(folded));
    if (address.length && answers >= LEAST && !found.has(link.pathname)) found.set(link.pathname, { link, answers });
  }
  return [...found.values()].sort((one, other) => other.answers - one.answers).slice(0, MOST).map(({ link }) => link);
}

const parts = partsOf(location.pathname);
if (parts.length) {
  const links = likeliest(parts.flat().map(folded));
  const section = document.querySelector('[data-likeliest]');
  section.hidden = !links.length;
  for (const link of links) {
    const entry = document.createElement('li');
    entry.append(link.cloneNode(true));
    section.querySelector('ul').append(entry);
  }
  // What an address says last is what it is about.
  const query = parts.at(-1).join(' ');
  document.querySelector('[data-search] input').value = query;
  document.querySelector('[data-search-open] [data-prompt]').textContent = query;
}
