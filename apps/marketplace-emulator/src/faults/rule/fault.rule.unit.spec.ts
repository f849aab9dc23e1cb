import { faultSchema } from './fault.rule';

const status = { effect: 'status', status: 503 };
const problems = (body: unknown) =>
  (faultSchema.safeParse(body).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');

it('takes one value or several, and writes them in one way', () => {
  expect(faultSchema.parse({ on: { route: 'jwks', method: ['get'] }, do: status })).toEqual({
    on: { route: ['jwks'], method: ['GET'] },
    when: {},
    do: [status],
  });
});

it.each<[unknown, string]>([
  [{}, 'do'],
  [{ do: [] }, 'do'],
  [{ do: { effect: 'explode' } }, 'do.0.effect'],
  [{ do: { effect: 'status' } }, 'do.0.status'],
  [{ do: { ...status, status: 42 } }, 'do.0.status'],
  [{ do: { ...status, headers: { 'content-length': '1' } } }, 'do.0.headers.content-length: belongs to the connection'],
  [{ do: { ...status, headers: { 'x-a': 'b\r\nc: d' } } }, 'do.0.headers.x-a'],
  [{ do: { ...status, body: 'x'.repeat(70_000) } }, 'do.0.body'],
  [{ do: { ...status, body: JSON.parse('['.repeat(30) + ']'.repeat(30)) } }, 'do.0.body'],
  [{ do: [status, status] }, 'status does not go together'],
  [{ do: [status, { effect: 'drop' }] }, 'make a rule of each'],
  [{ on: { surface: 'webhook' }, do: status }, 'status does not happen to webhook'],
  [{ on: { route: 'jwks' }, do: { effect: 'drop' } }, 'drop does not happen to jwks'],
  [{ on: { route: 'everything' }, do: status }, 'on.route.0'],
  [{ on: { path: '/x' }, do: status }, 'path'],
  [{ when: { from: 'tomorrow' }, do: status }, 'PT10M'],
  [{ when: { probability: 2 }, do: status }, 'when.probability'],
  [{ when: { count: 0 }, do: status }, 'when.count'],
])('refuses %j and reports where', (body, where) => {
  expect(problems(body)).toContain(where);
});
