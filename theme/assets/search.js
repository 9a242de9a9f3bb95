// The search dialog: results as one types, the arrow keys among them, and how many there are, said aloud; what a
// mistyped query should have been, and the other languages where this one finds nothing.
// page.js opens it, and loads this only then.

import { find, findElsewhere, LANGUAGE } from './finding.js';
import { found, missed } from './misses.js';

const PAUSE = 120; // milliseconds without a key, after which it is worth searching

const dialog = document.querySelector('[data-search]');
const field = dialog.querySelector('input');
const status = dialog.querySelector('[data-search-status]');
const list = dialog.querySelector('[data-search-results]');
const meant = dialog.querySelector('[data-search-meant]');
const elsewhere = dialog.querySelector('[data-search-elsewhere]');
const hint = status.textContent;

let pause;
let latest = 0;

field.addEventListener('input', () => {
  clearTimeout(pause);
  found();
  pause = setTimeout(answer, PAUSE);
  list.ariaBusy = true;
});

dialog.querySelector('[data-search-form]').addEventListener('submit', async (event) => {
  event.preventDefault();
  clearTimeout(pause);
  await answer();
  list.querySelector('a')?.click();
});

meant.querySelector('button').addEventListener('click', () => {
  field.value = meant.querySelector('[data-search-words]').textContent;
  field.focus();
  answer();
});

dialog.querySelector('[data-search-close]').addEventListener('click', () => dialog.close());

dialog.addEventListener('click', (event) => {
  // A click beside the dialog counts as one on the dialog itself; a result may lead to this very page.
  if (event.target === dialog || event.target.closest('a')) dialog.close();
});

dialog.addEventListener('keydown', (event) => {
  const links = [...list.querySelectorAll('a')];
  const place = links.indexOf(document.activeElement);
  if (event.key === 'ArrowDown' && links.length) {
    event.preventDefault();
    links[Math.min(place + 1, links.length - 1)].focus();
  } else if (event.key === 'ArrowUp' && place >= 0) {
    event.preventDefault();
    (links[place - 1] ?? field).focus();
  } else if (place >= 0 && event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) {
    field.focus(); // What is typed goes on with the query.
  }
});

/** Show what the index has for the query, unless another query came meanwhile. */
async function answer() {
  const query = field.value.trim();
  const turn = ++latest;
  if (!query) return show({ said: hint });
  try {
    const { results, corrected } = await find(query);
    const others = results.length ? [] : await findElsewhere(query);
    if (turn !== latest) return undefined;
    if (!results.length) missed(query, LANGUAGE);
    const { count, none } = dialog.dataset;
    const said = results.length ? count.replace('{count}', results.length) : none.replace('{query}', () => query);
    return show({ said, results, corrected, others, query });
  } catch {
    return turn === latest ? show({ said: dialog.dataset.unavailable }) : undefined;
  }
}

function show({ said, results = [], corrected = '', others = [], query = '' }) {
  status.textContent = said;
  meant.hidden = !corrected;
  meant.querySelector('[data-search-words]').textContent = corrected;
  elsewhere.hidden = !others.length;
  const counts = new Map(others.map(({ language, count }) => [language, count]));
  for (const link of elsewhere.querySelectorAll('a')) {
    const { language, words } = link.dataset;
    link.hidden = !counts.has(language);
    link.textContent = words.replace('{count}', counts.get(language));
    link.hash = `search=${encodeURIComponent(query)}`;
  }
  list.replaceChildren(...results.map(item));
  list.scrollTop = 0;
  list.ariaBusy = false;
}

/** @param {import('./finding.js').Result} result */
function item({ url, title, section, excerpt }) {
  const link = document.createElement('a');
  link.href = url;
  link.append(line('b', title));
  if (section.length) link.append(line('span', section));
  if (excerpt.length) link.append(line('small', excerpt));
  const entry = document.createElement('li');
  entry.append(link);
  return entry;
}

/** Words, of which the matching ones are marked, without the signs around them. */
function line(tag, words) {
  const element = document.createElement(tag);
  for (const { text, isMatch } of words) {
    const [, before, word, after] = text.match(/^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su);
    if (isMatch && word) {
      const mark = document.createElement('mark');
      mark.textContent = word;
      element.append(before, mark, after, ' ');
    } else element.append(text, ' ');
  }
  return element;
}

if (field.value) answer();
