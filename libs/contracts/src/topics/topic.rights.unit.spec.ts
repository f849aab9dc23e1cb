import { productRights, rightsAsCommands, topicRights } from './topic.rights';

const rights = topicRights();
const of = (login: string, operation: string) =>
  rights.filter((right) => right.login === login && right.operations.includes(operation as 'Read')).map(({ name }) => name);

it('lets a service write its own topics alone, read what it is told of, and form its own groups', () => {
  expect(of('gateway', 'Write')).toEqual(['landfall.gateway.events.v1']);
  expect(of('provisioning', 'Read')).toEqual([
    'landfall.subscription.decisions.v1',
    'landfall.subscription.events.v1',
    'landfall.provisioning.replies.v1',
    'landfall.provisioning.',
  ]);
});

it('lets whoever writes a compacted topic read it back', () => {
  expect(of('subscription', 'Read')).toContain('landfall.subscription.snapshots.v1');
});

it('lets no service make a topic, and who makes them read none', () => {
  expect(rights.filter(({ operations }) => operations.includes('Create')).map(({ login }) => login)).toEqual(['topics']);
  expect(of('topics', 'Read')).toEqual([]);
});

it('prints commands of the tool that Kafka brings', () => {
  expect(rightsAsCommands(rights, 'User:CN={login}.landfall')).toContain(
    `kafka-acls.sh --bootstrap-server "$KAFKA_BROKERS" --command-config admin.properties --add --allow-principal 'User:CN=fulfillment.landfall' --operation Write --operation Describe --topic 'landfall.fulfillment.events.v1'`,
  );
});

it('lets a product read what is public, write what products write, and form groups of its own name', () => {
  const namesOf = (operation: string) =>
    productRights('shop')
      .filter(({ operations }) => operations.includes(operation as 'Read'))
      .map(({ name }) => name);
  expect(namesOf('Read')).toEqual([
    'landfall.subscription.events.v1',
    'landfall.subscription.snapshots.v1',
    'landfall.provisioning.requests.v1',
    'landfall.billing.events.v1',
    'shop',
  ]);
  expect(namesOf('Write')).toEqual(['landfall.provisioning.replies.v1', 'landfall.usage.v1']);
  expect(rightsAsCommands(productRights('shop'), 'User:{login}').at(-1)).toContain(
    "'User:shop' --operation Read --operation Describe --group 'shop'",
  );
});

it.each(['landfall.shop', 'landfall.', 'landfall', 'land', '', "shop' --cluster", 'a b'])(
  'no groups of a product begin with %j',
  (name) => {
    expect(() => productRights(name)).toThrow(RangeError);
  },
);
