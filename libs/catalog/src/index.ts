export { CatalogInForce } from './catalog.in-force';
export { CatalogModule } from './catalog.module';
export { catalogSettings, type CatalogValues } from './catalog.settings';
