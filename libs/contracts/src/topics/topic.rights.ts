import type { Topic } from '../message';
import { topics } from './topics';

/** What one login may do at the brokers: nothing else is needed. */
export interface Right {
  /** A service, `topics` (the program that makes them), or a product. */
  readonly login: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  /** Whatever begins with the name. */
  readonly isPrefix: boolean;
  readonly operations: readonly ('Read' | 'Write' | 'Describe' | 'Create' | 'DescribeConfigs')[];
}

/** What every Kafka group of the services begins with, so that they are told from the groups of others at the same brokers. */
export const groupPrefix = 'landfall.';

/**
 * The Kafka group of a consumer.
 * @param consumer `<service>.<topic>`
 */
export const groupOf = (consumer: string): string => `${groupPrefix}${consumer}`;

/** The login of the program that makes and compares topics. */
const maker = 'topics';

/** The rights of all services, and of the program that makes the topics. */
export function topicRights(of: readonly Topic[] = topics): Right[] {
  const services = [...new Set(of.flatMap(({ readers, writers }) => [...readers, ...writers]))].sort();
  const making = {
    login: maker,
    resource: 'topic',
    name: 'landfall.',
    isPrefix: true,
    operations: ['Create', 'Describe', 'DescribeConfigs'],
  } as const;
  return [making, ...services.flatMap((login) => rightsOf(login, of))];
}

function rightsOf(login: string, of: readonly Topic[]): Right[] {
  const written = of.filter(({ writers }) => writers.includes(login));
  // whoever writes a compacted topic reads it back, for what a frozen copy may have written late
  const read = of.filter((topic) => topic.readers.includes(login) || (topic.isCompacted && written.includes(topic)));
  const right = (name: string, operation: 'Read' | 'Write'): Right => ({
    login,
    resource: 'topic',
    name,
    isPrefix: false,
    operations: [operation, 'Describe'],
  });
  const group: Right = { login, resource: 'group', name: groupOf(`${login}.`), isPrefix: true, operations: ['Read', 'Describe'] };
  return [
    ...written.map(({ name }) => right(name, 'Write')),
    ...read.map(({ name }) => right(name, 'Read')),
    ...(read.length > 0 ? [group] : []),
  ];
}

/**
 * The rights of a product of the company: to read what is public, to write what products write, and to form groups whose names begin with its own. A product that
 * does less needs fewer.
 * @param product its login
 * @param group what the names of its groups begin with. Throws a RangeError where that could be a group of ours
 */
export function productRights(product: string, group = product, of: readonly Topic[] = topics): Right[] {
  if (!/^[\w.-]{1,200}$/.test(group) || group.startsWith(groupPrefix) || groupPrefix.startsWith(group))
    throw new RangeError(
      `No groups of a product begin with '${group}': that has letters, digits, '.', '_' and '-', and groups that begin with '${groupPrefix}' are Landfall's. Choose another name`,
    );
  const rights = of
    .filter(({ isPublic }) => isPublic)
    .map(({ name, writers }): Right => {
      const operation = writers.length > 0 ? 'Read' : 'Write';
      return { login: product, resource: 'topic', name, isPrefix: false, operations: [operation, 'Describe'] };
    });
  return [...rights, { login: product, resource: 'group', name: group, isPrefix: true, operations: ['Read', 'Describe'] }];
}

/**
 * The same as commands of Kafka's own tool.
 * @param principal with `{login}` where the login stands, such as `User:landfall-{login}`
 */
export function rightsAsCommands(rights: readonly Right[], principal: string): string[] {
  return rights.map(({ login, resource, name, isPrefix, operations }) =>
    [
      'kafka-acls.sh --bootstrap-server "$KAFKA_BROKERS" --command-config admin.properties --add',
      `--allow-principal '${principal.replaceAll('{login}', login)}'`,
      ...operations.map((operation) => `--operation ${operation}`),
      `--${resource} '${name}'${isPrefix ? ' --resource-pattern-type prefixed' : ''}`,
    ].join(' '),
  );
}
