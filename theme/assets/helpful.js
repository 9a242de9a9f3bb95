// Whether an article was helpful: the visitor's answer, why not, and what others answered.
// page.js loads this when the question comes into view, or is answered.

import { check, clear, clearErrors, drafts, follow, located, showErrors, showSummary, values } from './form.js';
import { call, TAG } from './session.js';

/** @typedef {{article: string, yes: number, no: number, mine: boolean | null}} Votes */

const section = document.querySelector('[data-helpful]');
const form = section.querySelector('form');
const said = section.querySelector('[data-said]');
const buttons = [...section.querySelectorAll('[data-vote]')];
const { article } = section.dataset;
const slot = `helpful:${article}`;
// A first vote that is sent again, because its answer was lost, is the same one.
const headers = { 'Idempotency-Key': crypto.randomUUID() };
const plural = new Intl.PluralRules(TAG);

/** @type {boolean | null} what the visitor answered */
let mine = null;
let isBusy = false;
let hasAnswered = false;

follow(form, () => slot);
drafts.restore(slot, form);
ask();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  sendReason();
});

async function ask() {
  if (!navigator.onLine) return;
  const { ok, body } = await call('GET', `/api/votes?article=${encodeURIComponent(article)}`);
  // Who answered meanwhile knows better.
  if (!ok || hasAnswered) return;
  draw(body);
  // What was typed in vain is offered again.
  form.hidden = mine !== false || !values(form).reason;
}

/** Count a button's answer. The answer that counts already is not sent again; No opens its reason. */
export async function answer(button) {
  const helpful = button.dataset.vote === 'yes';
  if (isBusy) return;
  if (helpful !== mine) {
    const answered = await send(helpful, '');
    if (!answered.ok) {
      say(problemOf(answered), { isWrong: true });
      return;
    }
  }
  form.hidden = helpful;
  clearErrors(form);
  say(helpful ? section.dataset.thanks : section.dataset.askWhy);
}

async function sendReason() {
  const wrongs = check(form);
  if (wrongs.length) {
    showErrors(form, section.dataset.checkOne, wrongs);
    return;
  }
  if (isBusy) return;
  clearErrors(form);
  const button = form.querySelector('button');
  const label = button.textContent;
  button.textContent = form.dataset.busy;
  const answered = await send(false, values(form).reason);
  button.textContent = label;
  if (!answered.ok) {
    const { errors = [] } = answered.problem;
    if (errors.length) showErrors(form, section.dataset.checkOne, located(form, errors));
    else showSummary(form, problemOf(answered));
    return;
  }
  clear(form);
  drafts.drop(slot);
  form.hidden = true;
  say(section.dataset.thanksForReason);
  buttons.find(({ dataset }) => dataset.vote === 'no').focus();
}

async function send(helpful, reason) {
  isBusy = true;
  section.ariaBusy = 'true';
  const [language] = TAG.split('-');
  const answered = await call('POST', '/api/votes', { article, language, helpful, reason }, headers);
  isBusy = false;
  section.ariaBusy = 'false';
  if (answered.ok) {
    hasAnswered = true;
    draw(answered.body);
  }
  return answered;
}

function problemOf({ isOffline, problem }) {
  return isOffline ? section.dataset.offline : problem.title || section.dataset.fault;
}

/** @param {Votes} votes */
function draw({ yes, no, mine: own }) {
  mine = own;
  for (const button of buttons) button.ariaPressed = String(mine !== null && (button.dataset.vote === 'yes') === mine);
  const words = section.getAttribute(`data-count-${plural.select(yes)}`) ?? section.dataset.countOther;
  const number = new Intl.NumberFormat(TAG);
  const counted = words.replace('{yes}', number.format(yes)).replace('{no}', number.format(no));
  section.querySelector('[data-counts]').textContent = yes + no ? counted : '';
}

/** Tell everybody, also who does not see; the same words again are told again. */
function say(words, { isWrong = false } = {}) {
  said.textContent = '';
  said.classList.toggle('err', isWrong);
  requestAnimationFrame(() => (said.textContent = words));
}
