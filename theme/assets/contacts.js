// Contacts of one kind: the list beside the form, the form as the place to change one, and the minutes of undo.

import { clear, drafts, fill, keep, ownKept } from './form.js';
import { TAG, call, session } from './session.js';

const MINUTE = 60_000; // milliseconds
const REMOVED = 'removed'; // where a tab keeps what can be undone, over a reload
const NAME = 'add-contact';

/**
 * @typedef {{id: string, kind: string, name: string, email: string, categories: string[]}} Contact
 * @returns {Feature} as card.js describes it
 */
export default function contacts(card) {
  const { section, $ } = card;
  const words = $('[data-contacts]').dataset;
  const form = card.formOf(NAME);
  const kind = form.elements.kind.value;
  const slot = form.dataset.draft ?? NAME;
  const cancel = $('[data-cancel]', form);
  const rows = $('[data-rows]');
  const trouble = $('[data-trouble]');
  const listed = new Intl.ListFormat(TAG, { type: 'conjunction' });
  /** @type {Map<string, Contact>} */
  const people = new Map();
  let changed = '';
  let told = ''; // whom the result is about
  let undoUntil = 0;
  let isLoaded = false;

  // --- The list ---

  async function opened() {
    if (isLoaded) return;
    const answer = await call('GET', '/api/contacts');
    $('[data-waiting]').hidden = true;
    $('[data-more]').hidden = answer.ok;
    $('[data-more]').textContent = section.dataset.retry;
    if (!answer.ok) return troubled(answer);
    isLoaded = true;
    trouble.hidden = true;
    for (const contact of answer.body.items) if (contact.kind === kind) people.set(contact.id, contact);
    draw();
    const unfinished = drafts.about(slot);
    if (people.has(unfinished)) change(unfinished, { quiet: true });
  }

  function draw() {
    const undoable = removed();
    rows.replaceChildren(...[...people.values()].map(row), ...undoable.map(removedRow));
    $('[data-empty]').hidden = people.size + undoable.length > 0;
  }

  function row(contact) {
    const part = card.filled($('template[data-part=contact]'), { ...contact, mails: mails(contact) });
    const item = part.firstElementChild;
    item.id = `contact-${contact.id}`;
    $('[data-change]', item).addEventListener('click', () => change(contact.id));
    $('[data-remove]', item).addEventListener('click', () => remove(contact));
    return item;
  }

  /** `Invoices and Support`: the categories by the first words of their labels. */
  function mails({ categories }) {
    const names = categories.map((name) => $(`input[value="${name}"]`, form).nextSibling.textContent.split(' – ')[0]);
    return names.length ? listed.format(names) : words.noMails;
  }

  function troubled({ isOffline, problem }) {
    if (problem.code === 'not_signed_in') return card.ended();
    trouble.textContent = isOffline ? section.dataset.offline : problem.title || section.dataset.fault;
    trouble.hidden = false;
  }

  // --- Changing one ---

  function change(id, { quiet = false } = {}) {
    const contact = people.get(id);
    changed = id;
    clear(form);
    form.dataset.slot = `${slot}:${id}`;
    form.dataset.submit = words.changeSubmit;
    card.label(form, null);
    cancel.hidden = false;
    fill(form, contact);
    drafts.restore(form.dataset.slot, form);
    card.show(NAME, { heading: words.changeTitle, quiet });
  }

  function stopChanging() {
    changed = '';
    delete form.dataset.slot;
    delete form.dataset.submit;
    card.label(form, null);
    cancel.hidden = true;
    clear(form);
  }

  cancel.addEventListener('click', () => {
    drafts.drop(form.dataset.slot);
    stopChanging();
    drafts.restore(slot, form);
    card.show(NAME);
  });

  // --- Removing one, and taking it back ---

  const allRemoved = () => (ownKept(REMOVED)?.items ?? []).filter(({ until }) => until > Date.now());

  /** Of this kind, and of the account at hand; a tab may have seen several. */
  const removed = () =>
    allRemoved().filter((one) => one.kind === kind && one.account === session.me?.account?.id);

  const left = (until) => words.left.replace('{minutes}', Math.max(1, Math.ceil((until - Date.now()) / MINUTE)));
  const newLimit = () => Date.now() + words.undoMinutes * MINUTE;

  function removedRow({ id, name, until }) {
    const item = card.filled($('template[data-part=removed]'), { name, left: left(until) }).firstElementChild;
    item.id = `contact-${id}`;
    $('[data-restore]', item).addEventListener('click', () => restore(id, name));
    return item;
  }

  async function remove({ id, name }) {
    const answer = await call('DELETE', `/api/contacts/${id}`);
    if (!answer.ok) return troubled(answer);
    trouble.hidden = true;
    if (changed === id) stopChanging();
    // The form again, where the card was about this contact.
    if (card.current === NAME || told === id) card.show(NAME, changed && { heading: words.changeTitle });
    people.delete(id);
    drafts.drop(`${slot}:${id}`);
    const gone = { id, name, kind, account: session.me.account.id, until: newLimit() };
    keep(REMOVED, { items: [...allRemoved(), gone] });
    draw();
    card.announce(words.removed.replace('{name}', name));
    $(`#contact-${id} [data-restore]`).focus();
    return answer;
  }

  async function restore(id, name) {
    const answer = await call('POST', `/api/contacts/${id}/restore`);
    const isTooLate = answer.problem.code === 'not_found';
    if (!answer.ok && !isTooLate) return troubled(answer);
    keep(REMOVED, { items: allRemoved().filter((one) => one.id !== id) });
    if (answer.ok) people.set(id, answer.body);
    draw();
    if (isTooLate) return troubled({ problem: { title: words.tooLate } });
    trouble.hidden = true;
    card.announce(words.restored.replace('{name}', name));
    return $(`#contact-${id} [data-change]`).focus();
  }

  setInterval(() => {
    if (document.hidden) return;
    const now = Date.now();
    for (const { id, until } of ownKept(REMOVED)?.items ?? []) {
      const item = $(`#contact-${id}`);
      if (item) card.put(item, { left: left(until) });
      if (item && until <= now) draw();
    }
    const undo = $('[data-undo]');
    if (undo) card.put(undo, { left: left(undoUntil) });
    if (undo && undoUntil <= now) undo.remove();
  }, MINUTE / 4);

  // --- After the form ---

  function request(_name, body) {
    if (!changed) return {};
    const { kind: _kind, ...changes } = body;
    return { method: 'PATCH', path: `/api/contacts/${changed}`, body: changes };
  }

  function done(_name, { body: contact }, typed) {
    const isNew = !changed;
    stopChanging();
    people.set(contact.id, contact);
    draw();
    told = contact.id;
    undoUntil = newLimit();
    const slots = { name: contact.name, mails: mails(contact), left: left(undoUntil) };
    const without = contact.categories.length ? '[data-none]' : '[data-some]';
    const view = card.result(isNew ? 'contact-added' : 'contact-changed', slots, without);
    if (isNew) $('[data-undo]', view).addEventListener('click', () => undo(contact, typed));
  }

  /** What was added by mistake goes, and what was typed comes back to be mended. */
  async function undo(contact, typed) {
    if (!(await remove(contact))?.ok) return;
    fill(form, typed);
    card.show(NAME, { news: words.removed.replace('{name}', contact.name) });
  }

  function closed() {
    stopChanging();
    people.clear();
    rows.replaceChildren();
    isLoaded = false;
  }

  $('[data-more]').addEventListener('click', opened);
  return { request, done, opened, closed };
}
