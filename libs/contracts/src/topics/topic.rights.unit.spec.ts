import { rightsAsCommands, topicRights } from './topic.rights';

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
