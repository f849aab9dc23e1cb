import { posix } from 'node:path';

/** The addresses that are written down in Partner Center, by people: Microsoft then uses them as they stand there (contract 4.1, 5.5). */
const ROUTES = ['webhook', 'landing'];
const NAME_LENGTH = 100;
/** Takes the place of a name that can't be one of a registration: what came to it is answered as for any unknown one. */
const NO_NAME = '_';
const ABSOLUTE = /^https?:\/\/[^/?#]*/i;

/**
 * The address of the webhook or of a landing in its plain spelling, other addresses as they are. `//webhook`, `/Webhook/`, `/%77ebhook` and a
 * target with scheme and host are the same address, `/webhook/Contoso` that of `contoso`, and a name that is too long is none: a router would answer each of them 404 or 414,
 * which Microsoft takes for the refusal of an order. The query stays as it came.
 */
export function plainUrl(url: string): string {
  if (url === '/webhook') return url; // nearly always
  const [target = '', ...queries] = url.replace(ABSOLUTE, '').split('?');
  const [, route = '', ...names] = posix.normalize(`/${decoded(target)}`).split('/');
  if (!ROUTES.includes(route.toLowerCase())) return url;
  const name = names
    .filter((part) => part !== '')
    .join('/')
    .toLowerCase();
  const path = name === '' ? '' : `/${/^[\w.-]+$/.test(name) && name.length <= NAME_LENGTH ? name : NO_NAME}`;
  return ['/' + route.toLowerCase() + path, ...queries].join('?');
}

/** Whether the address is the webhook's, in any spelling. */
export const isWebhook = (url: string | undefined): boolean => /^\/webhook(?:[/?]|$)/.test(plainUrl(url ?? ''));

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a cut encoding is nobody's spelling of our addresses
  }
}
