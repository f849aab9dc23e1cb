import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { productRights, topicRights } from '@landfall/contracts';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes, type AclEntry } from 'kafkajs';
import { kafkaClient, loginOf } from '../kafka/kafka.client';
import type { BrokerSecurity } from '../kafka/kafka.properties';
import { privateMode, type Secrets } from '../secrets/secrets';
import { Authority, type Issued } from './authority';

/** Logins at the broker that are no service: who makes the topics, who may do everything, and a product. */
const others = ['topics', 'admin', 'product'];

/** In which a product on a laptop reads. */
const groupOfExampleProduct = 'example-product';

/** Servers as other people run them: encrypted, with an authority of one's own, a login for each service, and the rights that it needs and no more. */
export class Security {
  private constructor(
    readonly broker: BrokerSecurity,
    readonly database: Issued,
    private readonly authorityFile: string,
  ) {}

  /** Makes certificates anew; the passwords stay those of the system. */
  static async of(dir: string, secrets: Secrets, services: readonly string[]): Promise<Security> {
    const authority = await Authority.make();
    const passwords = Object.fromEntries([...services, ...others].map((login) => [login, secrets.passwordOf(`kafka ${login}`)]));
    const file = join(dir, 'authority.pem');
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, authority.certificate, { mode: privateMode });
    const broker = { ...(await authority.issue('kafka')), authority: authority.certificate, passwords };
    return new Security(broker, await authority.issue('postgres'), file);
  }

  /** By which a service, or who makes the topics, reaches both. */
  settingsOf(login: string): Record<string, string> {
    return {
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: this.authorityFile,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: login,
      KAFKA_SASL_PASSWORD: this.broker.passwords[login] ?? '',
      DATABASE_SSL: 'true',
      DATABASE_SSL_CA_FILE: this.authorityFile,
    };
  }

  /** Gives each login its rights at a broker that has just been started: what a platform engineer does by the commands of `--rights`. */
  async giveRights(brokers: string): Promise<void> {
    const admin = kafkaClient(brokers, undefined, loginOf('admin', this.broker)).admin();
    await admin.connect();
    try {
      await admin.createAcls({ acl: [...topicRights(), ...productRights('product', groupOfExampleProduct)].flatMap(asEntries) });
    } finally {
      await admin.disconnect();
    }
  }
}

type Right = ReturnType<typeof topicRights>[number];

const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  Create: AclOperationTypes.CREATE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};

function asEntries({ login, resource, name, isPrefix, operations: allowed }: Right): AclEntry[] {
  return allowed.map((operation) => ({
    principal: `User:${login}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation: operations[operation],
    resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }));
}
