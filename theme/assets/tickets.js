// Tickets: the list beside the form, and one ticket's messages with a place to add to them.

import { clear, drafts } from './form.js';
import { TAG, call, session } from './session.js';

const OPEN = 'open-ticket';
const ANSWER = 'answer-ticket';

/**
 * @typedef {{id: string, number: string, department: string, subject: string, state: string, updated_at: string}} Ticket
 * @returns {Feature} as card.js describes it
 */
export default function tickets(card) {
  const { section, $ } = card;
  const words = $('[data-tickets]').dataset;
  const rows = $('[data-rows]');
  const more = $('[data-more]');
  const trouble = $('[data-trouble]');
  const thread = $(`#${ANSWER}`);
  const messages = $('[data-messages]');
  const moment = new Intl.DateTimeFormat(TAG, { dateStyle: 'medium', timeStyle: 'short' });
  /** @type {Map<string, Ticket>} */
  let mine = new Map();
  let read = null;
  let next = '';
  let isLoaded = false;

  async function opened() {
    if (!isLoaded) await loadMore();
  }

  async function loadMore() {
    const answer = await call('GET', `/api/tickets${next && `?cursor=${encodeURIComponent(next)}`}`);
    $('[data-waiting]').hidden = true;
    trouble.hidden = answer.ok;
    more.hidden = answer.ok && !answer.body.next;
    more.textContent = answer.ok ? more.dataset.label : section.dataset.retry;
    if (!answer.ok) return troubled(answer);
    isLoaded = true;
    next = answer.body.next ?? '';
    for (const ticket of answer.body.items) mine.set(ticket.id, ticket);
    return draw();
  }

  function draw() {
    rows.replaceChildren(...[...mine.values()].map(row));
    $('[data-empty]').hidden = mine.size > 0;
  }

  function row(ticket) {
    const { subject, number, state, updated_at: updated } = ticket;
    const slots = { subject, number, state: words[state] ?? state, updated: moment.format(new Date(updated)) };
    const item = card.filled($('template[data-part=ticket]'), slots).firstElementChild;
    $('time', item).dateTime = updated;
    $('button', item).addEventListener('click', () => open(ticket));
    return item;
  }

  function troubled({ isOffline, problem }) {
    if (problem.code === 'not_signed_in') return card.ended();
    trouble.textContent = isOffline ? section.dataset.offline : problem.title || section.dataset.fault;
    trouble.hidden = false;
    return card.announce(trouble.textContent);
  }

  async function open({ id }) {
    const answer = await call('GET', `/api/tickets/${id}`);
    if (!answer.ok) return troubled(answer);
    trouble.hidden = true;
    read = answer.body;
    const { number, state, department, subject } = read;
    const offered = $(`#${OPEN} option[value="${CSS.escape(department)}"]`);
    card.put(thread, { number, state: words[state] ?? state, department: offered?.textContent ?? department });
    messages.replaceChildren(...read.messages.map(message));
    const form = card.formOf(ANSWER);
    clear(form);
    form.dataset.slot = `${ANSWER}:${id}`;
    drafts.restore(form.dataset.slot, form);
    return card.show(ANSWER, { heading: subject });
  }

  function message({ author, text, sent_at: sent }) {
    const slots = { author, text, sent: moment.format(new Date(sent)) };
    const item = card.filled($('template[data-part=message]'), slots).firstElementChild;
    $('time', item).dateTime = sent;
    return item;
  }

  const request = (name) => (name === ANSWER ? { path: `/api/tickets/${read.id}/messages` } : {});

  const done = {
    [OPEN](ticket) {
      mine = new Map([[ticket.id, ticket], ...mine]);
      draw();
      const view = card.result('ticket-opened', { number: ticket.number, email: session.me.user.email });
      const copy = $('[data-copy]', view);
      copy.addEventListener('click', async () => {
        await navigator.clipboard.writeText(ticket.number);
        copy.textContent = copy.dataset.copied;
        card.announce(copy.dataset.copied);
      });
      $('[data-open]', view).addEventListener('click', () => open(ticket));
    },

    [ANSWER](sent) {
      messages.append(message(sent));
      card.announce(words.sent);
      messages.lastElementChild.focus();
    },
  };

  function closed() {
    mine.clear();
    rows.replaceChildren();
    messages.replaceChildren();
    read = null;
    next = '';
    isLoaded = false;
  }

  more.addEventListener('click', loadMore);
  return { request, done: (name, { body }) => done[name](body), opened, closed };
}
