import { wordsOfEndpoints, wordsOfOurs, wordsOfPostgres, wordsOfServices, wordsOfTypeScript } from './reserved.words.mjs';
import { areTakenInTemplates } from './template.identifiers.mjs';

/** The name is a database schema, a part of message types and of the database role, all of which are written without quotes. */
const serviceName = /^[a-z]{2,30}$/;
const nounName = /^[a-z]{2,30}(-[a-z]{2,30}){0,2}$/;

const notForNouns = [...wordsOfEndpoints, ...wordsOfServices, ...wordsOfTypeScript, ...wordsOfPostgres];

/**
 * Why a service can't have this name, as a sentence; undefined where it can. `applications` are all names that `services.json` lists, `packages` those of
 * the folders below `libs` and `tools`: all of them are packages `@landfall/<name>`.
 */
export function whyNotService(name, { applications, packages }) {
  if (applications.includes(name)) return `There is an application "${name}" already: apps/${name}.`;
  if (!serviceName.test(name))
    return `"${name}" can't name a service: write one word of 2 to 30 lower case letters, such as "notifications".`;
  if (packages.includes(name)) return `"${name}" can't name a service: the package @landfall/${name} is something else.`;
  if (wordsOfPostgres.includes(name) || name.startsWith('pg')) return `"${name}" can't name a service: Postgres keeps the word for itself.`;
  if (wordsOfOurs.includes(name)) return `"${name}" can't name a service: the word is reserved. Name it by what it owns.`;
  return undefined;
}

/** Why a service can't keep something of this name; undefined where it can. */
export function whyNotNoun(noun) {
  if (!nounName.test(noun))
    return `"${noun}" can't name what the service keeps: write a noun in the singular, in lower case letters, such as "usage-hour".`;
  if (notForNouns.includes(noun) || areTakenInTemplates(formsOf(noun)))
    return `"${noun}" can't name what the service keeps: the word is reserved.`;
  return undefined;
}

/** A noun in the forms that files, tables and classes need. */
export function formsOf(noun) {
  const words = noun.split('-');
  const pascal = words.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
  const nouns = pluralOf(noun);
  const pascals = pluralOf(pascal);
  return {
    noun,
    nouns,
    /** `usage_hours`, the table. */
    table: nouns.replaceAll('-', '_'),
    /** `UsageHour`, `UsageHours`. */
    Noun: pascal,
    Nouns: pascals,
    /** `usageHour`, `usageHours`. */
    one: pascal[0].toLowerCase() + pascal.slice(1),
    many: pascals[0].toLowerCase() + pascals.slice(1),
    /** `usage hour`, in a sentence. */
    text: words.join(' '),
    article: /^[aeio]/.test(noun) ? 'an' : 'a',
  };
}

function pluralOf(noun) {
  if (/[^aeiou]y$/.test(noun)) return noun.replace(/y$/, 'ies');
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
