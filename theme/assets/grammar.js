// What of a language's grammar the search needs, all of it on folded words (folding.js). Two words are taken for forms
// of one when they begin alike and each goes on with an ending: `areRelated` below. That needs no list of stems, and an
// ending counts only where the other word has one too: `nalog` ends like `plavog`, but next to `nalogu` it does not.

/**
 * @typedef {object} Grammar
 * @property {RegExp} ending what may follow the part that the forms of a word share
 * @property {(word: string) => string[]} evens a word with the letters alike that change within its forms
 * @property {RegExp} prefix what may stand before a verb's root
 * @property {RegExp} [particle] a whole word that may stand after its verb instead of before it
 * @property {Set<string>} common words that say little of what is sought
 * @property {RegExp} meaning how a query begins that asks what a word means
 */

const set = (words) => new Set(words.trim().split(/\s+/));
const ending = (...parts) => new RegExp(`^(?:${parts.join('|')})?$`);
const change = (word, changes) => changes.reduce((changed, [from, to]) => changed.replace(from, to), word);

// č and ć fold to c, ž to z, š to s: k, g and h change into them (korisnik, korisnici). Written in one letter each,
// as are lj and l, nj and n (promena, promenjen), so that the endings below have no lj, nj, h, c or z.
const SERBIAN_CHANGES = [
  [/lj/g, 'l'], [/nj/g, 'n'], [/c/g, 'k'], [/z/g, 'g'], [/h/g, 's'],
  [/otvar/, 'otvor'], [/gatvar/, 'gatvor'], [/uklan/, 'uklon'], [/odgovar/, 'odgovor'], [/odobrav/, 'odobr'],
  [/plak/, 'plat'], [/prisvak/, 'prisvat'], [/pog(?:ov|v)(?=[aei])/, 'pogiv'], [/vrak/, 'vrat'], [/snab/, 'nab'],
  [/posal/, 'posl'], [/pronak/, 'pronad'],
];
// Croatian and Bosnian customers write promjena, promijeniti for promena, promeniti.
const IJEKAVIAN = /(?<=[bcdgklmprstvz])i?je(?=\w{2})/g;
const SERBIAN_CASE = '(?:a|e|i|o|u|og|oga|om|ome|omu|oj|im|ima|is|em)';
const SERBIAN_TIME = `(?:ti|t|m|s|mo|te|ju|o|la|lo|li|le|v|vsi|j|jte|jmo|n${SERBIAN_CASE}?|k(?:u|es|e|emo|ete))`;

const HUNGARIAN_CASE =
  '(?:[aeo]?t|b[ae]n?|b[oe]l|r[ae]|r[oe]l|[oe]?n|t[oe]l|s?[sz]?[hn][oe]z|n[ae][lk]|[b-df-hj-np-tvz]{1,3}[ae]l|ert|ig|kent|kor|ul|ra|re)';
const HUNGARIAN_OWNER = '(?:[aeo]?[mdk]|j?[ae]|j?[ae]?i[mdk]?|j?[ae]?i?n[kt]|[aeou]?u?nk|j?uk|[aeo]?t[aeo]k|j?[ae]?it[aeo]k|e)';
const HUNGARIAN_NOUN = `(?:[aeo]?k)?${HUNGARIAN_OWNER}?${HUNGARIAN_CASE}?`;
const HUNGARIAN_PARTICLE = '(?:meg|be|ki|le|fel|el|at|vissza|hozza|ra|ujra|ossze|oda|tovabb)';
const HUNGARIAN_PERSON = '(?:[aeo]k|[aeo]m|[aeo]d|[ae]sz|sz|[aeo]l|a|e|i|ik|j?uk|unk|j[ae]k?|[aeo]?t[aeo]k|n[ae]k|on|en|an|[ae])';

const SPANISH_ENCLITICS = '(?:me|te|se|lo|la|le|los|las|les|nos){0,2}';
const SPANISH_CHANGES = [
  [/qu(?=[ei])/g, 'c'], [/gu(?=[ei])/g, 'g'], [/z/g, 'c'],
  [/encuentr/, 'encontr'], [/muestr/, 'mostr'], [/recuerd/, 'record'], [/cierr/, 'cerr'], [/pierd/, 'perd'],
  [/empiec/, 'empec'], [/prueb/, 'prob'], [/vuelv/, 'volv'], [/^pid/, 'ped'], [/^consig/, 'conseg'],
  [/^d(?:oy|a|as|an|amos|i|io|ado|ando)$/, 'dar'], [/^abiert/, 'abrid'], [/^eli[gj]/, 'eleg'], [/transfier/, 'transfer'], [/renuev/, 'renov'],
];

