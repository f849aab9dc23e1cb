import type { Rule } from '../../rule';

/** About addresses that others name, and that a publisher must not trust. */

export const tokenToForeignHost: Rule = {
  id: 'token-to-foreign-host',
  section: '3.1.4',
  severity: 'breach',
  title: 'Link followed with the token to a foreign host',
  asks: "Send access tokens to Microsoft's hosts alone, whatever a link says.",
  leadsTo: 'Whoever can put an address into an answer gets a token with which all of your customers can be changed.',
  instead:
    'Compare scheme and host of @nextLink and Operation-Location with a list of your own, or take the continuation token or the operation id out of them.',
  watch: () => ({
    'trap-visited': ({ trap, method, path, hadToken }) =>
      trap === 'foreign-link' && hadToken
        ? { subject: path, done: `${method} ${path} came with an access token to a host that is not Microsoft's.` }
        : undefined,
  }),
};

export const keyAddressFollowed: Rule = {
  id: 'key-address-followed',
  section: '2.3',
  severity: 'breach',
  title: 'Keys fetched from where a token said',
  asks: 'Take keys from the metadata of your own tenant alone; never follow jku or x5u.',
  leadsTo: 'Anybody can sign webhooks by a key of their own, and make your server call addresses of their choice.',
  instead: 'Configure the tenant, read its metadata, and ignore every address and key that stands in the header of a token.',
  watch: () => ({
    'trap-visited': ({ trap, method, path }) =>
      trap === 'foreign-keys'
        ? { subject: path, done: `${method} ${path} was called, to which nothing but a forged token leads.` }
        : undefined,
  }),
};
