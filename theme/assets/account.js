// Opening an account, and another password: what follows each of their forms.

import { clear, fill } from './form.js';
import { call, forget, session } from './session.js';

/** @returns {Feature} as card.js describes it */
export default function account(card) {
  const { section, $ } = card;

  /** A mail is under way: say where to, send it once more on request, or lead back to correct the address. */
  function lookIntoMailbox(name, body) {
    fill(card.formOf(name), body);
    const view = card.result(name, { email: body.email });
    const resend = $('[data-resend]', view);
    const resent = $('[data-resent]', view);
    resend.addEventListener('click', async () => {
      resend.disabled = true;
      resent.textContent = '';
      const { ok, isOffline, problem } = await call('POST', card.formOf(name).dataset.path, body);
      const { offline, fault } = section.dataset;
      resent.textContent = ok ? resent.dataset.words : isOffline ? offline : problem.title || fault;
      resend.disabled = false;
      card.announce(resent.textContent);
    });
  }

  const done = {
    register: lookIntoMailbox,
    'forgot-password': lookIntoMailbox,

    async 'confirm-address'(name) {
      card.dropToken();
      await card.arrived();
      card.result(name, session.me?.user);
    },

    'change-password'(name) {
      card.result(name, session.me?.user);
    },

    /** The reset ended every session: whoever chose the password signs in with it. */
    'reset-password'(name) {
      card.dropToken();
      forget();
      card.onSignIn(() => card.result('signed-in', session.me.user));
      card.show('sign-in', { news: $(`template[data-words="${name}"]`).content.textContent });
    },
  };

  return {
    done: (name, _answer, body) => done[name](name, body),
    closed() {
      for (const form of section.querySelectorAll('form')) clear(form);
    },
  };
}