/** @type {Record<string, Grammar>} */
export const GRAMMARS = {
  sr: {
    ending: ending(
      SERBIAN_CASE, 'ama', '[oe]v(?:i|a|e|ima)', `i?j(?:a|e|i|u|em|om|ama)`, `(?:n|sk)${SERBIAN_CASE}`, '[ai]n', 'ost|osti',
      `[jl]?(?:[aieu]|je|ja|aje|[oiae]va|[oiea]?v?uje|uju?|n[uei])${SERBIAN_TIME}?`,
    ),
    evens(word) {
      const evens = [word, word.replace(IJEKAVIAN, 'e')].map((one) => change(one, SERBIAN_CHANGES));
      // An a comes and goes: lozinka, of many lozinaka; podatak, podaci.
      const without = evens.map((even) => even.replace(/([^aeiou])a([^aeiou])a?$/, '$1$2').replace(/[td]k$/, 'k'));
      return [...new Set([...evens, ...without])];
    },
    prefix: /^(?:pro|iz|is|za|po|pod|o|ob|u|na|pri|raz|ras|s|do|od|pre|ne)(?=.{5})/,
    meaning: /^sta (?:je|su|znac\w*) /,
    common: set(`a ali ako bi bez bih bio bila bismo ce cemo cu da de do dok ga gde hocu hteo htela htedoh i ili im imam ima iz ja
      je jedan jedno jednu joj jos kad kada kako kakav kao ko koja koje koji koju kroz li me meni mi moci moj moja moje
      moju mojoj mog mom moze mozete mozemo mogu mora moram na nad nam nas ne nece necu neki neko nekoga nema nemam ni nije nisam
      no o od ona one oni ovaj ova ovo po pod posto pre preko pri prilikom radi s sa sam samo se si smo ste sta sto su sad sada
      svoj svoja svoje svoju svom svog ta taj te ti to toga treba trebam trebalo u uopste uz va vam vas vase vasa vasu vec vi
      za zasto zelim zeleo zelela zanima nadem pronadem nalazi nacin nov nova nove novi novo novu novog novom novoj uradim uradi radim nesto nikako opet molim pomoc sve svi koliko
      dan dana danas juce dobar zdravo pozdrav postovani hvala dva dve dvije biti bilo imate imamo nemamo hocemo zelimo mojim mojih mojem vasim vasem gdje dali nemogu
      netko tko nekom nekome`),
  },
  hu: {
    ending: ending(
      HUNGARIAN_NOUN, `[aeo]?s${HUNGARIAN_NOUN}`, `[ae]s${HUNGARIAN_NOUN}`, `[oe]?${HUNGARIAN_NOUN}`, 'u', `[ae]?t?l[ae]n(?:ul)?`,
      `(?:(?:[aeo]?[tl][ae]?)?h[ae]t)?${HUNGARIAN_PERSON}`, '(?:h[ae]t)?[ae]?ni(?:e|uk|a)?', '[ae]?n[eao](?:m|d|k|nk)',
      `[oe]?tt?${HUNGARIAN_PERSON}?`, `[aeo]?bb${HUNGARIAN_NOUN}`, `h[ae]t(?:o|n[ae]k|j?[ae]|unk|t[ae]k|s?z)?${HUNGARIAN_PERSON}?`, `[ae]?n[ae]${HUNGARIAN_PERSON}?`,
      `(?:j|s|ss|z|zz|gy|ts)${HUNGARIAN_PERSON}?`, `o${HUNGARIAN_NOUN}`, 'v[ae]', `s[ae]g${HUNGARIAN_NOUN}`, `t[ae]t(?:[ae]s|o|ni)${HUNGARIAN_NOUN}`,
    ),
    evens(word) {
      const even = word.replace(/szav/, 'szo').replace(/nyiss/, 'nyit').replace(/torol/, 'torl');
      // A vowel comes and goes: töröl, törlés; kérelem, kérelmek; dolog, dolgok.
      const without = even.replace(/([^aeiou])[oe]([lmg])$/, '$1$2');
      return even === without ? [even] : [even, without];
    },
    prefix: new RegExp(`^${HUNGARIAN_PARTICLE}(?=.{4})`),
    particle: new RegExp(`^${HUNGARIAN_PARTICLE}$`),
    meaning: /^(?:mi az?|mit jelent|mit ertenek) /,
    common: set(`a az azt abba abban ahhoz aki amely amit ami at azon be csak de e egy egyik el en es ez ezt fel ha hol hova hogy hogyan
      honnan is itt ki kell kellene keresztul kene kerem koszonom lehet lehetne lesz ezek azok le ma majd mar meg melyik mely mennyi
      mert mi miert mikor milyen mindig mit mivel most ne nekem nelkul nem nincs on onnek oda ott s saját sajat sem
      senki szabad szeretnek szeretnem szeretne szukseges tudok tudom tudni tud tudnek tudnam tudja tovabb ugy utan uj vagy vagyok van
      vannak volna volt hozza rajta tehetek tehetem tehetnek onok onoket onoknek onoknel onokkel onoktol kozott kozul alatt mellett valami valaki valakit valakinek valakivel akarok akarom modon mikent csinaljak tegyek teendo talalom talalhato erdekel`),
  },
  es: {
    ending: ending(
      '[aeo]?s?', '[ae]n', `[aei]r${SPANISH_ENCLITICS}`, `(?:a|ie?|ye)?ndo${SPANISH_ENCLITICS}`, '[ai]d[ao]s?', `[aeo]n?${SPANISH_ENCLITICS}`,
      '[aei]mos', '[ae]is', 'aste|aron|iste|ieron|io', '(?:ab|i)a(?:s|n|mos)?', '[aei]r(?:e|as|a|emos|an|ia|ias|ian|iamos)',
      '(?:a|ie)(?:ra|se)(?:s|n|mos)?', '[ai]?cion(?:es)?', '[ai]?mientos?', '[ao]?mente', '[aei]?dor(?:a|es|as)?', '[ai]?bles?',
      '[aei]?ntes?', '[ai]?dad(?:es)?', 'itos?|itas?', 'ncias?', '(?:me|te|se|lo|la|le|los|las|les|nos){1,2}',
    ),
    evens: (word) => [change(word, SPANISH_CHANGES)],
    prefix: /^(?:re|des|a|en)(?=.{4})/,
    meaning: /^(?:que (?:es|son|significa\w*)|significado de) /,
    common: set(`a al algo alguien algun alguna ante aqui asi aun cada como con cual cuales cuando cuanto de debo debe deberia del desde
      donde e el ella en encontrar encuentro es esa ese eso esta estan estar estoy este esto fue gracias ha hace hacer hacerlo hago han hasta hay he la
      las le les lo los mas me mi mis muy necesito no nos o otra otro para pero pide por porque posible puede pueden podria podemos puedo que
      quien quiero quisiera saber se sea ser si sin sobre solo son soy su sus tan tengo tiene tener tu tus un una uno unos usted y ya yo favor manera
      nuevo nueva nuevos nuevas vez querer quiere quieren queremos queria puedes pudo tenemos tienen tenia hacen hice hemos habia estaba
      nosotros nuestro nuestra nuestros nuestras hola buenas buenos porfa ahora tambien poner pongo`),
  },
};

