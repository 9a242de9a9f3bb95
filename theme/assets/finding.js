// What the articles answer to a query. The vocabulary of the page's language, which theme/search_index.py made of the
// built site, tells which articles, and their texts, as Pagefind read them, which sections and with which words.

import { resultOf } from './excerpts.js';
import { ranked } from './ranking.js';
import { understood, wordsOf } from './understanding.js';
import { Vocabulary } from './vocabulary.js';

/** @typedef {import('./excerpts.js').Result} Result */

const INDEX = '/pagefind/';
const SIGNATURE = 'pagefind_dcd';
const MOST_RESULTS = 10;

export const LANGUAGE = languageOf(document.documentElement.lang);

/** What was loaded, each once. @type {Map<string, Promise<any>>} */
const loaded = new Map();

/**
 * The articles that answer a query, the best first, and the query as they would write it, if it was mistyped. Rejects
 * when the index cannot be reached.
 * @returns {Promise<{results: Result[], corrected: string}>}
 */
export const find = (query) =>
  orForget(async () => {
    const { best, corrected } = await bestIn(LANGUAGE, query);
    const shown = best.slice(0, MOST_RESULTS);
    const results = await Promise.all(
      shown.map(async ({ article, words }) => resultOf(article, await textOf(article), words)),
    );
    return { results, corrected: results.length ? corrected : '' };
  });

/** In how many articles of each other language the query finds something, with no mistyped word put right. Rejects alike. */
export const findElsewhere = (query) =>
  orForget(async () => {
    const languages = Object.keys(await vocabularyNames()).filter((language) => language !== LANGUAGE);
    const found = await Promise.all(
      languages.map(async (language) => {
        const { best, corrected } = await bestIn(language, query);
        return { language, count: corrected ? 0 : best.length };
      }),
    );
    return found.filter(({ count }) => count);
  });

/** Where something cannot be loaded, the next query begins anew: the site may have been published meanwhile. */
async function orForget(answer) {
  try {
    return await answer();
  } catch (failure) {
    loaded.clear();
    throw failure;
  }
}

async function bestIn(language, query) {
  const vocabulary = await vocabularyIn(language);
  const asked = understood(query, vocabulary);
  await vocabulary.load(wordsOf(asked.groups));
  return { best: ranked(asked, vocabulary), corrected: asked.corrected };
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
  once(language, async () => new Vocabulary(await json((await vocabularyNames())[language]), language, json));

const json = async (name) => (await answerOf(name)).json();

async function answerOf(name) {
  const answer = await fetch(INDEX + name);
  if (!answer.ok) throw new Error(`${INDEX}${name}: ${answer.status}`);
  return answer;
}

/** An article's text as Pagefind read it of the page: what it packed bears its signature. */
const textOf = ({ id }) =>
  once(id, async () => {
    const answer = await answerOf(`fragment/${id}.pf_fragment`);
    const unpacked = await new Response(answer.body.pipeThrough(new DecompressionStream('gzip'))).text();
    return JSON.parse(unpacked.slice(SIGNATURE.length));
  });
