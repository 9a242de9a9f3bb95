// Two-factor authentication: switching it on, its recovery codes, switching it off.
//
//     begin ─▶ scan, first code ─▶ recovery codes ─▶ on ─▶ new codes, off
//
// The secret and the codes stand in the page while they are shown, and nowhere else.

import { check, clear, clearErrors, showErrors } from './form.js';
import { TAG, call, session } from './session.js';

const FEW = 3; // recovery codes
const IN_ONE_GROUP = /.{1,4}/g;
const ON_PHONE = '(pointer: coarse), (max-width: 30rem)';

/** `22. novembra 2026.` · `2026. november 22.` · `22 de noviembre de 2026` */
function dateInWords(moment) {
  const written = new Intl.DateTimeFormat(TAG, { dateStyle: 'long' }).format(new Date(moment));
  // Browsers know Serbian months in the nominative only, and a date takes the genitive.
  return TAG.startsWith('sr') ? written.replace(/\p{L}+/u, (month) => `${month.replace(/bar$/, 'br')}a`) : written;
}

/** @returns {Feature} as card.js describes it */
export default function twoFactor(card) {
  const { section, $ } = card;
  const secrets = $('[data-secrets]');
  const on = $('#two-factor-on');
  const paper = $('#recovery-codes');
  const keeping = $('[data-keeping]', paper);
  const save = $('[data-save]', paper);
  let key = '';
  /** @type {string[]} */
  let codes = [];

  // --- The key, while the app is given it ---

  function offer({ otpauth_uri: uri, secret, qr_svg: picture }) {
    key = secret;
    $('[data-picture]', secrets).src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    $('[data-scan]', secrets).open = !matchMedia(ON_PHONE).matches;
    for (const link of secrets.querySelectorAll('[data-app]')) link.href = uri;
    $('[data-key]', secrets).textContent = secret.match(IN_ONE_GROUP).join(' ');
    card.show('enrol-two-factor');
  }

  function forgetKey() {
    key = '';
    $('[data-picture]', secrets).removeAttribute('src');
    for (const link of secrets.querySelectorAll('[data-app]')) link.removeAttribute('href');
    $('[data-key]', secrets).textContent = '';
  }

  // --- The recovery codes, while they are shown ---

  function hand(newCodes, { isEnrolled }) {
    codes = newCodes;
    for (const part of paper.querySelectorAll('[data-enrolled]')) part.hidden = !isEnrolled;
    $('[data-elsewhere]', on).hidden = !isEnrolled;
    const { email } = session.me.user;
    card.put(paper, { email, date: dateInWords(Date.now()), site: location.host });
    $('[data-codes]', paper).replaceChildren(
      ...codes.map((code) => {
        const item = document.createElement('li');
        item.textContent = code;
        return item;
      }),
    );
    save.href = URL.createObjectURL(new Blob([sheet()], { type: 'text/plain;charset=utf-8' }));
    save.download = paper.dataset.file;
    addEventListener('beforeunload', holdBack);
    card.show('recovery-codes');
  }

  /** What is saved: the lines of what is printed. */
  function sheet() {
    const lines = [...$('[data-sheet]', paper).querySelectorAll('p, li')].map((line) => line.textContent);
    return `${lines.join('\r\n')}\r\n`;
  }

  function forgetCodes() {
    codes = [];
    $('[data-codes]', paper).replaceChildren();
    URL.revokeObjectURL(save.href);
    save.removeAttribute('href');
    clear(keeping);
    kept();
  }

  const holdBack = (event) => event.preventDefault();
  const kept = () => removeEventListener('beforeunload', holdBack);

  function finish(news = '') {
    forgetCodes();
    tellOn(session.me.two_factor_since);
    card.show('two-factor-on', { news });
  }

  save.addEventListener('click', kept);
  $('[data-print]', paper).addEventListener('click', () => {
    print();
    kept();
  });
  $('[data-finish]', paper).addEventListener('click', () => finish());
  keeping.addEventListener('submit', (event) => {
    // Compared here: the API would use the code up.
    event.preventDefault();
    event.stopPropagation();
    const field = $('[data-field]', keeping);
    const plain = (code) => code.replace(/[\s-]/g, '').toUpperCase();
    const typed = plain($('input', field).value);
    const wrongs = check(keeping);
    if (!wrongs.length && !codes.some((code) => plain(code) === typed)) wrongs.push({ field, text: field.dataset.none });
    if (wrongs.length) return showErrors(keeping, section.dataset.checkOne, wrongs);
    clearErrors(keeping);
    return finish(on.dataset.kept);
  });

  // --- Copying ---

  /** Says whether it was copied; a browser may refuse. */
  async function copy(button, text) {
    const { copied, notCopied } = secrets.dataset;
    const trouble = $('[data-trouble]', button.closest('[data-view]'));
    const isCopied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    if (isCopied) button.textContent = copied;
    trouble.textContent = isCopied ? '' : notCopied;
    trouble.hidden = isCopied;
    card.announce(isCopied ? copied : notCopied);
    return isCopied;
  }

  $('[data-copy]', secrets).addEventListener('click', ({ target }) => copy(target, key));
  $('[data-copy-all]', paper).addEventListener('click', async ({ target }) => {
    if (await copy(target, sheet())) kept();
  });

  // --- What is on ---

  function tellOn(since) {
    card.put(on, { date: dateInWords(since) });
    countLeft();
  }

  /** Without an answer nothing is said: the rest of the card is no less true. */
  async function countLeft() {
    const { ok, body } = await call('GET', '/api/two-factor');
    $('[data-left]', on).hidden = !ok;
    $('[data-few]', on).hidden = !ok || body.recovery_codes_left > FEW;
    if (ok) card.put(on, { count: body.recovery_codes_left });
  }

  function opened() {
    const { two_factor_since: since } = session.me;
    if (since) tellOn(since);
  }

  const done = {
    'begin-two-factor': offer,

    'enrol-two-factor'({ recovery_codes: fresh, since }) {
      forgetKey();
      Object.assign(session.me, { two_factor: true, two_factor_since: since });
      hand(fresh, { isEnrolled: true });
    },

    'renew-recovery-codes': ({ recovery_codes: fresh }) => hand(fresh, { isEnrolled: false }),

    'disable-two-factor'() {
      Object.assign(session.me, { two_factor: false, two_factor_since: null });
      card.result('two-factor-off', session.me.user);
    },

    'two-factor-on'() {
      $('[data-elsewhere]', on).hidden = true;
      card.show('two-factor-on', { news: on.dataset.ended });
    },
  };

  /** The key waited too long or for another session, or what is to be changed was changed elsewhere. */
  function refused(name, { problem: { code } }) {
    if (!['link_expired', 'not_found', 'already_enrolled'].includes(code)) return false;
    forgetKey();
    if (name === 'enrol-two-factor' && code !== 'already_enrolled') {
      card.show('begin-two-factor', { news: $('#begin-two-factor').dataset.worthless });
    } else card.meet();
    return true;
  }

  function closed() {
    forgetKey();
    forgetCodes();
  }

  return { opened, done: (name, { body }) => done[name](body), refused, closed };
}
