import { isWebhook, plainUrl } from './plain-url';

it.each([
  ...[
    '/webhook',
    '//webhook',
    '/webhook/',
    '/Webhook',
    '/WEBHOOK//',
    '/%77ebhook',
    '/./webhook',
    '/x/../webhook',
    'http://example.org/webhook',
  ],
  ...['HTTPS://example.org:8443//webhook', '/webhook%2F'],
])('%s is the webhook', (url) => {
  expect([plainUrl(url), isWebhook(url)]).toEqual(['/webhook', true]);
});

it.each([
  ['//Webhook/contoso', '/webhook/contoso'],
  ['/webhook?code=a/../b%20c?d', '/webhook?code=a/../b%20c?d'],
  ['http://example.org/webhook?x=1', '/webhook?x=1'],
  [`/webhook/${'x'.repeat(5_000)}`, '/webhook/_'],
  ['/webhook/a/b', '/webhook/_'],
  ['/webhook/a%00', '/webhook/_'],
  ['/webhook/%', '/webhook/_'],
  ['//Landing?token=a%2Bb', '/landing?token=a%2Bb'],
  ['/landing/Contoso/?token=A?b', '/landing/contoso?token=A?b'],
])('%s is read as %s', (url, plain) => {
  expect(plainUrl(url)).toBe(plain);
});

it.each([
  '/',
  '',
  '*',
  '/webhooks',
  '/webhook.php',
  '/purchase/webhook',
  '/signin?x=/webhook',
  '/webhoo%',
  'http://webhook/',
  '/%77ebhook%zz',
])('%s stays as it is', (url) => {
  expect([plainUrl(url), isWebhook(url)]).toEqual([url, false]);
});
