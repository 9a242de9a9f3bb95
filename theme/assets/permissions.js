// What permissions let somebody do, and what not, in the words that theme/forms/permissions.html holds.

/** Whether a list of permissions, or `"all"`, holds one. */
const holds = (permissions, name) => permissions === 'all' || permissions.includes(name);

/**
 * Fill in what an element holds of it: a sentence, what can be done and what cannot. The sentence is one of
 * `words`: for all, none or some permissions. Returns it.
 */
export function explain({ $ }, element, permissions, words = element.dataset) {
  const rows = [...$('template[data-part=permissions]').content.cloneNode(true).children];
  // What only the owner does is no permission, and nobody else holds it.
  const isHeld = ({ dataset }) => 'permission' in dataset && holds(permissions, dataset.permission);
  const can = rows.filter(isHeld);
  const all = rows.length - 1;
  const some = words.some.replace('{count}', can.length).replace('{all}', all);
  const said = can.length ? (can.length < all ? some : words.all) : words.none;
  $('[data-gist]', element).textContent = said;
  for (const part of element.querySelectorAll('[data-can-part]')) {
    part.hidden = !can.length;
    if ('opens' in part.dataset) part.open = can.length < all;
  }
  $('[data-can]', element).replaceChildren(...can);
  $('[data-cannot]', element)?.replaceChildren(...rows.filter((row) => !isHeld(row)));
  return said;
}
