import { z } from 'zod';
import { defineMessage, defineTopic, topicNameOf } from './message';

const seen = defineMessage('landfall.spec.seen.v1', z.object({ subscriptionId: z.string() }));

describe('defineMessage', () => {
  it('takes the key from the field that it names', () => {
    const opened = defineMessage('landfall.spec.opened.v1', z.object({ purchaseId: z.string() }), 'purchaseId');
    expect(opened({ purchaseId: 'p' })).toEqual({ type: 'landfall.spec.opened.v1', key: 'p', data: { purchaseId: 'p' } });
    expect(seen({ subscriptionId: 's' }, { sequence: 3 })).toMatchObject({ key: 's', sequence: 3 });
  });

  it.each(['landfall.spec.seen', 'landfall.Spec.seen.v1', 'fabrikam.spec.seen.v1', 'landfall.spec.seen.v0'])(
    'refuses the type %s',
    (type) => {
      expect(() => defineMessage(type, z.object({ subscriptionId: z.string() }))).toThrow('is not a message type');
    },
  );
});

describe('defineTopic', () => {
  it('refuses a message that another topic carries already', () => {
    defineTopic('landfall.spec.first.v1', [seen]);
    expect(() => defineTopic('landfall.spec.second.v1', [seen])).toThrow(
      'landfall.spec.seen.v1 is already carried by landfall.spec.first.v1',
    );
    expect(topicNameOf(seen.type)).toBe('landfall.spec.first.v1');
  });

  it('is needed for every message: one that no topic carries has nowhere to go', () => {
    expect(() => topicNameOf('landfall.spec.forgotten.v1')).toThrow('No topic carries landfall.spec.forgotten.v1');
  });
});
