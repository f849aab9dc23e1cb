import { ConfigurationInvalid, type Config } from '@landfall/service-defaults';
import { Module, type DynamicModule } from '@nestjs/common';
import { CatalogInvalid } from './catalog.errors';
import { CatalogInForce } from './catalog.in-force';
import type { CatalogValues } from './catalog.settings';
import { CatalogWatch } from './catalog.watch';

/** Gives a service `CatalogInForce`. With a file that cannot be used the service does not start, and says all that is wrong with it. */
@Module({})
export class CatalogModule {
  static for(config: Config<CatalogValues>): DynamicModule {
    return {
      module: CatalogModule,
      global: true,
      providers: [{ provide: CatalogInForce, useFactory: () => openFor(config) }, CatalogWatch],
      exports: [CatalogInForce],
    };
  }
}

async function openFor({ name, values }: Config<CatalogValues>): Promise<CatalogInForce> {
  try {
    return await CatalogInForce.open(values.CATALOG_FILE);
  } catch (error) {
    if (error instanceof CatalogInvalid) throw new ConfigurationInvalid(name, [`CATALOG_FILE: ${error.message}`]);
    throw error;
  }
}
