import { copiesOf } from './copies';

const services = ['gateway', 'fulfillment', 'subscription'];

describe('the copies of services', () => {
  it('are one of each, called as the service is, unless COPIES says otherwise', () => {
    expect(copiesOf(services, {}).map(({ name, instance }) => [name, instance])).toEqual([
      ['gateway', 'gateway-1'],
      ['fulfillment', 'fulfillment-1'],
      ['subscription', 'subscription-1'],
    ]);
  });

  it('have names of their own, and clocks that are as wrong as CLOCK_SKEW says', () => {
    const env = {
      COPIES: 'fulfillment:3, subscription:2',
      CLOCK_SKEW: 'fulfillment-2:+45s,fulfillment-3:-45s,subscription-1:-200ms,gateway:+1m',
    };
    expect(copiesOf(services, env).map(({ name, service, instance, skewMs }) => [name, service, instance, skewMs])).toEqual([
      ['gateway', 'gateway', 'gateway-1', 60_000],
      ['fulfillment', 'fulfillment', 'fulfillment-1', 0],
      ['fulfillment-2', 'fulfillment', 'fulfillment-2', 45_000],
      ['fulfillment-3', 'fulfillment', 'fulfillment-3', -45_000],
      ['subscription', 'subscription', 'subscription-1', -200],
      ['subscription-2', 'subscription', 'subscription-2', 0],
    ]);
  });

  it.each([
    [{ COPIES: 'fulfilment:3' }, 'COPIES names "fulfilment", and there is only gateway, fulfillment, subscription.'],
    [
      { COPIES: 'fulfillment:0' },
      'COPIES can\'t be read at "fulfillment:0": it is a service and how many of it run, 1 to 9, such as fulfillment:3.',
    ],
    [{ COPIES: 'fulfillment' }, /COPIES can't be read at "fulfillment"/],
    [{ COPIES: 'fulfillment:10' }, /COPIES can't be read/],
    [{ CLOCK_SKEW: 'fulfillment-2:+45s' }, /CLOCK_SKEW names "fulfillment-2", and there is only gateway, gateway-1, fulfillment/],
    [{ CLOCK_SKEW: 'fulfillment:45' }, /CLOCK_SKEW can't be read at "fulfillment:45": it is a copy and how far its clock is off/],
  ])('are refused with one sentence where a setting is wrong: %j', (env, message) => {
    expect(() => copiesOf(services, env)).toThrow(message);
  });
});
