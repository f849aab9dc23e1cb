import { aCall, outgoingCalls } from './fixtures/calls.fixture';
import { FakeProduct, hang, hold } from './fixtures/fake.product';

const clientFor = outgoingCalls();
let product: FakeProduct;
let host: string;
let url: string;

beforeEach(async () => {
  product = await FakeProduct.start();
  host = `127.0.0.1:${product.port}`;
  url = `http://${host}/may-change`;
});
afterEach(() => product.stop());

const received = async () => {
  while (product.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
};

it('sends nothing after close, and lets what runs end before', async () => {
  const { reply, release } = hold();
  product.replies = [reply];
  const calls = clientFor([host]);
  const running = calls.ask(aCall(url));
  await received();
  const closed = calls.close();
  release();
  expect(await running).toMatchObject({ kind: 'answered' });
  await closed;
  expect(await calls.ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'not-sent' });
});

it('cuts what has not ended five seconds after close, and says that it may have arrived', async () => {
  product.replies = [hang];
  const calls = clientFor([host]);
  const running = calls.ask(aCall(url, { timeLimitMs: 60_000 }));
  await received();
  const closed = calls.close();
  expect(await running).toEqual({ kind: 'unanswered', reason: 'connection-cut', detail: expect.stringContaining('this service stops') });
  await closed;
  expect(await calls.ask(aCall(url))).toMatchObject({ kind: 'unanswered', reason: 'not-sent' });
});
