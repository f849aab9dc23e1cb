import { publisherNames, publisherOf, registrationsSetting } from './publishers';

const addresses = { landingUrl: 'http://localhost:1/landing', webhookUrl: 'http://127.0.0.1:1/webhook' };

it('reads the names of the publishers that are to be made', () => {
  expect(publisherNames({})).toEqual([]);
  expect(publisherNames({ PUBLISHERS: ' tailspin, wingtip-2,' })).toEqual(['tailspin', 'wingtip-2']);
});

it.each([
  ['no name of a registration', { PUBLISHERS: 'tailspin,Wing/tip' }, /at "Wing\/tip"/],
  ['one twice', { PUBLISHERS: 'tailspin,tailspin' }, /at "tailspin"/],
  ['the one that is there anyway', { PUBLISHERS: 'default' }, /at "default"/],
  ['too many', { PUBLISHERS: 'a,b,c,d,e,f,g,h,i,j' }, /10 names: 9 at most/],
  ['some beside a list', { PUBLISHERS: 'tailspin', REGISTRATIONS: '[]' }, /set one of them/],
  ['some without the emulator', { PUBLISHERS: 'tailspin', MARKETPLACE_API_URL: 'https://example.org/api' }, /list them in REGISTRATIONS/],
])('refuses %s', (_case, env, problem) => expect(() => publisherNames(env)).toThrow(problem));

it('gives each publisher ids and addresses of its own, the same at every start', () => {
  const [tailspin, again, wingtip] = [
    publisherOf('tailspin', addresses),
    publisherOf('tailspin', addresses),
    publisherOf('wingtip', addresses),
  ];
  expect(again).toEqual(tailspin);
  expect(tailspin).toMatchObject({
    offerId: 'tailspin-team',
    landingUrl: 'http://localhost:1/landing/tailspin',
    webhookUrl: 'http://127.0.0.1:1/webhook/tailspin',
  });
  const ids = [tailspin, wingtip].flatMap(({ tenantId, clientId }) => [tenantId, clientId]);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('tells the services where the secrets lie, and no secret', () => {
  const { tenantId, clientId } = publisherOf('tailspin', addresses);
  expect(registrationsSetting([publisherOf('tailspin', addresses)], '/data/publishers')).toEqual([
    { name: 'tailspin', tenantId, clientId, clientSecretFile: '/data/publishers/tailspin.secret' },
  ]);
});
