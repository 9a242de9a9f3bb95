// What the articles answer to a query. The vocabulary of the page's language, which theme/search_index.py made of the
// built site, tells which articles, and Pagefind's index of their texts, which sections and with which words.

import { folded } from './folding.js';
import { ranked } from './ranking.js';
import { understood } from './understanding.js';
import { Vocabulary } from './vocabulary.js';

/**
 * @typedef {{text: string, isMatch: boolean}} Word
 * @typedef {{url: string, title: Word[], section: Word[], excerpt: Word[]}} Result
 * @typedef {{id: string, data: () => Promise<any>}} Hit
 */

const INDEX = '/pagefind/';
const EXCERPT_WORDS = 28;
const MOST_RESULTS = 10;
const LEFT_OUT = { text: '…', isMatch: false };
// Forms of a word begin alike, for this many letters.
const BEGINNING = 4;

export const LANGUAGE = languageOf(document.documentElement.lang);

/** What was loaded, each once. @type {Map<string, Promise<any>>} */
const loaded = new Map();

/**
 * The articles that answer a query, the best first, and the query as they would write it, if it was mistyped. Rejects
 * when the index cannot be reached.
 * @returns {Promise<{results: Result[], corrected: string}>}
 */
export async function find(query) {
  try {
    const vocabulary = await vocabularyIn(LANGUAGE);
    const { groups, corrected } = understood(query, vocabulary);
    const best = ranked(groups, vocabulary).slice(0, MOST_RESULTS);
    const results = best.length ? await texts(best) : [];
    return { results, corrected: results.length ? corrected : '' };
  } catch (failure) {
    await forget();
    throw failure;
  }
}

/** In how many articles of each other language the query finds something, with no mistyped word put right. */
export async function findElsewhere(query) {
  const languages = Object.keys(await vocabularyNames()).filter((language) => language !== LANGUAGE);
  const found = await Promise.all(
    languages.map(async (language) => {
      const vocabulary = await vocabularyIn(language);
      const { groups, corrected } = understood(query, vocabulary);
      return { language, count: corrected ? 0 : ranked(groups, vocabulary).length };
    }),
  );
  return found.filter(({ count }) => count);
}

function languageOf(tag) {
  return tag.split('-')[0];
}

function once(name, load) {
  if (!loaded.has(name)) loaded.set(name, load());
  return loaded.get(name);
}

const vocabularyNames = () => once('names', () => json('vocabularies.json'));

const vocabularyIn = (language) =>
  once(language, async () => new Vocabulary(await json((await vocabularyNames())[language]), language));

async function json(name) {
  const answer = await fetch(INDEX + name);
  if (!answer.ok) throw new Error(`${INDEX}${name}: ${answer.status}`);
  return answer.json();
}

const pagefind = () =>
  once('pagefind', async () => {
    const module = await import('/pagefind/pagefind.js');
    await module.options({ excerptLength: EXCERPT_WORDS });
    return module;
  });

/** Begin anew the next time: Pagefind itself stays with a failure for good. */
async function forget() {
  const module = await loaded.get('pagefind')?.catch(() => undefined);
  loaded.clear();
  await module?.destroy();
}

/** What to show of each article. Those that have the same words are asked for together. @returns {Promise<Result[]>} */
async function texts(best) {
  const index = await pagefind();
  const asked = new Map();
  const hits = best.map(async ({ article, words }) => {
    const query = words.join(' ') || null; // All articles, of which Pagefind marks nothing.
    if (!asked.has(query)) asked.set(query, index.search(query));
    return hitOf(article, await asked.get(query)) ?? hitOf(article, await index.search(null));
  });
  return Promise.all(hits.map(async (hit, place) => result(best[place].article, await (await hit).data())));
}

/** @returns {Hit | undefined} */
const hitOf = ({ id }, { results }) => results.find((hit) => hit.id === id);

/** What to show of an article: the section that answers best, the first where only its title or a tag does. @returns {Result} */
function result({ url, title }, text) {
  const section = bestSection(text) ?? { title, excerpt: text.excerpt };
  const { heading, excerpt } = parts(section);
  if (section.title === title) return { url, title: heading, section: [], excerpt };
  return { url: section.url, title: plain(title), section: heading, excerpt };
}

/** The one with the most of the words, and of several such the one where they weigh most. */
function bestSection({ content, sub_results: sections }) {
  const written = content.split(/\s+/);
  const variety = ({ locations }) =>
    new Set(locations.map((place) => folded(written[place] ?? '').slice(0, BEGINNING))).size;
  const weight = ({ weighted_locations: places }) => places.reduce((sum, place) => sum + place.balanced_score, 0);
  return [...sections].sort((one, other) => variety(other) - variety(one) || weight(other) - weight(one))[0];
}

/** A section's heading and some of its text, which begins with that heading unless it is taken from further on. */
function parts({ title, excerpt }) {
  const heading = plain(title);
  const text = marked(excerpt);
  if (!/[.!?]$/.test(text.at(-1).text)) text.push(LEFT_OUT);
  const isFromStart = heading.every((word, place) => folded(word.text) === folded(text[place]?.text ?? ''));
  if (!isFromStart) return { heading, excerpt: [LEFT_OUT, ...text] };
  const markedHeading = heading.map((word, place) => ({ ...word, isMatch: text[place].isMatch }));
  return { heading: markedHeading, excerpt: text.slice(heading.length) };
}

/** @returns {Word[]} */
const plain = (text) => text.split(/\s+/).map((word) => ({ text: word, isMatch: false }));

/** The words of Pagefind's HTML, in which matches are marked, as text. @returns {Word[]} */
const marked = (html) =>
  html.split(/\s+/).map((word) => ({
    text: word.replace(/<\/?mark>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
    isMatch: word.startsWith('<mark>'),
  }));
