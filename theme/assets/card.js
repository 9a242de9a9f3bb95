// The card: one place on the page that is a sign-in, a form, its result, or what stands in their way.
//
//     signed out ─▶ sign-in ─▶ form ─▶ busy ─▶ result ─▶ form
//                   │   ▲               ├─▶ errors, offline: what was typed stays
//              code ┘   │               ├─▶ elevate ─▶ busy
//                       └── ended ◀─────┘

import {
  adoptKept, check, clear, clearErrors, drafts, dropKept, follow, located, showErrors, showSummary, values,
} from './form.js';
import { call, forget, isHinted, load, onChangeElsewhere, session, tellOtherPages } from './session.js';

/**
 * What a feature adds to its forms.
 * @typedef {object} Feature
 * @property {(name: string, body: object) => object} [request] what its call differs in from the form's own
 * @property {(name: string, answer: Answer, body: object) => void} done
 * @property {() => void} [opened] its form is shown to somebody who is signed in
 * @property {() => void} [closed] what it showed belongs to somebody else now
 * @property {(how: object) => void} [settle] what the card of a mail's link shows to whom
 * @property {(name: string, answer: Answer) => boolean} [refused] says whether it told of the refusal itself
 */

const loadFeature = {
  'add-contact': () => import('./contacts.js'),
  'open-ticket': () => import('./tickets.js'),
  'invite-user': () => import('./invite.js'),
  'accept-invitation': () => import('./accept.js'),
  register: () => import('./account.js'),
  'change-password': () => import('./account.js'),
  'enrol-two-factor': () => import('./two_factor.js'),
  'sign-in': () => import('./attention.js'),
};
// What finishes a sign-in whose password was right.
const CODES = ['second-factor', 'recovery-code'];
const SIGNING_IN = ['sign-in', ...CODES];
// Forms of every card, which no feature knows.
const COMMON = [...SIGNING_IN, 'elevate'];

const section = document.querySelector('[data-card]');
if (section) start();
else if (isHinted()) load();

document.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-sign-out]');
  if (button) signOut(button);
});

async function signOut(button) {
  const answer = await call('DELETE', '/api/session');
  if (!answer.ok && answer.problem.code !== 'not_signed_in') {
    button.textContent = button.dataset.failed;
    return;
  }
  forget();
  tellOtherPages();
  beginAnew();
}

/** Nothing of whoever was here stays in the page or in the tab. */
function beginAnew() {
  if (!isHinted()) dropKept();
  location.reload();
}

