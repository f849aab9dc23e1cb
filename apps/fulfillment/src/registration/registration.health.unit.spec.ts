import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { RegistrationHealth } from './registration.health';

const waiting = (ms: number) => ({ perSecond: null, waitingMs: { reading: ms } });
const client = (endpoints: string[]) => ({
  breaker: { isOpen: endpoints.length > 0, state: 'open' as const, opensAgainInMs: 0, endpoints },
  budgets: { general: { perSecond: 12.5, waitingMs: { reading: 1_500 } }, purchases: { ...waiting(0), waitingMs: { purchase: 0 } } },
});
const valueOf = async (line: string) => (await register.metrics()).split('\n').find((shown) => shown.startsWith(line));

it('tells an outage once, whatever it concerns, and its end', async () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  const log = jest.spyOn(Logger.prototype, 'log').mockImplementation();
  const health = new RegistrationHealth();
  let keptBack: string[] = [];
  health.watch('contoso', {
    budgets: client([]).budgets,
    get breaker() {
      return client(keptBack).breaker;
    },
  });
  health.watch('fabrikam', client([]));
  const change = (endpoint: string, isOpen: boolean) => {
    keptBack = keptBack.filter((one) => one !== endpoint).concat(isOpen ? [endpoint] : []);
    health.changed('contoso', { endpoint, isOpen });
  };
  expect(await valueOf('marketplace_outages_total{registration="contoso"}')).toMatch(/ 0$/);
  for (const endpoint of ['GET /a', 'GET /b', 'connection']) change(endpoint, true);
  change('GET /a', false);
  change('GET /a', true);
  expect([error.mock.calls.length, log.mock.calls.length]).toEqual([1, 0]);
  for (const endpoint of ['GET /a', 'GET /b', 'connection']) change(endpoint, false);
  expect([error.mock.calls.length, log.mock.calls.length]).toEqual([1, 1]);
  expect(await valueOf('marketplace_outages_total{registration="contoso"}')).toMatch(/ 1$/);
  expect(await valueOf('marketplace_outages_total{registration="fabrikam"}')).toMatch(/ 0$/);

  change('DELETE /c', true);
  keptBack = []; // nobody asked for it again, and its client has forgotten it
  change('GET /a', true);
  expect([error.mock.calls.length, await valueOf('marketplace_outages_total{registration="contoso"}')]).toEqual([
    3,
    expect.stringMatching(/ 3$/),
  ]);
});

it('shows what is kept back, the pace, and how long calls wait', async () => {
  new RegistrationHealth().watch('contoso', client(['GET /a', 'GET /b']));
  const labels = 'registration="contoso"';
  expect(await valueOf(`marketplace_endpoints_kept_back{${labels}}`)).toMatch(/ 2$/);
  expect(await valueOf(`marketplace_pace_calls_per_second{${labels},budget="general"}`)).toMatch(/ 12.5$/);
  expect(await valueOf(`marketplace_pace_calls_per_second{${labels},budget="purchases"}`)).toMatch(/ 0$/);
  expect(await valueOf(`marketplace_oldest_waiting_call_seconds{${labels},purpose="reading"}`)).toMatch(/ 1.5$/);
});

it('tells of links that were not followed, and to which host they lead', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const health = new RegistrationHealth();
  health.watch('links', client([]));
  health.linkRefused('links', { kind: '@nextLink', host: 'other.example' });
  expect(warn).toHaveBeenCalledWith(expect.objectContaining({ host: 'other.example' }), expect.stringContaining('MARKETPLACE_LINK_HOSTS'));
  expect(await valueOf('marketplace_links_refused_total{registration="links",link="@nextLink"}')).toMatch(/ 1$/);
  expect(await valueOf('marketplace_links_refused_total{registration="links",link="Operation-Location"}')).toMatch(/ 0$/);
});
