import { connect, type AddressInfo } from 'node:net';
import { createServer } from './server';

it('answers 408 to a request that does not come to its end, and closes the connection', async () => {
  const server = createServer(() => {});
  server.post('/', () => ({}));
  await server.listen({ port: 0, host: '127.0.0.1' });
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1', () =>
      socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'),
    );
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
  });
  await server.close();
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
});
