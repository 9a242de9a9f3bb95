// Home, signed in: what wants attention, each line a way to the form that mends it.

import { TAG, session } from './session.js';

const AGES = [['day', 86_400], ['hour', 3_600], ['minute', 60]];

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

  /** @param {{kind: string, count: number, since: string | null, about: string | null}} item */
  function line({ kind, count, since, about }) {
    const template = section.querySelector(`template[data-kind="${kind}"]`);
    if (!template) return [];
    const { one, several } = template.dataset;
    const item = card.filled(template, {
      what: count > 1 ? several.replace('{count}', count) : one,
      about: about ?? '',
      since: since ? age(since) : '',
    }).firstElementChild;
    if (since) item.querySelector('time')?.setAttribute('datetime', since);
    return [item];
  }

  return {
    opened() {
      const told = session.me.attention;
      if (!told) return;
      const nothing = section.querySelector('template[data-kind=nothing]');
      list.replaceChildren(...(told.length ? told.flatMap(line) : [nothing.content.cloneNode(true)]));
    },
    closed: () => list.replaceChildren(),
  };
}
