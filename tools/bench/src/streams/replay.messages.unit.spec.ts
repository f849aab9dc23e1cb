import { decodeMessage, fulfillmentEvents, partitionOf } from '@landfall/contracts';
import { laptopPartitions } from '@landfall/local';
import { Orders } from '../rounds/orders';
import { ReplayMessages } from './replay.messages';

it('a replay is made of messages that the contract allows, in the order of Microsoft’s clock for each subscription', () => {
  const [orders, messages] = [new Orders(3), new ReplayMessages()];
  const prepared = [...messages.of(orders.facts(3)), ...messages.of(orders.facts(3))];
  const read = prepared.map(({ value }) => decodeMessage(fulfillmentEvents, value));
  const data = read.map((decoded) => (decoded.kind === 'message' ? decoded.message.data : decoded)) as {
    action: string;
    timeStamp: string;
    read: { snapshot: { status: string }; readNo: number };
  }[];
  expect(read.map(({ kind }) => kind)).toEqual(prepared.map(() => 'message'));
  expect(data.map(({ action, read: { snapshot } }) => [action, snapshot.status])).toEqual([
    ...[1, 2, 3].map(() => ['Suspend', 'Suspended']),
    ...[1, 2, 3].map(() => ['Reinstate', 'Subscribed']),
  ]);
  for (const place of [0, 1, 2]) expect(Date.parse(data[place + 3]!.timeStamp)).toBeGreaterThan(Date.parse(data[place]!.timeStamp));
  expect(data.map((one) => one.read.readNo)).toEqual(data.map((_, place) => data[0]!.read.readNo + place));
  expect(prepared.every(({ key, partition }) => partition === partitionOf(key, laptopPartitions))).toBe(true);
});
