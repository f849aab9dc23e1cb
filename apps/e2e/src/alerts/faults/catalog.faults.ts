import type { Fault } from '../fault';

const asked = { displayName: 'Asked', plans: { silver: {} }, veto: { url: 'https://desk.fabrikam.example/changes', whenSilent: 'accept' } };

export const brokenCatalog: Fault = {
  what: 'The catalog file is changed, and cannot be read',
  cure: 'it is corrected',
  alerts: ['LandfallCatalogRefused'],
  async begin(system) {
    system.writeCatalogText('publishers: [');
  },
  async end(system) {
    system.writeCatalog({});
  },
};

export const unusableVeto: Fault = {
  what: 'The catalog names a product that has a say in changes, on a host that may not be called',
  cure: 'the catalog does not name it',
  alerts: ['LandfallVetoUnusable'],
  async begin(system) {
    system.writeCatalog({ 'contoso-asked': asked });
  },
  async end(system) {
    system.writeCatalog({});
  },
};

export const differentCatalogs: Fault = {
  what: 'The gateway is started with another catalog file than subscription has',
  cure: 'it is started with the same',
  alerts: ['LandfallCatalogsDiffer'],
  async begin(system) {
    system.env['CATALOG_FILE'] = system.otherCatalog();
    await system.system.restart('gateway');
  },
  async end(system) {
    delete system.env['CATALOG_FILE'];
    await system.system.restart('gateway');
  },
};
