const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`The naive handler needs ${name}.`);
  return value;
};

/** Read once, when the process starts. */
export const config = {
  port: Number(required('PORT')),
  databaseUrl: required('DATABASE_URL'),
  kafkaBrokers: required('KAFKA_BROKERS').split(','),
  marketplaceUrl: required('MARKETPLACE_API_URL'),
  authorityUrl: required('ENTRA_AUTHORITY_URL'),
  marketplaceAppId: required('MARKETPLACE_APP_ID'),
  tenantId: required('PUBLISHER_TENANT_ID'),
  clientId: required('PUBLISHER_CLIENT_ID'),
  clientSecret: required('PUBLISHER_CLIENT_SECRET'),
  topic: required('EVENTS_TOPIC'),
};
