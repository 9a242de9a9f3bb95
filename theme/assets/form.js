// A form's fields: what they hold, what is wrong with them, and the draft that survives a reload.

import { session } from './session.js';

/** @typedef {{field?: HTMLElement, text: string}} Wrong */

/** The field's own control, or the first of several. @returns {HTMLInputElement} */
const control = (field) => field.querySelector('input, select, textarea');

const fieldsOf = (form) => [...form.querySelectorAll('[data-field]')];

/** What a form holds, as the API takes it. */
export function values(form) {
  const held = {};
  for (const input of form.querySelectorAll('[data-kind=hidden]')) held[input.name] = input.value;
  for (const field of fieldsOf(form)) if (!field.hidden) held[field.dataset.field] = valueOf(field);
  return held;
}

const isSeveral = ({ dataset: { kind } }) => kind === 'checkboxes' || kind === 'permissions';

function valueOf(field) {
  // Apps show a code in two groups, and it is pasted so.
  if (field.dataset.kind === 'code') return control(field).value.replace(/\s/g, '');
  if (!isSeveral(field)) return control(field).value;
  const chosen = [...field.querySelectorAll(':checked')].map((box) => box.value);
  return chosen.includes('all') ? 'all' : chosen;
}

/** Put values into a form; what is not named stays. */
export function fill(form, held) {
  for (const field of fieldsOf(form)) {
    const value = held[field.dataset.field];
    if (value === undefined) continue;
    if (!isSeveral(field)) control(field).value = value;
    else for (const box of field.querySelectorAll('input')) box.checked = value.includes(box.value);
    if (field.dataset.kind === 'textarea') drawCount(field);
  }
}

/** Empty a form, and forget its errors. */
export function clear(form) {
  form.reset();
  clearErrors(form);
  for (const field of form.querySelectorAll('[data-kind=textarea]')) drawCount(field);
}

// --- What is wrong ---

/** Every wrong field, in the words that the server would use. @returns {Wrong[]} */
export function check(form) {
  return [...form.querySelectorAll('[data-field], [data-repeats]')]
    .map((field) => ({ field, text: fault(form, field) }))
    .filter((wrong) => wrong.text);
}

function fault(form, field) {
  const { kind, required, repeats, longest, shortest, pattern } = field.dataset;
  const { tooLong, tooShort, invalidEmail, notTheSame, notACode } = field.dataset;
  if (isSeveral(field) || field.hidden) return '';
  const typed = valueOf(field);
  const value = kind === 'password' ? typed : typed.trim();
  // Letters as the server counts them: one for an emoji, which is two to JavaScript.
  const length = [...value.normalize('NFC')].length;
  if (repeats) {
    const first = form.querySelector(`[data-field="${repeats}"] input`).value;
    return first === value ? '' : notTheSame;
  }
  if (required && !value) return required;
  if (pattern && value && !new RegExp(pattern).test(value)) return notACode;
  if (longest && length > longest) return tooLong;
  if (shortest && length < shortest) return tooShort;
  if (kind === 'email' && value && !/^[^\s@]+@[^\s@]+$/.test(value)) return invalidEmail;
  return '';
}

/** The server's errors at the fields that they point at, which may say it better. @returns {Wrong[]} */
export function located(form, errors) {
  return errors.map(({ pointer, code, detail }) => {
    const field = form.querySelector(`[data-field="${CSS.escape(pointer.split('/')[1] ?? '')}"]`);
    if (field) field.hidden = false; // The page did not know that the server would ask for it.
    return { field, text: field?.getAttribute(`data-${code.replaceAll('_', '-')}`) ?? detail };
  });
}

/** Say what is wrong at each field, and in a summary that takes the focus and leads to them. */
export function showErrors(form, title, wrongs) {
  clearErrors(form);
  const list = document.createElement('ul');
  for (const { field, text } of wrongs) {
    list.append(document.createElement('li'));
    if (!field) {
      list.lastChild.textContent = text;
      continue;
    }
    const slot = field.querySelector('.err');
    slot.textContent = text;
    slot.hidden = false;
    field.classList.add('bad');
    for (const input of field.querySelectorAll('input, select, textarea')) input.ariaInvalid = 'true';
    const link = document.createElement('a');
    link.href = `#${control(field).id}`;
    link.textContent = text;
    list.lastChild.append(link);
  }
  showSummary(form, title, list);
}

