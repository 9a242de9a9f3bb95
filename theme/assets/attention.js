// Home, signed in: what wants attention, each line a way to the form that mends it.

import { TAG, call, session } from './session.js';

const AGES = [['day', 86_400], ['hour', 3_600], ['minute', 60]];
const NOT_THEIRS = { ok: true, body: { items: [] } };

/** @typedef {{kind: string, things: {name: string, since: string}[]}} Matter: what there is of one kind, newest first */

/**
 * What the API knows of whoever is signed in; nothing of what it would not tell just now.
 * @returns {Promise<{matters: Matter[], isAll: boolean}>}
 */
async function known({ two_factor: isProtected, is_owner: isOwner, permissions }) {
  const lists = await Promise.all([
    isOwner ? call('GET', '/api/invitations') : NOT_THEIRS,
    permissions.includes('tickets') ? call('GET', '/api/tickets') : NOT_THEIRS,
  ]);
  const [invitations, tickets] = lists.map(({ ok, body }) => (ok ? body.items : []));
  const waiting = invitations.filter(({ state }) => state === 'pending');
  const answered = tickets.filter(({ state }) => state === 'answered');
  const matters = [
    { kind: 'two_factor_off', things: isProtected ? [] : [{ name: '', since: '' }] },
    { kind: 'invitation_pending', things: waiting.map((one) => ({ name: one.email, since: one.sent_at })) },
    { kind: 'ticket_answered', things: answered.map((one) => ({ name: one.number, since: one.updated_at })) },
  ];
  return { matters: matters.filter(({ things }) => things.length), isAll: lists.every(({ ok }) => ok) };
}

/** @returns {Feature} as card.js describes it */
export default function attention(card) {
  const section = document.querySelector('[data-attention]');
  const list = section.querySelector('ul');
  const relative = new Intl.RelativeTimeFormat(TAG, { numeric: 'auto' });

  /** How long ago, in the unit that one would say it in. */
  function age(since) {
    const seconds = (new Date(since) - Date.now()) / 1000;
    const [unit, size] = AGES.find(([, length]) => -seconds >= length) ?? AGES.at(-1);
    return relative.format(Math.round(seconds / size), unit);
  }

  /** @param {Matter} matter */
  function line({ kind, things }) {
    const template = section.querySelector(`template[data-kind="${kind}"]`);
    const { one, several } = template.dataset;
    const [{ name, since }] = things;
    const isOne = things.length === 1;
    const item = card.filled(template, {
      what: isOne ? one : several.replace('{count}', things.length),
      about: isOne ? name : '',
      since: since ? age(since) : '',
    }).firstElementChild;
    if (since) item.querySelector('time').dateTime = since;
    return item;
  }

  return {
    async opened() {
      const { me } = session;
      const { matters, isAll } = await known(me);
      if (session.me !== me) return;
      const nothing = section.querySelector('template[data-kind=nothing]').content;
      list.replaceChildren(...matters.map(line));
      if (isAll && !matters.length) list.append(nothing.cloneNode(true));
    },
    closed: () => list.replaceChildren(),
  };
}
