import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@landfall/local';
import { ConfigurationInvalid, defineConfig, HealthRegistry, register } from '@landfall/service-defaults';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CatalogInForce } from './catalog.in-force';
import { CatalogModule } from './catalog.module';
import { catalogSettings } from './catalog.settings';

@Global()
@Module({ providers: [HealthRegistry], exports: [HealthRegistry] })
class HealthModule {}

const dir = mkdtempSync(join(tmpdir(), 'landfall-catalog-'));
const path = join(dir, 'catalog.yaml');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const start = () => {
  const config = defineConfig('subscription', catalogSettings);
  const values = config.read({ CATALOG_FILE: path });
  const imports = [HealthModule, CatalogModule.for({ ...config, values })];
  return NestFactory.createApplicationContext({ module: class Root {}, imports }, { logger: ['fatal'], abortOnError: false });
};

describe('a service with a catalog', () => {
  it('takes another catalog without a restart, and shows by health and metrics which one is in force', async () => {
    writeFileSync(path, 'publishers: {}');
    const app = await start();
    try {
      const [catalog, health] = [app.get(CatalogInForce), app.get(HealthRegistry)];
      health.started();
      const metric = (name: string) => register.getSingleMetricAsString(name);
      expect(await metric('catalog_info')).toContain(`catalog_info{hash="${catalog.hash}"} 1`);
      expect(await metric('catalog_refused_seconds')).toMatch(/catalog_refused_seconds 0$/m);

      writeFileSync(path, 'publishers: [');
      await until(async () => (await health.examine('ready')).notices);
      expect(await health.examine('ready')).toMatchObject({
        healthy: true,
        notices: { catalog: expect.stringContaining('stays in force') },
      });
      expect(await metric('catalog_refused_seconds')).not.toMatch(/catalog_refused_seconds 0$/m);

      const before = catalog.hash;
      writeFileSync(path, 'publishers: { contoso: { offers: {} } }');
      await until(() => catalog.current.publishers['contoso']);
      expect(await metric('catalog_info')).toContain(`catalog_info{hash="${catalog.hash}"} 1`);
      expect(await metric('catalog_info')).not.toContain(before);
      expect((await health.examine('ready')).notices).toBeUndefined();
    } finally {
      await app.close();
    }
  });

  it('does not start with a file that cannot be used, and names everything that is wrong as a wrong setting', async () => {
    writeFileSync(path, 'publishers: { contoso: { offer: {} } }');
    const failure: unknown = await start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigurationInvalid);
    expect((failure as Error).message).toMatch(/CATALOG_FILE: .*is no catalog that can be used:\n.*:1:15: .*\n.*:1:26: /);
  });
});
