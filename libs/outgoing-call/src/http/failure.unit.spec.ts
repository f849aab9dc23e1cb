import { failureOf } from './failure';

const call = { host: 'product.example', signal: new AbortController().signal, timeLimitMs: 1_000 };

it.each(['EAI_FAIL', 'EAI_AGAIN', 'ENOTFOUND', 'ESERVFAIL'])('%s is about the name', (code) => {
  expect(failureOf(Object.assign(new Error(), { code }), call)).toMatchObject({ reason: 'name-not-found' });
});

it('tells of a call that was destroyed while it ran that it may have arrived', () => {
  expect(failureOf(Object.assign(new Error(), { code: 'UND_ERR_DESTROYED' }), call)).toMatchObject({ reason: 'connection-cut' });
});
