/** What can be told from its form to be personal, as Postgres writes it: values that are encrypted for a service, and e-mail addresses, also escaped. */
const encryptedMember = String.raw`"(encrypted[A-Za-z]*)"\s*:\s*"[^"]*"`;
/** Bounded as an address is: a megabyte without one must not be read a million times. */
const address = String.raw`[^\s"<>@\\]{1,64}(@|\\u0040|%40)[^\s"<>@\\]{1,250}`;
const withoutValue = '"$1":null';
const erased = 'erased';

const everyEncrypted = new RegExp(encryptedMember, 'g');
const everyAddress = new RegExp(address, 'g');

/** A stored message, or any other text, without what is personal in it. The rest of it stays as it was, so that it can still be handled. */
export const withoutPersonalData = (text: string): string => text.replace(everyEncrypted, withoutValue).replace(everyAddress, erased);

/** The same as SQL, for a column of text; null stays null. */
export const withoutPersonalDataSql = (column: string): string =>
  `regexp_replace(regexp_replace(${column}, '${encryptedMember}', '"\\1":null', 'g'), '${address}', '${erased}', 'g')`;