const LEAST_SHARED = 3;
const LONGEST_ENDING = 12;
const LEAST_STEM = 5;

/** Whether two folded words are forms of one. @param {Grammar} grammar */
export const areRelated = (grammar, one, other) => likeness(grammar, one, other) > 0;

/** How much of the shorter of two forms of one word both share, or 0 where they are no forms of one. @param {Grammar} grammar */
export function likeness(grammar, one, other) {
  return Math.max(...grammar.evens(one).flatMap((a) => grammar.evens(other).map((b) => shareOf(grammar, a, b))));
}

function shareOf({ ending }, one, other) {
  let shared = 0;
  while (shared < one.length && one[shared] === other[shared]) shared += 1;
  const least = Math.max(LEAST_SHARED, one.length - LONGEST_ENDING, other.length - LONGEST_ENDING);
  for (let at = shared; at >= least; at -= 1) {
    if (ending.test(one.slice(at)) && ending.test(other.slice(at))) return shared / Math.min(one.length, other.length);
  }
  return 0;
}

/** A word without what may stand before its root, where enough is left of it. @param {Grammar} grammar */
export const withoutPrefix = (grammar, word) => word.replace(grammar.prefix, '');

/** A word without its longest ending, where enough letters are left of it. @param {Grammar} grammar */
export function withoutEnding({ ending }, word) {
  for (let at = LEAST_STEM; at < word.length; at += 1) {
    if (ending.test(word.slice(at))) return word.slice(0, at);
  }
  return word;
}
