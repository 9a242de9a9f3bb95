// Inviting: what the chosen permissions mean, the invitations under the form, and the account's users.

import { clear, drafts, showSummary, values } from './form.js';
import { TAG, call } from './session.js';
import { explain } from './permissions.js';

const NAME = 'invite-user';
const QUIET = 900; // milliseconds without another tick, before the sentence about them is read out

/**
 * @typedef {{id: string, email: string, language: string, permissions: string[], state: string, sent_at: string, expires_at: string}} Invitation
 * @returns {Feature} as card.js describes it
 */
export default function invite(card) {
  const { section, $ } = card;
  const place = $('[data-invitations]');
  const words = place.dataset;
  const form = card.formOf(NAME);
  const more = $('[data-more]');
  const trouble = $('[data-trouble]');
  const users = $('[data-users]');
  const moreUsers = $('[data-more-users]');
  const day = new Intl.DateTimeFormat(TAG, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(TAG, { dateStyle: 'long', timeStyle: 'short' });
  /** @type {Map<string, Invitation>} */
  let invitations = new Map();
  let news = { id: '', text: '' };
  let next = '';
  let nextUsers = '';
  let isLoaded = false;

  // --- What the choice means ---

  let waiting = 0;

  function weigh() {
    return explain(card, $('[data-means]', form), values(form).permissions);
  }

  form.addEventListener('input', ({ target }) => {
    $('[data-resend-known]', form)?.remove();
    if (!target.closest('[data-kind=permissions]')) return;
    const said = weigh();
    clearTimeout(waiting);
    waiting = setTimeout(() => card.announce(said), QUIET);
  });
  // The fields are empty only after everybody has heard of it.
  form.addEventListener('reset', () => setTimeout(weigh));

  // --- The invitations ---

  async function opened() {
    weigh();
    if (!isLoaded) await loadMore();
  }

  async function loadMore() {
    const answer = await call('GET', `/api/invitations${next && `?cursor=${encodeURIComponent(next)}`}`);
    $('[data-waiting]').hidden = true;
    more.hidden = answer.ok && !answer.body.next;
    more.textContent = answer.ok ? more.dataset.label : section.dataset.retry;
    if (!answer.ok) return troubled(answer);
    trouble.hidden = true;
    isLoaded = true;
    next = answer.body.next ?? '';
    for (const one of answer.body.items) invitations.set(one.id, one);
    return draw();
  }

  const isPending = ({ state }) => state === 'pending';

  function draw() {
    const all = [...invitations.values()];
    const pending = all.filter(isPending);
    const past = all.filter((one) => !isPending(one));
    $('[data-rows]').replaceChildren(...pending.map(pendingRow));
    $('[data-empty]').hidden = pending.length > 0;
    $('[data-past-rows]').replaceChildren(...past.map(pastRow));
    $('[data-past]').hidden = !past.length;
  }

  /** A row from its template, with what somebody may do in words that open. */
  function row(part, slots, permissions) {
    const item = card.filled($(`template[data-part=${part}]`), slots).firstElementChild;
    const means = $('.means', item);
    explain(card, means, permissions, words);
    if (!permissions.length) means.replaceWith(small(words.none));
    return item;
  }

  function small(text) {
    const element = document.createElement('small');
    element.textContent = text;
    return element;
  }

  function slotsOf({ email, language, state, sent_at: sent, expires_at: until }) {
    return {
      email,
      language: $(`select[name=language] option[value=${CSS.escape(language)}]`, form).textContent,
      state: words[state],
      sent: day.format(new Date(sent)),
      until: day.format(new Date(until)),
      moment: moment.format(new Date(until)),
    };
  }

  function pendingRow(invitation) {
    const item = row('pending', slotsOf(invitation), invitation.permissions);
    item.id = `invitation-${invitation.id}`;
    $('[data-news]', item).textContent = news.id === invitation.id ? news.text : '';
    $('[data-resend]', item).addEventListener('click', ({ currentTarget }) => resendRow(invitation, currentTarget));
    $('[data-revoke]', item).addEventListener('click', () => ask(item, true));
    $('[data-no]', item).addEventListener('click', () => ask(item, false));
    $('[data-yes]', item).addEventListener('click', ({ currentTarget }) => revoke(invitation, currentTarget));
    return item;
  }

  function pastRow(invitation) {
    const item = row('past', slotsOf(invitation), invitation.permissions);
    const button = $('[data-resend]', item);
    button.addEventListener('click', () => resendRow(invitation, button));
    button.hidden = invitation.state !== 'expired';
    return item;
  }

  /** Ask in the row itself: a revoked invitation cannot be taken back. */
  function ask(item, isAsking) {
    $('[data-asks]', item).hidden = !isAsking;
    $('[data-acts]', item).hidden = isAsking;
    $(isAsking ? '[data-no]' : '[data-revoke]', item).focus();
  }

  function troubled({ isOffline, problem }) {
    if (problem.code === 'not_signed_in') return card.ended();
    trouble.textContent = isOffline ? section.dataset.offline : problem.title || section.dataset.fault;
    trouble.hidden = false;
    return trouble.scrollIntoView({ block: 'nearest' });
  }

  /** What has ended elsewhere is shown as it is now. */
  async function overtaken(answer) {
    troubled(answer);
    if (!['link_expired', 'not_found', 'already_exists'].includes(answer.problem.code)) return;
    forgetAll();
    await loadMore();
    troubled(answer);
  }

  async function resend({ id }) {
    const answer = await call('POST', `/api/invitations/${id}/resend`);
    if (!answer.ok) return answer;
    invitations.set(id, answer.body);
    news = { id, text: words.resent };
    draw();
    return answer;
  }

  async function resendRow(invitation, button) {
    button.disabled = true;
    const answer = await resend(invitation);
    button.disabled = false;
    if (!answer.ok) return overtaken(answer);
    trouble.hidden = true;
    card.announce(words.resent);
    return $(`#invitation-${invitation.id} [data-resend]`).focus();
  }

  async function revoke({ id, email }, button) {
    button.disabled = true;
    const answer = await call('DELETE', `/api/invitations/${id}`);
    button.disabled = false;
    if (!answer.ok) return overtaken(answer);
    trouble.hidden = true;
    invitations.set(id, { ...invitations.get(id), state: 'revoked' });
    draw();
    card.announce(words.wasRevoked.replace('{email}', email));
    return $('[data-past] summary').focus();
  }

  // --- The users ---

  async function loadUsers() {
    const answer = await call('GET', `/api/users${nextUsers && `?cursor=${encodeURIComponent(nextUsers)}`}`);
    $('[data-users-waiting]').hidden = true;
    moreUsers.hidden = answer.ok && !answer.body.next;
    moreUsers.textContent = answer.ok ? moreUsers.dataset.label : section.dataset.retry;
    if (!answer.ok) return troubled(answer);
    nextUsers = answer.body.next ?? '';
    return $('[data-user-rows]').append(...answer.body.items.map(userRow));
  }

  function userRow(user) {
    const item = row('user', user, user.permissions);
    if (user.is_owner) $('.means', item).replaceWith(small(words.owner));
    return item;
  }

  users.addEventListener('toggle', () => {
    if (users.open && !$('[data-user-rows]').children.length) loadUsers();
  });
  moreUsers.addEventListener('click', loadUsers);
  more.addEventListener('click', loadMore);

  // --- After the form ---

  function tell(name, invitation) {
    const slots = slotsOf(invitation);
    card.result(name, { ...slots, until: slots.moment });
  }

  function done(_name, { body: invitation }) {
    invitations = new Map([[invitation.id, invitation], ...invitations]);
    draw();
    tell('invitation-sent', invitation);
  }

  /** Whoever is invited already can be sent that invitation again right there. */
  function refused(_name, { isOffline, problem: { errors = [] } }) {
    if (isOffline || !errors.some(({ code }) => code === 'already_invited')) return false;
    const typed = values(form).email.trim().toLowerCase();
    const known = [...invitations.values()].find((one) => isPending(one) && one.email.toLowerCase() === typed);
    if (known) offer(known);
    return false;
  }

  function offer(known) {
    const button = card.filled($('template[data-part=resend-known]'), {}).firstElementChild;
    $('[data-field=email]', form).append(button);
    button.addEventListener('click', async () => {
      button.disabled = true;
      const answer = await resend(known);
      button.disabled = false;
      if (answer.problem.code === 'not_signed_in') return card.ended();
      if (!answer.ok) return showSummary(form, answer.isOffline ? section.dataset.offline : answer.problem.title);
      drafts.drop(NAME);
      clear(form);
      button.remove();
      return tell('invitation-resent', answer.body);
    });
  }

  function forgetAll() {
    invitations.clear();
    next = '';
    isLoaded = false;
  }

  function closed() {
    forgetAll();
    news = { id: '', text: '' };
    draw();
    users.open = false;
    nextUsers = '';
    $('[data-user-rows]').replaceChildren();
  }

  return { opened, done, refused, closed };
}
