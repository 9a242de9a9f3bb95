// What a page does without a form: the bar that leads to the card, the menu of a phone, and opening the search.

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
