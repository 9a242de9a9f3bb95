// An invitation, as who opens its mail's link meets it.
//
//                 ┌─ signed out, has no user ─▶ name and password ─┐
//     link ─▶ preview ─ signed out, has one ──▶ sign-in ───────────┼▶ accepted
//         │       ├─ signed in as the addressee ─▶ one button ─────┘
//         │       └─ signed in as another ─▶ sign out, keeping the link
//         └─▶ dead, or no link at all: how to get one; the accounts that I reach

import { TAG, call, session } from './session.js';
import { explain } from './permissions.js';

const REGISTER = 'accept-invitation';
const JOIN = 'join-account';
// Where the invitation stays in view.
const BESIDE = [REGISTER, JOIN, 'sign-in', 'second-factor', 'recovery-code'].join(' ');

const isSame = (one, other) => one.toLowerCase() === other.toLowerCase();

/** @returns {Feature} as card.js describes it */
export default function accept(card) {
  const { section, $ } = card;
  const about = $('[data-invitation]');
  const moment = new Intl.DateTimeFormat(TAG, { dateStyle: 'long', timeStyle: 'short' });
  const ownTitle = $('#uradi-title').textContent;
  let invitation = null;
  let known = ''; // the token that it belongs to

  /** Decide what the card shows: what the link says first, then who is signed in. */
  async function settle(how = {}) {
    for (const button of section.querySelectorAll('[data-signed-out]')) button.hidden = Boolean(session.me);
    listAccounts();
    const { token } = card;
    card.announce('');
    if (!token) return show('uradi-no-link', how);
    how = { ...how, quiet: false }; // Who opens a mail's link is led to what it is about.
    if (token !== known) {
      const answer = await call('POST', '/api/invitations/preview', { token });
      if (token !== card.token) return null; // Another link was opened meanwhile, and is being asked about.
      if (!answer.ok) return unread(answer, how);
      invitation = answer.body;
      known = token;
      tell();
    }
    return meet(how);
  }

  function tell() {
    card.put(about, { ...invitation, until: moment.format(new Date(invitation.expires_at)) });
    explain(card, $('[data-means]', about), invitation.permissions);
    $('[data-username]', card.formOf(REGISTER)).value = invitation.email;
    about.dataset.beside = BESIDE;
  }

  function meet(how) {
    const { email, registered } = invitation;
    const you = session.me?.user.email;
    $('[data-registered]', about).hidden = Boolean(you) || !registered;
    if (!you) return registered ? signIn(how) : card.show(REGISTER, how);
    const view = isSame(you, email) ? JOIN : 'other-addressee';
    card.put($(`#${view}`), { email, invited: email, you });
    return card.show(view, how);
  }

  function signIn(how) {
    card.formOf('sign-in').elements.email.value = invitation.email;
    card.show('sign-in', { ...how, heading: ownTitle });
  }

  function show(id, how) {
    about.dataset.beside = '';
    card.show(id, how);
  }

  function unread({ isOffline, problem: { code, title } }, how) {
    if (code === 'link_expired') return dead(title, how);
    if (code === 'not_found') return dead($('#uradi-dead-link').dataset.notFound, how);
    card.put($('#uradi-unread-link'), { reason: isOffline ? section.dataset.offline : title || section.dataset.fault });
    return show('uradi-unread-link', how);
  }

  function dead(reason, how = {}) {
    known = '';
    card.put($('#uradi-dead-link'), { reason });
    show('uradi-dead-link', how);
  }

  function listAccounts() {
    const { accounts = [], account } = session.me ?? {};
    const rows = accounts.map((one) => {
      const row = card.filled($('template[data-part=mine]'), one);
      const isHere = one.id === account?.id;
      $('button', row).dataset.choose = one.id;
      $(isHere ? 'button' : '[data-here]', row).remove();
      return row;
    });
    $('[data-mine]').replaceChildren(...rows);
  }

  async function done(_name, { body: { account, permissions } }) {
    card.dropToken();
    known = '';
    about.dataset.beside = '';
    await card.arrived();
    const { accounts = [], two_factor: isProtected } = session.me ?? {};
    const view = card.result('joined', { account: account.name });
    explain(card, $('[data-means]', view), permissions);
    $('[data-several]', view).hidden = accounts.length < 2;
    for (const link of view.querySelectorAll('[data-for]')) link.hidden = !permissions.includes(link.dataset.for);
    for (const hint of view.querySelectorAll('[data-unprotected]')) hint.hidden = isProtected;
  }

  /** What became of the invitation while it was looked at. */
  function refused(name, { isOffline, problem: { code, title } }) {
    if (isOffline || name === 'sign-in') return false;
    if (code === 'not_signed_in' && name === REGISTER) {
      invitation.registered = true;
      meet({});
      return true;
    }
    if (!['link_expired', 'not_found', 'already_exists'].includes(code)) return false;
    listAccounts();
    dead(code === 'not_found' ? $('#uradi-dead-link').dataset.notFound : title, {
      heading: code === 'already_exists' ? ownTitle : undefined,
    });
    return true;
  }

  $('[data-again]').addEventListener('click', () => settle());
  return { settle, done, refused };
}