/** Say above the form what hinders it. */
export function showSummary(form, title, ...more) {
  const summary = form.querySelector('[data-summary]');
  const bold = document.createElement('b');
  bold.textContent = title;
  summary.replaceChildren(bold, ...more);
  summary.hidden = false;
  summary.focus();
}

export function clearErrors(form) {
  for (const field of form.querySelectorAll('.bad')) clearError(field);
  form.querySelector('[data-summary]').hidden = true;
}

function clearError(field) {
  field.classList.remove('bad');
  field.querySelector('.err').hidden = true;
  for (const input of field.querySelectorAll('[aria-invalid]')) input.ariaInvalid = null;
}

// --- While it is filled in ---

/** Follow the typing in a form: its errors go, the draft stays. */
export function follow(form, slot) {
  form.addEventListener('input', ({ target }) => {
    const field = target.closest('.field');
    if (field?.classList.contains('bad')) clearError(field);
    if (field?.dataset.kind === 'textarea') drawCount(field);
    drafts.keep(slot(), form);
  });
  form.addEventListener('click', (event) => {
    const link = event.target.closest('[data-summary] a');
    const peek = event.target.closest('.peek');
    if (peek) turn(peek);
    if (!link) return;
    event.preventDefault();
    lead(link);
  });
}

function lead(link) {
  const input = document.querySelector(link.getAttribute('href'));
  input.closest('.field').scrollIntoView({ block: 'nearest' });
  input.focus();
}

/** Show a password, or hide it again. */
function turn(peek) {
  const input = peek.previousElementSibling;
  input.type = input.type === 'password' ? 'text' : 'password';
  const { other, otherLabel } = peek.dataset;
  Object.assign(peek.dataset, { other: peek.textContent, otherLabel: peek.ariaLabel });
  Object.assign(peek, { textContent: other, ariaLabel: otherLabel });
}

/** The letters that are left, once they are few. */
function drawCount(field) {
  const { longest } = field.dataset;
  const left = longest - [...control(field).value].length;
  const slot = field.querySelector('.left');
  slot.textContent = left > longest / 20 ? '' : slot.dataset.left.replace('{count}', left);
}

// --- What is kept in the tab ---

const DRAFT = 'draft:';
let lastSent = null; // for a browser without storage

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage, or with a full one, a page works on, and only forgets sooner.
  }
}

/** What this user left under a key. */
export function ownKept(key) {
  const kept = read(key);
  return kept && (!kept.user || kept.user === session.me?.user.id) ? kept : null;
}

/** Keep something for who is signed in; what nobody owns yet belongs to the first who signs in after. */
export function keep(key, value) {
  write(key, { ...value, user: session.me?.user.id ?? null });
}

/** Drop what another user left here, and give what nobody owned to who is signed in now. */
export function adoptKept() {
  for (const key of Object.keys(sessionStorage)) {
    const kept = ownKept(key);
    if (kept) keep(key, kept);
    else sessionStorage.removeItem(key);
  }
}

/** Nothing stays behind on a device that somebody signed out of. */
export const dropKept = () => sessionStorage.clear();

/** What was typed, until it is sent: never a password or a code. A slot is a form's name, or `add-contact:<id>`. */
export const drafts = {
  keep(slot, form, more = {}) {
    const held = values(form);
    for (const field of form.querySelectorAll('[data-secret]')) delete held[field.dataset.field];
    if (!more.sent && !Object.keys(held).length) return;
    keep(DRAFT + slot, { ...ownKept(DRAFT + slot), ...more, held });
  },

  restore(slot, form) {
    const draft = ownKept(DRAFT + slot);
    if (draft) fill(form, draft.held);
  },

  drop: (slot) => sessionStorage.removeItem(DRAFT + slot),

  /** The id that a form's draft is about, if there is one: `<id>` of `add-contact:<id>`. */
  about: (name) =>
    Object.keys(sessionStorage)
      .find((key) => key.startsWith(`${DRAFT}${name}:`))
      ?.split(':')[2],

  /**
   * The Idempotency-Key of exactly this body: the same text sent again, even after a reload, meets itself at the
   * server; an edited one is another.
   */
  keyFor(slot, form, body) {
    const text = JSON.stringify(body);
    lastSent = [ownKept(DRAFT + slot)?.sent, lastSent].find((sent) => sent?.body === text) ?? {
      key: crypto.randomUUID(),
      body: text,
    };
    drafts.keep(slot, form, { sent: lastSent });
    return lastSent.key;
  },
};
