// Calls to the API, who is signed in, and the header that says so. A signed-out reader's page calls nothing.

/**
 * @typedef {{pointer: string, code: string, detail: string}} FieldError
 * @typedef {{code: string, title: string, errors?: FieldError[]}} Problem
 * @typedef {{ok: boolean, isOffline: boolean, body: any, problem: Problem}} Answer
 * @typedef {{id: string, name: string, email: string}} User
 * @typedef {{id: string, name: string}} Account
 * @typedef {{user: User, account: Account | null, accounts: Account[], permissions: string[], is_owner: boolean,
 *   two_factor: boolean, two_factor_since: string | null}} Me
 */

export const TAG = document.documentElement.lang;
const LANGUAGE = TAG.split('-')[0];
const PATIENCE = 30_000; // milliseconds; the API itself gives up after 20 seconds
const NO_PROBLEM = { code: '', title: '' };

/** @type {{me: Me | null}} */
export const session = { me: null };

const header = {
  who: document.querySelector('[data-who]'),
  signIn: document.querySelector('[data-sign-in]'),
  signOut: document.querySelector('.top [data-sign-out]'),
};
const otherPages = new BroadcastChannel('session');

/** Ask the API. Never throws: a lost connection is an answer too. @returns {Promise<Answer>} */
export async function call(method, path, body, headers = {}) {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        Accept: 'application/json',
        'Accept-Language': LANGUAGE,
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    return { ok: response.ok, isOffline: false, ...told(response.ok, text) };
  } catch {
    return { ok: false, isOffline: true, body: null, problem: NO_PROBLEM };
  }
}

/** What a body says; one that is no JSON came from something before the API, and is a fault without words. */
function told(isOk, text) {
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    isOk = false;
  }
  const problem = isOk ? NO_PROBLEM : { ...NO_PROBLEM, ...body };
  return { body, problem };
}

/** Whether the browser has a session, as far as a cookie without a secret can tell. */
export const isHinted = () => document.cookie.split('; ').includes('signed_in=1');

/** Ask who is signed in, and say it in the header. When nobody answers, `isHinted` stays true and `me` empty. */
export async function load() {
  drawHeader(true);
  const answer = await call('GET', '/api/me');
  if (answer.ok) session.me = answer.body;
  if (answer.problem.code === 'not_signed_in') forget();
  else drawHeader(true);
}

/** The session is over, whoever ended it. */
export function forget() {
  session.me = null;
  document.cookie = 'signed_in=; Max-Age=0; Path=/; SameSite=Lax';
  drawHeader(false);
}

/** Tell the pages in other tabs, which show somebody's account too. */
export const tellOtherPages = () => otherPages.postMessage('changed');

/** Hear when another tab signs in or out. */
export function onChangeElsewhere(hear) {
  otherPages.onmessage = hear;
}

function drawHeader(isIn) {
  const { user, account } = session.me ?? {};
  header.signIn.hidden = isIn;
  header.who.hidden = header.signOut.hidden = !session.me;
  // An account opened by a person bears their name: once is enough.
  header.who.textContent = user ? [...new Set([user.name, account?.name])].filter(Boolean).join(' · ') : '';
}