function start() {
  const $ = (selector, root = section) => root.querySelector(selector);
  const views = new Map([...section.querySelectorAll('[data-view]')].map((view) => [view.id, view]));
  const title = $('#uradi-title');
  const note = $('[data-note]');
  const primary = section.dataset.card;
  const ownTitle = title.textContent;
  const withToken = [...views.values()].find((view) => $('[data-token]', view));
  const isByLink = 'byLink' in section.dataset;
  let token = '';
  let lastUser = '';
  let current = '';
  let toAnnounce = '';
  /** Where to go on after signing in, when it is not the card's own form. */
  let afterSignIn = null;
  /** What waits for the reader to prove once more who they are: told whether they did. */
  let elevating = null;
  /** @type {Promise<Feature> | null} */
  let feature = null;

  // --- What the card shows ---

  const formOf = (id) => $('form', views.get(id));
  /** Whose draft a form keeps: of one in it, of what the article filled in beforehand, or of the form. */
  const slotOf = (form) => form.dataset.slot ?? form.dataset.draft ?? form.closest('[data-view]').id;

  /** Show one view. The focus goes where the news is, unless the page has only just opened. */
  function show(id, { heading, news = '', quiet = false } = {}) {
    current = id;
    const view = views.get(id);
    for (const other of views.values()) other.hidden = other !== view;
    for (const part of section.querySelectorAll('[data-beside]')) {
      const isForReader = session.me || 'besideAnybody' in part.dataset;
      part.hidden = !isForReader || !part.dataset.beside.split(' ').includes(id);
    }
    title.textContent = heading ?? view.dataset.title ?? ownTitle;
    note.textContent = news;
    note.hidden = !news;
    nameAccount(id);
    loading(false);
    if (quiet) return;
    if (!CODES.includes(id)) return void (news ? note : title).focus();
    // A code is read from another device, and soon worthless: it can be typed at once.
    $('input', view).focus();
    announce($('.lead', view).textContent);
  }

  /** Say whose account the card acts on, and offer the others where there are some. */
  function nameAccount(id) {
    const { account, accounts = [] } = session.me ?? {};
    $('[data-account]').hidden = !account || id === 'sign-in' || 'noAccount' in views.get(id).dataset;
    $('[data-account] b').textContent = account?.name ?? '';
    const choice = $('[data-accounts]');
    choice.open = false;
    choice.hidden = accounts.length < 2;
    const rows = accounts.filter((one) => one.id !== account?.id).map((one) => {
      const row = filled($('template[data-part=account]'), one);
      $('button', row).dataset.choose = one.id;
      return row;
    });
    $('ul', choice).replaceChildren(...rows);
  }

  async function chooseAccount(id) {
    const answer = await call('PUT', '/api/session/account', { account: id });
    if (answer.problem.code === 'not_signed_in') return ended();
    if (!answer.ok) return announce(answer.problem.title || section.dataset.offline);
    await closeFeature();
    return meet();
  }

  /** The card's own form, as grey as it will be long: nothing jumps when it is known who is there. */
  function loading(isLoading) {
    section.inert = isLoading;
    section.classList.toggle('loading', isLoading);
    if (isLoading && 'needsSession' in section.dataset) {
      $('[data-account]').hidden = 'noAccount' in views.get(current).dataset;
    }
  }

  /** The result of what was done, from its template, with what it is about put in as text. */
  function result(name, slots = {}, without = '') {
    const template = $(`template[data-result="${name}"]`);
    const view = views.get('uradi-result');
    view.replaceChildren(filled(template, slots));
    if (without) $(without, view)?.remove();
    show(view.id, { heading: template.dataset.title });
    announce($('.ok', view).textContent);
    return view;
  }

  /** A template's content, its places filled. */
  function filled(template, slots) {
    const content = template.content.cloneNode(true);
    put(content, slots);
    return content;
  }

  /** Tell who does not see. The same words are told again, which takes a moment without them. */
  function announce(words) {
    const status = $('[data-status]');
    status.textContent = '';
    toAnnounce = words;
    requestAnimationFrame(() => (status.textContent = toAnnounce));
  }

  /** Decide what the card shows: a mail's link first, then who is signed in and what they may do. */
  function settle({ quiet = false, news = '' } = {}) {
    const { me } = session;
    elevating?.(false);
    if (isByLink) return settleByLink({ quiet, news });
    if (token) return show(withToken.id);
    if (location.hash === '#forgot-password' && views.has('forgot-password')) return show('forgot-password');
    if (me && views.has('uradi-account')) return showAccount({ quiet, news });
    if (!me && 'needsSession' in section.dataset) return show('sign-in', { quiet, news });
    const { needs } = views.get(primary).dataset;
    if (me && needs && !may(me, needs)) return show('uradi-not-allowed', { quiet });
    if (me && primaryFor(me) !== primary) return begin({ quiet, news });
    show(primary, { quiet, news });
    if (me) withFeature((found) => found.opened?.()).catch(() => announce(section.dataset.offline));
  }

  /** Where a card begins that looks otherwise to whoever has something on already, such as `two_factor`. */
  function primaryFor(me) {
    const isMeant = ({ dataset: { having, lacking } }) => (having && me?.[having]) || (lacking && !me?.[lacking]);
    return [...views.values()].find(isMeant)?.id ?? primary;
  }

  async function begin(how) {
    try {
      await withFeature((found) => found.opened?.());
      show(primaryFor(session.me), how);
    } catch {
      show('uradi-unreachable', how);
    }
  }

  const may = (me, needs) => (needs === 'owner' ? me.is_owner : me.permissions.includes(needs));

  /** What a link is about must be asked, so the feature says what the card shows; without a link nothing is asked. */
  function settleByLink(how) {
    if (!token && !session.me) return show('uradi-no-link', how);
    wait();
    return withFeature((found) => found.settle(how)).catch(() => show('uradi-unreachable', how));
  }

  /** The account at a glance, and beside it what wants attention: at once, so that nothing jumps. */
  async function showAccount(manner) {
    put(views.get('uradi-account'), session.me.user);
    await withFeature((found) => found.opened()).catch(() => {});
    show('uradi-account', manner);
  }

  // --- Who is there ---

  function wait() {
    show(isByLink && !token ? 'uradi-no-link' : primaryFor(session.me), { quiet: true });
    loading(true);
    announce(section.dataset.loading);
  }

  async function meet({ quiet = false } = {}) {
    wait();
    fetchFeature();
    await load();
    announce('');
    if (!session.me && isHinted()) return show('uradi-unreachable', { quiet });
    if (session.me) await welcome();
    return settle({ quiet });
  }

  /** After a sign-in, wherever it happened. */
  async function arrived() {
    tellOtherPages();
    await load();
    if (session.me) await welcome();
    return Boolean(session.me);
  }

  /** Nobody sees what another has typed or listed. */
  async function welcome() {
    const { id, email } = session.me.user;
    adoptKept();
    if (lastUser && lastUser !== id) {
      for (const form of section.querySelectorAll('form')) clear(form);
      await closeFeature();
    }
    lastUser = id;
    for (const input of section.querySelectorAll('[data-username]')) input.value = email;
    restoreDrafts();
  }

  function restoreDrafts() {
    for (const form of section.querySelectorAll('form')) drafts.restore(slotOf(form), form);
  }

  /** The session ended while somebody was at work: sign in here, and go on. */
  function ended(id = current) {
    const who = lastUser;
    const heading = title.textContent;
    // A fresh session is an elevated one.
    const goOn = () => (id === 'elevate' ? elevating(true) : show(id, { heading }));
    afterSignIn = () => (session.me.user.id === who ? goOn() : settle());
    forget();
    show('sign-in', { news: section.dataset.ended });
  }

  // --- Sending ---

  async function withFeature(use) {
    feature ??= loadFeature[primary]().then((module) => module.default(card));
    feature.catch(() => (feature = null));
    return use(await feature);
  }

  /** Begin to fetch it, for whoever will need it in a moment. */
  function fetchFeature() {
    if (loadFeature[primary]) withFeature(() => {}).catch(() => {});
  }

  const closeFeature = async () => (await feature?.catch(() => null))?.closed?.();

  async function submit(form) {
    if (form.ariaBusy === 'true') return;
    const { id } = form.closest('[data-view]');
    const wrongs = check(form);
    if (wrongs.length) return wrong(form, wrongs);
    clearErrors(form);
    busy(form, true);
    const { answer, body } = await send(form, id);
    if (answer.ok) await succeeded(form, id, answer, body);
    busy(form, false);
    if (!answer.ok && !(await feature?.catch(() => null))?.refused?.(id, answer)) refused(form, id, answer);
  }

  async function succeeded(form, id, answer, body) {
    // The address stays, in case the code comes too late.
    if (answer.body?.second_factor) {
      form.elements.password.value = '';
      return show('second-factor');
    }
    for (const done of CODES.includes(id) ? SIGNING_IN.map(formOf) : [form]) {
      drafts.drop(slotOf(done));
      clear(done);
    }
    if (SIGNING_IN.includes(id)) await signedIn();
    else if (id === 'elevate') elevating(true);
    else await withFeature((found) => found.done(id, answer, body));
  }

  async function send(form, id) {
    const body = values(form);
    const { method, path, token: tokenField } = form.dataset;
    if (tokenField) body[tokenField] = token;
    const request = { method, path, body: Object.keys(body).length ? body : undefined, headers: {} };
    try {
      // Loaded before the call: what is done must not stay untold because a module could not be fetched.
      if (!COMMON.includes(id)) await withFeature((found) => Object.assign(request, found.request?.(id, body)));
    } catch {
      return { answer: { ok: false, isOffline: true }, body };
    }
    if ('idempotent' in form.dataset) {
      request.headers['Idempotency-Key'] = drafts.keyFor(slotOf(form), form, request.body);
    }
    return { answer: await ask(request.method, request.path, request.body, request.headers), body };
  }

  /** Ask the API. Where it wants to know once more who asks, the reader is asked here, and the step goes on by itself. */
  async function ask(...request) {
    const answer = await call(...request);
    if (answer.problem.code !== 'elevation_required' || !(await elevated())) return answer;
    return ask(...request);
  }

  /** Whether the reader proves once more who they are, or turns back. */
  function elevated() {
    const asked = { id: current, heading: title.textContent };
    $('[data-field=code]', formOf('elevate')).hidden = !session.me.two_factor;
    show('elevate');
    return new Promise((resolve) => {
      elevating = (isIt) => {
        elevating = null;
        clear(formOf('elevate'));
        show(asked.id, asked);
        resolve(isIt);
      };
    });
  }

  function busy(form, isBusy) {
    form.ariaBusy = String(isBusy);
    const button = $('[type=submit]', form);
    button.disabled = isBusy;
    label(form, isBusy ? form.dataset.busy : null);
    if (isBusy) announce(form.dataset.busy);
  }

  /** What the form's button says; without words, what it said at first. */
  function label(form, words) {
    const button = $('[type=submit]', form);
    button.dataset.label ??= button.textContent;
    button.textContent = words ?? form.dataset.submit ?? button.dataset.label;
  }

  function wrong(form, wrongs) {
    const { checkOne, checkSeveral } = section.dataset;
    showErrors(form, wrongs.length > 1 ? checkSeveral : checkOne, wrongs);
  }

  function refused(form, id, { isOffline, problem }) {
    announce('');
    if (isOffline) {
      label(form, section.dataset.retry);
      return showSummary(form, section.dataset.offline, ` ${section.dataset.offlineText}`);
    }
    const { code, title: said, errors = [] } = problem;
    // The reader turned back.
    if (code === 'elevation_required') return undefined;
    if (code === 'not_signed_in' && CODES.includes(id)) return show('sign-in', { news: section.dataset.tooLate });
    if (code === 'not_signed_in') return ended(id);
    if (code === 'not_allowed' && views.has('uradi-not-allowed')) return show('uradi-not-allowed');
    if (form.dataset.token && ['link_expired', 'not_found', 'already_exists'].includes(code)) return expired(id, problem);
    if (code === 'sign_in_failed') formOf('sign-in').elements.password.value = '';
    if (code === 'key_reused') drafts.drop(slotOf(form));
    if (errors.length) return wrong(form, located(form, errors));
    return showSummary(form, said || section.dataset.fault);
  }

  async function signedIn() {
    const then = afterSignIn;
    afterSignIn = null;
    if (!(await arrived())) return show('uradi-unreachable');
    announce(section.dataset.signedIn);
    return then ? then() : settle();
  }

  // --- A mail's link ---

  /** Out of the address at once, into a place that no server, log or Referer sees, and that a reload keeps. */
  function takeToken() {
    token = new URLSearchParams(location.hash.slice(1)).get('token') ?? history.state?.token ?? token;
    const clean = location.hash.includes('token=') ? location.pathname + location.search : location.href;
    if (token) history.replaceState({ ...history.state, token }, '', clean);
  }

  function dropToken() {
    token = '';
    history.replaceState({ ...history.state, token: undefined }, '');
  }

  /** The page in another language takes the link along: its letter may have been in a language that nobody chose. */
  function bringToken({ target }) {
    const translation = target.closest('a[hreflang]');
    if (translation && token) translation.hash = `token=${token}`;
  }

  function expired(id, { code, title: said }) {
    dropToken();
    const template = $(`template[data-expired="${id}"]`);
    const view = views.get('uradi-result');
    view.replaceChildren(filled(template, { reason: code === 'not_found' ? template.dataset.notFound : said }));
    show(view.id, { heading: template.dataset.title });
  }

  // --- Beginning ---

  const card = {
    section, $, show, result, filled, put, announce, label, arrived, ended, dropToken, formOf, ask, meet,
    /** Do this, not what is usual, once somebody has signed in. */
    onSignIn(next) {
      afterSignIn = next;
    },
    get current() {
      return current;
    },
    get token() {
      return token;
    },
  };

  section.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(event.target);
  });
  section.addEventListener('click', ({ target }) => {
    const go = target.closest('[data-go]')?.dataset.go;
    const chosen = target.closest('[data-choose]')?.dataset.choose;
    if (go) show(go);
    if (chosen) chooseAccount(chosen);
    if (target.closest('[data-reload]')) meet();
    if (target.closest('[data-turn-back]')) elevating(false);
  });
  // A feature is fetched when somebody begins to fill in its form, so that a reader's page stays light.
  section.addEventListener('focusin', ({ target }) => {
    if (target.form) fetchFeature();
  });
  for (const form of section.querySelectorAll('form')) follow(form, () => slotOf(form));
  addEventListener('hashchange', () => {
    const known = token;
    if (withToken) takeToken();
    if (token !== known || location.hash === '#forgot-password' || current === 'forgot-password') settle();
  });
  onChangeElsewhere(beginAnew);
  // A page that comes back out of the browser's memory shows what its last reader saw.
  addEventListener('pageshow', ({ persisted }) => {
    section.hidden = persisted && (Boolean(session.me) || isHinted());
    if (section.hidden) beginAnew();
  });

  if (withToken) {
    takeToken();
    document.addEventListener('click', bringToken);
  }
  delete section.dataset.undecided;
  if (isHinted()) {
    meet({ quiet: true });
  } else {
    restoreDrafts();
    settle({ quiet: true });
  }
}

/** Put texts into the places of an element that are named for them. */
function put(element, slots) {
  for (const [name, text] of Object.entries(slots)) {
    for (const place of element.querySelectorAll(`[data-text="${name}"]`)) place.textContent = text;
  }
}
