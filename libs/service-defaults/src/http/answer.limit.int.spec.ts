import { setTimeout as wait } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { answerInTime, answerWithin, NotAnsweredInTime } from './answer.limit';

const LIMIT_MS = 300;
const never = () => new Promise<string>(() => undefined);

let server: FastifyInstance;
let handle: (reply: FastifyReply) => Promise<string>;
let answered: FastifyReply;
const failures: unknown[] = [];
beforeAll(async () => {
  server = fastify();
  answerInTime(server, LIMIT_MS);
  server.setErrorHandler((error, _request, reply) => {
    failures.push(error);
    void reply.status(503).send();
  });
  server.get('/', (_request, reply) => {
    answered = reply;
    return handle(reply);
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => void failures.splice(0));
afterAll(() => server.close());

async function answerOf(handler: (reply: FastifyReply) => Promise<string>): Promise<[number, string]> {
  handle = handler;
  const answer = await fetch(server.listeningOrigin);
  return [answer.status, await answer.text()];
}

it('answers for a handler that hangs', async () => {
  expect(await answerOf(never)).toEqual([503, '']);
  expect(failures).toEqual([expect.any(NotAnsweredInTime)]);
});

it('waits longer for a handler that says so, and for that answer alone', async () => {
  const patient = async (reply: FastifyReply) => {
    answerWithin(reply, 60_000);
    await wait(LIMIT_MS * 2);
    return 'late';
  };
  expect(await answerOf(patient)).toEqual([200, 'late']);
  expect(await answerOf(never)).toEqual([503, '']);
});

it('answers for a handler that hangs for longer than it said', async () => {
  const wrong = (reply: FastifyReply) => {
    answerWithin(reply, LIMIT_MS * 2);
    return never();
  };
  expect(await answerOf(wrong)).toEqual([503, '']);
  expect(failures).toEqual([expect.objectContaining({ message: `not answered within ${LIMIT_MS * 2} ms`, retriable: true })]);
});

it('takes the last word of a handler, a shorter one too', async () => {
  const changing = (reply: FastifyReply) => {
    for (const limitMs of [60_000, 0]) answerWithin(reply, limitMs);
    return never();
  };
  expect(await answerOf(changing)).toEqual([503, '']);
  expect(failures).toEqual([expect.objectContaining({ message: 'not answered within 0 ms' })]);
});

it('passes over what a handler says once it is answered, or where answers have no limit', async () => {
  expect(await answerOf(never)).toEqual([503, '']);
  answerWithin(answered, 0);
  answerWithin({ raw: {} as FastifyReply['raw'] }, 0);
  await wait(50);
  expect(failures).toHaveLength(1);
});
