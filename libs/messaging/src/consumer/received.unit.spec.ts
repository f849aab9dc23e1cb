import { encodedType, encodeMessage, stableId, type Message } from '@landfall/contracts';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { sent } from '../fixtures/messages';
import type { AnyStages } from '../handlers/stages';
import { outboxIdHeader, typeHeader, typeOf } from '../kafka/outbox.header';
import { decoded, identityOf, mayWait, received } from './received';

const id = '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02';
const from = (source: string, messageId = id) => identityOf({ source, id: messageId } as Message);

it('identifies a message of our own services by its id', () => {
  expect(from('landfall/subscription')).toBe(id);
  expect(from('landfall/subscription', id.toUpperCase())).toBe(id); // as Postgres gives a uuid back: it would be taken for a duplicate otherwise
});

it('knows a product’s message by source and id, so that it may answer under an id of ours', () => {
  expect(from('fabrikam/crm')).toBe(stableId('message', 'fabrikam/crm', id));
  expect(from('fabrikam/crm', 'order 7')).not.toBe(from('contoso/crm', 'order 7'));
});

describe('what a service ignores', () => {
  const ignoring: AnyStages = { topic: entries, decide: {} };
  const taking = { topic: entries, decide: { [entryAdded.type]: () => undefined } } as unknown as AnyStages;
  const envelope = encodeMessage(sent(entryAdded({ account: 'a', amount: 1 })));
  const spoilt = envelope.replace('"amount":1', '"amount":"one"');

  it('is passed over by the type in its header, unread', () => {
    expect(decoded(ignoring, Buffer.from('no JSON'), entryAdded.type)).toEqual({ kind: 'unknown', type: entryAdded.type });
  });

  it('is passed over by the type in its value where no header says it, and its data is not checked', () => {
    expect(decoded(ignoring, Buffer.from(spoilt))).toEqual({ kind: 'unknown', type: entryAdded.type });
    expect(decoded(taking, Buffer.from(spoilt), entryAdded.type)).toMatchObject({ kind: 'broken' });
    expect(decoded(taking, Buffer.from(envelope), entryAdded.type)).toMatchObject({ kind: 'message' });
  });

  it('is known by a header of our own outbox alone: of another writer the value counts', () => {
    expect(typeOf({ [typeHeader]: Buffer.from('other') })).toBeUndefined();
    expect(typeOf({ [typeHeader]: Buffer.from('ours'), [outboxIdHeader]: Buffer.from('7') })).toBe('ours');
    expect(typeOf({ [outboxIdHeader]: Buffer.from('7') })).toBeUndefined(); // sent before there was this header
  });

  it('is read where the header names a message of another topic, as when a product answers with the headers of what it was asked', () => {
    expect(decoded(taking, Buffer.from(envelope), 'landfall.provisioning.requested.v1')).toMatchObject({ kind: 'message' });
  });

  it('is told by the type that the value has, which the relay finds without reading it', () => {
    expect(encodedType(envelope)).toBe(entryAdded.type);
    expect(encodedType(JSON.stringify({ type: 'a', ...(JSON.parse(envelope) as object) }))).toBeUndefined(); // not as we write it
  });
});

describe('a record', () => {
  const envelope = Buffer.from(encodeMessage(sent(entryAdded({ account: 'a', amount: 1 }))));
  const may = (value: Buffer, author?: AnyStages['mayWait'], decide: object = { [entryAdded.type]: () => undefined }) => {
    const stages = { topic: entries, decide, mayWait: author } as unknown as AnyStages;
    return mayWait(stages, received(stages, { partition: 0, offset: '1', value, kafkaKey: 'a' }, decoded(stages, value)));
  };

  it('waits for others where its author says that nobody waits for it, or where the service ignores it', () => {
    expect(may(envelope, () => true)).toBe(true);
    expect(may(envelope, undefined, {})).toBe(true);
  });

  it('waits for nothing where nobody says so, where its author can not tell, and where it can not be read', () => {
    const failing = () => {
      throw new TypeError('no such version');
    };
    expect([undefined, () => false, failing].map((author) => may(envelope, author))).toEqual([false, false, false]);
    expect(may(Buffer.from('no JSON'), () => true)).toBe(false);
  });
});
