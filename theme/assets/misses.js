// Tells the site which queries find nothing, so that writers learn the customers' words: the query, and of nobody's.

const STANDS_FOR = 1500; // milliseconds after which a query is no longer being typed
const told = new Set();
let waiting;

/** A query found nothing, and is told once if it stays so. */
export function missed(query, language) {
  found();
  waiting = setTimeout(() => tell(query, language), STANDS_FOR);
}

/** Something was found, or another query is being typed. */
export function found() {
  clearTimeout(waiting);
}

function tell(query, language) {
  if (told.has(query)) return;
  told.add(query);
  const body = JSON.stringify({ query, language });
  // It is of no use to the reader, who therefore learns nothing of it, even if it fails.
  fetch('/api/search-misses', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, keepalive: true }).catch(() => {});
}
