// What a page does without a form: the bar that leads to the card, the menu of a phone, copying a section's address,
// opening the search, and the offer of the page in the reader's own language.

const jump = document.querySelector('.jump');
const card = document.querySelector('#uradi');
if (jump && card) {
  new IntersectionObserver(([entry]) => {
    jump.hidden = entry.isIntersecting;
    jump.classList.toggle('up', entry.boundingClientRect.top < 0);
  }).observe(card);
}

const menu = document.querySelector('.menu');
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && menu.open) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
document.addEventListener('click', (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});

const COPIED_FOR = 3000; // milliseconds
const copied = document.querySelector('[data-copied]');
let clearing;
for (const link of document.querySelectorAll('.copy')) {
  // The link leads to its section all the same, so that where copying is not allowed the address bar has it.
  link.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(link.href);
    } catch {
      return;
    }
    copied.textContent = copied.dataset.copied;
    clearTimeout(clearing);
    clearing = setTimeout(() => copied.replaceChildren(), COPIED_FOR);
  });
}

const search = document.querySelector('[data-search]');
const TYPED_INTO = 'input, select, textarea, [contenteditable]';
// The letters beside their Cyrillic neighbours, which a Serbian keyboard may give for the same keys.
const KEYS = ['/', 's', 'с'];
const KEYS_WITH_CONTROL = ['k', 'к'];

async function openSearch() {
  if (!search.open) search.showModal();
  search.querySelector('input').select();
  try {
    await import('./search.js');
  } catch {
    search.querySelector('[data-search-status]').textContent = search.dataset.unavailable;
  }
}

for (const button of document.querySelectorAll('[data-search-open]')) button.addEventListener('click', openSearch);
document.addEventListener('keydown', (event) => {
  const key = event.key.toLowerCase();
  const isControlled = event.ctrlKey || event.metaKey;
  const isMeant = isControlled
    ? KEYS_WITH_CONTROL.includes(key)
    : KEYS.includes(key) && !event.target.closest(TYPED_INTO) && !document.querySelector('dialog[open]');
  if (isMeant && !event.altKey) {
    event.preventDefault();
    openSearch();
  }
});

const helpful = document.querySelector('[data-helpful]');
if (helpful) {
  const load = () => import('./helpful.js');
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    load().catch(() => {}); // Who answers is told; who only reads need not be.
  }).observe(helpful);
  helpful.addEventListener('click', async ({ target }) => {
    const button = target.closest('[data-vote]');
    if (!button) return;
    try {
      (await load()).answer(button);
    } catch {
      helpful.querySelector('[data-said]').textContent = helpful.dataset.offline;
    }
  });
}

// A link from the search in another language brings its query here. The address goes back to that of the page.
const [, sought] = location.hash.match(/^#search=(.*)$/) ?? [];
if (sought) {
  history.replaceState(history.state, '', location.pathname + location.search);
  search.querySelector('input').value = new URLSearchParams(`query=${sought}`).get('query');
  openSearch();
}

const OFFERED = 'language-offered';
// Whoever reads one of these reads Serbian in Latin script.
const READ_AS_SERBIAN = ['bs', 'cnr', 'hr', 'sh'];

/** The language of a tag (BCP 47), as the site has it: `hu` for hu-RO, `sr` for sr-Cyrl-RS and for hr. */
function languageOf(tag) {
  const [language] = tag.toLowerCase().split('-');
  return READ_AS_SERBIAN.includes(language) ? 'sr' : language;
}

/** What this page offers: itself in the first language that the browser puts before the page's own. */
function dueOffer() {
  const offers = [...document.querySelectorAll('template[data-offer]')];
  for (const language of navigator.languages.map(languageOf)) {
    if (language === languageOf(document.documentElement.lang)) return null;
    const found = offers.find((offer) => offer.dataset.offer === language);
    if (found) return found;
  }
  return null;
}

/** Keep that a language was offered or chosen. Says whether it is the first time, or, where nothing can be kept,
    whether the reader comes from elsewhere. */
function keepOffered() {
  try {
    const isFirst = !localStorage.getItem(OFFERED);
    localStorage.setItem(OFFERED, 'yes');
    return isFirst;
  } catch {
    return !document.referrer.startsWith(`${location.origin}/`);
  }
}

for (const kind of ['click', 'auxclick']) {
  document.addEventListener(kind, ({ target }) => {
    if (target.closest('a[hreflang]')) keepOffered();
  });
}

const due = dueOffer();
if (due && keepOffered()) {
  const main = document.querySelector('main');
  main.before(due.content.cloneNode(true));
  document.querySelector('.offer').addEventListener('click', ({ target, currentTarget }) => {
    if (!target.closest('a, button')) return;
    currentTarget.remove();
    if (target.closest('button')) main.focus({ preventScroll: true });
  });
}

if (document.querySelector('[data-likeliest]')) import('./missing.js');
