// Asks the index that Pagefind made of the built site (theme/search_index.py), in the language of the page.

import { folded, spellings, words } from './spelling.js';

/**
 * @typedef {{text: string, isMatch: boolean}} Word
 * @typedef {{url: string, title: Word[], section: Word[], excerpt: Word[]}} Result
 * @typedef {{id: string, score: number, data: () => Promise<any>}} Hit
 */

const EXCERPT_WORDS = 28;
const MOST_RESULTS = 10;
// What the articles' templates give beside their text: the heading, the short title and the tags.
const RANKING = { metaWeights: { title: 5, name: 5, tags: 1 } };
const LEFT_OUT = { text: '…', isMatch: false };
// Forms of a word begin alike, for this many letters.
const BEGINNING = 4;

/** @type {Promise<any> | undefined} */
let loading;
/** What a word is called in the index, for each that was asked for: '' where it is not there. */
const known = new Map();

/** The articles that answer a query, the best first. Rejects when the index cannot be reached. @returns {Promise<Result[]>} */
export async function find(query) {
  try {
    const pagefind = await (loading ??= load());
    const written = await Promise.all(words(query).map((word) => inIndex(pagefind, word)));
    const hits = await search(pagefind, written.filter(Boolean));
    return (await Promise.all(hits.slice(0, MOST_RESULTS).map((hit) => hit.data()))).map(result);
  } catch (failure) {
    await forget();
    throw failure;
  }
}

async function load() {
  const pagefind = await import('/pagefind/pagefind.js');
  await pagefind.options({ excerptLength: EXCERPT_WORDS, ranking: RANKING });
  return pagefind;
}

/** Begin anew the next time: Pagefind itself stays with a failure for good. */
async function forget() {
  const pagefind = await loading?.catch(() => undefined);
  loading = undefined;
  known.clear();
  await pagefind?.destroy();
}

/** The spelling of a word that the index has. */
async function inIndex(pagefind, word) {
  if (!known.has(word)) known.set(word, await firstThatIsThere(pagefind, spellings(word)));
  return known.get(word);
}

async function firstThatIsThere(pagefind, ways) {
  for (const way of ways) {
    if (await isThere(pagefind, way)) return way;
  }
  return '';
}

/**
 * Whether articles have the word, in any of its forms, or one that begins with it. Pagefind's answer alone does not
 * tell: for a word that it lacks it finds those that the word begins with, such as `pri` for `prilog`.
 */
async function isThere(pagefind, word) {
  const exact = await pagefind.search(`"${word}"`);
  if (exact.results.length) return true;
  const [best] = (await pagefind.search(word)).results;
  if (!best) return false;
  const { content, locations, meta } = await best.data();
  const written = content.split(/\s+/);
  const found = [...locations.map((place) => written[place] ?? ''), ...Object.values(meta).join(' ').split(/\s+/)];
  return found.some((one) => folded(one).startsWith(folded(word)));
}

/** Articles with all the words, or else with any of them. @returns {Promise<Hit[]>} */
async function search(pagefind, written) {
  if (!written.length) return [];
  const all = await pagefind.search(written.join(' '));
  if (all.results.length || written.length === 1) return all.results;
  const each = await Promise.all(written.map((word) => pagefind.search(word)));
  return together(each.flatMap(({ results }) => results));
}

/** Each article once, by the sum of its scores, with the best of its hits to show. @returns {Hit[]} */
function together(hits) {
  const articles = new Map();
  for (const hit of hits) {
    const { score, best } = articles.get(hit.id) ?? { score: 0, best: hit };
    articles.set(hit.id, { score: score + hit.score, best: hit.score > best.score ? hit : best });
  }
  return [...articles.values()].sort((one, other) => other.score - one.score).map(({ best }) => best);
}

/** What to show of an article: the section that answers best, the first where only a tag matches. @returns {Result} */
function result(article) {
  const { title } = article.meta;
  const section = bestSection(article) ?? { title, excerpt: article.excerpt };
  const { heading, excerpt } = parts(section);
  if (section.title === title) return { url: article.url, title: heading, section: [], excerpt };
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
