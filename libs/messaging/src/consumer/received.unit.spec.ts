import { stableId, type Message } from '@landfall/contracts';
import { identityOf } from './received';

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
